#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tollgate::model {

/// String pairs in order of arrival; keys are unique.
using Metadata = std::vector<std::pair<std::string, std::string>>;

enum class PrincipalKind : uint8_t { kAnonymous, kUser, kVirtualAccount };

/// Who pays: resolved once per exchange from the gateway credential.
struct Principal {
  PrincipalKind kind = PrincipalKind::kAnonymous;
  std::string name;                ///< "dev-1@corp.example", "ci-bot".
  std::vector<std::string> teams;  ///< Names, without "team:"; "everyone" for users.
  Metadata tags;                   ///< Of the virtual account.

  /// "user:dev-1@corp.example", "virtualaccount:ci-bot", "anonymous".
  std::string subject() const;
};

}  // namespace tollgate::model
