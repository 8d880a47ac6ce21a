#include "kept_ledger.hpp"

namespace tollgate::drivers {
namespace {

struct Held {
  KeptLedger* owner;
  uint64_t id;
  int64_t need;
};

}  // namespace

int64_t use_up_together(const SharedCase& row, const Open& open) {
  KeptLedger one(open(), 1);
  KeptLedger two(open(), 2);
  KeptLedger three(open(), 3);
  KeptLedger* const all[] = {&one, &two, &three};
  Rng rng(7);
  std::vector<Held> held;
  int64_t reserved = 0;
  int64_t settled = 0;
  for (int64_t i = 0; i < 1'500; ++i) {
    const Time now = at(i * 300);
    KeptLedger& owner = *all[rng.below(3)];
    const bool counts = row.measure == Measure::kRequests;
    const int64_t need = counts ? 1'000 : 1 + static_cast<int64_t>(rng.below(1'000));
    const auto asked = charge("team", row.measure, row.period, kSharedLimit, need);
    if (const uint64_t id = owner.reserve(asked, now)) {
      held.push_back({&owner, id, need});
      reserved += need;
    }
    REQUIRE(settled + reserved <= kSharedLimit);
    if (held.size() <= 8 && (held.empty() || rng.below(3) != 0)) continue;
    const size_t which = rng.below(held.size());
    const Held done = held[which];
    held.erase(held.begin() + static_cast<std::ptrdiff_t>(which));
    const int64_t used =
        counts ? done.need : static_cast<int64_t>(rng.below(static_cast<uint64_t>(done.need)));
    done.owner->settle(done.id, used, now);
    reserved -= done.need;
    settled += used;
  }
  for (const Held& left : held) {
    REQUIRE(left.owner->ledger().release(left.id, at(500'000)).ok());
    left.owner->write(at(500'000));
  }
  CHECK(settled >= kSharedLimit * 97 / 100);
  return settled;
}

void check_slots(const Open& open) {
  KeptLedger one(open(), 1);
  KeptLedger two(open(), 2);
  const auto slot = charge("side by side", Measure::kSlots, Period::kLifetime, 2, 1);
  const uint64_t first = one.reserve(slot, at(0));
  CHECK(first != 0);
  CHECK(two.reserve(slot, at(0)) != 0);
  CHECK(two.reserve(slot, at(1)) == 0);
  one.settle(first, 0, at(2));
  // What others hold is believed for a moment before the store is asked again.
  CHECK(two.reserve(slot, at(300)) != 0);
}

void check_late_start(const Open& open) {
  const auto spend = charge("team", Measure::kMoney, Period::kMonth, 1'000, 700);
  {
    KeptLedger before(open(), 1);
    before.settle(before.reserve(spend, at(0)), 650, at(1));
  }
  KeptLedger after(open(), 2);
  CHECK(after.ledger().balance(spend, at(2)).spent() == 650);
  CHECK(after.reserve(spend, at(2)) == 0);
}

void check_corrections(const Open& open) {
  const auto month = charge("team", Measure::kMoney, Period::kMonth, 1'000, 700);
  // Windows that are not over by the clock of a store that has one.
  const auto quarter = charge("team", Measure::kMoney, Period::kQuarter, 1'000, 700);
  const auto spent = [&](KeptLedger& ledger, const ledger::Charge& one, Time now) {
    return ledger.ledger().balance(one, now).spent();
  };
  {
    KeptLedger one(open(), 1);
    KeptLedger two(open(), 2);
    one.settle(one.reserve(month, at(0)), 650, at(1));
    const ledger::Correction refund[] = {{month, -150}, {quarter, 40}};
    REQUIRE(one.ledger().correct("ticket", refund, "a refund", at(2)).value() == 2);
    // The other one makes it too, before it has heard of it.
    REQUIRE(two.ledger().correct("ticket", refund, "a refund", at(2)).ok());
    one.write(at(3));
    two.write(at(3));
    CHECK(spent(one, month, at(4)) == 500);
    CHECK(one.ledger().correct("ticket", refund, "a refund", at(5)).status().code() ==
          Code::kState);
  }
  KeptLedger late(open(), 3);
  CHECK(spent(late, month, at(10)) == 500);
  CHECK(spent(late, quarter, at(10)) == 40);
  const ledger::Correction again[] = {{month, -150}};
  CHECK(late.ledger().correct("ticket", again, "", at(11)).status().code() == Code::kState);
  CHECK(late.ledger().correct("another", again, "", at(11)).ok());
  late.write(at(12));
  KeptLedger last(open(), 4);
  CHECK(spent(last, month, at(13)) == 350);
}

}  // namespace tollgate::drivers
