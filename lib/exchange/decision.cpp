#include "exchange/decision.hpp"

#include <algorithm>
#include <unordered_map>

#include "exchange/failures.hpp"
#include "policy/access.hpp"

namespace tollgate::exchange {
namespace {

constexpr size_t kNearNames = 5;
constexpr size_t kListedNamesMax = 20;

std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i == kListedNamesMax) return text + " and " + std::to_string(names.size() - i) + " more";
    if (i > 0) text += ", ";
    text += names[i];
  }
  return text;
}

model::Failure forbidden_model(const config::Configuration& configuration,
                               const model::Principal& principal, std::string_view model) {
  const std::vector<std::string> usable = usable_models(configuration, principal);
  return invalid_request("You may not use the model \"" + std::string(model) + "\" here. " +
                         (usable.empty() ? std::string("Ask your gateway administrator for access.")
                                         : "You may use: " + join(usable) +
                                               ". Ask your gateway administrator for more."));
}

/// Several accounts have the name; the answer shows those the caller may use.
model::Failure ambiguous_model(const config::Configuration& configuration,
                               const model::Principal& principal, std::string_view model) {
  std::vector<std::string> choices;
  const std::vector<router::Integration>& all = configuration.catalog.integrations();
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].name == model && may_use_integration(configuration, principal, i)) {
      choices.push_back(all[i].account_name + "/" + all[i].name);
    }
  }
  if (choices.empty()) return forbidden_model(configuration, principal, model);
  return invalid_request("Several accounts have a model named \"" + std::string(model) +
                         "\"; name the account too: " + join(choices) + ".");
}

model::Failure unknown_model(const config::Configuration& configuration,
                             const model::Principal& principal, std::string_view model) {
  const std::vector<std::string> usable = usable_models(configuration, principal);
  const std::vector<std::string> near = router::near_names(model, usable, kNearNames);
  std::string message = "This gateway has no model named \"" + std::string(model) + "\"";
  if (!near.empty()) {
    message += "; did you mean " + join(near) + "?";
  } else if (usable.empty()) {
    message += ", and none that you may use. Ask your gateway administrator for access.";
  } else {
    message += ". Ask GET /v1/models for the names you may use.";
  }
  return invalid_request(std::move(message));
}

}  // namespace

bool may_use_integration(const config::Configuration& configuration,
                         const model::Principal& principal, size_t integration) {
  const router::Integration& entry = configuration.catalog.integrations()[integration];
  return policy::may_use(configuration.account_grants[entry.account], principal) &&
         policy::may_use(configuration.integration_grants[integration], principal);
}

std::vector<std::string> usable_models(const config::Configuration& configuration,
                                       const model::Principal& principal) {
  const std::vector<router::Integration>& all = configuration.catalog.integrations();
  std::unordered_map<std::string_view, int> holders;
  for (const router::Integration& entry : all)
    ++holders[entry.name];
  std::vector<std::string> names;
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].is_wildcard() || !may_use_integration(configuration, principal, i)) continue;
    if (holders[all[i].name] == 1) {
      names.push_back(all[i].name);
    } else {
      names.push_back(all[i].account_name + "/" + all[i].name);
    }
  }
  return names;
}

namespace {

/// The targets of a route, in order; those the principal may not use are skipped with that reason.
void follow_route(const config::Configuration& configuration, const model::Principal& principal,
                  const router::Route& route, Decision& decision) {
  for (const std::string& name : route.targets) {
    const router::Resolved resolved = configuration.catalog.resolve(name);
    if (resolved.resolution != router::Resolution::kFound) continue;
    const bool allowed = may_use_integration(configuration, principal, resolved.target.integration);
    decision.candidates.push_back({resolved.target, allowed, allowed ? "" : "no access"});
  }
}

}  // namespace

Decision decide(const config::Configuration& configuration, const model::Principal& principal,
                const model::RequestFacts& facts) {
  Decision decision;
  for (const router::Route& route : configuration.routes) {
    if (route.name != facts.model) continue;
    decision.steps.push_back({"route", "allowed", route.name});
    follow_route(configuration, principal, route, decision);
    const auto usable = [](const Candidate& candidate) { return candidate.usable; };
    if (std::none_of(decision.candidates.begin(), decision.candidates.end(), usable)) {
      decision.steps.push_back({"access", "denied", "no target of the route may be used"});
      decision.denial = forbidden_model(configuration, principal, facts.model);
    }
    return decision;
  }
  const router::Resolved resolved = configuration.catalog.resolve(facts.model);
  switch (resolved.resolution) {
    case router::Resolution::kUnknown:
      decision.steps.push_back({"model", "denied", "no such model"});
      decision.denial = unknown_model(configuration, principal, facts.model);
      return decision;
    case router::Resolution::kAmbiguous:
      decision.steps.push_back({"model", "denied", "several accounts have it"});
      decision.denial = ambiguous_model(configuration, principal, facts.model);
      return decision;
    case router::Resolution::kFound:
      break;
  }
  decision.steps.push_back({"model", "allowed", resolved.target.name});
  if (!may_use_integration(configuration, principal, resolved.target.integration)) {
    decision.steps.push_back({"access", "denied", principal.subject() + " is not granted it"});
    decision.candidates.push_back({resolved.target, false, "no access"});
    decision.denial = forbidden_model(configuration, principal, facts.model);
    return decision;
  }
  decision.steps.push_back({"access", "allowed", {}});
  decision.candidates.push_back({resolved.target, true, {}});
  return decision;
}

}  // namespace tollgate::exchange
