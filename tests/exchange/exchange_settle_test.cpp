// What requests are booked at, however they end.

#include <string>

#include "base/text_hash.hpp"
#include "exchange/money_host.hpp"

namespace tollgate::test {
namespace {

const std::string kBudget = "name: all\ntype: tenant-budget-config\nlimits: {cost_per_day: 1}\n";

ledger::Balance balance_of(const std::shared_ptr<gateway::Gateway>& gateway, Time now) {
  ledger::Charge charge;
  charge.rule = "budget/all";
  charge.hash = ledger::charge_hash(text_hash(charge.rule), 0);
  charge.period = Period::kDay;
  charge.window = window_at(Period::kDay, now.wall_ms, Zone());
  return gateway->environment()->ledger->balance(charge, now);
}

const std::string kStart =
    "event: message_start\n"
    R"(data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"claude-opus-5","content":[],"usage":{"input_tokens":100,"output_tokens":1}}})"
    "\n\nevent: content_block_start\n"
    R"(data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"
    "\n\n";

TEST_CASE("an answer is booked at what it cost, and nothing stays reserved") {
  const auto gateway = money_gateway(kBudget);
  MoneyHost host(gateway);
  host.ask("ANN", money_request("opus", 1'000));
  CHECK(balance_of(gateway, host.now()).reserved == 200 * 6'250 + 1'000 * 25'000);
  host.answer(40, 10);
  const ledger::Balance after = balance_of(gateway, host.now());
  CHECK(after.reserved == 0);
  CHECK(after.settled == 40 * 5'000 + 10 * 25'000);
  CHECK(host.record().find("\"cost_nano_usd\":450000,") != std::string::npos);
  CHECK(host.record().find("\"price_version\":\"2026-11-22\"") != std::string::npos);
}

TEST_CASE("what costs more than was reserved is booked in full, beside the settled part") {
  const auto gateway = money_gateway(kBudget);
  MoneyHost host(gateway);
  host.ask("ANN", money_request("opus", 10));
  const int64_t reserved = balance_of(gateway, host.now()).reserved;
  host.answer(1'000, 100);
  const ledger::Balance after = balance_of(gateway, host.now());
  CHECK(after.settled == reserved);
  CHECK(after.overrun == 7'500'000 - reserved);
}

TEST_CASE("an error answer costs nothing, a broken connection all that was reserved") {
  const auto gateway = money_gateway(kBudget);
  MoneyHost refused(gateway);
  refused.ask("ANN", money_request("opus", 10));
  refused.upstream_head(400, {{"content-type", "application/json"}});
  refused.upstream_body(
      R"({"type":"error","error":{"type":"invalid_request_error","message":"no"}})");
  refused.upstream_end();
  REQUIRE(refused.done);
  CHECK(balance_of(gateway, refused.now()).spent() == 0);
  CHECK(refused.record().find("\"cost_nano_usd\":null") != std::string::npos);

  MoneyHost broken(gateway);
  broken.ask("ANN", money_request("opus", 10));
  size_t answered = 0;
  while (!broken.done) {
    if (broken.calls.size() == answered) {
      broken.pass(kSecond);
      continue;
    }
    broken.upstream_failed(TG_FAILURE_RESET);
    ++answered;
  }
  // The same model is asked again, and every time may have been billed.
  const auto spent = static_cast<int64_t>(answered) * (200 * 6'250 + 10 * 25'000);
  CHECK(answered > 1);
  CHECK(balance_of(gateway, broken.now()).settled == spent);
  CHECK(broken.record().find("\"cost_nano_usd\":" + std::to_string(spent) + ",") !=
        std::string::npos);
}

TEST_CASE("a client that leaves pays for the prompt and for what came, not for all it asked for") {
  const auto gateway = money_gateway(kBudget);
  SECTION("before the host was told to call") {
    MoneyHost host(gateway);
    const HeaderList list = {{"authorization", "Bearer token-ANN"}};
    const HeaderViews views(list);
    exchange::Exchange& exchange = host.exchange();
    REQUIRE(
        exchange.client_head("POST", "/v1/messages", views.data(), views.pairs(), host.now()).ok());
    REQUIRE(exchange.client_body(money_request("opus", 20'000), host.now()).ok());
    REQUIRE(exchange.client_end(host.now()).ok());
    CHECK(balance_of(gateway, host.now()).reserved > 0);
    REQUIRE(host.exchange().client_gone(host.now()).ok());
    host.pull();
    CHECK(host.calls.empty());
    CHECK(balance_of(gateway, host.now()).spent() == 0);
    CHECK(gateway->environment()->ledger->open_reservations() == 0);
  }
  SECTION("before a whole answer came, which the upstream may finish all the same") {
    MoneyHost host(gateway);
    host.ask("ANN", money_request("opus", 20'000));
    REQUIRE(host.exchange().client_gone(host.now()).ok());
    CHECK(balance_of(gateway, host.now()).spent() == 200 * 6'250 + 20'000 * 25'000);
  }
  SECTION("before a stream began") {
    MoneyHost host(gateway);
    host.ask("ANN", money_request("opus", 20'000, 200, R"(,"stream":true)"));
    REQUIRE(host.exchange().client_gone(host.now()).ok());
    const int64_t spent = balance_of(gateway, host.now()).spent();
    CHECK(spent >= 200 * 5'000);
    CHECK(spent < 200 * 6'250 + 100 * 25'000);
    CHECK(balance_of(gateway, host.now()).reserved == 0);
  }
  SECTION("in the middle of a stream") {
    MoneyHost host(gateway);
    host.ask("ANN", money_request("opus", 20'000, 200, R"(,"stream":true)"));
    host.upstream_head(200, {{"content-type", "text/event-stream"}});
    host.upstream_body(kStart);
    for (int i = 0; i < 50; ++i) {
      host.upstream_body(
          "event: content_block_delta\n"
          R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"some words of text"}})"
          "\n\n");
    }
    REQUIRE(host.exchange().client_gone(host.now()).ok());
    host.pull();
    const int64_t spent = balance_of(gateway, host.now()).spent();
    // 100 tokens in, and between 200 and 1,500 out for 50 pieces of four tokens.
    CHECK(spent > 100 * 5'000 + 200 * 25'000);
    CHECK(spent < 100 * 5'000 + 1'500 * 25'000);
    CHECK(host.record().find("\"estimated\":true") != std::string::npos);
    CHECK(host.record().find("\"cost_nano_usd\":" + std::to_string(spent)) != std::string::npos);
  }
}

TEST_CASE("an exchange thrown away is as a client that left") {
  const auto gateway = money_gateway(kBudget);
  MoneyHost host(gateway);
  host.ask("ANN", money_request("opus", 1'000));
  host.drop();
  CHECK(balance_of(gateway, host.now()).reserved == 0);
  CHECK(balance_of(gateway, host.now()).spent() > 0);
  CHECK(gateway->environment()->ledger->open_reservations() == 0);
}

}  // namespace
}  // namespace tollgate::test
