#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/status.hpp"
#include "base/time.hpp"
#include "identity/jwt.hpp"
#include "model/principal.hpp"

namespace tollgate::identity {

/// Who issues tokens that the gateway believes, and how their claims name a caller.
struct Issuer {
  std::string name;  ///< Of the configuration's document.
  std::string issuer;
  std::vector<std::string> audiences;  ///< One of them must be the token's; empty: not looked at.
  std::string jwks_uri;
  std::string ca_file;
  std::string user_claim = "email";
  std::string team_claim;             ///< Empty: no teams from the token.
  std::string virtual_account_claim;  ///< Empty: users only.
  bool known_users_only = false;      ///< Only users that the configuration declares.
  int64_t skew_seconds = 60;
};

/// A claim's value that stands for something the configuration declares.
struct ClaimMapping {
  std::string issuer;  ///< Issuer::name.
  std::string value;
};

/// What the configuration knows of those a token may name.
class ClaimDirectory {
 public:
  void add_user(model::Principal user) { users_.emplace(user.name, std::move(user)); }
  /// `expires_ms` is Unix time; absent: never.
  void add_virtual_account(model::Principal account, const std::vector<ClaimMapping>& mappings,
                           std::optional<int64_t> expires_ms = std::nullopt);
  void add_team(const std::string& name, const std::vector<ClaimMapping>& mappings);

  /// The caller a believed token names. kInvalid with the reason when it names nobody.
  Result<model::Principal> principal_of(const Issuer& issuer, const Jwt& jwt, Time now) const;

 private:
  struct Account {
    model::Principal principal;
    std::optional<int64_t> expires_ms;
  };

  std::vector<std::string> teams_of(const Issuer& issuer, const Jwt& jwt) const;

  std::unordered_map<std::string, model::Principal> users_;
  std::unordered_map<std::string, Account> virtual_accounts_;
  std::unordered_map<std::string, std::string> account_by_claim_;  ///< "issuer\nvalue" → name.
  std::unordered_map<std::string, std::vector<std::string>> teams_by_claim_;
  std::unordered_map<std::string, bool> teams_;
};

/// Whether the token may be used now and here; its signature is another question.
Status check_claims(const Issuer& issuer, const Jwt& jwt, Time now);

}  // namespace tollgate::identity
