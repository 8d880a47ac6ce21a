#include "config/cost.hpp"

#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

std::string account_with(const std::string& cost, const std::string& line = "") {
  return "type: provider-account/anthropic\nname: main\n" + line +
         "integrations:\n  - name: a\n    model_id: b\n    cost: " + cost + "\n";
}

pricing::Price price_of(const std::string& cost, const std::string& line = "") {
  const LoadResult result = load_text(account_with(cost, line));
  CAPTURE(cost, findings_of(result));
  REQUIRE(result.configuration);
  REQUIRE(result.configuration->prices.at(0).has_value());
  return *result.configuration->prices.at(0);
}

TEST_CASE("prices per 1,000 tokens are read exactly") {
  const pricing::Price price = price_of(
      "{metric: per_1000_tokens, value: {input: 0.005, output: 0.025, cache_read: 0.0005, "
      "cache_write: 0.00625, cache_write_1h: 0.01}}");
  CHECK(price.base.input.femto_usd_per_token == 5'000'000'000);
  CHECK(price.base.output.femto_usd_per_token == 25'000'000'000);
  CHECK(price.base.cache_read.femto_usd_per_token == 500'000'000);
  CHECK(price.base.cache_write_5m.femto_usd_per_token == 6'250'000'000);
  CHECK(price.base.cache_write_1h.femto_usd_per_token == 10'000'000'000);
  CHECK(price.tiers.empty());
}

TEST_CASE("the short form means the same") {
  CHECK(price_of("{per_1000_tokens: {input: 0.005, output: 2.5e-2}}").base.output ==
        pricing::Rate{25'000'000'000});
}

TEST_CASE("a cache price nobody gave is the input price") {
  const pricing::Rates rates = price_of("{per_1000_tokens: {input: 3, output: 4}}").base;
  CHECK(rates.cache_read == rates.input);
  CHECK(rates.cache_write_5m == rates.input);
  CHECK(rates.cache_write_1h == rates.input);
  const pricing::Rates written =
      price_of("{per_1000_tokens: {input: 3, output: 4, cache_write: 5}}").base;
  CHECK(written.cache_write_1h == written.cache_write_5m);
}

TEST_CASE("tiers of several lines become whole sets of rates") {
  const pricing::Price price = price_of(
      "{metric: per_1000_tokens, value: {input: 0.005, output: 0.025, cache_read: 0.0005, "
      "input_tiers: [{from: 200000, cost_per_token: 0.00001}, {from: 500000, cost_per_token: "
      "0.00002}], output_tiers: [{from: 200000, cost_per_token: 0.0000375}]}}");
  REQUIRE(price.tiers.size() == 2);
  CHECK(price.tiers[0].above_prompt_tokens == 200'000);
  CHECK(price.tiers[0].rates.input.femto_usd_per_token == 10'000'000'000);
  CHECK(price.tiers[0].rates.output.femto_usd_per_token == 37'500'000'000);
  CHECK(price.tiers[0].rates.cache_read.femto_usd_per_token == 500'000'000);
  // No price for cache writes: they follow the tier's input price.
  CHECK(price.tiers[0].rates.cache_write_5m == price.tiers[0].rates.input);
  CHECK(price.tiers[1].above_prompt_tokens == 500'000);
  CHECK(price.tiers[1].rates.input.femto_usd_per_token == 20'000'000'000);
  CHECK(price.tiers[1].rates.output.femto_usd_per_token == 37'500'000'000);
}

TEST_CASE("a discount scales every rate and rounds up") {
  const pricing::Price price = price_of(
      "{per_1000_tokens: {input: 0.005, output: 0.025, output_tiers: [{from: 10, cost_per_token: "
      "0.001}]}}",
      "discount_percent: 8\n");
  CHECK(price.base.input.femto_usd_per_token == 4'600'000'000);
  CHECK(price.tiers.at(0).rates.output.femto_usd_per_token == 920'000'000'000);
  CHECK(pricing::discounted({1}, {999'999}) == pricing::Rate{1});
  CHECK(pricing::discounted({10}, {150'000}) == pricing::Rate{9});
  CHECK(pricing::discounted({9'000'000'000'000}, {0}) == pricing::Rate{9'000'000'000'000});
  CHECK(pricing::discounted({5}, {1'000'000}) == pricing::Rate{0});
}

struct DiscountCase {
  const char* text;
  bool accepted;
  int64_t ten_thousandths;
};

const DiscountCase kDiscounts[] = {
    {"0", true, 0},         {"8", true, 80'000},
    {"7.5", true, 75'000},  {"100", true, 1'000'000},
    {"0.0001", true, 1},    {".5", true, 5'000},
    {"101", false, 0},      {"-1", false, 0},
    {"1.00001", false, 0},  {"8%", false, 0},
    {"\"8\"", false, 0},    {"1e1", false, 0},
    {"100.0001", false, 0}, {"99999999999999999999", false, 0},
};

TEST_CASE("a discount is a percentage") {
  for (const DiscountCase& row : kDiscounts) {
    CAPTURE(row.text);
    Report report("t.yaml");
    const Tree tree = parse_yaml("discount_percent: " + std::string(row.text), report);
    const Lookup none;
    Reading reading{tree, report, none, kTestNow};
    StrictMapping account(reading, {&tree.at(tree.roots.at(0)), ""});
    CHECK(read_discount(account).ten_thousandths == row.ten_thousandths);
    CHECK(report.has_errors() != row.accepted);
  }
}

const FindingCase kFaults[] = {
    {"a metric of other models", "{metric: per_minute_of_audio, value: 1}",
     "t.yaml:6:20: integrations[0].cost.metric: must be one of public_cost, per_1000_tokens, found "
     "is per_minute_of_audio\n"
     "t.yaml:6:41: integrations[0].cost.value: unknown key; known here are per_1000_tokens, "
     "metric\n"},
    {"no output price", "{per_1000_tokens: {input: 1}}",
     "t.yaml:6:29: integrations[0].cost.per_1000_tokens.output: is required\n"},
    {"a misspelt line", "{per_1000_tokens: {input: 1, output: 1, cache_raed: 1}}",
     "t.yaml:6:51: integrations[0].cost.per_1000_tokens.cache_raed: unknown key (did you mean "
     "cache_read?)\n"},
    {"a price in words", "{per_1000_tokens: {input: free, output: 1}}",
     "t.yaml:6:37: integrations[0].cost.per_1000_tokens.input: must be a number, found is a "
     "string\n"},
    {"tiers out of order",
     "{per_1000_tokens: {input: 1, output: 1, input_tiers: [{from: 5, cost_per_token: 0.001}, "
     "{from: 5, cost_per_token: 0.002}]}}",
     "t.yaml:6:106: integrations[0].cost.per_1000_tokens.input_tiers[1].from: tiers must stand in "
     "rising order of from\n"},
};

TEST_CASE("faulty costs are reported where they stand") {
  for (const FindingCase& row : kFaults) {
    CAPTURE(row.name);
    CHECK(findings_of(load_text(account_with(std::string(row.text)))) == row.findings);
  }
}

TEST_CASE("a negative price is refused") {
  const LoadResult result = load_text(account_with("{per_1000_tokens: {input: -1, output: 1}}"));
  CHECK_FALSE(result.configuration);
  CHECK(findings_of(result).find("integrations[0].cost.per_1000_tokens.input: ") !=
        std::string::npos);
}

}  // namespace
}  // namespace tollgate::config
