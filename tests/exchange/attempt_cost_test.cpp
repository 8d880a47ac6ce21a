#include "exchange/attempt_cost.hpp"

#include "config/prices.hpp"
#include "exchange/money_host.hpp"

namespace tollgate::test {
namespace {

exchange::Candidate candidate_of(const config::Configuration& configuration,
                                 const std::string& name) {
  return {configuration.catalog.resolve(name).target, true, {}};
}

TEST_CASE("an attempt is bounded by its own model's price, an advisor by the dearest") {
  const auto gateway =
      money_gateway("name: a\ntype: tenant-budget-config\nlimits: {cost_per_day: 1}\n");
  const auto configuration = gateway->configuration();
  const exchange::Candidate haiku = candidate_of(*configuration, "haiku");
  CHECK(exchange::endpoint_of(*configuration, haiku).account.name == "eng");
  model::RequestFacts facts;
  facts.body_bytes = 1'000;
  facts.max_tokens = 100;
  const pricing::Demand demand =
      exchange::demand_of_attempt(*configuration, haiku, facts, "{}", false, nullptr);
  CHECK(demand.prompt_tokens == 1'000);
  CHECK(demand.output_tokens == 100);
  const int64_t now_ms = 1'795'338'000'000;
  const auto price =
      config::find_price(*configuration, haiku.target.integration, haiku.target.model_id, now_ms);
  REQUIRE(price);
  const NanoUsd bound =
      exchange::bound_of_attempt(*configuration, haiku, facts, demand, *price, now_ms);
  CHECK(bound.value == 1'000 * 1'250 + 100 * 5'000);
  facts.has_advisor = true;
  CHECK(exchange::bound_of_attempt(*configuration, haiku, facts, demand, *price, now_ms).value >=
        1'000 * 6'250 + 100 * 25'000);
}

TEST_CASE("a long context is asked for by a beta, of either header") {
  exchange::ClientRequest request;
  CHECK_FALSE(exchange::asks_for_long_context(request));
  request.extra_betas = "context-1m-2025-08-07";
  CHECK(exchange::asks_for_long_context(request));
  request.extra_betas.clear();
  REQUIRE(request.headers.add("anthropic-beta", "a,context-1m-2025-08-07").ok());
  CHECK(exchange::asks_for_long_context(request));
}

}  // namespace
}  // namespace tollgate::test
