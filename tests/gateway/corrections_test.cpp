#include "gateway/corrections.hpp"

#include "exchange/money_host.hpp"

namespace tollgate::test {
namespace {

const std::string kBudgets = R"(
name: daily
type: tenant-budget-config
limits: {cost_per_day: 10, cost_per_month: 100}
applies_to: {type: per-user}
---
name: all
type: tenant-budget-config
limits: {cost_per_day: 50}
)";

std::string usage_of(const std::shared_ptr<gateway::Gateway>& gateway) {
  MoneyHost host(gateway);
  host.request("GET", "/v1/usage/me", {{"authorization", "Bearer token-ANN"}}, "");
  return host.body;
}

bool tells(const std::shared_ptr<gateway::Gateway>& gateway, const std::string& name,
           const std::string& limit, const std::string& used) {
  const std::string text = usage_of(gateway);
  const size_t at = text.find("\"name\":\"" + name + "\"");
  const size_t limit_at = text.find("\"" + limit + "\":{", at);
  const size_t used_at = text.find("\"used\":", limit_at);
  return text.substr(used_at + 7, used.size()) == used;
}

TEST_CASE("a refund is seen in what callers are told, and made once") {
  const auto gateway = money_gateway(kBudgets);
  MoneyHost spent(gateway);
  spent.ask("ANN", money_request("opus", 40'000));
  spent.answer(0, 40'000);
  CHECK(tells(gateway, "daily", "cost_per_day", "1.000000000"));
  const gateway::BudgetCorrection refund{"ticket-7", "daily", "ann", -400'000'000, 0, "a refund"};
  REQUIRE(gateway::correct_budget(*gateway, refund, spent.now()).ok());
  CHECK(gateway::correct_budget(*gateway, refund, spent.now()).code() == Code::kState);
  CHECK(tells(gateway, "daily", "cost_per_day", "0.600000000"));
  CHECK(tells(gateway, "daily", "cost_per_month", "0.600000000"));
  CHECK(tells(gateway, "all", "cost_per_day", "1.000000000"));
  // Charged by hand, until the day is full.
  REQUIRE(gateway::correct_budget(*gateway, {"ticket-8", "daily", "ann", 9'500'000'000, 0, ""},
                                  spent.now())
              .ok());
  MoneyHost gone(gateway);
  gone.ask("ANN", money_request("opus", 40'000));
  CHECK(gone.status == 402);
}

TEST_CASE("a correction that names nothing is refused") {
  const auto gateway = money_gateway(kBudgets);
  const Time now{2, 1'795'338'000'000};
  CHECK(gateway::correct_budget(*gateway, {"a", "nope", "", 1, 0, ""}, now).code() ==
        Code::kInvalid);
  CHECK(gateway::correct_budget(*gateway, {"a", "daily", "", 1, 0, ""}, now).code() ==
        Code::kInvalid);
  CHECK(gateway::correct_budget(*gateway, {"a", "all", "ann", 1, 0, ""}, now).code() ==
        Code::kInvalid);
  CHECK(gateway::correct_budget(*gateway, {"", "all", "", 1, 0, ""}, now).code() == Code::kInvalid);
  CHECK(gateway::correct_budget(*gateway, {"a", "daily", "user:ann", 1, 0, ""}, now).code() ==
        Code::kInvalid);
  CHECK(gateway::correct_budget(*gateway, {"a", "daily", "an", 1, 0, ""}, now).code() ==
        Code::kInvalid);
}

TEST_CASE("a charge of tomorrow is refused, and what was spent today stays") {
  const auto gateway = money_gateway(kBudgets);
  const Time now{2, 1'795'338'000'000};
  const int64_t tomorrow = now.wall_ms + 86'400'000;
  REQUIRE(gateway::correct_budget(*gateway, {"a", "daily", "ann", 9'000'000'000, 0, ""}, now).ok());
  CHECK(gateway::correct_budget(*gateway, {"b", "daily", "ann", 1, tomorrow, ""}, now).code() ==
        Code::kInvalid);
  CHECK(tells(gateway, "daily", "cost_per_day", "9.000000000"));
}

TEST_CASE("requests are priced anew, by their records, once") {
  const auto gateway = money_gateway(kBudgets);
  std::string records;
  MoneyHost last(gateway);
  last.ask("ANN", money_request("opus", 20'000));
  last.answer(1'000, 20'000);
  records += last.record() + "\n";
  MoneyHost other(gateway);
  other.ask("BOB", money_request("haiku", 20'000));
  other.answer(1'000, 2'000);
  records += other.record() + "\n\n";
  MoneyHost refused(gateway);
  refused.ask("ANN", money_request("none", 20'000));
  records += refused.record();
  REQUIRE(tells(gateway, "daily", "cost_per_day", "0.505000000"));

  const int64_t from = 1'795'338'000'000;
  const auto same = gateway::reprice(*gateway, "run-0", records, from, from + 1, last.now());
  REQUIRE(same.ok());
  CHECK(same.value() ==
        R"({"requests":2,"repriced":0,"skipped":0,"difference_nano_usd":0,"counters":0})");

  // As if the price had been higher when it was booked.
  std::string wrong = records;
  const std::string cost = "\"cost_nano_usd\":505000000";
  REQUIRE(wrong.find(cost) != std::string::npos);
  wrong.replace(wrong.find(cost), cost.size(), "\"cost_nano_usd\":605000000");
  const auto made = gateway::reprice(*gateway, "run-1", wrong, from, from + 1, last.now());
  REQUIRE(made.ok());
  CHECK(made.value() ==
        R"({"requests":2,"repriced":1,"skipped":0,"difference_nano_usd":-100000000,"counters":3})");
  CHECK(tells(gateway, "daily", "cost_per_day", "0.405000000"));
  CHECK(gateway::reprice(*gateway, "run-1", wrong, from, from + 1, last.now()).status().code() ==
        Code::kState);
  CHECK(tells(gateway, "daily", "cost_per_day", "0.405000000"));
  // Out of the span.
  const auto none = gateway::reprice(*gateway, "run-2", wrong, from + 1, from + 2, last.now());
  CHECK(none.value().find("\"requests\":0") != std::string::npos);
  CHECK(gateway::reprice(*gateway, "run-3", "no record\n", from, from + 1, last.now())
            .status()
            .code() == Code::kInvalid);
}

}  // namespace
}  // namespace tollgate::test
