// What is const may be called from any thread at once. Most is proven by the thread sanitizer; the
// counters at the end are checked everywhere.

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "exchange/explain.hpp"
#include "support/fake_host.hpp"

namespace tollgate::test {
namespace {

constexpr int kRounds = 60;
constexpr Time kNow{1'000'000'000, 1'795'338'000'000};
constexpr std::string_view kBody = R"({"model":"claude-same","max_tokens":1,"messages":[]})";
constexpr std::string_view kAnswer =
    R"({"id":"m","type":"message","role":"assistant","model":"claude-same","content":[],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}})";

/// Catch2's checks are for one thread, so the threads only count what went wrong.
std::atomic<int> faults{0};

void expect(bool holds) {
  if (!holds) faults.fetch_add(1);
}

/// Pulls to WAIT or DONE and gives that kind.
int32_t pull(exchange::Exchange& exchange) {
  tg_action action = TG_ACTION_INIT;
  for (int i = 0; i < 100; ++i) {
    exchange.next_action(action);
    if (action.kind == TG_ACTION_WAIT || action.kind == TG_ACTION_DONE) return action.kind;
  }
  return -1;
}

enum class Ending { kServed, kFailed, kGone, kDropped };

void one_exchange(const gateway::Gateway& gateway, Ending ending) {
  auto made = gateway.new_exchange({}, kNow);
  expect(made.ok());
  if (!made.ok()) return;
  exchange::Exchange& exchange = *made.value();
  const HeaderList list = {{"authorization", "Bearer token-1"}};
  const HeaderViews views(list);
  expect(exchange.client_head("POST", "/v1/messages", views.data(), views.pairs(), kNow).ok());
  expect(exchange.client_body(kBody, kNow).ok());
  expect(exchange.client_end(kNow).ok());
  // While the gateway drains, the request is refused: then it is done here.
  if (pull(exchange) == TG_ACTION_DONE || ending == Ending::kDropped) return;
  if (ending == Ending::kServed) {
    expect(exchange.upstream_head(1, 200, nullptr, 0, kNow).ok());
    expect(exchange.upstream_body(1, kAnswer, kNow).ok());
    expect(exchange.upstream_end(1, kNow).ok());
  } else if (ending == Ending::kFailed) {
    expect(exchange.upstream_failed(1, TG_FAILURE_RESET, "", kNow).ok());
  } else {
    expect(exchange.client_gone(kNow).ok());
  }
  expect(pull(exchange) == TG_ACTION_DONE);
}

void run_together(const std::vector<std::function<void(int)>>& works) {
  std::vector<std::thread> threads;
  threads.reserve(works.size());
  for (const auto& work : works) {
    threads.emplace_back([&work] {
      for (int round = 0; round < kRounds; ++round)
        work(round);
    });
  }
  for (std::thread& thread : threads)
    thread.join();
}

TEST_CASE("exchanges, reload, description, metrics and draining at once") {
  faults.store(0);
  const auto gateway = make_gateway();
  const auto serve = [&](int round) { one_exchange(*gateway, static_cast<Ending>(round % 4)); };
  const HeaderList list = {{"authorization", "Bearer token-1"}};
  run_together({
      serve,
      serve,
      serve,
      [&](int) { expect(gateway->reload(kTestConfig, kNow).ok()); },
      [&](int) { expect(!gateway->reload("type: nonsense", kNow).ok()); },
      [&](int) {
        expect(gateway->describe().find("policy_version") != std::string::npos);
        expect(gateway->metrics().find("tollgate_") != std::string::npos);
      },
      [&](int round) {
        gateway->environment()->draining.store(round % 8 == 0);
        std::string record;
        static_cast<void>(gateway->environment()->abandoned.take(record));
      },
      [&](int) {
        const HeaderViews views(list);
        const std::string told =
            exchange::explain(*gateway->configuration(), *gateway->environment(), views.data(),
                              views.pairs(), kBody, kNow);
        expect(told.find("\"allowed\":true") != std::string::npos);
      },
  });
  CHECK(faults.load() == 0);
  CHECK(gateway->environment()->open_exchanges.load() == 0);
  CHECK(gateway->environment()->body_bytes.load() == 0);
  CHECK(gateway->environment()->ledger->open_reservations() == 0);
}

TEST_CASE("never more exchanges than the options allow, whoever asks at once") {
  faults.store(0);
  gateway::GatewayOptions options;
  options.exchanges_max = 2;
  const auto gateway = make_gateway(kTestConfig, std::move(options));
  const auto open_one = [&](int) {
    const auto made = gateway->new_exchange({}, kNow);
    expect(gateway->environment()->open_exchanges.load() <= 2);
  };
  run_together({open_one, open_one, open_one, open_one, open_one, open_one});
  CHECK(faults.load() == 0);
  CHECK(gateway->environment()->open_exchanges.load() == 0);
}

TEST_CASE("an exchange may move between threads") {
  faults.store(0);
  const auto gateway = make_gateway();
  auto made = gateway->new_exchange({}, kNow);
  REQUIRE(made.ok());
  exchange::Exchange& exchange = *made.value();
  const HeaderList list = {{"authorization", "Bearer token-1"}};
  const HeaderViews views(list);
  const std::vector<std::function<void()>> steps = {
      [&] {
        expect(
            exchange.client_head("POST", "/v1/messages", views.data(), views.pairs(), kNow).ok());
      },
      [&] { expect(exchange.client_body(kBody, kNow).ok()); },
      [&] { expect(exchange.client_end(kNow).ok() && pull(exchange) == TG_ACTION_WAIT); },
      [&] { expect(exchange.client_gone(kNow).ok() && pull(exchange) == TG_ACTION_DONE); },
      [&] { made.value().reset(); },
  };
  for (const auto& step : steps)
    std::thread(step).join();
  CHECK(faults.load() == 0);
  CHECK(gateway->environment()->open_exchanges.load() == 0);
}

}  // namespace
}  // namespace tollgate::test
