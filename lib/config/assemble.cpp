#include "config/assemble.hpp"

#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "config/assemble_routes.hpp"
#include "config/rule_reading.hpp"

namespace tollgate::config {
namespace {

using FirstPlaces = std::unordered_map<std::string, Mark>;

/// Reports a name that stands a second time.
void claim(FirstPlaces& places, const std::string& name, const Place& place, Report& report,
           std::string_view what) {
  const auto [first, added] = places.emplace(name, place.mark);
  if (added) return;
  report.error(place, "a second " + std::string(what) + " of this name, the first is in line " +
                          std::to_string(first->second.line));
}

void check_accounts(const Draft& draft, Report& report) {
  FirstPlaces accounts;
  for (const AccountDraft& account : draft.accounts) {
    claim(accounts, account.account.name, account.place, report, "account");
    FirstPlaces models;
    for (const IntegrationDraft& integration : account.integrations) {
      const std::string& name = integration.integration.name;
      if (!name.empty()) claim(models, name, integration.place, report, "integration");
    }
  }
}

void check_callers(const Draft& draft, Report& report) {
  FirstPlaces users;
  FirstPlaces virtual_accounts;
  FirstPlaces teams;
  for (const CallerDraft& user : draft.users)
    claim(users, user.name, user.place, report, "user");
  for (const CallerDraft& account : draft.virtual_accounts)
    claim(virtual_accounts, account.name, account.place, report, "virtual account");
  for (const TeamDraft& team : draft.teams)
    claim(teams, team.name, team.place, report, "team");
}

/// A token that two hold would let one spend in the other's name.
void check_tokens(const Draft& draft, Report& report) {
  std::map<Sha256, Mark> seen;
  for (const auto* callers : {&draft.users, &draft.virtual_accounts}) {
    for (const CallerDraft& caller : *callers) {
      for (const TokenDraft& token : caller.tokens) {
        const auto [first, added] = seen.emplace(token.token.hash, token.place.mark);
        if (added) continue;
        report.error(token.place, "this token is in the configuration twice, first in line " +
                                      std::to_string(first->second.line));
      }
    }
  }
}

/// The names of one kind, to tell what is defined and what is nearest.
class Names {
 public:
  void add(std::string_view name) {
    if (set_.insert(name).second) list_.push_back(name);
  }
  bool contains(std::string_view name) const { return set_.contains(name); }
  std::string nearest_to(std::string_view name) const { return nearest(name, list_); }

 private:
  std::unordered_set<std::string_view> set_;
  std::vector<std::string_view> list_;
};

void check_members(const Draft& draft, const Names& users, Report& report) {
  for (const TeamDraft& team : draft.teams) {
    for (const auto* people : {&team.members, &team.managers}) {
      for (const NameUse& person : *people) {
        if (users.contains(person.name)) continue;
        report.error(person.place, "no user document has this name",
                     report.full() ? std::string() : users.nearest_to(person.name));
      }
    }
  }
}

/// Only a warning: a grant to a name that nothing defines lets nobody in.
void check_subjects(const Draft& draft, const Names& users, const Names& teams,
                    const Names& virtual_accounts, Report& report) {
  for (const NameUse& use : draft.subjects) {
    const size_t colon = use.name.find(':');
    if (colon == std::string::npos) continue;
    const std::string kind = use.name.substr(0, colon + 1);
    const std::string_view name = std::string_view(use.name).substr(colon + 1);
    if (kind == "role:") {
      const auto role = draft.roles.find(name);
      if (role != draft.roles.end() && !role->second.empty()) continue;
      report.warning(use.place, "no role-binding gives anybody this role: it lets nobody in");
      continue;
    }
    const Names& names = kind == "user:" ? users : kind == "team:" ? teams : virtual_accounts;
    if (names.contains(name)) continue;
    const std::string near = report.full() ? std::string() : names.nearest_to(name);
    report.warning(use.place, "no document defines this subject: it lets nobody in",
                   near.empty() ? near : kind + near);
  }
}

void check_names(const Draft& draft, Report& report) {
  Names users;
  Names teams;
  Names virtual_accounts;
  for (const CallerDraft& user : draft.users)
    users.add(user.name);
  teams.add(identity::kEveryone);
  for (const TeamDraft& team : draft.teams)
    teams.add(team.name);
  for (const CallerDraft& account : draft.virtual_accounts)
    virtual_accounts.add(account.name);
  check_members(draft, users, report);
  check_subjects(draft, users, teams, virtual_accounts, report);
}

void check_completeness(const Draft& draft, Report& report) {
  bool tokens = false;
  for (const auto* callers : {&draft.users, &draft.virtual_accounts}) {
    for (const CallerDraft& caller : *callers)
      tokens = tokens || !caller.tokens.empty();
  }
  if (draft.accounts.empty()) {
    report.warning({}, "no provider account: there is no model to call");
  }
  if (!tokens && draft.issuers.empty()) {
    report.warning({}, "no user and no virtual account has a token: nobody can call");
  }
}

/// Counters go by their rule's key, so two rules of one name would share them.
void check_rules(const Draft& draft, Report& report) {
  FirstPlaces keys;
  for (const RuleDraft& draft_rule : draft.rules) {
    const bool budget = draft_rule.rule.kind == policy::RuleKind::kBudget;
    claim(keys, draft_rule.rule.key, draft_rule.place, report, budget ? "budget" : "rate limit");
  }
}

void build_rules(Draft& draft, Configuration& configuration, Report& report) {
  resolve_notifications(draft, report);
  std::vector<policy::Rule> rules;
  rules.reserve(draft.rules.size());
  for (RuleDraft& entry : draft.rules)
    rules.push_back(std::move(entry.rule));
  configuration.budget_status = draft.budget_status;
  configuration.rules = policy::RuleSet(std::move(rules));
  configuration.forced_metadata = std::move(draft.forced_metadata);
}

std::vector<identity::Token> tokens_of(const CallerDraft& caller) {
  std::vector<identity::Token> tokens;
  tokens.reserve(caller.tokens.size());
  for (const TokenDraft& token : caller.tokens)
    tokens.push_back(token.token);
  return tokens;
}

std::vector<std::string> names_of(const std::vector<NameUse>& uses) {
  std::vector<std::string> names;
  names.reserve(uses.size());
  for (const NameUse& use : uses)
    names.push_back(use.name);
  return names;
}

bool build_directory(const Draft& draft, Configuration& configuration, Report& report) {
  std::vector<identity::User> users;
  std::vector<identity::Team> teams;
  std::vector<identity::VirtualAccount> virtual_accounts;
  for (const CallerDraft& user : draft.users)
    users.push_back({user.name, tokens_of(user)});
  for (const TeamDraft& team : draft.teams)
    teams.push_back({team.name, names_of(team.members), names_of(team.managers)});
  for (const CallerDraft& account : draft.virtual_accounts)
    virtual_accounts.push_back({account.name, account.tags, tokens_of(account)});
  Result<identity::Directory> built = identity::Directory::build(users, teams, virtual_accounts);
  if (!built.ok()) {
    report.error({}, built.status().message());
    return false;
  }
  configuration.directory = std::move(built.value());
  return true;
}

/// Adds an account that a model brings for itself; it keeps its account's name and grants.
uint32_t add_own_account(IntegrationDraft& integration, const AccountDraft& account,
                         Configuration& configuration) {
  const auto index = static_cast<uint32_t>(configuration.accounts.size());
  configuration.accounts.push_back(std::move(*integration.own_account));
  configuration.account_grants.push_back(account.grants);
  configuration.account_protections.push_back(account.protection);
  return index;
}

bool build_models(Draft& draft, Configuration& configuration, Report& report) {
  std::vector<router::Integration> integrations;
  for (AccountDraft& account : draft.accounts) {
    const auto index = static_cast<uint32_t>(configuration.accounts.size());
    const std::string name = account.account.name;
    configuration.accounts.push_back(std::move(account.account));
    configuration.account_grants.push_back(account.grants);
    configuration.account_protections.push_back(account.protection);
    for (IntegrationDraft& integration : account.integrations) {
      integration.integration.account =
          integration.own_account ? add_own_account(integration, account, configuration) : index;
      integration.integration.account_name = name;
      integrations.push_back(std::move(integration.integration));
      configuration.integration_grants.push_back(std::move(integration.grants));
      configuration.prices.push_back(std::move(integration.price));
      configuration.price_terms.push_back({account.discount, std::move(integration.known_as)});
      configuration.protections.push_back(integration.protection);
    }
  }
  Result<router::Catalog> built = router::Catalog::build(std::move(integrations));
  if (!built.ok()) {
    report.error({}, built.status().message());
    return false;
  }
  configuration.catalog = std::move(built.value());
  return true;
}

constexpr size_t kNamedModelsMax = 5;

/// Says once which models nobody has priced, and what that means.
void check_prices(const Draft& draft, const Configuration& configuration, int64_t wall_ms,
                  Report& report) {
  const pricing::PriceBook& book = configuration.price_book;
  if (book.unknown() == pricing::UnknownPrice::kFree) return;
  std::string named;
  size_t count = 0;
  for (const AccountDraft& account : draft.accounts) {
    for (const IntegrationDraft& integration : account.integrations) {
      const router::Integration& model = integration.integration;
      if (integration.price || model.is_wildcard()) continue;
      const std::string& id = integration.known_as.empty() ? model.model_id : integration.known_as;
      const pricing::ModelName name{account.account.type, id, account.account.region};
      if (book.knows(account.account.name, name, wall_ms)) continue;
      if (++count > kNamedModelsMax) continue;
      named += (count > 1 ? ", " : "") + account.account.name + "/" + model.name;
    }
  }
  if (count == 0) return;
  if (count > kNamedModelsMax) named += " and " + std::to_string(count - kNamedModelsMax) + " more";
  report.warning({}, "no price is known for " + named +
                         (book.unknown() == pricing::UnknownPrice::kRefuse
                              ? ": requests for them are refused; give them a cost"
                              : ": they are taken to cost as much as the dearest model known; "
                                "give them a cost"));
}

}  // namespace

std::shared_ptr<Configuration> assemble(Draft draft, Report& report, Time now) {
  check_accounts(draft, report);
  check_callers(draft, report);
  check_tokens(draft, report);
  check_names(draft, report);
  check_completeness(draft, report);
  check_rules(draft, report);
  if (report.has_errors()) return nullptr;
  auto configuration = std::make_shared<Configuration>();
  configuration->price_book = pricing::PriceBook(std::move(draft.own_prices), draft.unknown_price,
                                                 std::move(draft.fallback_price));
  check_prices(draft, *configuration, now.wall_ms, report);
  if (!build_directory(draft, *configuration, report)) return nullptr;
  if (!build_models(draft, *configuration, report)) return nullptr;
  build_issuers(draft, *configuration, report);
  configuration->retry = draft.retry;
  build_routes(draft, *configuration, report);
  if (report.has_errors()) return nullptr;
  build_rules(draft, *configuration, report);
  configuration->server = std::move(draft.server);
  configuration->logging = std::move(draft.logging);
  return configuration;
}

}  // namespace tollgate::config
