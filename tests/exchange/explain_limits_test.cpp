#include "exchange/explain_limits.hpp"

#include <string>

#include "exchange/explain.hpp"
#include "exchange/money_host.hpp"
#include "json/reader.hpp"

namespace tollgate::test {
namespace {

struct Told {
  json::Document document;
  json::Value decision;
};

Told told_to(const std::shared_ptr<gateway::Gateway>& gateway, const std::string& who,
             const std::string& body) {
  const HeaderList headers = {{"authorization", "Bearer token-" + who}};
  const HeaderViews views(headers);
  Told told;
  const std::string text =
      exchange::explain(*gateway->configuration(), *gateway->environment(), views.data(),
                        views.pairs(), body, {1'000'000'000, 1'795'338'000'000});
  told.decision = told.document.parse(text).value();
  return told;
}

const std::string kLimits = R"(
name: coding
routing_config:
  type: priority-based-routing
  load_balance_targets: [{target: eng/opus, priority: 0}, {target: eng/haiku, priority: 1}]
---
name: daily
type: tenant-budget-config
limits: {cost_per_day: 10, cost_per_month: 100}
applies_to: {type: per-user}
---
name: opus
type: tenant-budget-config
when: {models: {in: [eng/opus]}}
limits: {cost_per_month: 5}
---
name: pace
type: tenant-rate-limit-config/model
limits: {requests_per_minute: 60}
)";

/// The text of the first number of this name.
std::string number_in(const std::string& text, const std::string& name) {
  const size_t at = text.find("\"" + name + "\":");
  if (at == std::string::npos) return "absent";
  const size_t begin = at + name.size() + 3;
  return text.substr(begin, text.find_first_of(",}", begin) - begin);
}

TEST_CASE("the most that a request may cost is told with and without budgets") {
  const HeaderList headers = {{"authorization", "Bearer token-ANN"}};
  const HeaderViews views(headers);
  const auto text_of = [&](const std::string& limits, const std::string& body) {
    const auto gateway = money_gateway(limits);
    return exchange::explain(*gateway->configuration(), *gateway->environment(), views.data(),
                             views.pairs(), body, {1'000'000'000, 1'795'338'000'000});
  };
  const std::string limited = text_of(kLimits, money_request("opus", 1'000));
  const std::string needed = number_in(limited, "need");
  CHECK(needed != "absent");
  CHECK(number_in(limited, "cost_bound") == needed);
  const std::string free = text_of("type: team\nname: nobody\n", money_request("opus", 1'000));
  CHECK(free.find("\"reservations\":[]") != std::string::npos);
  CHECK(number_in(free, "cost_bound") == needed);
  const std::string denied = text_of(kLimits, money_request("nothing", 1'000));
  CHECK(number_in(denied, "cost_bound") == "null");
}

TEST_CASE("what would be reserved is told counter by counter, and nothing is") {
  const auto gateway = money_gateway(kLimits);
  const Told told = told_to(gateway, "ANN", money_request("opus", 1'000));
  CHECK(told.decision["allowed"].boolean() == true);
  std::string all;
  for (const json::Value one : told.decision["reservations"].elements()) {
    all += std::string(one["rule"].string_or("")) + " " +
           std::string(one["limit_name"].string_or("")) + " " +
           std::string(one["entity"].string_or("")) + " " +
           (one["fits"].boolean() == true ? "fits; " : "does not fit; ");
  }
  CHECK(all ==
        "daily cost_per_day ann fits; daily cost_per_month ann fits; pace requests_per_minute  "
        "fits; opus cost_per_month  fits; ");
  const std::string text = [&] {
    const HeaderList headers = {{"authorization", "Bearer token-ANN"}};
    const HeaderViews views(headers);
    return exchange::explain(*gateway->configuration(), *gateway->environment(), views.data(),
                             views.pairs(), money_request("opus", 1'000), {1, 1'795'338'000'000});
  }();
  // 200 bytes at 6.25 USD and 1,000 tokens at 25 USD a million.
  CHECK(
      text.find(
          R"("need":0.026250000,"spent":0.000000000,"reserved":0.000000000,"limit":10.000000000)") !=
      std::string::npos);
  CHECK(gateway->environment()->ledger->open_reservations() == 0);
}

TEST_CASE("a target whose budget is gone is skipped with that reason, as admission would") {
  const auto gateway = money_gateway(kLimits);
  MoneyHost host(gateway);
  host.ask("ANN", money_request("opus", 199'900));
  REQUIRE(host.called());
  host.answer(500, 199'900);
  const Told coding = told_to(gateway, "ANN", money_request("coding", 1'000));
  CHECK(coding.decision["allowed"].boolean() == true);
  const json::Value first = *coding.decision["candidates"].elements().begin();
  CHECK(first["verdict"].string_or("") == "skipped");
  CHECK(first["reason"].string_or("") == "budget opus: $5.00 of $5.00");
  const Told opus = told_to(gateway, "BOB", money_request("opus", 1'000));
  CHECK(opus.decision["allowed"].boolean() == false);
  CHECK(opus.decision["denial"]["status"].integer() == 402);
  CHECK(opus.decision["denial"]["message"].string_or("").find("$5.00 of $5.00") !=
        std::string_view::npos);
}

TEST_CASE("soft budgets deny together only, and audits never") {
  const auto gateway = money_gateway(
      "name: a\ntype: tenant-budget-config\nmode: soft_enforce\nlimits: {cost_per_day: 0}\n---\n"
      "name: b\ntype: tenant-budget-config\nmode: audit\nlimits: {cost_per_day: 0}\n---\n"
      "name: c\ntype: tenant-budget-config\nmode: soft_enforce\nlimits: {cost_per_day: 1}\n"
      "when: {models: {in: [eng/haiku]}}\n");
  CHECK(told_to(gateway, "ANN", money_request("haiku", 10)).decision["allowed"].boolean() == true);
  CHECK(told_to(gateway, "ANN", money_request("opus", 10)).decision["allowed"].boolean() == false);
}

}  // namespace
}  // namespace tollgate::test
