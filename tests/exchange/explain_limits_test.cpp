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

/// What became of a request in service: its answer's status and message, or the upstream's call.
struct Served {
  bool called = false;
  std::string answer;
};

Served serve(const std::shared_ptr<gateway::Gateway>& gateway, const std::string& body) {
  MoneyHost host(gateway);
  host.ask("ANN", body);
  return {host.called(), host.body};
}

TEST_CASE("explain allows what admission lets through, and refuses the rest in the same words") {
  struct Row {
    const char* name;
    const char* limits;  ///< Of the budget, beside 1 USD a day.
    int64_t spent;       ///< Output tokens of opus, 25 USD a million, before the request.
    int64_t max_tokens;
    const char* members;
    bool called;
  };
  const Row rows[] = {
      {"room for all", "", 0, 8'000, "", true},
      {"room for less output", "", 30'000, 16'000, "", true},
      {"room for the least output alone", "", 35'800, 16'000, "", true},
      {"too little for the least output", "", 36'000, 16'000, "", false},
      {"a cap may go lower", "min_output_tokens: 1024", 36'000, 16'000, "", true},
      {"less than the floor was asked for", "", 36'000, 4'000, "", false},
      {"no cap is wanted", "on_insufficient: reject", 30'000, 16'000, "", false},
      {"thinking keeps its budget", "", 30'000, 16'000,
       R"(,"thinking":{"type":"enabled","budget_tokens":12000})", false},
      {"an estimate asks for less", "admission: estimate", 35'800, 64'000, R"(,"stream":true)",
       true},
      {"an estimate that does not fit", "admission: estimate", 39'500, 64'000, R"(,"stream":true)",
       false},
      {"an audit", "mode: audit", 39'999, 16'000, "", true},
      {"nothing left", "", 40'000, 8'000, "", false},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const auto gateway = money_gateway(std::string("name: day\ntype: tenant-budget-config\n") +
                                       "limits: {cost_per_day: 1}\n" + row.limits + "\n");
    if (row.spent > 0) {
      MoneyHost host(gateway);
      host.ask("ANN", money_request("opus", row.spent));
      REQUIRE(host.called());
      host.answer(0, row.spent);
    }
    const std::string body = money_request("opus", row.max_tokens, 200, row.members);
    const Told told = told_to(gateway, "ANN", body);
    const Served served = serve(gateway, body);
    CHECK(served.called == row.called);
    CHECK(told.decision["allowed"].boolean() == served.called);
    if (!served.called) {
      const std::string message(told.decision["denial"]["message"].string_or("none"));
      CHECK(served.answer.find(message) != std::string::npos);
    }
  }
}

TEST_CASE("explain tells when a window that slides has room again") {
  const auto gateway = money_gateway(
      "name: pace\ntype: tenant-rate-limit-config/model\nlimits: {requests_per_minute: 1}\n");
  CHECK(serve(gateway, money_request("opus", 10)).called);
  const Told told = told_to(gateway, "ANN", money_request("opus", 10));
  CHECK(told.decision["denial"]["message"].string_or("") ==
        "Rate limit pace is reached: 1 requests per minute. Try again in 60 s.");
}

}  // namespace
}  // namespace tollgate::test
