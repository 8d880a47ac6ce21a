// Budgets that reserve what a stream probably costs, and more as it grows.

#include <string>

#include "base/text_hash.hpp"
#include "exchange/money_host.hpp"
#include "json/reader.hpp"
#include "wire/sse_decoder.hpp"

namespace tollgate::test {
namespace {

std::string budget(const char* dollars, const char* admission) {
  return std::string("name: daily\ntype: tenant-budget-config\nadmission: ") + admission +
         "\nlimits: {cost_per_day: " + dollars + "}\n";
}

ledger::Balance balance_of(const std::shared_ptr<gateway::Gateway>& gateway, Time now) {
  ledger::Charge charge;
  charge.rule = "budget/daily";
  charge.hash = ledger::charge_hash(text_hash(charge.rule), 0);
  charge.period = Period::kDay;
  charge.window = window_at(Period::kDay, now.wall_ms, Zone());
  return gateway->environment()->ledger->balance(charge, now);
}

/// The first turn of Claude Code on Opus: 77 KB, 64,000 tokens at most.
std::string first_turn(const std::string& members = "") {
  return money_request("opus", 64'000, 77'000, R"(,"stream":true)" + members);
}

void begin(MoneyHost& host, int64_t input) {
  host.upstream_head(200, {{"content-type", "text/event-stream"}});
  host.upstream_body(
      "event: message_start\n"
      R"(data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"claude-opus-5","content":[],"usage":{"input_tokens":)" +
      std::to_string(input) +
      R"(,"output_tokens":1}}})"
      "\n\nevent: content_block_start\n"
      R"(data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"
      "\n\n");
}

/// About `tokens` of text, in events of 300 bytes.
void say(MoneyHost& host, int tokens) {
  const std::string text(300, 'w');
  for (int sent = 0; sent < tokens && host.ends == 0; sent += 75) {
    host.upstream_body(
        "event: content_block_delta\n"
        R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":")" +
        text +
        R"("}})"
        "\n\n");
  }
}

void end(MoneyHost& host, int64_t output) {
  host.upstream_body(
      "event: content_block_stop\n"
      R"(data: {"type":"content_block_stop","index":0})"
      "\n\nevent: message_delta\n"
      R"(data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":)" +
      std::to_string(output) +
      "}}\n\nevent: message_stop\n"
      R"(data: {"type":"message_stop"})"
      "\n\n");
  host.upstream_end();
}

TEST_CASE("a developer's sub-agents run side by side on estimates, strictly fewer of them") {
  struct Row {
    const char* admission;
    size_t side_by_side;
  };
  // Bounds of 2.08 USD and costs of 0.15: with strict admission the last ones are given less.
  for (const Row& row : {Row{"estimate", 20}, Row{"strict", 6}}) {
    CAPTURE(row.admission);
    const auto gateway = money_gateway(budget("10", row.admission));
    std::vector<std::unique_ptr<MoneyHost>> running;
    for (size_t i = 0; i < row.side_by_side; ++i) {
      running.push_back(std::make_unique<MoneyHost>(gateway));
      running.back()->ask("ANN", first_turn());
      CAPTURE(i, running.back()->body);
      REQUIRE(running.back()->called());
      if (row.side_by_side == 20) {
        CHECK(running.back()->calls[0].body == running[0]->calls[0].body);
      }
    }
    for (auto& host : running) {
      begin(*host, 20'000);
      say(*host, 2'000);
      end(*host, 2'000);
      CHECK(host->done);
      CHECK(host->body.find("end_turn") != std::string::npos);
    }
    const ledger::Balance after = balance_of(gateway, running[0]->now());
    CHECK(after.reserved == 0);
    CHECK(after.spent() == static_cast<int64_t>(row.side_by_side) * 150'000'000);
    CHECK(gateway->environment()->ledger->open_reservations() == 0);
  }
}

TEST_CASE("a stream reserves more as it grows") {
  const auto gateway = money_gateway(budget("10", "estimate"));
  MoneyHost host(gateway);
  host.ask("ANN", first_turn());
  // A third of the bytes at the price of a cache write, and one slice of output.
  const int64_t first = 77'000 / 3 * 6'250LL + 4'096 * 25'000LL;
  CHECK(balance_of(gateway, host.now()).reserved == first);
  begin(host, 20'000);
  CHECK(balance_of(gateway, host.now()).reserved == first);
  say(host, 20'000);
  const ledger::Balance grown = balance_of(gateway, host.now());
  CHECK(grown.reserved > 20'000 * 5'000LL + 20'000 * 25'000LL);
  CHECK(grown.reserved < 20'000 * 5'000LL + 40'000 * 25'000LL);
  end(host, 19'000);
  CHECK(balance_of(gateway, host.now()).spent() == 20'000 * 5'000LL + 19'000 * 25'000LL);
  CHECK(balance_of(gateway, host.now()).reserved == 0);
}

TEST_CASE("at the limit a stream ends as if it had reached its maximum") {
  const auto gateway = money_gateway(budget("0.5", "estimate"));
  MoneyHost host(gateway);
  host.ask("ANN", first_turn());
  REQUIRE(host.called());
  begin(host, 20'000);
  say(host, 60'000);
  CHECK(host.ends == 1);
  CHECK(host.done);
  CHECK(host.calls[0].cancelled);
  // 0.40 USD are left for output: 16,000 tokens, of which the last two slices may not be begun.
  const ledger::Balance after = balance_of(gateway, host.now());
  CHECK(after.reserved == 0);
  CHECK(after.spent() <= 500'000'000);
  CHECK(after.spent() > 300'000'000);
  CHECK(host.record().find("\"stop_reason\":\"max_tokens\"") != std::string::npos);
  CHECK(host.record().find("(budget)") != std::string::npos);
  CHECK(host.record().find("\"estimated\":true") != std::string::npos);

  // What the client got is a whole answer.
  std::vector<std::string> kinds;
  wire::SseDecoder decoder;
  REQUIRE(decoder
              .feed(host.body,
                    [&](const wire::SseEvent& event) {
                      if (kinds.empty() || kinds.back() != event.name) {
                        kinds.emplace_back(event.name);
                      }
                      json::Document document;
                      CHECK(document.parse(event.data).ok());
                    })
              .ok());
  CHECK(kinds == std::vector<std::string>{"message_start", "content_block_start",
                                          "content_block_delta", "content_block_stop",
                                          "message_delta", "message_stop"});
  CHECK(host.body.find(R"("stop_reason":"max_tokens")") != std::string::npos);
}

TEST_CASE("together estimates stay below the limit, but for what streams make meanwhile") {
  const auto gateway = money_gateway(budget("1", "estimate"));
  std::vector<std::unique_ptr<MoneyHost>> running;
  for (int i = 0; i < 3; ++i) {
    running.push_back(std::make_unique<MoneyHost>(gateway));
    running.back()->ask("ANN", first_turn());
    REQUIRE(running.back()->called());
    begin(*running.back(), 20'000);
  }
  for (int round = 0; round < 100; ++round) {
    for (auto& host : running) {
      if (host->ends == 0) say(*host, 600);
    }
  }
  for (auto& host : running)
    CHECK(host->ends == 1);
  CHECK(balance_of(gateway, running[0]->now()).spent() <= 1'000'000'000);
  CHECK(balance_of(gateway, running[0]->now()).spent() > 800'000'000);
}

TEST_CASE("what cannot be followed on its way is admitted by its bound") {
  struct Row {
    const char* name;
    std::string request;
  };
  const Row rows[] = {
      {"a whole answer", money_request("opus", 64'000, 77'000)},
      {"searches of the upstream's own",
       first_turn(R"(,"tools":[{"type":"web_search_20250305","name":"web_search","max_uses":1}])")},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto gateway = money_gateway(budget("100", "estimate"));
    MoneyHost host(gateway);
    host.ask("ANN", row.request);
    REQUIRE(host.called());
    CHECK(balance_of(gateway, host.now()).reserved >= 77'000 * 6'250LL + 64'000 * 25'000LL);
  }
}

TEST_CASE("a strict budget beside an estimated one reserves the whole bound") {
  const auto gateway = money_gateway(budget("10", "estimate") +
                                     "---\nname: strict\ntype: tenant-budget-config\n"
                                     "limits: {cost_per_month: 100}\n");
  MoneyHost host(gateway);
  host.ask("ANN", first_turn());
  REQUIRE(host.called());
  CHECK(balance_of(gateway, host.now()).reserved < 500'000'000);
  CHECK(host.record().empty());
  begin(host, 20'000);
  say(host, 2'000);
  end(host, 2'000);
  CHECK(host.record().find("\"reserved_nano_usd\":2081250000,") != std::string::npos);
  CHECK(balance_of(gateway, host.now()).spent() == 150'000'000);
}

TEST_CASE("thinking that is not shown counts by its time") {
  const auto gateway = money_gateway(budget("0.5", "estimate"));
  MoneyHost host(gateway);
  host.ask("ANN", first_turn(R"(,"thinking":{"type":"enabled","budget_tokens":32000})"));
  REQUIRE(host.called());
  begin(host, 20'000);
  for (int i = 0; i < 60 && host.ends == 0; ++i) {
    host.pass(2 * kSecond);
    if (host.ends == 0) host.upstream_body("event: ping\ndata: {\"type\":\"ping\"}\n\n");
  }
  // 0.40 USD are 16,000 tokens, which no upstream makes in less than 80 seconds.
  CHECK(host.ends == 1);
  CHECK(host.record().find("\"stop_reason\":\"max_tokens\"") != std::string::npos);
  CHECK(balance_of(gateway, host.now()).spent() <= 510'000'000);
}

}  // namespace
}  // namespace tollgate::test
