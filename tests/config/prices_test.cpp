#include "config/prices.hpp"

#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

constexpr std::string_view kText = R"(
type: provider-account/anthropic
name: eng
discount_percent: 10
integrations:
  - {name: own, model_id: claude-opus-5, cost: {per_1000_tokens: {input: 0.001, output: 0.002}}}
  - {name: public, model_id: claude-opus-5, cost: {metric: public_cost}}
  - {name: nothing-said, model_id: claude-sonnet-5}
  - {name: ours, model_id: claude-inhouse-1}
  - {name: unknown, model_id: nobody-knows-it}
  - {name: "*"}
---
type: price-list
prices:
  - {model: claude-inhouse-1, per_million_tokens: {input: 7, output: 9}}
  - {model: claude-inhouse-1, from: 2027-01-01, per_1000_tokens: {input: 1, output: 2}}
)";

int64_t input_of(const Configuration& configuration, uint32_t integration, std::string_view id,
                 pricing::PriceSource source, int64_t wall_ms = kTestNow.wall_ms) {
  const auto found = find_price(configuration, integration, id, wall_ms);
  REQUIRE(found.has_value());
  CHECK(found->source == source);
  return found->price.base.input.femto_usd_per_token;
}

TEST_CASE("a model has its own price, else the list's, else the dearest") {
  const LoadResult result = load_text(kText);
  CAPTURE(lines_of(result));
  REQUIRE(result.configuration);
  const Configuration& loaded = *result.configuration;
  using pricing::PriceSource;
  CHECK(input_of(loaded, 0, "claude-opus-5", PriceSource::kConfigured) == 900'000'000);
  CHECK(input_of(loaded, 1, "claude-opus-5", PriceSource::kList) == 4'500'000'000);
  CHECK(input_of(loaded, 2, "claude-sonnet-5", PriceSource::kList) == 1'800'000'000);
  CHECK(input_of(loaded, 3, "claude-inhouse-1", PriceSource::kOwnList) == 6'300'000'000);
  CHECK(input_of(loaded, 3, "claude-inhouse-1", PriceSource::kOwnList, 1'800'000'000'000) ==
        900'000'000'000);
  CHECK(input_of(loaded, 4, "nobody-knows-it", PriceSource::kFallback) == 15'000'000'000);
  CHECK(input_of(loaded, 5, "claude-haiku-4-5", PriceSource::kList) == 900'000'000);
  // A step of another model does not have the integration's own price.
  CHECK(input_of(loaded, 0, "claude-haiku-4-5", PriceSource::kList) == 900'000'000);
}

TEST_CASE("a model without a price is told of once, with what that means") {
  const auto findings = [](std::string settings) {
    return lines_of(
        load_text("type: provider-account/anthropic\nname: eng\nintegrations:\n"
                  "  - {name: a, model_id: nobody-knows-it}\n---\n"
                  "type: gateway-global-settings\nname: g\n" +
                  settings));
  };
  const std::string refused = ": requests for them are refused; give them a cost\n";
  const std::string guessed =
      ": they are taken to cost as much as the dearest model known; give them a cost\n";
  CHECK(findings("").find("warning: no price is known for eng/a" + guessed) != std::string::npos);
  CHECK(findings("unknown_price: refuse\n").find("no price is known for eng/a" + refused) !=
        std::string::npos);
  CHECK(findings("unknown_price: free\n").find("no price") == std::string::npos);
  CHECK(findings("unknown_price: cheap\n").find("must be one of fallback, refuse, free") !=
        std::string::npos);
}

TEST_CASE("the stand-in for unknown prices can be stated") {
  const LoadResult result = load_text(
      "type: provider-account/anthropic\nname: eng\nintegrations: [{name: a, model_id: b}]\n---\n"
      "type: gateway-global-settings\nname: g\n"
      "fallback_price: {per_1000_tokens: {input: 0.5, output: 1}}\n");
  REQUIRE(result.configuration);
  CHECK(input_of(*result.configuration, 0, "b", pricing::PriceSource::kFallback) ==
        500'000'000'000);
}

}  // namespace
}  // namespace tollgate::config
