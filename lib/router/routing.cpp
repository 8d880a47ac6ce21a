#include "router/routing.hpp"

#include "router/capability.hpp"

namespace tollgate::router {

std::string_view strategy_name(Strategy strategy) {
  switch (strategy) {
    case Strategy::kWeight:
      return "weight-based-routing";
    case Strategy::kLatency:
      return "latency-based-routing";
    case Strategy::kPriority:
      return "priority-based-routing";
    case Strategy::kComplexity:
      break;
  }
  return "complexity-based-routing";
}

std::string_view tier_name(Tier tier) {
  switch (tier) {
    case Tier::kSimple:
      return "simple";
    case Tier::kMedium:
      return "medium";
    case Tier::kComplex:
      break;
  }
  return "complex";
}

void prepare(Routing& routing) {
  routing.keys.clear();
  routing.briefs.clear();
  for (const RouteTarget& target : routing.targets) {
    routing.keys.push_back(target.key);
    TargetBrief brief;
    brief.context_window = target.facts.context_window;
    brief.sla = target.sla;
    brief.weight = target.weight;
    brief.priority = target.priority;
    brief.tier = target.tier;
    brief.missing = missing_in(target.facts);
    brief.fallback_candidate = target.fallback_candidate;
    brief.matches_metadata = !target.metadata_match.empty();
    routing.briefs.push_back(brief);
  }
}

}  // namespace tollgate::router
