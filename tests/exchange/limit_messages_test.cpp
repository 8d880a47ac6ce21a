#include "exchange/limit_messages.hpp"

#include "support/catch.hpp"

namespace tollgate::exchange {
namespace {

TEST_CASE("amounts are shown as people write them") {
  CHECK(usd(0) == "$0.00");
  CHECK(usd(10'000'000'000) == "$10.00");
  CHECK(usd(9'999'999'999) == "$9.99");
  CHECK(usd(250'000'000) == "$0.25");
  CHECK(usd(50'000'000) == "$0.050");
  CHECK(usd(4'500'000) == "$0.0045");
  CHECK(usd(1) == "$0.000000001");
  CHECK(usd(1'234'567'890'000) == "$1234.56");
}

TEST_CASE("what does not fit does not look as if it did") {
  policy::Rule rule;
  rule.kind = policy::RuleKind::kBudget;
  rule.id = "daily";
  const policy::Match match{&rule, "ann", 0, &rule.limits, policy::Mode::kEnforce};
  const auto message = [&](int64_t limit, int64_t spent, int64_t need) {
    ledger::Charge charge;
    charge.limit = limit;
    charge.need = need;
    ledger::Admission admission;
    admission.spent = spent;
    admission.left = NanoUsd{limit - spent};
    return limit_failure({charge, match, admission, false}, 402, Time{}).message;
  };
  const auto tells = [](const std::string& text, const std::string& part) {
    CAPTURE(text);
    CHECK(text.find(part) != std::string::npos);
  };
  tells(message(10'000'000, 9'090'000, 1'030'001),
        "$0.0090 of $0.010 spent, and it may need up to $0.0011 where $0.00091 is left");
  tells(message(50'000'000'000, 49'979'000'000, 29'600'000),
        "$49.97 of $50.00 spent, and it may need up to $0.030 where $0.021 is left");
  tells(message(1'000'000'000, 0, 1'999'000'001), "up to $2.00 where $1.00 is left");
  tells(message(1'000'000'000, 0, 2'000'000'000), "up to $2.00 where $1.00 is left");
  tells(message(7, 0, 9), "up to $0.000000009 where $0.000000007 is left");
  tells(message(1, 0, INT64_MAX), "up to $9223372036.85 where $0.000000001 is left");
}

TEST_CASE("numbers for programs lose nothing") {
  CHECK(exact_usd(0) == "0.000000000");
  CHECK(exact_usd(1) == "0.000000001");
  CHECK(exact_usd(12'000'000'345) == "12.000000345");
  CHECK(percent_text(0, 0) == "100.00");
  CHECK(percent_text(1, 3) == "33.33");
  CHECK(percent_text(5, 100) == "5.00");
  CHECK(percent_text(30, 20) == "150.00");
  CHECK(percent_text(INT64_MAX, 1).size() > 10);
}

TEST_CASE("resets are dates of the budget's own zone") {
  ledger::Charge charge;
  policy::Rule rule;
  CHECK(reset_text(charge, rule) == "never resets");
  REQUIRE(parse_zone_offset("+02:00", rule.zone));
  charge.window = window_at(Period::kDay, 1'795'338'000'000, rule.zone);
  CHECK(reset_text(charge, rule) == "resets 2026-11-23");
}

TEST_CASE("nearness is told from the first threshold on") {
  ledger::Charge charge;
  charge.limit = 10'000'000'000;
  policy::Rule rule;
  rule.id = "daily";
  CHECK(near_limit_text(charge, rule, 9'900'000'000).empty());
  rule.alert_thresholds = {90, 100};
  CHECK(near_limit_text(charge, rule, 8'999'999'999).empty());
  CHECK(near_limit_text(charge, rule, 9'000'000'000) ==
        "daily: $9.00 of $10.00 spent (90 %), never resets");
}

}  // namespace
}  // namespace tollgate::exchange
