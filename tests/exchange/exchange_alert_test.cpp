// Who is told of a budget, when, and how often.

#include <string>

#include "exchange/money_host.hpp"
#include "gateway/journal_keeper.hpp"

namespace tollgate::test {
namespace {

const std::string kBudget = R"(
name: ops
type: notification-channel
url: "https://hooks.example/canary-address?k=1"
headers: {authorization: "Bearer canary-header"}
---
name: all
type: tenant-budget-config
limits: {cost_per_day: 1}
alerts: {thresholds: [50, 90], notification_target: [{type: webhook, notification_channel: ops}]}
)";

/// Spends `thousandths` of the budget; the answer is whole when this returns.
MoneyHost& spend(MoneyHost& host, int64_t thousandths) {
  host.ask("ANN", money_request("opus", 30'000));
  host.answer(0, thousandths * 40);  // 25 USD a million.
  CHECK(host.ends == 1);
  return host;
}

void answer_alert(MoneyHost& host, uint32_t status, std::string_view body = "ok") {
  host.upstream_head(status, {});
  host.upstream_body(body);
  host.upstream_end();
}

uint64_t count_of(const std::shared_ptr<gateway::Gateway>& gateway, const std::string& outcome) {
  const std::string text = gateway->metrics();
  const std::string name = "tollgate_budget_alerts_total{outcome=\"" + outcome + "\"} ";
  const size_t at = text.find(name);
  REQUIRE(at != std::string::npos);
  return std::stoull(text.substr(at + name.size()));
}

TEST_CASE("a threshold is told once in its window, after the client's answer") {
  const auto gateway = money_gateway(kBudget);
  MoneyHost low(gateway);
  spend(low, 400);
  CHECK(low.done);
  CHECK(low.calls.size() == 1);

  MoneyHost half(gateway);
  spend(half, 150);
  CHECK_FALSE(half.done);
  REQUIRE(half.calls.size() == 2);
  const SeenCall& call = half.calls[1];
  CHECK(call.method == "POST");
  CHECK(call.url == "https://hooks.example/canary-address?k=1");
  CHECK(call.header("authorization") == "Bearer canary-header");
  CHECK(call.flags == TG_FLAG_AUXILIARY);
  CHECK(call.body.find(R"("threshold":50,"spent":0.550000000,"limit":1.000000000)") !=
        std::string::npos);
  answer_alert(half, 204);
  CHECK(half.done);
  REQUIRE(half.records.size() == 2);
  CHECK(half.records[1].find(R"("operation":"alert")") != std::string::npos);
  CHECK(half.records[1].find(R"("outcome":"delivered")") != std::string::npos);
  for (const std::string& record : half.records)
    CHECK(record.find("canary") == std::string::npos);
  CHECK(count_of(gateway, "delivered") == 1);

  MoneyHost more(gateway);
  spend(more, 100);
  CHECK(more.done);
  MoneyHost most(gateway);
  spend(most, 260);
  REQUIRE(most.calls.size() == 2);
  CHECK(most.calls[1].body.find("\"threshold\":90") != std::string::npos);
  answer_alert(most, 200);
  CHECK(most.done);

  MoneyHost tomorrow(gateway, 86'400);
  spend(tomorrow, 600);
  REQUIRE(tomorrow.calls.size() == 2);
  answer_alert(tomorrow, 200);
  CHECK(count_of(gateway, "delivered") == 3);
  CHECK(gateway->environment()->ledger->open_reservations() == 0);
}

TEST_CASE("an empty answer that is asked for again is money too, and tells its threshold") {
  const auto gateway = money_gateway(kBudget + R"(---
type: provider-account/google-gemini
name: studio
auth_data: {type: api-key, api_key: key}
integrations:
  - {name: flash, model_id: gemini-3.6-flash, cost: {per_1000_tokens: {input: 1, output: 1}}}
)");
  MoneyHost host(gateway);
  host.ask("ANN", money_request("flash", 100));
  host.upstream_head(200, {{"content-type", "application/json"}});
  host.upstream_body(R"({"candidates":[{"content":{"role":"model"},"finishReason":"STOP"}],)"
                     R"("usageMetadata":{"promptTokenCount":500,"candidatesTokenCount":60}})");
  host.upstream_end();
  host.pass(5 * kSecond);
  REQUIRE(host.calls.size() == 2);
  CHECK(host.calls[1].url.find("generateContent") != std::string::npos);
  // The second try is refused and costs nothing: the alert is of the first.
  host.upstream_head(400, {{"content-type", "application/json"}});
  host.upstream_body(R"({"error":{"code":400,"message":"no","status":"INVALID_ARGUMENT"}})");
  host.upstream_end();
  CHECK(host.status == 400);
  REQUIRE(host.calls.size() == 3);
  CHECK(host.calls[2].body.find(R"("threshold":50,"spent":0.560000000)") != std::string::npos);
  answer_alert(host, 204);
  CHECK(host.done);
}

TEST_CASE("an answer that passes several thresholds tells each of them") {
  const auto gateway = money_gateway(kBudget);
  MoneyHost host(gateway);
  spend(host, 700);
  REQUIRE(host.calls.size() == 2);
  CHECK(host.calls[1].body.find("\"threshold\":50") != std::string::npos);
  answer_alert(host, 200);
  CHECK(host.done);
  MoneyHost rest(gateway);
  rest.ask("ANN", money_request("opus", 10'000));
  rest.answer(0, 9'000);
  REQUIRE(rest.calls.size() == 2);
  CHECK(rest.calls[1].body.find("\"threshold\":90") != std::string::npos);
}

TEST_CASE("a receiver that fails is tried again by later requests, and given up") {
  const auto gateway = money_gateway(kBudget);
  MoneyHost first(gateway);
  spend(first, 600);
  REQUIRE(first.calls.size() == 2);
  answer_alert(first, 503);
  CHECK(first.done);
  CHECK(count_of(gateway, "retried") == 1);

  MoneyHost soon(gateway);
  spend(soon, 1);
  CHECK(soon.done);  // Not due yet.
  for (uint64_t i = 1; i <= 4; ++i) {
    MoneyHost later(gateway, i * 60);
    spend(later, 1);
    REQUIRE(later.calls.size() == 2);
    CHECK(later.ends == 1);
    later.upstream_failed(TG_FAILURE_CONNECT);
    CHECK(later.done);
    if (i == 4) {
      REQUIRE(later.records.size() == 2);
      CHECK(later.records[1].find(R"("outcome":"failed")") != std::string::npos);
      CHECK(later.records[1].find(R"("tries":5)") != std::string::npos);
    }
  }
  CHECK(count_of(gateway, "failed") == 1);
  MoneyHost after(gateway, 600);
  spend(after, 1);
  CHECK(after.done);
  CHECK(after.calls.size() == 1);
}

TEST_CASE("a receiver that says no for good, or that is silent") {
  const auto gateway = money_gateway(kBudget);
  MoneyHost host(gateway);
  spend(host, 600);
  REQUIRE(host.calls.size() == 2);
  SECTION("is not asked twice") {
    answer_alert(host, 404);
    CHECK(host.done);
    CHECK(count_of(gateway, "failed") == 1);
  }
  SECTION("is waited for a few seconds only") {
    host.pass(4 * kSecond);
    CHECK_FALSE(host.done);
    host.pass(2 * kSecond);
    CHECK(host.done);
    CHECK(host.calls[1].cancelled);
    CHECK(count_of(gateway, "retried") == 1);
  }
  SECTION("is left at once when the server goes down") {
    gateway->environment()->draining = true;
    host.pass(kSecond);
    CHECK(host.done);
    CHECK(host.calls[1].cancelled);
  }
  SECTION("is told by another request when this one is thrown away") {
    host.drop();
    MoneyHost next(gateway, 1);
    spend(next, 1);
    REQUIRE(next.calls.size() == 2);
    answer_alert(next, 200);
    CHECK(count_of(gateway, "delivered") == 1);
  }
  CHECK(gateway->environment()->ledger->open_reservations() == 0);
}

TEST_CASE("of several processes that share a store one tells") {
  // The store's verdict on the mark stands for the other process.
  const auto gateway = money_gateway(kBudget);
  gateway::JournalKeeper keeper(gateway->environment());
  REQUIRE(keeper.start({1, 1'795'338'000'000}).ok());
  uint64_t number = 0;
  const auto write = [&](Time now, const std::string& refuse) {
    const std::string batch(keeper.next(now));
    if (batch.empty()) return;
    std::string refused;
    const size_t at = refuse.empty() ? std::string::npos : batch.find(refuse);
    if (at != std::string::npos) {
      constexpr std::string_view kName = "\"reservation\":";
      const size_t id = batch.rfind(kName, at) + kName.size();
      refused = batch.substr(id, batch.find(',', id) - id);
    }
    REQUIRE(keeper
                .done("{\"batch\":" + std::to_string(++number) + ",\"refused\":[" + refused +
                          "],\"counters\":[]}",
                      now)
                .ok());
  };
  write({1, 1'795'338'000'000}, "");
  MoneyHost host(gateway);
  host.ask("ANN", money_request("opus", 30'000));
  for (int i = 0; i < 4 && host.calls.empty(); ++i) {
    write(host.now(), "");
    host.pass(60 * kMillisecond);
  }
  REQUIRE(host.calls.size() == 1);
  host.answer(0, 24'000);
  CHECK(host.ends == 1);
  CHECK_FALSE(host.done);
  CHECK(host.calls.size() == 1);
  SECTION("the one that the store grants it") {
    write(host.now(), "");
    host.pass(60 * kMillisecond);
    CHECK(host.calls.size() == 2);
    answer_alert(host, 200);
    CHECK(host.done);
  }
  SECTION("not the one it refuses") {
    write(host.now(), "alert/budget/all");
    host.pass(60 * kMillisecond);
    CHECK(host.done);
    CHECK(host.calls.size() == 1);
  }
  SECTION("nobody while the store is away, and later somebody") {
    host.pass(6 * kSecond);
    CHECK(host.done);
    CHECK(host.calls.size() == 1);
    CHECK(gateway->environment()->alerts.waits());
  }
}

}  // namespace
}  // namespace tollgate::test
