#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "config/assemble.hpp"

namespace tollgate::config {
namespace {

std::vector<identity::ClaimMapping> mappings_of(const std::vector<ClaimUse>& uses) {
  std::vector<identity::ClaimMapping> mappings;
  mappings.reserve(uses.size());
  for (const ClaimUse& use : uses)
    mappings.push_back(use.mapping);
  return mappings;
}

void check_uses(const std::vector<ClaimUse>& uses, const std::unordered_set<std::string>& issuers,
                Report& report) {
  for (const ClaimUse& use : uses) {
    if (issuers.contains(use.mapping.issuer)) continue;
    report.error(use.place,
                 "no identity-provider document has the name \"" + use.mapping.issuer + "\"");
  }
}

std::unordered_set<std::string> check_issuers(const Draft& draft, Report& report) {
  std::unordered_set<std::string> names;
  std::unordered_set<std::string> issuers;
  for (const IssuerDraft& entry : draft.issuers) {
    if (!names.insert(entry.issuer.name).second) {
      report.error(entry.place, "a second identity provider with this name");
    }
    if (!issuers.insert(entry.issuer.issuer).second) {
      report.error(entry.place,
                   "a second identity provider with this issuer: it could never be "
                   "reached");
    }
  }
  return names;
}

/// Teams of a user, in the order in which the teams stand.
std::vector<std::string> teams_of(const Draft& draft, const std::string& user) {
  std::vector<std::string> teams = {std::string(identity::kEveryone)};
  const auto names_user = [&](const NameUse& use) { return use.name == user; };
  for (const TeamDraft& team : draft.teams) {
    if (std::any_of(team.members.begin(), team.members.end(), names_user) ||
        std::any_of(team.managers.begin(), team.managers.end(), names_user)) {
      teams.push_back(team.name);
    }
  }
  return teams;
}

}  // namespace

void build_issuers(Draft& draft, Configuration& configuration, Report& report) {
  const std::unordered_set<std::string> names = check_issuers(draft, report);
  for (const TeamDraft& team : draft.teams)
    check_uses(team.claims, names, report);
  for (const CallerDraft& account : draft.virtual_accounts)
    check_uses(account.claims, names, report);
  if (draft.issuers.empty()) return;
  for (IssuerDraft& entry : draft.issuers)
    configuration.issuers.push_back(std::move(entry.issuer));
  for (const CallerDraft& user : draft.users) {
    configuration.claims.add_user(
        {model::PrincipalKind::kUser, user.name, teams_of(draft, user.name), {}});
  }
  for (const TeamDraft& team : draft.teams)
    configuration.claims.add_team(team.name, mappings_of(team.claims));
  for (const CallerDraft& account : draft.virtual_accounts) {
    configuration.claims.add_virtual_account(
        {model::PrincipalKind::kVirtualAccount, account.name, {}, account.tags},
        mappings_of(account.claims), account.expires_ms);
  }
}

}  // namespace tollgate::config
