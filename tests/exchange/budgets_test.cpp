// Budgets over the whole way of a request: every entrance, the policies people start with, and
// targets that take over from one another.

#include <memory>
#include <string>
#include <vector>

#include "exchange/money_host.hpp"
#include "support/catch.hpp"

namespace tollgate::test {
namespace {

constexpr uint64_t kDayS = 86'400;

TEST_CASE("no entrance leads around a budget that is gone, and what costs nothing is answered") {
  struct Case {
    const char* method;
    const char* path;
    std::string body;
    uint32_t status;  // 0: the upstream is called.
    const char* text;
  };
  const std::string message = money_request("opus", 10);
  const std::string stream = money_request("opus", 10, 200, R"(,"stream":true)");
  const std::string chat =
      R"({"model":"opus","max_tokens":10,"messages":[{"role":"user","content":"hi"}]})";
  const std::string chat_stream =
      R"({"model":"opus","stream":true,"messages":[{"role":"user","content":"hi"}]})";
  const std::string responses = R"({"model":"opus","max_output_tokens":20,"input":"hi"})";
  const std::string responses_stream = R"({"model":"opus","input":"hi","stream":true})";
  const char* billing = R"("type":"billing_error")";
  const char* quota = "insufficient_quota";
  const Case cases[] = {
      {"POST", "/v1/messages", message, 402, billing},
      {"POST", "/v1/messages", stream, 402, billing},
      {"POST", "/messages", message, 402, billing},
      {"POST", "/v1/v1/messages", message, 402, billing},
      {"POST", "/v1/messages?beta=true", stream, 402, billing},
      {"POST", "/v1/chat/completions", chat, 402, quota},
      {"POST", "/v1/chat/completions", chat_stream, 402, quota},
      {"POST", "/v1/responses", responses, 402, quota},
      {"POST", "/v1/responses", responses_stream, 402, quota},
      {"POST", "/v1/messages/count_tokens", message, 0, ""},
      {"POST", "/messages/count_tokens", message, 0, ""},
      {"GET", "/v1/models", "", 200, "claude-opus-5"},
      {"GET", "/v1/models/opus", "", 200, "opus"},
      {"GET", "/", "", 200, ""},
  };
  const auto gateway = money_gateway(
      "name: nothing\ntype: tenant-budget-config\nlimits: {cost_per_day: 0}\n---\n"
      "name: nobody\ntype: tenant-rate-limit-config/model\nwhen: {models: {in: [eng/haiku]}}\n"
      "limits: {requests_per_day: 0}\n");
  for (const Case& row : cases) {
    CAPTURE(row.path, row.body);
    MoneyHost host(gateway);
    host.request(row.method, row.path, {{"authorization", "Bearer token-ANN"}}, row.body);
    CAPTURE(host.body);
    CHECK(host.called() == (row.status == 0));
    if (row.status == 0) continue;
    CHECK(host.status == row.status);
    if (row.status != 402) continue;
    CHECK(host.body.find(row.text) != std::string::npos);
    CHECK(host.body.find("Budget nothing is used up: $0.00 of $0.00 spent. It resets 2026-11-23") !=
          std::string::npos);
    CHECK(host.head_value("x-should-retry") == "false");
    CHECK(host.head_value("content-type") == "application/json");
    CHECK(host.record().find("\"outcome\":\"refused\"") != std::string::npos);
  }
  CHECK(gateway->environment()->ledger->open_reservations() <= 4);  // The two counts and no other.
}

/// Ten requests of five dollars, or as many as there are dollars for. Returns how many were served.
int spend_fifty(const std::shared_ptr<gateway::Gateway>& gateway, const std::string& who,
                uint64_t day, const std::string& model = "opus") {
  int served = 0;
  for (int i = 0; i < 11; ++i) {
    MoneyHost host(gateway, day * kDayS);
    host.ask(who, money_request(model, 199'900));
    if (!host.called()) {
      CHECK(host.status == 402);
      continue;
    }
    host.answer(500, 199'900);  // 5,000,000,000 nano-USD.
    CHECK(host.status == 200);
    ++served;
  }
  return served;
}

/// Fifty dollars a day for seniors, ten for the others, a thousand a month of Opus for all.
void check_founding_case(const std::shared_ptr<gateway::Gateway>& gateway) {
  // From the first of December on.
  const uint64_t first = 9;
  CHECK(spend_fifty(gateway, "BOB", first) == 2);
  for (uint64_t day = 0; day < 19; ++day)
    CHECK(spend_fifty(gateway, "ANN", first + day) == 10);
  // 960 of 1,000: the month has eight more, whoever asks, and her day would have ten.
  CHECK(spend_fifty(gateway, "ANN", first + 19) == 8);
  CHECK(spend_fifty(gateway, "BOB", first + 20) == 0);

  MoneyHost gone(gateway, (first + 20) * kDayS);
  gone.ask("ANN", money_request("opus", 5'000));
  CHECK(gone.status == 402);
  CHECK(gone.body.find("$1000.00 of $1000.00 spent") != std::string::npos);
  CHECK(gone.body.find("resets 2027-01-01") != std::string::npos);
  // Another model is not Opus, and the day is as before.
  MoneyHost other(gateway, (first + 20) * kDayS);
  other.ask("BOB", money_request("haiku", 5'000));
  CHECK(other.called());
  // A new month.
  CHECK(spend_fifty(gateway, "ANN", first + 31) == 10);
}

TEST_CASE("the founding case, as rules of the second generation") {
  check_founding_case(money_gateway(R"(
name: senior-daily
type: tenant-budget-config
mode: enforce
when: {subjects: {teams: {in: [senior]}}}
limits: {cost_per_day: 50}
applies_to: {type: per-user}
---
name: default-daily
type: tenant-budget-config
mode: enforce
when: {subjects: {teams: {not_in: [senior]}}}
limits: {cost_per_day: 10}
applies_to: {type: per-user}
alerts: {thresholds: [75, 90, 95, 100]}
---
name: opus-org-cap
type: tenant-budget-config
mode: enforce
when: {models: {in: ["eng/opus"]}, provider_accounts: {not_in: [sandbox]}}
limits: {cost_per_month: 1000, cost_per_quarter: 2500, cost_per_lifetime: 20000}
applies_to: {type: aggregate}
alerts: {thresholds: [50, 90, 100]}
---
type: provider-account/anthropic
name: sandbox
auth_data: {type: api-key, api_key: key}
integrations: [{name: trial, model_id: claude-haiku-4-5}]
)"));
}

TEST_CASE("the founding case with an override in place of a second budget") {
  check_founding_case(money_gateway(R"(
name: daily
type: tenant-budget-config
limits: {cost_per_day: 10}
applies_to: {type: per-user, overrides: [{users: [ann], limits: {cost_per_day: 50}}]}
---
name: opus
type: tenant-budget-config
when: {models: {in: [eng/opus]}}
limits: {cost_per_month: 1000}
)"));
}

TEST_CASE("the founding case, with the days as rules of the first generation") {
  check_founding_case(money_gateway(R"(
name: budgets-v1
type: gateway-budget-config
rules:
  - id: senior-daily
    when: {subjects: ["team:senior"]}
    limit_to: 50
    unit: cost_per_day
    budget_applies_per: [user]
  - id: default-daily
    when: {}
    limit_to: 10
    unit: cost_per_day
    budget_applies_per: [user]
    alerts: {thresholds: [75, 90, 95, 100]}
---
name: opus-org-month
type: tenant-budget-config
when: {models: {in: ["eng/opus"]}}
limits: {cost_per_month: 1000}
)"));
}

const std::string kRoute = R"(
name: coding
routing_config:
  type: priority-based-routing
  load_balance_targets:
    - {target: eng/opus, priority: 0, retry_config: {attempts: 0}}
    - {target: eng/haiku, priority: 1, retry_config: {attempts: 0}}
---
)";

TEST_CASE("a full budget of one target lets the next one serve") {
  const auto gateway = money_gateway(kRoute +
                                     "name: opus\ntype: tenant-budget-config\n"
                                     "when: {models: {in: [eng/opus]}}\n"
                                     "limits: {cost_per_month: 5}\non_insufficient: reject\n");
  MoneyHost first(gateway);
  first.ask("ANN", money_request("coding", 199'900));
  REQUIRE(first.called());
  CHECK(first.calls[0].body.find("claude-opus-5") != std::string::npos);
  first.answer(500, 199'900);

  MoneyHost second(gateway);
  second.ask("ANN", money_request("coding", 1'000));
  REQUIRE(second.called());
  CHECK(second.calls[0].body.find("claude-haiku-4-5") != std::string::npos);
  second.answer(1, 1);
  CHECK(second.status == 200);
  CHECK(second.head_value("x-tollgate-resolved-model") == "eng/haiku");
  CHECK(second.record().find("budget opus: $5.00 of $5.00") != std::string::npos);

  // Who names the full target has no other.
  MoneyHost third(gateway);
  third.ask("ANN", money_request("opus", 1'000));
  CHECK(third.status == 402);
}

TEST_CASE("what an attempt may have cost is booked before the next one is admitted") {
  const auto gateway =
      money_gateway(kRoute +
                    "name: all\ntype: tenant-budget-config\nlimits: {cost_per_day: 1}\n"
                    "on_insufficient: reject\n");
  SECTION("the next one fits") {
    MoneyHost host(gateway);
    host.ask("ANN", money_request("coding", 30'000));
    host.upstream_failed(TG_FAILURE_RESET);
    REQUIRE(host.calls.size() == 2);
    host.answer(0, 1'000);
    // All that was reserved for Opus, and what Haiku cost.
    const int64_t opus = 200 * 6'250 + 30'000 * 25'000;
    CHECK(host.record().find("\"cost_nano_usd\":" + std::to_string(opus + 1'000 * 5'000) + ",") !=
          std::string::npos);
  }
  SECTION("the next one does not fit: there is no fallback") {
    MoneyHost host(gateway);
    host.ask("ANN", money_request("coding", 39'900));
    REQUIRE(host.calls.size() == 1);
    host.upstream_failed(TG_FAILURE_RESET);
    CHECK(host.calls.size() == 1);
    CHECK(host.done);
    CHECK(host.status >= 500);
    CHECK(host.record().find("budget all: ") != std::string::npos);
  }
  SECTION("a refused connection costs nothing") {
    MoneyHost host(gateway);
    host.ask("ANN", money_request("coding", 39'900));
    host.upstream_failed(TG_FAILURE_CONNECT);
    REQUIRE(host.calls.size() == 2);
    host.answer(0, 1'000);
    CHECK(host.record().find("\"cost_nano_usd\":5000000,") != std::string::npos);
  }
}

TEST_CASE("a soft budget refuses only when all are gone") {
  const std::string soft =
      "name: day\ntype: tenant-budget-config\nmode: soft_enforce\nlimits: {cost_per_day: 5}\n"
      "on_insufficient: reject\n---\n"
      "name: month\ntype: tenant-budget-config\nmode: soft_enforce\n"
      "limits: {cost_per_month: 10}\non_insufficient: reject\n";
  const auto gateway = money_gateway(soft);
  int served = 0;
  for (int i = 0; i < 4; ++i) {
    MoneyHost host(gateway);
    host.ask("ANN", money_request("opus", 199'900));
    if (!host.called()) continue;
    host.answer(500, 199'900);
    ++served;
  }
  CHECK(served == 2);
}

TEST_CASE("a session with all its sub-agents has a budget of its own") {
  const auto gateway = money_gateway(R"(
name: tree
type: tenant-budget-config
limits: {cost_per_day: 5}
applies_to: {type: per-session}
)");
  const HeaderList one = {{"x-claude-code-session-id", "s-1"}};
  const HeaderList two = {{"x-claude-code-session-id", "s-2"}};
  MoneyHost first(gateway);
  first.ask("ANN", money_request("opus", 199'900), one);
  REQUIRE(first.called());
  first.answer(500, 199'900);
  // A sub-agent of the same session.
  HeaderList agent = one;
  agent.emplace_back("x-claude-code-agent-id", "a-1");
  MoneyHost again(gateway);
  again.ask("ANN", money_request("opus", 10'000), agent);
  CHECK(again.status == 402);
  CHECK(again.body.find("Budget tree (s-1)") != std::string::npos);
  MoneyHost other(gateway);
  other.ask("ANN", money_request("opus", 10'000), two);
  CHECK(other.called());
}

TEST_CASE("one agent's own requests, and those of all that it started") {
  const auto gateway = money_gateway(R"(
name: own
type: tenant-budget-config
limits: {cost_per_lifetime: 5}
applies_to: {type: per-agent}
---
name: children
type: tenant-budget-config
limits: {cost_per_lifetime: 10}
applies_to: {type: per-parent-agent}
)");
  const auto as = [](const char* agent, const char* parent) {
    HeaderList list = {{"x-claude-code-session-id", "s-1"}};
    if (*agent != 0) list.emplace_back("x-claude-code-agent-id", agent);
    if (*parent != 0) list.emplace_back("x-claude-code-parent-agent-id", parent);
    return list;
  };
  const auto spend = [&](const char* agent, const char* parent) {
    MoneyHost host(gateway);
    host.ask("ANN", money_request("opus", 199'900), as(agent, parent));
    if (!host.called()) return host.body;
    host.answer(500, 199'900);  // Five dollars.
    return std::string("served");
  };
  CHECK(spend("a", "root") == "served");
  CHECK(spend("a", "root").find("Budget own (a)") != std::string::npos);
  CHECK(spend("b", "root") == "served");
  // The root's children have used up their ten; another parent's have not, and the main
  // conversation is in neither budget.
  CHECK(spend("c", "root").find("Budget children (root)") != std::string::npos);
  CHECK(spend("c", "other") == "served");
  CHECK(spend("", "") == "served");
  CHECK(spend("", "") == "served");
}

}  // namespace
}  // namespace tollgate::test
