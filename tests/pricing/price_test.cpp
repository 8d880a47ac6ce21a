#include "pricing/price.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"

namespace tollgate::pricing {

namespace {

struct RateCase {
  const char* name;
  std::string_view text;
  int64_t tokens_per_unit;
  int64_t femto;
};

const RateCase kRateCases[] = {
    {"per token, as catalogues write it", "3e-06", 1, 3'000'000'000},
    {"per token, written out", "0.000003", 1, 3'000'000'000},
    {"per thousand tokens", "0.003", 1'000, 3'000'000'000},
    {"per million tokens", "3", 1'000'000, 3'000'000'000},
    {"per million tokens, fraction", "3.75", 1'000'000, 3'750'000'000},
    {"cheapest cache read of the list", "0.01", 1'000'000, 10'000'000},
    {"nine decimals per million", "0.000000001", 1'000'000, 1},
    {"zero is a price", "0", 1'000'000, 0},
    {"zero with any exponent", "0.000e999999", 1'000'000, 0},
    {"trailing zeros mean nothing", "15.00000000000000000000000000000000000000", 1'000'000,
     15'000'000'000},
    {"leading zeros mean nothing", "0000000000000000000000000000000000000000015", 1'000'000,
     15'000'000'000},
    {"plus sign", "+3", 1'000'000, 3'000'000'000},
    {"no digit before the point", ".5", 1'000'000, 500'000'000},
    {"no digit after the point", "5.", 1'000'000, 5'000'000'000},
    {"large exponent form", "1.5E+1", 1'000'000, 15'000'000'000},
    {"the highest rate", "9000", 1'000'000, 9'000'000'000'000},
    {"the highest rate per token", "0.009", 1, 9'000'000'000'000},
    {"an odd unit that divides", "0.0007", 7, 100'000'000'000},
};

struct BadRateCase {
  const char* name;
  std::string_view text;
  int64_t tokens_per_unit;
  std::string_view message;
};

const BadRateCase kBadRateCases[] = {
    {"empty", "", 1, "is not a decimal number"},
    {"word", "free", 1, "is not a decimal number"},
    {"point alone", ".", 1, "is not a decimal number"},
    {"two points", "1.2.3", 1, "is not a decimal number"},
    {"comma", "0,003", 1, "is not a decimal number"},
    {"space", " 3", 1, "is not a decimal number"},
    {"trailing letter", "3x", 1, "is not a decimal number"},
    {"exponent without digits", "3e", 1, "is not a decimal number"},
    {"exponent with only a sign", "3e-", 1, "is not a decimal number"},
    {"hexadecimal", "0x10", 1, "is not a decimal number"},
    {"infinity", "inf", 1, "is not a decimal number"},
    {"not a number", "nan", 1, "is not a decimal number"},
    {"negative", "-3", 1'000'000, "a price cannot be negative"},
    {"negative zero", "-0", 1'000'000, "a price cannot be negative"},
    {"one digit too fine", "0.0000000001", 1'000'000, "has too many decimals for a price"},
    {"vanishing", "1e-9999999999", 1, "has too many decimals for a price"},
    {"does not divide by its unit", "0.01", 7, "has too many decimals for a price"},
    {"float artefact", "3.0000000000000004e-06", 1, "has too many decimals for a price"},
    {"above the highest rate", "9000.000000001", 1'000'000,
     "is above 9,000 USD per million tokens"},
    {"per million written as per token", "15", 1, "is above 9,000 USD per million tokens"},
    {"absurd exponent", "1e9999999999", 1, "is above 9,000 USD per million tokens"},
    {"too many digits", "1.2345678901234567890123456789012345", 1,
     "has too many digits for a price"},
};

Rate per_million(std::string_view usd) {
  const Result<Rate> rate = parse_rate(usd, 1'000'000);
  REQUIRE(rate.ok());
  return rate.value();
}

Rates rates(std::string_view input, std::string_view output, std::string_view read,
            std::string_view write_5m, std::string_view write_1h) {
  return Rates{per_million(input), per_million(output), per_million(read), per_million(write_5m),
               per_million(write_1h)};
}

/// Three models of the published lists: a plain one, one that re-prices above 200,000 tokens of
/// prompt, and one cheap enough to need fractions of a nano-USD.
Price plain() {
  return Price{rates("3", "15", "0.30", "3.75", "6"), {}};
}
Price tiered() {
  return Price{rates("3", "15", "0.30", "3.75", "6"),
               {Tier{200'000, rates("6", "22.50", "0.60", "7.50", "12")}}};
}
Price two_tiers() {
  return Price{rates("0.10", "0.50", "0.01", "0.125", "0.20"),
               {Tier{100'000, rates("0.50", "2.50", "0.05", "0.625", "1")},
                Tier{500'000, rates("1", "5", "0.10", "1.25", "2")}}};
}
Price fine() {
  return Price{rates("0.0001", "0.0003", "0.00001", "0.0001", "0.0002"), {}};
}

struct CostCase {
  const char* name;
  Price (*price)();
  model::Tokens tokens;  ///< input, cache_read, cache_write_5m, cache_write_1h, output
  int64_t nano_usd;
};

const CostCase kCostCases[] = {
    {"nothing", plain, {0, 0, 0, 0, 0}, 0},
    // The published case of caches counted twice: 3 input, 12,304 written, 0 read, 550 output.
    {"cache writes beside a tiny input", plain, {3, 0, 12'304, 0, 550}, 54'399'000},
    // The same prompt one turn later, when it is read instead: a twelfth of the price.
    {"cache reads beside a tiny input", plain, {3, 12'304, 0, 0, 550}, 11'950'200},
    {"one token of each", plain, {1, 1, 1, 1, 1}, 3'000 + 300 + 3'750 + 6'000 + 15'000},
    {"one-hour writes cost more than five-minute ones", plain, {0, 0, 0, 1'000, 0}, 6'000'000},
    {"a million in, a million out", plain, {1'000'000, 0, 0, 0, 1'000'000}, 18'000'000'000},

    {"at the threshold the base holds", tiered, {200'000, 0, 0, 0, 1'000}, 615'000'000},
    {"one token above re-prices everything, output too",
     tiered,
     {200'001, 0, 0, 0, 1'000},
     1'200'006'000 + 22'500'000},
    {"cache tokens count to the prompt", tiered, {1, 200'000, 0, 0, 0}, 6'000 + 120'000'000},
    {"five-minute writes count to the prompt",
     tiered,
     {1, 0, 200'000, 0, 0},
     6'000 + 1'500'000'000},
    {"one-hour writes count to the prompt", tiered, {1, 0, 0, 200'000, 0}, 6'000 + 2'400'000'000},
    {"output does not count to the prompt", tiered, {1, 0, 0, 0, 300'000}, 3'000 + 4'500'000'000},
    {"below both tiers", two_tiers, {100'000, 0, 0, 0, 0}, 10'000'000},
    {"the first tier", two_tiers, {500'000, 0, 0, 0, 0}, 250'000'000},
    {"the last tier that applies counts", two_tiers, {500'001, 0, 0, 0, 0}, 500'001'000},

    {"a fraction is rounded up", fine, {1, 0, 0, 0, 0}, 1},
    // 0.1 + 0.01 + 0.1 + 0.2 + 0.3 nano-USD: rounding each counter for itself would make it 5.
    {"the sum is rounded once", fine, {1, 1, 1, 1, 1}, 1},
    {"an exact nano-USD is not rounded", fine, {10, 0, 0, 0, 0}, 1},
    {"just above a nano-USD is rounded up", fine, {10, 1, 0, 0, 0}, 2},

    {"a negative counter gives no money back", plain, {-5'000, 0, 0, 0, 1}, 15'000},
    {"an absurd counter stops at a billion", plain, {INT64_MAX, 0, 0, 0, 0}, 3'000'000'000'000},
};

}  // namespace

TEST_CASE("rates are read exactly") {
  for (const RateCase& row : kRateCases) {
    INFO(row.name);
    const Result<Rate> rate = parse_rate(row.text, row.tokens_per_unit);
    REQUIRE(rate.ok());
    CHECK(rate.value().femto_usd_per_token == row.femto);
  }
}

TEST_CASE("what is no rate is refused with a reason") {
  for (const BadRateCase& row : kBadRateCases) {
    INFO(row.name);
    const Result<Rate> rate = parse_rate(row.text, row.tokens_per_unit);
    REQUIRE_FALSE(rate.ok());
    CHECK(rate.status().code() == Code::kInvalid);
    CHECK(rate.status().message() == row.message);
  }
  CHECK_FALSE(parse_rate(std::string(100'000, '0'), 1).ok());
}

TEST_CASE("cost is the exact sum, rounded up once") {
  for (const CostCase& row : kCostCases) {
    INFO(row.name);
    CHECK(cost(row.tokens, row.price()).value == row.nano_usd);
  }
}

TEST_CASE("the highest price of the most tokens is exact, and above it cost stops") {
  const Rate highest = per_million("9000");
  const Price dear{Rates{highest, highest, highest, highest, highest}, {}};
  const int64_t most = model::kTokensMax;
  // Five counters of 10^9 tokens at 9,000 USD per million: 45 million USD.
  CHECK(cost({most, most, most, most, most}, dear).value == 45'000'000'000'000'000);

  const Rate absurd{INT64_MAX};
  const Price poison{Rates{absurd, absurd, absurd, absurd, absurd}, {}};
  CHECK(cost({most, most, most, most, most}, poison).value == INT64_MAX);
}

Price opus() {
  Price price{Rates{per_million("5"), per_million("25"), per_million("0.5"), per_million("6.25"),
                    per_million("10")},
              {}};
  price.web_search = NanoUsd{10'000'000};
  return price;
}

Price haiku(std::string_view) {
  return {Rates{per_million("1"), per_million("5"), per_million("0.1"), per_million("1.25"),
                per_million("2")},
          {}};
}

TEST_CASE("what is billed beside the totals is added at its own model's price") {
  model::Usage usage;
  usage.tokens = {.input = 1'000, .output = 100};
  const int64_t totals = 5'000'000 + 2'500'000;
  CHECK(cost(usage, opus(), haiku).value == totals);

  usage.iterations = {{"message", "", {.input = 1'000, .output = 100}, {}}};
  CHECK(cost(usage, opus(), haiku).value == totals);
  usage.iterations.push_back({"compaction", "", {.input = 200, .output = 10}, {}});
  CHECK(cost(usage, opus(), haiku).value == totals + 1'000'000 + 250'000);
  usage.iterations.push_back({"advisor_message", "claude-haiku-4-5", {.input = 300}, {}});
  CHECK(cost(usage, opus(), haiku).value == totals + 1'250'000 + 300'000);
  usage.web_searches = 3;
  CHECK(cost(usage, opus(), haiku).value == totals + 1'550'000 + 30'000'000);
}

TEST_CASE("an answer that changed its model is priced hop by hop") {
  model::Usage usage;
  usage.tokens = {.input = 2'000, .output = 100};
  usage.iterations = {
      {"message", "", {.input = 1'000}, {}},
      {"fallback_message", "claude-haiku-4-5", {.input = 1'000, .output = 100}, {}}};
  CHECK(cost(usage, opus(), haiku).value == 5'000'000 + 1'000'000 + 500'000);
}

TEST_CASE("factors multiply the tokens, not the searches, and rounding comes last") {
  Price price = opus();
  price.modifiers = {.fast = 200, .us = 110, .region = 110, .priority = 200, .flex = 50};
  model::Usage usage;
  usage.tokens = {.input = 1};
  const auto of = [&] { return cost(usage, price, haiku).value; };
  CHECK(of() == 5'500);
  usage.fast = true;
  CHECK(of() == 11'000);
  usage.inference_geo = "us";
  CHECK(of() == 12'100);
  usage.service_tier = "flex";
  CHECK(of() == 6'050);
  usage.service_tier = "priority";
  usage.web_searches = 1;
  CHECK(of() == 24'200 + 10'000'000);

  Price thin = price;
  thin.base.input = Rate{1};
  usage = {};
  usage.tokens = {.input = 1};
  CHECK(cost(usage, thin, haiku).value == 1);
}

TEST_CASE("no usage within a demand costs more than its upper bound") {
  Price price = opus();
  price.modifiers = {.fast = 200, .us = 110, .region = 110, .priority = 200, .flex = 50};
  price.tiers.push_back({50,
                         {per_million("10"), per_million("50"), per_million("1"),
                          per_million("12.5"), per_million("20")}});
  price.tiers.push_back(
      {90,
       {per_million("2"), per_million("2"), per_million("2"), per_million("2"), per_million("2")}});
  uint64_t state = 42;
  const auto draw = [&state](int64_t below) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return static_cast<int64_t>((state >> 33U) % static_cast<uint64_t>(below));
  };
  for (int round = 0; round < 20'000; ++round) {
    const Demand demand{draw(200),    draw(200),    draw(3),     draw(2) == 1,
                        draw(2) == 1, draw(2) == 1, draw(2) == 1};
    model::Usage usage;
    int64_t left = demand.prompt_tokens;
    for (int64_t* counter :
         {&usage.tokens.input, &usage.tokens.cache_read, &usage.tokens.cache_write_5m}) {
      *counter = draw(left + 1);
      left -= *counter;
    }
    if (demand.hour_cache) usage.tokens.cache_write_1h = left;
    usage.tokens.output = draw(demand.output_tokens + 1);
    usage.web_searches = draw(demand.web_searches + 1);
    usage.fast = demand.fast && draw(2) == 1;
    if (demand.us) usage.inference_geo = "us";
    usage.service_tier = demand.priority && draw(2) == 1 ? "priority" : "standard";
    CAPTURE(round);
    REQUIRE(cost(usage, price, haiku) <= upper_bound(demand, price));
  }
}

TEST_CASE("a cap is the most tokens that fit, and one more does not") {
  const Price price = opus();
  Demand demand{.prompt_tokens = 1'000, .output_tokens = 64'000, .web_searches = 1};
  const int64_t prompt = 6'250'000 + 10'000'000;
  CHECK(output_tokens_within(NanoUsd{prompt - 1}, demand, price) == -1);
  CHECK(output_tokens_within(NanoUsd{prompt}, demand, price) == 0);
  CHECK(output_tokens_within(NanoUsd{prompt + 24'999}, demand, price) == 0);
  CHECK(output_tokens_within(NanoUsd{prompt + 25'000}, demand, price) == 1);
  CHECK(output_tokens_within(NanoUsd{INT64_MAX}, demand, price) == 64'000);
  for (const int64_t tokens : {1, 4'096, 63'999}) {
    demand.output_tokens = tokens;
    const NanoUsd bound = upper_bound(demand, price);
    demand.output_tokens = 64'000;
    CHECK(output_tokens_within(bound, demand, price) == tokens);
    CHECK(output_tokens_within(NanoUsd{bound.value - 1}, demand, price) == tokens - 1);
  }
}

}  // namespace tollgate::pricing
