#include <string>

#include "config/routing_cases.hpp"

namespace tollgate::config {
namespace {

const router::Routing& routing_of(const LoadResult& result, std::string_view name) {
  const router::Routes& routes = result.configuration->routes;
  const size_t index = routes.find(name);
  REQUIRE(index != router::Routes::kNone);
  return routes.models()[index].routing;
}

TEST_CASE("a file with every field loads, and only the prompt is without effect") {
  const LoadResult result = load_with_accounts(kVirtualModels);
  CHECK(findings_of(result) ==
        "t.yaml:76:49: integrations[1].routing_config.load_balance_targets[1].override_params."
        "prompt_version_fqn: warning: has no effect: this version of tollgate keeps no prompts\n");
  REQUIRE(result.configuration);
  CHECK(result.configuration->routes.models().size() == 3);
  CHECK(result.configuration->routes.rules().size() == 2);
}

TEST_CASE("priority targets have what their fields say") {
  const LoadResult result = load_with_accounts(kVirtualModels);
  REQUIRE(result.configuration);
  const router::Routing& routing = routing_of(result, "house-sonnet");
  CHECK(routing.strategy == router::Strategy::kPriority);
  REQUIRE(routing.targets.size() == 3);
  const router::RouteTarget& first = routing.targets[0];
  CHECK(first.target.name == "claude-direct/claude-sonnet-4-5");
  CHECK(first.target.model_id == "claude-sonnet-4-5-20250929");
  CHECK(first.sla.first_token_ns == 5 * kSecond);
  CHECK(first.sla.output_token_ns == 90 * kMillisecond);
  CHECK(first.retry.attempts == 1);
  CHECK(first.retry.delay_ns == 200 * kMillisecond);
  CHECK(first.retry.on == router::StatusCodes{429, 529});
  CHECK(first.fallback_on == router::StatusCodes{408, 429, 500, 502, 503, 529});
  const router::RouteTarget& second = routing.targets[1];
  CHECK(second.priority == 1);
  CHECK(second.metadata_match == model::Metadata{{"zone", "north"}});
  REQUIRE(second.headers.set.size() == 1);
  CHECK(second.headers.set[0].second == "12");
  CHECK(second.headers.remove == std::vector<std::string>{"x-verbose-trace"});
  CHECK(second.retry.attempts == 2);
  CHECK(second.retry.on == router::Retry::default_codes());
  CHECK(second.fallback_on == router::default_fallback_codes());
  const router::RouteTarget& third = routing.targets[2];
  CHECK(third.target.name == "anything/claude-next");
  REQUIRE(third.override_params.size() == 2);
  CHECK(third.override_params[0].json == "4096");
  CHECK(third.override_params[1].json == "0.5");
}

TEST_CASE("weights, stickiness and the fast twins") {
  const LoadResult result = load_with_accounts(kVirtualModels);
  REQUIRE(result.configuration);
  const router::Routing& trial = routing_of(result, "house/claude-haiku-4-5-trial");
  REQUIRE(trial.sticky);
  CHECK(trial.sticky->ttl_ns == 900 * kSecond);
  REQUIRE(trial.sticky->identifiers.size() == 2);
  CHECK(trial.sticky->identifiers[1].source == router::SessionIdentifier::Source::kMetadata);
  CHECK(trial.targets.at(0).weight == 90);
  CHECK_FALSE(trial.targets.at(1).fallback_candidate);
  CHECK(trial.targets.at(1).override_params.empty());
  const router::Routing& fast = routing_of(result, "house/claude-opus-4-6-fast");
  CHECK(fast.strategy == router::Strategy::kLatency);
  CHECK(fast.targets.at(0).override_params.at(0).json == "\"fast\"");
  CHECK_FALSE(fast.targets.at(1).override_params.at(0).json.has_value());
}

TEST_CASE("a routing_config stands in a document of its own, or on an account's model") {
  const LoadResult result = load_with_accounts(R"(
name: any-sonnet
routing_config:
  type: priority-based-routing
  load_balance_targets: [{target: claude-direct/claude-sonnet-4-5}]
---
type: provider-account/anthropic
name: front
auth_data: {type: api-key, api_key: sk-four}
integrations:
  - name: claude-sonnet-4-5
    slug: front-sonnet
    routing_config:
      type: weight-based-routing
      load_balance_targets:
        - {target: front/claude-sonnet-4-5, weight: 80}
        - {target: claude-second/claude-sonnet-4-5, weight: 20}
)");
  CHECK(findings_of(result).empty());
  REQUIRE(result.configuration);
  CHECK(routing_of(result, "any-sonnet").targets.size() == 1);
  const router::Routing& own = routing_of(result, "front-sonnet");
  CHECK(own.targets.at(0).target.name == "front/claude-sonnet-4-5");
  CHECK(&own == &routing_of(result, "front/claude-sonnet-4-5"));
}

}  // namespace
}  // namespace tollgate::config
