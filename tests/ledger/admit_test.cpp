#include <string>
#include <vector>

#include "ledger/ledger.hpp"
#include "support/catch.hpp"

namespace tollgate::ledger {
namespace {

constexpr int64_t kMidnight = 1'795'305'600'000;  // 2026-11-22
constexpr int64_t kDayMs = 86'400'000;

Time at(uint64_t seconds) {
  return {seconds * kSecond, kMidnight + static_cast<int64_t>(seconds) * 1'000};
}

Charge charge(Measure measure, Period period, int64_t limit, int64_t need, Time now,
              std::string_view rule = "rule") {
  Charge made;
  made.rule = rule;
  made.hash = charge_hash(text_hash(rule), 0);
  made.measure = measure;
  made.period = period;
  made.window = window_at(period, now.wall_ms, Zone());
  made.limit = limit;
  made.need = need;
  return made;
}

Admission admit(Ledger& ledger, const std::vector<Charge>& charges, Time now,
                uint64_t wake_token = 0) {
  AdmissionRequest request;
  request.charges = charges;
  request.wake_token = wake_token;
  for (const Charge& one : charges) {
    if (one.measure == Measure::kMoney) request.amount = NanoUsd{one.need};
  }
  const Result<Admission> admitted = ledger.admit(request, now);
  REQUIRE(admitted.ok());
  return admitted.value();
}

TEST_CASE("requests of a sliding minute are let in exactly up to the limit") {
  Ledger ledger;
  const auto ask = [&](uint64_t second) {
    return admit(ledger, {charge(Measure::kRequests, Period::kMinute, 3, 1, at(second))},
                 at(second));
  };
  CHECK(ask(0).verdict == Verdict::kAdmitted);
  CHECK(ask(10).verdict == Verdict::kAdmitted);
  CHECK(ask(20).verdict == Verdict::kAdmitted);
  const Admission refused = ask(30);
  CHECK(refused.verdict == Verdict::kRefused);
  CHECK(refused.retry_at_ns == 60 * kSecond);
  CHECK(ask(59).verdict == Verdict::kRefused);
  CHECK(ask(60).verdict == Verdict::kAdmitted);
  CHECK(ask(60).verdict == Verdict::kRefused);
  CHECK(ask(70).verdict == Verdict::kAdmitted);
}

TEST_CASE("a request given back before it was sent does not count") {
  Ledger ledger;
  const std::vector<Charge> one = {charge(Measure::kRequests, Period::kMinute, 1, 1, at(0))};
  const Admission admitted = admit(ledger, one, at(0));
  REQUIRE(ledger.release(admitted.reservation, at(1)).ok());
  const Admission again = admit(ledger, one, at(2));
  CHECK(again.verdict == Verdict::kAdmitted);
  REQUIRE(ledger.settle(again.reservation, NanoUsd{}, at(3)).ok());
  CHECK(admit(ledger, one, at(4)).verdict == Verdict::kRefused);
}

TEST_CASE("a day's requests are counted until midnight") {
  Ledger ledger;
  const auto ask = [&](uint64_t second) {
    const Time now = at(second);
    return admit(ledger, {charge(Measure::kRequests, Period::kDay, 2, 1, now)}, now);
  };
  for (int i = 0; i < 2; ++i)
    REQUIRE(ledger.settle(ask(1).reservation, NanoUsd{}, at(1)).ok());
  const Admission refused = ask(3'600);
  CHECK(refused.verdict == Verdict::kRefused);
  CHECK(refused.retry_at_ns == static_cast<uint64_t>(kDayMs) * kMillisecond);
  CHECK(ask(86'399).verdict == Verdict::kRefused);
  CHECK(ask(86'400).verdict == Verdict::kAdmitted);
}

TEST_CASE("tokens are reserved at their bound and corrected to what was used") {
  Ledger ledger;
  const auto ask = [&](int64_t need, uint64_t second) {
    return admit(ledger, {charge(Measure::kTokens, Period::kMinute, 1'000, need, at(second))},
                 at(second));
  };
  const Admission first = ask(800, 0);
  REQUIRE(first.verdict == Verdict::kAdmitted);
  // What stands in the way may turn out smaller.
  CHECK(ask(300, 1).verdict == Verdict::kWait);
  REQUIRE(ledger.settle(first.reservation, Outcome{{}, 100}, at(2)).ok());
  const Admission second = ask(900, 3);
  CHECK(second.verdict == Verdict::kAdmitted);
  REQUIRE(ledger.settle(second.reservation, Outcome{{}, 950}, at(4)).ok());
  CHECK(ask(1, 5).verdict == Verdict::kRefused);
  CHECK(ask(1, 59).verdict == Verdict::kRefused);
  CHECK(ask(50, 60).verdict == Verdict::kAdmitted);
}

TEST_CASE("a request larger than the whole token limit has the window to itself") {
  Ledger ledger;
  const std::vector<Charge> huge = {
      charge(Measure::kTokens, Period::kMinute, 1'000, 50'000, at(0))};
  const Admission first = admit(ledger, huge, at(0));
  CHECK(first.verdict == Verdict::kAdmitted);
  CHECK(admit(ledger, huge, at(1)).verdict == Verdict::kWait);
}

TEST_CASE("slots are taken and given back, however a request ends") {
  Ledger ledger;
  const std::vector<Charge> slot = {charge(Measure::kSlots, Period::kLifetime, 1, 1, at(0))};
  const Admission first = admit(ledger, slot, at(0));
  CHECK(admit(ledger, slot, at(1)).verdict == Verdict::kWait);
  REQUIRE(ledger.settle(first.reservation, NanoUsd{}, at(2)).ok());
  const Admission second = admit(ledger, slot, at(3));
  REQUIRE(ledger.release(second.reservation, at(4)).ok());
  AdmissionRequest expiring;
  expiring.charges = slot;
  expiring.expires_mono_ns = 10 * kSecond;
  REQUIRE(ledger.admit(expiring, at(5)).value().verdict == Verdict::kAdmitted);
  const Admission waits = admit(ledger, slot, at(6));
  CHECK(waits.verdict == Verdict::kWait);
  CHECK(waits.retry_at_ns == 10 * kSecond);
  CHECK(admit(ledger, slot, at(10)).verdict == Verdict::kAdmitted);
}

TEST_CASE("a request one counter refuses leaves the others untouched") {
  Ledger ledger;
  const std::vector<Charge> both = {
      charge(Measure::kRequests, Period::kMinute, 5, 1, at(0), "requests"),
      charge(Measure::kMoney, Period::kDay, 10, 11, at(0), "money")};
  const Admission refused = admit(ledger, both, at(0));
  CHECK(refused.verdict == Verdict::kRefused);
  CHECK(refused.scope == "money");
  CHECK(refused.charge == 1);
  CHECK(ledger.balance(both[0], at(0)).settled == 0);
}

TEST_CASE("a settlement is booked in the window that admitted it") {
  Ledger ledger;
  const auto money = [&](uint64_t second, int64_t need) {
    return charge(Measure::kMoney, Period::kDay, 100, need, at(second));
  };
  const Admission late = admit(ledger, {money(86'399, 80)}, at(86'399));
  CHECK(admit(ledger, {money(86'400, 80)}, at(86'400)).verdict == Verdict::kAdmitted);
  REQUIRE(ledger.settle(late.reservation, NanoUsd{70}, at(86'401)).ok());
  const Balance today = ledger.balance(money(86'400, 0), at(86'402));
  CHECK(today.settled == 0);
  CHECK(today.reserved == 80);
}

TEST_CASE("a clock that steps back over midnight does not reopen a budget") {
  Ledger ledger;
  const Charge tomorrow = charge(Measure::kMoney, Period::kDay, 100, 100, at(86'400));
  const Charge today = charge(Measure::kMoney, Period::kDay, 100, 100, at(86'399));
  const Admission spent = admit(ledger, {tomorrow}, at(86'400));
  REQUIRE(ledger.settle(spent.reservation, NanoUsd{100}, at(86'400)).ok());
  CHECK(admit(ledger, {today}, at(86'399)).verdict == Verdict::kRefused);
}

TEST_CASE("counters that only count never refuse, and say what they hold") {
  Ledger ledger;
  Charge audit = charge(Measure::kMoney, Period::kDay, 10, 100, at(0));
  audit.force = Force::kCount;
  const Admission admitted = admit(ledger, {audit}, at(0));
  CHECK(admitted.verdict == Verdict::kAdmitted);
  REQUIRE(ledger.settle(admitted.reservation, NanoUsd{90}, at(0)).ok());
  CHECK(ledger.balance(audit, at(0)).settled == 90);
}

TEST_CASE("a soft budget refuses only when every budget is over") {
  const auto verdict = [](int64_t soft_limit, std::vector<int64_t> other_limits) {
    Ledger ledger;
    std::vector<Charge> charges = {
        charge(Measure::kMoney, Period::kDay, soft_limit, 10, at(0), "soft")};
    charges[0].force = Force::kSoft;
    static const std::string kNames[] = {"b", "c"};
    for (size_t i = 0; i < other_limits.size(); ++i) {
      charges.push_back(
          charge(Measure::kMoney, Period::kDay, other_limits[i], 10, at(0), kNames[i]));
      charges.back().force = Force::kSoft;
    }
    return admit(ledger, charges, at(0)).verdict;
  };
  CHECK(verdict(10, {}) == Verdict::kAdmitted);
  CHECK(verdict(9, {}) == Verdict::kRefused);
  CHECK(verdict(9, {10}) == Verdict::kAdmitted);
  CHECK(verdict(9, {9, 10}) == Verdict::kAdmitted);
  CHECK(verdict(9, {9, 9}) == Verdict::kRefused);
}

TEST_CASE("an admission tells how much room there was and which budget is fullest") {
  Ledger ledger;
  const std::vector<Charge> both = {
      charge(Measure::kMoney, Period::kDay, 100, 10, at(0), "day"),
      charge(Measure::kMoney, Period::kMonth, 50, 10, at(0), "month")};
  const Admission first = admit(ledger, both, at(0));
  CHECK(first.room == 50);
  CHECK_FALSE(first.contended);
  const Admission second = admit(ledger, both, at(0));
  CHECK(second.room == 40);
  CHECK(second.contended);
  REQUIRE(ledger.settle(first.reservation, NanoUsd{10}, at(0)).ok());
  const Admission third = admit(ledger, both, at(0));
  CHECK(third.fullest == 1);
  CHECK(third.fullest_spent == 10);
}

TEST_CASE("who waits is woken when something is settled, once") {
  Ledger ledger;
  std::vector<uint64_t> woken;
  ledger.set_waker([&](uint64_t token) { woken.push_back(token); });
  const std::vector<Charge> money = {charge(Measure::kMoney, Period::kDay, 10, 10, at(0))};
  const Admission first = admit(ledger, money, at(0));
  CHECK(admit(ledger, money, at(1), 7).verdict == Verdict::kWait);
  CHECK(admit(ledger, money, at(1), 7).verdict == Verdict::kWait);
  CHECK(admit(ledger, money, at(1), 8).verdict == Verdict::kWait);
  CHECK(woken.empty());
  REQUIRE(ledger.release(first.reservation, at(2)).ok());
  CHECK(woken == std::vector<uint64_t>{7, 8});
  const Admission second = admit(ledger, money, at(3));
  REQUIRE(ledger.settle(second.reservation, NanoUsd{1}, at(4)).ok());
  CHECK(woken.size() == 2);
}

TEST_CASE("a limit far below all that is spent and held has no room") {
  Ledger ledger;
  const Time now = at(1);
  const auto money = [&](int64_t limit, int64_t need) {
    return std::vector<Charge>{charge(Measure::kMoney, Period::kDay, limit, need, now)};
  };
  const Admission small = admit(ledger, money(kUnlimited, 10), now);
  const Admission large = admit(ledger, money(kUnlimited, INT64_MAX - 10), now);
  REQUIRE(small.verdict == Verdict::kAdmitted);
  REQUIRE(large.verdict == Verdict::kAdmitted);
  REQUIRE(ledger.settle(small.reservation, NanoUsd{INT64_MAX}, now).ok());
  const Admission last = admit(ledger, money(0, 1), now);
  CHECK(last.verdict == Verdict::kRefused);
  CHECK(last.room < 0);
  CHECK(last.left.value == 0);
}

TEST_CASE("counters whose windows are over make room for new ones") {
  Ledger ledger;
  std::vector<std::string> names;
  for (size_t i = 0; i < 1'000; ++i)
    names.push_back("user-" + std::to_string(i));
  for (uint64_t day = 0; day < 3; ++day) {
    for (const std::string& name : names) {
      const Time now = at(day * 86'400);
      Charge one = charge(Measure::kMoney, Period::kDay, 10, 1, now);
      one.entity = name;
      one.hash = charge_hash(text_hash("rule"), text_hash(name));
      REQUIRE(admit(ledger, {one}, now).verdict == Verdict::kAdmitted);
    }
  }
}

TEST_CASE("a full table is swept before a reservation, never under one") {
  Ledger ledger;
  // Requests of strangers to each other, whose minutes are over when the last one comes.
  Charge pace = charge(Measure::kRequests, Period::kMinute, 10, 1, at(0), "pace");
  Charge slots = charge(Measure::kSlots, Period::kLifetime, 10, 1, at(0), "slots");
  slots.window = Window{};
  for (size_t i = 0; i + 2 < limits::kLedgerScopesMax; ++i) {
    const std::string name = "stranger-" + std::to_string(i);
    const Admission one =
        admit(ledger, {charge(Measure::kRequests, Period::kMinute, 10, 1, at(0), name)}, at(0));
    REQUIRE(one.verdict == Verdict::kAdmitted);
    REQUIRE(ledger.release(one.reservation, at(0)).ok());
  }
  const Admission known = admit(ledger, {pace, slots}, at(1));
  REQUIRE(ledger.release(known.reservation, at(1)).ok());
  // The table is full of idle counters. Two that are known and two that are new:
  const Time later = at(3'600);
  Charge day = charge(Measure::kMoney, Period::kDay, 100, 10, later, "day");
  Charge month = charge(Measure::kMoney, Period::kMonth, 100, 10, later, "month");
  const Admission mixed = admit(ledger, {pace, day, slots, month}, later);
  REQUIRE(mixed.verdict == Verdict::kAdmitted);
  CHECK(ledger.balance(slots, later).reserved == 1);
  CHECK(ledger.balance(day, later).reserved == 10);
  CHECK(ledger.balance(pace, later).settled == 1);
  REQUIRE(ledger.settle(mixed.reservation, NanoUsd{4}, later).ok());
  CHECK(ledger.balance(slots, later).reserved == 0);
  CHECK(ledger.balance(month, later).settled == 4);
}

}  // namespace
}  // namespace tollgate::ledger
