#include "config/routing_reading.hpp"

#include "config/routing_cases.hpp"
#include "config/support.hpp"

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

TEST_CASE("bounds stand on accounts, their models and targets of routes, each for itself") {
  const LoadResult result = load_text(
      "type: provider-account/anthropic\nname: house\nauth_data: {type: api-key, api_key: k}\n"
      "max_concurrent_requests: 9\n"
      "integrations:\n  - {name: mmm, model_id: a, requests_per_minute: 60, queue_seconds: 5}\n"
      "---\nname: coding\nrouting_config:\n  type: priority-based-routing\n"
      "  load_balance_targets:\n    - {target: house/mmm, tokens_per_minute: 1000}\n");
  CHECK(findings_of(result).empty());
  REQUIRE(result.configuration);
  const Configuration& loaded = *result.configuration;
  CHECK(loaded.account_protections.at(0).concurrent_max == 9);
  CHECK(loaded.account_protections.at(0).wait_ns == 30 * kSecond);
  CHECK(loaded.protections.at(0).requests_per_minute == 60);
  CHECK(loaded.protections.at(0).wait_ns == 5 * kSecond);
  CHECK(loaded.protections.at(0).concurrent_max == 0);
  const router::RouteTarget& target =
      loaded.routes.models()[loaded.routes.find("coding")].routing.targets.at(0);
  CHECK(target.protection.tokens_per_minute == 1000);
  CHECK(target.protection.requests_per_minute == 0);
}

TEST_CASE("a wait without a bound is without effect") {
  check_routing_cases({
      {"nothing to wait for",
       "{type: priority-based-routing, load_balance_targets: [{target: anything/a, "
       "queue_seconds: 5}]}",
       "load_balance_targets[0].queue_seconds: warning: has an effect only beside "
       "max_concurrent_requests, requests_per_minute or tokens_per_minute"},
  });
}

}  // namespace
}  // namespace tollgate::config
