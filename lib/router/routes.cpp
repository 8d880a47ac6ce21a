#include "router/routes.hpp"

#include <utility>

#include "router/hash.hpp"

namespace tollgate::router {
namespace {

void number(Routing& routing, std::string_view name) {
  routing.key = hash_text(name);
  for (RouteTarget& target : routing.targets)
    target.key = hash_text(target.target.name);
  prepare(routing);
}

}  // namespace

Routes Routes::build(std::vector<VirtualModel> models, std::vector<RoutingRule> rules) {
  Routes routes;
  routes.models_ = std::move(models);
  routes.rules_ = std::move(rules);
  for (size_t i = 0; i < routes.models_.size(); ++i) {
    VirtualModel& model = routes.models_[i];
    number(model.routing, model.name);
    routes.by_name_.emplace(model.name, i);
    if (!model.slug.empty()) routes.by_name_.emplace(model.slug, i);
    const auto [entry, added] = routes.by_bare_name_.emplace(model.bare, i);
    if (!added) entry->second = kNone;
  }
  for (RoutingRule& rule : routes.rules_)
    number(rule.routing, "rule:" + rule.id);
  return routes;
}

size_t Routes::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? kNone : found->second;
}

size_t Routes::find_bare(std::string_view name) const {
  const auto found = by_bare_name_.find(name);
  return found == by_bare_name_.end() ? kNone : found->second;
}

}  // namespace tollgate::router
