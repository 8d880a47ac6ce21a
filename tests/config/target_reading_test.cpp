#include "config/target_reading.hpp"

#include "config/routing_cases.hpp"

namespace tollgate::config {
namespace {

TEST_CASE("what a target does not allow is reported at its place") {
  check_routing_cases({
      {"a weight missing",
       "{type: weight-based-routing, load_balance_targets: [{target: anything/a}]}",
       "load_balance_targets[0].weight: is required"},
      {"a status that is none",
       "{type: priority-based-routing, load_balance_targets: [{target: anything/a, "
       "fallback_status_codes: [5xx]}]}",
       "load_balance_targets[0].fallback_status_codes[0]: must be an HTTP status from 100 to 599, "
       "as "
       "\"429\""},
      {"the model overridden",
       "{type: priority-based-routing, load_balance_targets: [{target: anything/a, "
       "override_params: "
       "{model: b}}]}",
       "load_balance_targets[0].override_params.model: cannot be overridden"},
      {"several answers",
       "{type: priority-based-routing, load_balance_targets: [{target: anything/a, "
       "override_params: "
       "{n: 2}}]}",
       "load_balance_targets[0].override_params.n: cannot be overridden"},
      {"a credential set",
       "{type: priority-based-routing, load_balance_targets: [{target: anything/a, "
       "headers_override: "
       "{set: {Authorization: x}}}]}",
       "load_balance_targets[0].headers_override.set.Authorization: this header cannot be changed "
       "here"},
  });
}

}  // namespace
}  // namespace tollgate::config
