#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "router/hash.hpp"
#include "router/plan.hpp"

namespace tollgate::router {

/// A routing of targets a/0, a/1…; what a test wants otherwise it changes.
inline Routing make_routing(Strategy strategy, size_t targets) {
  Routing routing;
  routing.strategy = strategy;
  routing.key = hash_text("house/model");
  for (size_t i = 0; i < targets; ++i) {
    RouteTarget target;
    target.target.name = "a/" + std::to_string(i);
    target.key = hash_text(target.target.name);
    target.weight = 1;
    target.priority = static_cast<uint32_t>(i);
    routing.targets.push_back(std::move(target));
  }
  return routing;
}

inline Surroundings healthy(const Routing& routing) {
  Surroundings around;
  around.targets.resize(routing.targets.size());
  return around;
}

/// A test may have changed the targets.
inline Routing prepared(Routing routing) {
  prepare(routing);
  return routing;
}

/// One request, with what it is asked about.
struct Asked {
  model::RequestFacts facts;
  model::Metadata metadata;
  uint64_t conversation = 0;
  uint64_t session = 0;
  uint64_t caller = 0;
  uint64_t draw = 0;
  uint64_t seed = 0;
  Time now{1'000'000'000'000, 1'795'338'000'000};

  PlanRequest request() const {
    return {.facts = facts,
            .metadata = metadata,
            .conversation = conversation,
            .session = session,
            .caller = caller,
            .draw = draw,
            .seed = seed,
            .now = now};
  }
  Plan plan(const Routing& routing) const { return plan(routing, healthy(routing)); }
  Plan plan(const Routing& routing, const Surroundings& around) const {
    return router::plan(prepared(routing), request(), around, {});
  }
};

/// "0 2 (1)": the usable targets in order, the others in parentheses.
inline std::string order_of(const Plan& plan) {
  std::string text;
  for (const Planned& planned : plan.order) {
    if (!text.empty()) text += ' ';
    const std::string index = std::to_string(planned.index);
    text += planned.usable ? index : "(" + index + ")";
  }
  return text;
}

}  // namespace tollgate::router
