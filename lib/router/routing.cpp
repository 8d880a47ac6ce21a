#include "router/routing.hpp"

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

}  // namespace tollgate::router
