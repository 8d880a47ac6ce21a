// Whole exchanges in several threads over the same budgets and limits, and how much of them is
// used.

#include <atomic>
#include <charconv>
#include <string>
#include <thread>
#include <vector>

#include "support/fake_host.hpp"

namespace tollgate::test {
namespace {

constexpr size_t kThreads = 4;
constexpr int64_t kLimit = 20'000'000;  // $0.02
constexpr int64_t kCost = 165'000;      // 5 tokens in at $3, 10 out at $15 a million.
const std::string kBudgets = std::string(kTestConfig) + R"(---
type: tenant-budget-config
name: all
limits: {cost_per_lifetime: 0.02}
on_insufficient: reject
---
type: tenant-budget-config
name: each
limits: {cost_per_day: 1}
applies_to: {type: per-user}
---
type: tenant-rate-limit-config/model
name: pace
limits: {requests_per_minute: 100000, tokens_per_hour: 100000000, concurrent_requests: 3}
)";
constexpr std::string_view kBody =
    R"({"model":"claude-sonnet-4-5","max_tokens":10,"messages":[{"role":"user","content":"hi"}]})";
constexpr std::string_view kAnswer =
    R"({"id":"m","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[],"stop_reason":"end_turn","usage":{"input_tokens":5,"output_tokens":10}})";

struct Ended {
  uint32_t status = 0;
  int64_t cost = 0;
};

/// The integer behind a name of the record, or 0.
int64_t number_in(std::string_view record, std::string_view name) {
  const size_t at = record.find(name);
  int64_t value = 0;
  if (at != std::string_view::npos) {
    std::from_chars(record.data() + at + name.size(), record.data() + record.size(), value);
  }
  return value;
}

/// One request to its end. Catch2's checks are for one thread: what went wrong shows in the status.
Ended ask(const gateway::Gateway& gateway, std::atomic<uint64_t>& clock) {
  const auto now = [&clock] {
    const uint64_t ns = clock.fetch_add(kMillisecond);
    return Time{ns, 1'795'338'000'000 + static_cast<int64_t>(ns / kMillisecond)};
  };
  Ended ended;
  auto made = gateway.new_exchange({}, now());
  if (!made.ok()) return ended;
  exchange::Exchange& exchange = *made.value();
  const HeaderList list = {{"authorization", "Bearer token-1"}};
  const HeaderViews views(list);
  static_cast<void>(
      exchange.client_head("POST", "/v1/messages", views.data(), views.pairs(), now()));
  static_cast<void>(exchange.client_body(kBody, now()));
  static_cast<void>(exchange.client_end(now()));
  tg_action action = TG_ACTION_INIT;
  while (true) {
    exchange.next_action(action);
    if (action.kind == TG_ACTION_CLIENT_HEAD) ended.status = action.http_status;
    if (action.kind == TG_ACTION_RECORD) {
      ended.cost = number_in({reinterpret_cast<const char*>(action.body.data), action.body.size},
                             R"("cost_nano_usd":)");
    }
    if (action.kind == TG_ACTION_UPSTREAM_OPEN) {
      const uint32_t call = action.upstream;
      std::this_thread::yield();
      static_cast<void>(exchange.upstream_head(call, 200, nullptr, 0, now()));
      static_cast<void>(exchange.upstream_body(call, kAnswer, now()));
      static_cast<void>(exchange.upstream_end(call, now()));
    }
    if (action.kind == TG_ACTION_DONE) return ended;
    // Somebody else's reservation is in the way, for at most two seconds of this clock.
    if (action.kind == TG_ACTION_WAIT) static_cast<void>(exchange.tick(now()));
  }
}

TEST_CASE("threads of exchanges use up a budget together, and not a nano-dollar more") {
  const auto gateway = make_gateway(kBudgets);
  std::atomic<uint64_t> clock = 1'000'000'000;
  std::atomic<int64_t> spent = 0;
  std::atomic<int> odd = 0;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      while (true) {
        const Ended ended = ask(*gateway, clock);
        spent += ended.cost;
        if (ended.status == 402) return;
        // 429: the others' reservations, or the three places, were in the way for two seconds.
        if (ended.status != 429 && !(ended.status == 200 && ended.cost == kCost)) {
          ++odd;
          return;
        }
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  CHECK(odd == 0);
  CHECK(spent <= kLimit);
  CHECK(spent > kLimit * 9 / 10);
  CHECK(gateway->environment()->ledger->open_reservations() == 0);
  CHECK(gateway->environment()->open_exchanges == 0);
}

}  // namespace
}  // namespace tollgate::test
