#include "config/assemble_routes.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace tollgate::config {
namespace {

// Every rule is compared with those before it.
constexpr size_t kComparedRulesMax = 200;

using FirstPlaces = std::unordered_map<std::string, Mark>;

void claim(FirstPlaces& places, const std::string& name, const Place& place, Report& report) {
  if (name.empty()) return;
  const auto [first, added] = places.emplace(name, place.mark);
  if (added) return;
  report.error(place, "a second model of this name, the first is in line " +
                          std::to_string(first->second.line));
}

/// Everything a request can name, for near names.
std::vector<std::string> model_names(const Configuration& configuration) {
  std::vector<std::string> names;
  for (const router::Integration& model : configuration.catalog.integrations()) {
    if (!model.is_wildcard()) names.push_back(model.account_name + "/" + model.name);
  }
  return names;
}

class TargetLookup {
 public:
  TargetLookup(const Draft& draft, const Configuration& configuration, Report& report)
      : configuration_(configuration), report_(report), names_(model_names(configuration)) {
    for (const VirtualModelDraft& model : draft.virtual_models) {
      virtual_names_.insert(model.model.name);
      if (!model.model.slug.empty()) virtual_names_.insert(model.model.slug);
    }
  }

  bool is_virtual(const std::string& name) const { return virtual_names_.contains(name); }

  std::string nearest_to(std::string_view name) const {
    if (report_.full()) return {};
    return nearest(name, {names_.begin(), names_.end()});
  }

  /// Fills in a routing's targets.
  void resolve(RoutingDraft& draft) {
    for (TargetDraft& target : draft.targets) {
      if (!target.name.empty() && resolve(target)) {
        draft.routing.targets.push_back(std::move(target.target));
      }
    }
  }

 private:
  bool resolve(TargetDraft& draft) {
    const router::Resolved resolved = configuration_.catalog.resolve(draft.name);
    const bool exact = resolved.resolution == router::Resolution::kFound;
    // A model that is routed itself may stand behind its own name, with what it is told there.
    const bool itself = exact && resolved.target.name == draft.name;
    if (is_virtual(draft.name) && !itself) {
      report_.error(draft.place,
                    "is a virtual model: a target is a model of a provider account, since virtual "
                    "models do not nest");
      return false;
    }
    if (resolved.resolution == router::Resolution::kAmbiguous) {
      report_.error(draft.place, "several accounts have a model of this name: name the account too",
                    resolved.alternatives.empty() ? std::string() : resolved.alternatives.front());
      return false;
    }
    if (!exact) {
      report_.error(draft.place, "no account has this model", nearest_to(draft.name));
      return false;
    }
    draft.target.target = resolved.target;
    if (!draft.target.retry.configured) draft.target.retry = configuration_.retry;
    add_facts(draft.target);
    return true;
  }

  /// What the model behind the target is known to lack.
  void add_facts(router::RouteTarget& target) const {
    const router::Integration& model =
        configuration_.catalog.integrations()[target.target.integration];
    const std::string& provider = configuration_.accounts[model.account].type;
    target.facts = model.facts;
    if (model.is_wildcard()) {
      target.facts = model::known_facts(provider, target.target.model_id);
      model::apply(model.said, target.facts);
    }
    // A translation leaves thinking out where a model has none, so that only what the
    // configuration says of it counts; a request that passes unchanged would be refused.
    if (provider != "anthropic" && !model.said.thinking) target.facts.thinking.reset();
  }

  const Configuration& configuration_;
  Report& report_;
  std::vector<std::string> names_;
  std::unordered_set<std::string> virtual_names_;
};

void check_model_names(const Draft& draft, Report& report) {
  FirstPlaces names;
  for (const VirtualModelDraft& model : draft.virtual_models) {
    claim(names, model.model.name, model.place, report);
    claim(names, model.model.slug, model.slug_place, report);
  }
}

/// Rules name models as requests do.
void check_rule_models(const RoutingRuleDraft& rule, const TargetLookup& lookup,
                       const Configuration& configuration, Report& report) {
  for (const NameUse& use : rule.models) {
    if (lookup.is_virtual(use.name)) continue;
    if (configuration.catalog.resolve(use.name).resolution != router::Resolution::kUnknown) {
      continue;
    }
    report.warning(use.place, "no model has this name: no request will match it",
                   lookup.nearest_to(use.name));
  }
}

bool covers_all(const std::vector<std::string>& wide) {
  return wide.empty() || std::find(wide.begin(), wide.end(), "*") != wide.end();
}

bool covers(const std::vector<std::string>& wide, const std::vector<std::string>& narrow) {
  if (covers_all(wide)) return true;
  if (covers_all(narrow)) return false;
  return std::all_of(narrow.begin(), narrow.end(), [&](const std::string& name) {
    return std::find(wide.begin(), wide.end(), name) != wide.end();
  });
}

bool covers(const router::RoutingRule& wide, const router::RoutingRule& narrow) {
  const bool metadata =
      std::all_of(wide.metadata.begin(), wide.metadata.end(), [&](const auto& pair) {
        return std::find(narrow.metadata.begin(), narrow.metadata.end(), pair) !=
               narrow.metadata.end();
      });
  return metadata && covers(wide.subjects, narrow.subjects) && covers(wide.models, narrow.models);
}

void check_reach(const std::vector<RoutingRuleDraft>& rules, Report& report) {
  for (size_t i = 1; i < rules.size() && i < kComparedRulesMax; ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (!covers(rules[j].rule, rules[i].rule)) continue;
      report.warning(rules[i].place, "is never reached: the rule " + shown(rules[j].rule.id) +
                                         " before it matches everything that it matches");
      break;
    }
  }
}

}  // namespace

void build_routes(Draft& draft, Configuration& configuration, Report& report) {
  check_model_names(draft, report);
  TargetLookup lookup(draft, configuration, report);
  std::vector<router::VirtualModel> models;
  for (VirtualModelDraft& model : draft.virtual_models) {
    lookup.resolve(model.routing);
    model.model.routing = std::move(model.routing.routing);
    models.push_back(std::move(model.model));
    configuration.route_grants.push_back({std::move(model.group_grants), std::move(model.grants)});
  }
  check_reach(draft.routing_rules, report);
  std::vector<router::RoutingRule> rules;
  for (RoutingRuleDraft& rule : draft.routing_rules) {
    check_rule_models(rule, lookup, configuration, report);
    lookup.resolve(rule.routing);
    rule.rule.routing = std::move(rule.routing.routing);
    rules.push_back(std::move(rule.rule));
  }
  configuration.routes = router::Routes::build(std::move(models), std::move(rules));
}

}  // namespace tollgate::config
