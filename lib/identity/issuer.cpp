#include "identity/issuer.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"
#include "identity/directory.hpp"

namespace tollgate::identity {
namespace {

std::string claim_key(std::string_view issuer, std::string_view value) {
  return std::string(issuer).append("\n").append(value);
}

/// Names go into records and scopes: plain and short.
bool is_usable_name(std::string_view name) {
  return !name.empty() && name.size() <= limits::kPrincipalNameBytesMax &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return static_cast<unsigned char>(c) > 0x20 && c != 0x7f && c != '"';
         });
}

}  // namespace

void ClaimDirectory::add_virtual_account(model::Principal account,
                                         const std::vector<ClaimMapping>& mappings,
                                         std::optional<int64_t> expires_ms) {
  for (const ClaimMapping& mapping : mappings)
    account_by_claim_.emplace(claim_key(mapping.issuer, mapping.value), account.name);
  std::string name = account.name;
  virtual_accounts_.emplace(std::move(name), Account{std::move(account), expires_ms});
}

void ClaimDirectory::add_team(const std::string& name, const std::vector<ClaimMapping>& mappings) {
  teams_.emplace(name, true);
  for (const ClaimMapping& mapping : mappings)
    teams_by_claim_[claim_key(mapping.issuer, mapping.value)].push_back(name);
}

std::vector<std::string> ClaimDirectory::teams_of(const Issuer& issuer, const Jwt& jwt) const {
  std::vector<std::string> teams;
  for (const std::string& value : claim_strings(jwt, issuer.team_claim)) {
    if (teams_.contains(value)) teams.push_back(value);
    const auto mapped = teams_by_claim_.find(claim_key(issuer.name, value));
    if (mapped == teams_by_claim_.end()) continue;
    teams.insert(teams.end(), mapped->second.begin(), mapped->second.end());
  }
  return teams;
}

Result<model::Principal> ClaimDirectory::principal_of(const Issuer& issuer, const Jwt& jwt,
                                                      Time now) const {
  for (const std::string& value : claim_strings(jwt, issuer.virtual_account_claim)) {
    const auto mapped = account_by_claim_.find(claim_key(issuer.name, value));
    const auto account =
        virtual_accounts_.find(mapped == account_by_claim_.end() ? value : mapped->second);
    if (account == virtual_accounts_.end()) continue;
    if (account->second.expires_ms && now.wall_ms >= *account->second.expires_ms) {
      return invalid("the virtual account that the token names has expired");
    }
    return account->second.principal;
  }
  const std::vector<std::string> names = claim_strings(jwt, issuer.user_claim);
  if (names.empty()) {
    return invalid("the token has no claim \"" + issuer.user_claim + "\" that names a user");
  }
  if (!is_usable_name(names[0])) return invalid("the token's user name cannot be used");
  const auto known = users_.find(names[0]);
  if (known == users_.end() && issuer.known_users_only) {
    return invalid("the token's user is not known here");
  }
  model::Principal principal =
      known != users_.end()
          ? known->second
          : model::Principal{model::PrincipalKind::kUser, names[0], {std::string(kEveryone)}, {}};
  for (std::string& team : teams_of(issuer, jwt)) {
    std::vector<std::string>& teams = principal.teams;
    if (std::find(teams.begin(), teams.end(), team) == teams.end()) {
      teams.push_back(std::move(team));
    }
  }
  return principal;
}

Status check_claims(const Issuer& issuer, const Jwt& jwt, Time now) {
  const int64_t now_s = now.wall_ms / 1000;
  if (jwt.issuer != issuer.issuer) return invalid("it was issued by somebody else");
  if (jwt.algorithm != "RS256" && jwt.algorithm != "ES256") {
    return invalid("it is signed in a way that is not accepted; RS256 and ES256 are");
  }
  if (!jwt.expires_s) return invalid("it never expires, which is not accepted");
  if (now_s >= *jwt.expires_s + issuer.skew_seconds) return invalid("it has expired");
  if (jwt.not_before_s && now_s < *jwt.not_before_s - issuer.skew_seconds) {
    return invalid("it is not valid yet");
  }
  if (issuer.audiences.empty()) return Status();
  for (const std::string& audience : jwt.audiences) {
    const auto found = std::find(issuer.audiences.begin(), issuer.audiences.end(), audience);
    if (found != issuer.audiences.end()) return Status();
  }
  return invalid("it was issued for another audience");
}

}  // namespace tollgate::identity
