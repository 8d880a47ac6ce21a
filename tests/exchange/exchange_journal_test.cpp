// An exchange and the journal: what must be safe and granted before anybody is called.

#include <string>
#include <vector>

#include "exchange/money_host.hpp"
#include "ledger/journal.hpp"
#include "support/catch.hpp"

namespace tollgate::test {
namespace {

constexpr const char* kLimits = R"(
name: rate-limits
type: gateway-rate-limiting-config
rules:
  - {id: few, when: {}, limit_to: 5, unit: requests_per_day, rate_limit_applies_per: [user]}
---
name: daily
type: tenant-budget-config
limits: {cost_per_day: 10}
applies_to: {type: per-user}
on_insufficient: reject
---
name: opus-daily
type: tenant-budget-config
when: {models: {in: ["eng/opus"]}}
limits: {cost_per_day: 1}
on_insufficient: reject
---
type: provider-account/virtual-model
name: coding
integrations:
  - name: best
    routing_config:
      type: priority-based-routing
      load_balance_targets: [{target: eng/opus, priority: 0}, {target: eng/haiku, priority: 1}]
)";

constexpr int64_t kDollar = 1'000'000'000;

/// A store that this test is, at the other side of the journal.
struct Store {
  explicit Store(const std::shared_ptr<gateway::Gateway>& gateway)
      : ledger(*gateway->environment()->ledger), journal(ledger.journal()) {
    journal.enable();
  }

  void take() { batch = journal.take(); }
  /// The reservations of the batch with an entry of this measure.
  std::vector<uint64_t> with(Measure measure) const {
    std::vector<uint64_t> found;
    for (const ledger::Entry& entry : batch.entries) {
      const bool same = entry.scope->measure == measure;
      if (same && entry.kind == ledger::EntryKind::kReserve) found.push_back(entry.reservation);
    }
    return found;
  }
  size_t count(ledger::EntryKind kind) const {
    size_t found = 0;
    for (const ledger::Entry& entry : batch.entries)
      found += entry.kind == kind ? 1 : 0;
    return found;
  }
  /// Tells that others have used up what the entries of this measure count.
  void tell_spent(Measure measure, int64_t spent, Time now) {
    for (const ledger::Entry& entry : batch.entries) {
      if (entry.scope->measure != measure) continue;
      ledger::Outside outside;
      outside.rule = entry.scope->rule;
      outside.entity = entry.scope->entity;
      outside.measure = measure;
      outside.period = entry.scope->period;
      outside.window = entry.window;
      outside.spent = spent;
      REQUIRE(ledger.note_outside(outside, now).ok());
    }
  }
  std::vector<uint64_t> acknowledge() { return journal.acknowledge(batch); }

  ledger::Ledger& ledger;
  ledger::Journal& journal;
  ledger::Batch batch;
};

void look_again(MoneyHost& host) {
  REQUIRE(host.exchange().tick(host.now()).ok());
  host.pull();
}

TEST_CASE("the caller's and the target's reservation are waited for together") {
  const auto gateway = money_gateway(kLimits);
  Store store(gateway);
  MoneyHost host(gateway);
  host.ask("ANN", money_request("opus", 10));
  CHECK_FALSE(host.called());
  store.take();
  CHECK(store.with(Measure::kRequests).size() == 1);
  CHECK(store.with(Measure::kMoney).size() == 2);
  CHECK_FALSE(store.journal.pending());
  // One wake, whose reservations both are.
  CHECK(store.acknowledge().size() == 1);
  look_again(host);
  REQUIRE(host.called());
  host.answer(1, 1);
  CHECK(host.status == 200);
  CHECK(host.record().find(R"("rule":"admission","verdict":"allowed")") != std::string::npos);
}

TEST_CASE("nothing is called while either reservation is not written") {
  const auto gateway = money_gateway(kLimits);
  Store store(gateway);
  MoneyHost host(gateway);
  host.ask("ANN", money_request("opus", 10));
  // A store that takes the caller's alone.
  store.batch = store.journal.take(1);
  REQUIRE(store.with(Measure::kMoney).empty());
  REQUIRE(store.with(Measure::kRequests).size() == 1);
  CHECK(store.acknowledge().empty());
  look_again(host);
  CHECK_FALSE(host.called());
  store.take();
  CHECK(store.acknowledge().size() == 1);
  look_again(host);
  CHECK(host.called());
}

TEST_CASE("a caller whom the store refuses is told his own reason, and the target is given back") {
  struct Row {
    const char* name;
    bool target_refused;  ///< By the store as well.
    int64_t opus_spent;   ///< Known before; a dollar leaves the target no room.
  };
  const Row rows[] = {{"the target was granted", false, 0},
                      {"the target was refused too", true, 0},
                      {"the target had no room anyway", false, kDollar}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto gateway = money_gateway(kLimits);
    Store store(gateway);
    if (row.opus_spent != 0) {
      MoneyHost before(gateway);
      before.ask("BOB", money_request("opus", 39'000));
      store.take();
      static_cast<void>(store.acknowledge());
      look_again(before);
      REQUIRE(before.called());
      before.answer(0, 39'990);
      store.take();
      static_cast<void>(store.acknowledge());
    }
    MoneyHost host(gateway);
    host.ask("ANN", money_request("opus", 1'000));
    CHECK_FALSE(host.called());
    CHECK(host.heads == 0);
    store.take();
    store.tell_spent(Measure::kRequests, 5, host.now());
    if (row.target_refused) store.tell_spent(Measure::kMoney, 10 * kDollar, host.now());
    for (const uint64_t id : store.with(Measure::kRequests))
      store.ledger.refuse(id, host.now());
    if (row.target_refused) store.ledger.refuse(store.with(Measure::kMoney).at(0), host.now());
    static_cast<void>(store.acknowledge());
    look_again(host);
    CHECK_FALSE(host.called());
    CHECK(host.status == 429);
    CHECK(host.body.find("few") != std::string::npos);
    CHECK(host.head_value("retry-after") == std::to_string(15 * 3'600));
    CHECK(host.head_value("x-tollgate-budget-warning").empty());
    CHECK(host.record().find(R"("outcome":"refused")") != std::string::npos);
    CHECK(host.record().find(R"("rule":"admission")") == std::string::npos);
    CHECK(store.ledger.open_reservations() == 0);
    store.take();
    const bool target_held = !row.target_refused && row.opus_spent == 0;
    CHECK((store.count(ledger::EntryKind::kRelease) != 0) == target_held);
    CHECK(store.count(ledger::EntryKind::kSettle) == 0);
  }
}

TEST_CASE("a request for no token, which calls nobody, is answered to a caller who is let in") {
  for (const bool granted : {true, false}) {
    CAPTURE(granted);
    const auto gateway = money_gateway(std::string(kLimits) +
                                       "---\ntype: provider-account/openai\nname: other\n"
                                       "auth_data: {type: api-key, api_key: key}\n"
                                       "integrations: [{name: gpt, model_id: gpt-5}]\n");
    Store store(gateway);
    MoneyHost host(gateway);
    host.ask("ANN", money_request("other/gpt", 0));
    CHECK(host.heads == 0);
    store.take();
    if (!granted) {
      store.tell_spent(Measure::kRequests, 5, host.now());
      for (const uint64_t id : store.with(Measure::kRequests))
        store.ledger.refuse(id, host.now());
    }
    static_cast<void>(store.acknowledge());
    look_again(host);
    CHECK(host.status == (granted ? 200 : 429));
    CHECK_FALSE(host.called());
  }
}

TEST_CASE("a caller who is refused and finds room again is asked for again, with his target") {
  const auto gateway = money_gateway(kLimits);
  Store store(gateway);
  MoneyHost host(gateway);
  host.ask("ANN", money_request("best", 10));
  store.take();
  const uint64_t first = store.with(Measure::kRequests).at(0);
  store.ledger.refuse(first, host.now());
  static_cast<void>(store.acknowledge());
  look_again(host);
  CHECK_FALSE(host.called());
  store.take();
  REQUIRE(store.with(Measure::kRequests).size() == 1);
  CHECK(store.with(Measure::kRequests).at(0) != first);
  CHECK(store.with(Measure::kMoney).size() == 2);
  static_cast<void>(store.acknowledge());
  look_again(host);
  REQUIRE(host.calls.size() == 1);
  // The order of the targets begins anew.
  CHECK(host.calls[0].body.find("claude-opus-5") != std::string::npos);
  CHECK(store.ledger.open_reservations() == 2);
}

TEST_CASE("a caller whom the store never grants is not asked for without end") {
  const auto gateway = money_gateway(kLimits);
  Store store(gateway);
  MoneyHost host(gateway);
  host.ask("ANN", money_request("opus", 10));
  int rounds = 0;
  while (!host.done && rounds < 100) {
    ++rounds;
    store.take();
    for (const uint64_t id : store.with(Measure::kRequests))
      store.ledger.refuse(id, host.now());
    static_cast<void>(store.acknowledge());
    look_again(host);
  }
  CHECK(rounds == 33);
  CHECK(host.status == 503);
  CHECK_FALSE(host.called());
  CHECK(store.ledger.open_reservations() == 0);
}

TEST_CASE("a target that the store refuses makes room for the next, behind a caller once granted") {
  const auto gateway = money_gateway(kLimits);
  Store store(gateway);
  MoneyHost host(gateway);
  host.ask("ANN", money_request("best", 10));
  store.take();
  const std::vector<uint64_t> money = store.with(Measure::kMoney);
  REQUIRE(money.size() == 2);
  for (const ledger::Entry& entry : store.batch.entries) {
    if (entry.scope->measure == Measure::kMoney && entry.limit == kDollar) {
      ledger::Outside outside{entry.scope->rule,
                              entry.scope->entity,
                              Measure::kMoney,
                              entry.scope->period,
                              entry.window,
                              kDollar,
                              0,
                              0};
      REQUIRE(store.ledger.note_outside(outside, host.now()).ok());
    }
  }
  store.ledger.refuse(money[0], host.now());
  static_cast<void>(store.acknowledge());
  look_again(host);
  CHECK_FALSE(host.called());
  store.take();
  // The caller is not asked for again.
  CHECK(store.with(Measure::kRequests).empty());
  CHECK(store.with(Measure::kMoney).size() == 1);
  static_cast<void>(store.acknowledge());
  look_again(host);
  REQUIRE(host.calls.size() == 1);
  CHECK(host.calls[0].body.find("claude-haiku-4-5") != std::string::npos);
}

TEST_CASE("who waits for the journal can leave, whatever the store says then") {
  for (const bool refused : {false, true}) {
    CAPTURE(refused);
    const auto gateway = money_gateway(kLimits);
    Store store(gateway);
    MoneyHost host(gateway);
    host.ask("ANN", money_request("opus", 10));
    store.take();
    REQUIRE(host.exchange().client_gone(host.now()).ok());
    host.pull();
    CHECK(host.done);
    CHECK(store.ledger.open_reservations() == 0);
    if (refused) store.ledger.refuse(store.with(Measure::kRequests).at(0), host.now());
    static_cast<void>(store.acknowledge());
    store.take();
    CHECK(store.count(ledger::EntryKind::kRelease) == 3);
    CHECK(store.count(ledger::EntryKind::kSettle) == 0);
    CHECK_FALSE(host.called());
  }
}

TEST_CASE("who waits for the journal goes on under the rules that admitted him") {
  const auto gateway = money_gateway(kLimits);
  Store store(gateway);
  MoneyHost host(gateway);
  host.ask("ANN", money_request("opus", 10));
  store.take();
  REQUIRE(gateway->reload("type: user\nname: ann\ntokens: [{env: ANN}]\n", host.now()).ok());
  static_cast<void>(store.acknowledge());
  look_again(host);
  REQUIRE(host.called());
  host.answer(1, 1);
  CHECK(host.status == 200);
}

TEST_CASE("while the store is away one waits five seconds, and no longer for the target's part") {
  const auto gateway = money_gateway(kLimits);
  Store store(gateway);
  MoneyHost host(gateway);
  host.ask("ANN", money_request("best", 10));
  SECTION("nothing is written") {
    host.pass(5 * kSecond);
    CHECK(host.record().find(R"("outcome":"refused")") != std::string::npos);
  }
  SECTION("the caller's part is") {
    store.batch = store.journal.take(1);
    static_cast<void>(store.acknowledge());
    host.pass(5 * kSecond);
  }
  CHECK(host.status == 503);
  CHECK(host.body.find("cannot write its ledger") != std::string::npos);
  CHECK_FALSE(host.called());
  CHECK(store.ledger.open_reservations() == 0);
}

TEST_CASE("a client's own time ends the wait for the journal") {
  const auto gateway = money_gateway(kLimits);
  Store store(gateway);
  exchange::ExchangeOptions options;
  options.timeout_ns = kSecond;
  FakeHost host(gateway, options);
  host.post(money_request("opus", 10), {{"authorization", "Bearer token-ANN"}});
  host.pass(kSecond);
  CHECK(host.status == 504);
  CHECK(host.calls.empty());
  CHECK(store.ledger.open_reservations() == 0);
}

}  // namespace
}  // namespace tollgate::test
