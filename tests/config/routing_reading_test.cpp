#include "config/routing_reading.hpp"

#include "config/routing_cases.hpp"

namespace tollgate::config {
namespace {

TEST_CASE("what a strategy does not allow is reported at its place") {
  check_routing_cases({
      {"no target", "{type: priority-based-routing, load_balance_targets: []}",
       "load_balance_targets: must have at least one target"},
      {"weights that are not 100",
       "{type: weight-based-routing, load_balance_targets: [{target: anything/a, weight: 3}, "
       "{target: "
       "anything/b, weight: 1}]}",
       "load_balance_targets: warning: the weights add up to 4, not 100: they are taken as "
       "proportions"},
      {"weights of nothing",
       "{type: weight-based-routing, load_balance_targets: [{target: anything/a, weight: 0}]}",
       "load_balance_targets: all weights are 0: no target would be chosen"},
      {"an unknown type", "{type: weight-based, load_balance_targets: [{target: anything/a}]}",
       "type: must be one of weight-based-routing, latency-based-routing, priority-based-routing, "
       "complexity-based-routing, found is weight-based (did you mean weight-based-routing?)"},
      {"two tiers of one model",
       "{type: complexity-based-routing, load_balance_targets: [{target: anything/a, tier: "
       "simple}, "
       "{target: anything/a, tier: complex}]}",
       "load_balance_targets[1].target: this model serves another tier already"},
      {"sticky with priorities",
       "{type: priority-based-routing, sticky_routing: {ttl_seconds: 5, session_identifiers: "
       "[{source: headers, key: a}]}, load_balance_targets: [{target: anything/a}]}",
       "sticky_routing: goes with weight-based-routing only"},
  });
}

}  // namespace
}  // namespace tollgate::config
