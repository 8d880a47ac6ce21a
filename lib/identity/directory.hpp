#pragma once

// identity/ turns a credential into a Principal. It stores hashes of tokens, never tokens. May
// include base/ and model/.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/sha256.hpp"
#include "base/status.hpp"
#include "base/time.hpp"
#include "model/principal.hpp"

namespace tollgate::identity {

/// The team every user is in; virtual accounts are not.
inline constexpr std::string_view kEveryone = "everyone";

/// What a configuration says of one gateway token.
struct Token {
  Sha256 hash{};
  std::optional<int64_t> expires_ms;  ///< Unix time; absent: never.
  std::string prefix;                 ///< How it begins, to tell it from others by; may be empty.
};

/// So much of a token that its owner knows it by that, and nobody can use it.
std::string_view shown_prefix(std::string_view token);

struct User {
  std::string name;
  std::vector<Token> tokens;
};

struct VirtualAccount {
  std::string name;
  model::Metadata tags;
  std::vector<Token> tokens;
};

struct Team {
  std::string name;
  std::vector<std::string> members;   ///< User names.
  std::vector<std::string> managers;  ///< User names; managers are members too.
};

enum class Verdict : uint8_t { kAccepted, kUnknown, kExpired };

struct Authentication {
  Verdict verdict = Verdict::kUnknown;
  const model::Principal* principal = nullptr;  ///< kAccepted; lives as long as the Directory.
  std::string_view token_prefix;                ///< Unless kUnknown; lives as long, too.
  int64_t expired_ms = 0;                       ///< kExpired.
};

/// Everyone who may call. Immutable after build; safe from many threads.
class Directory {
 public:
  /// Takes the configuration's people. kInvalid (with the hash's holder named, never the hash) when
  /// two of them hold the same token.
  static Result<Directory> build(const std::vector<User>& users, const std::vector<Team>& teams,
                                 const std::vector<VirtualAccount>& virtual_accounts);

  /// Looks a presented token up by its hash. The time this takes does not depend on how much of the
  /// token is right: only hashes are compared.
  Authentication authenticate(std::string_view token, Time now) const;

  /// The principal of this subject ("user:a@b", "virtualaccount:c"), or null.
  const model::Principal* find(std::string_view subject) const;

  bool empty() const { return tokens_.empty(); }
  size_t principal_count() const { return principals_.size(); }
  size_t token_count() const { return tokens_.size(); }

 private:
  struct Entry {
    uint32_t principal = 0;
    std::optional<int64_t> expires_ms;
    std::string prefix;
  };
  struct HashOfHash {
    size_t operator()(const Sha256& hash) const;
  };
  /// Gives tokens to the principal that was added last.
  Status add_tokens(const std::vector<Token>& tokens);

  std::vector<model::Principal> principals_;
  std::unordered_map<Sha256, Entry, HashOfHash> tokens_;
};

}  // namespace tollgate::identity
