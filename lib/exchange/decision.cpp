#include "exchange/decision.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/ascii.hpp"
#include "exchange/failures.hpp"
#include "exchange/routing.hpp"
#include "policy/access.hpp"

namespace tollgate::exchange {
namespace {

constexpr size_t kNearNames = 5;
constexpr size_t kListedNamesMax = 20;
constexpr size_t kStepsExpected = 6;

std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i == kListedNamesMax) return text + " and " + std::to_string(names.size() - i) + " more";
    if (i > 0) text += ", ";
    text += names[i];
  }
  return text;
}

}  // namespace

model::Failure forbidden_model(const config::Configuration& configuration,
                               const model::Principal& principal, std::string_view model) {
  const std::vector<std::string> usable = usable_models(configuration, principal);
  return invalid_request("You may not use the model \"" + std::string(model) + "\" here. " +
                         (usable.empty() ? std::string("Ask your gateway administrator for access.")
                                         : "You may use: " + join(usable) +
                                               ". Ask your gateway administrator for more."));
}

namespace {

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

bool may_use_route(const config::Configuration& configuration, const model::Principal& principal,
                   size_t model) {
  const config::RouteGrants& grants = configuration.route_grants[model];
  return policy::may_use(grants.group, principal) && policy::may_use(grants.own, principal);
}

bool is_offered_name(std::string_view name) {
  return ascii::starts_with_ignore_case(name, "claude") ||
         ascii::starts_with_ignore_case(name, "anthropic");
}

std::vector<std::string> usable_models(const config::Configuration& configuration,
                                       const model::Principal& principal) {
  const std::vector<router::Integration>& all = configuration.catalog.integrations();
  const router::Routes& routes = configuration.routes;
  std::unordered_map<std::string_view, int> holders;
  for (const router::Integration& entry : all)
    ++holders[entry.name];
  std::vector<std::string> names;
  for (size_t i = 0; i < routes.models().size(); ++i) {
    const router::VirtualModel& model = routes.models()[i];
    if (!may_use_route(configuration, principal, i)) continue;
    names.push_back(model.slug.empty() ? model.name : model.slug);
  }
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].is_wildcard() || !may_use_integration(configuration, principal, i)) continue;
    std::string full_name = all[i].account_name + "/" + all[i].name;
    if (routes.find(full_name) != router::Routes::kNone) continue;  // Listed as a route.
    names.push_back(holders[all[i].name] == 1 ? all[i].name : std::move(full_name));
  }
  return names;
}

namespace {

/// What a requested name stands for.
struct Named {
  std::string_view name;  ///< The requested one, without the prefix of an alias.
  size_t route = router::Routes::kNone;
  router::Resolved model;
  bool by_chance = false;  ///< Only because one wildcard takes whatever it is given.

  bool routed() const { return route != router::Routes::kNone; }
  bool found() const {
    return routed() || (model.resolution == router::Resolution::kFound && !by_chance);
  }
};

Named look_up_exactly(const config::Configuration& configuration, std::string_view name) {
  Named named;
  named.name = name;
  named.route = configuration.routes.find(name);
  if (named.routed()) return named;
  named.model = configuration.catalog.resolve(name);
  const bool found = named.model.resolution == router::Resolution::kFound;
  // The only wildcard takes any bare name, but none that something else is called.
  named.by_chance =
      found && configuration.catalog.integrations()[named.model.target.integration].is_wildcard() &&
      name.find('/') == std::string_view::npos;
  if (found && !named.by_chance) return named;
  if (named.model.resolution == router::Resolution::kAmbiguous) return named;
  named.route = configuration.routes.find_bare(name);
  return named;
}

Named look_up(const config::Configuration& configuration, std::string_view name) {
  Named named = look_up_exactly(configuration, name);
  if (named.found() || !name.starts_with(kAliasPrefix)) return named;
  Named meant = look_up_exactly(configuration, name.substr(kAliasPrefix.size()));
  return meant.found() ? std::move(meant) : named;
}

/// A virtual model that the caller may not use is refused as any other model is.
bool admit_route(const config::Configuration& configuration, const model::Principal& principal,
                 const model::RequestFacts& facts, size_t route, Decision& decision) {
  if (may_use_route(configuration, principal, route)) {
    decision.steps.push_back({"route", "allowed", configuration.routes.models()[route].name});
    return true;
  }
  decision.steps.push_back({"access", "denied", principal.subject() + " is not granted it"});
  decision.denial = forbidden_model(configuration, principal, facts.model);
  return false;
}

bool admit_model(const config::Configuration& configuration, const model::Principal& principal,
                 const model::RequestFacts& facts, const router::Resolved& resolved,
                 Decision& decision) {
  switch (resolved.resolution) {
    case router::Resolution::kUnknown:
      decision.steps.push_back({"model", "denied", "no such model"});
      decision.denial = unknown_model(configuration, principal, facts.model);
      return false;
    case router::Resolution::kAmbiguous:
      decision.steps.push_back({"model", "denied", "several accounts have it"});
      decision.denial = ambiguous_model(configuration, principal, facts.model);
      return false;
    case router::Resolution::kFound:
      break;
  }
  decision.steps.push_back({"model", "allowed", resolved.target.name});
  if (!may_use_integration(configuration, principal, resolved.target.integration)) {
    decision.steps.push_back({"access", "denied", principal.subject() + " is not granted it"});
    decision.candidates.push_back({resolved.target, false, "no access"});
    decision.denial = forbidden_model(configuration, principal, facts.model);
    return false;
  }
  decision.steps.push_back({"access", "allowed", {}});
  return true;
}

}  // namespace

Decision decide(const config::Configuration& configuration, const model::Principal& principal,
                const model::RequestFacts& facts, const RoutingContext& context) {
  Decision decision;
  // What most requests come to by their end, admission and rules included.
  decision.steps.reserve(kStepsExpected);
  Named named = look_up(configuration, facts.model);
  const bool admitted = named.routed()
                            ? admit_route(configuration, principal, facts, named.route, decision)
                            : admit_model(configuration, principal, facts, named.model, decision);
  if (!admitted) return decision;
  const router::Routing* routing = nullptr;
  if (named.routed()) {
    routing = &configuration.routes.models()[named.route].routing;
    decision.virtual_model = configuration.routes.models()[named.route].name;
  }
  const std::string& full_name =
      named.routed() ? configuration.routes.models()[named.route].name : named.model.target.name;
  if (const router::RoutingRule* rule =
          matching_rule(configuration, principal, named.name, full_name, context, decision)) {
    routing = &rule->routing;
  }
  if (routing == nullptr) {
    decision.candidates.push_back({std::move(named.model.target), true, {}});
    // A count is not worth a wait: an estimate serves as well.
    const bool counts = context.endpoint == router::EndpointClass::kCountTokens;
    decision.retries_max = counts ? 0 : configuration.retry.attempts;
    return decision;
  }
  follow_routing(configuration, principal, facts, *routing, context, decision);
  return decision;
}

}  // namespace tollgate::exchange
