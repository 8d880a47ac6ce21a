// How reservations end: settled, given back, expired.

#include <algorithm>
#include <cassert>
#include <utility>

#include "ledger/ledger.hpp"

namespace tollgate::ledger {
namespace {

// How long what others hold open is believed without asking again.
constexpr uint64_t kOthersFreshNs = 200 * kMillisecond;

/// A window that is over is kept only while reservations are open in it.
void forget_past(Scope& scope, const Balance& balance, int64_t window_start) noexcept {
  if (&balance == &scope.balance || balance.reserved != 0) return;
  std::erase_if(scope.past,
                [&](const Scope::Past& past) { return past.window_start == window_start; });
}

}  // namespace

bool Ledger::resolve(uint64_t id, int64_t cost, int64_t tokens, Time now) noexcept {
  std::vector<uint64_t> woken;
  bool found = false;
  {
    const std::lock_guard lock(mutex_);
    expire(now);
    if (Reservation* reservation = find_open(id)) {
      book(*reservation, cost, tokens,
           cost == kGivenBack ? EntryKind::kRelease : EntryKind::kSettle, now);
      found = true;
    }
    woken.swap(woken_);
  }
  wake_taken(std::move(woken));
  return found;
}

void Ledger::expire(Time now) noexcept {
  while (!expiries_.empty() && expiries_.front().mono_ns <= now.mono_ns) {
    // An attempt that nobody resolved in time may have been billed: it counts in full.
    if (Reservation* reservation = find_open(expiries_.front().id)) {
      book(*reservation, reservation->amount, -1, EntryKind::kExpire, now);
    }
    std::pop_heap(expiries_.begin(), expiries_.end(), std::greater<>{});
    expiries_.pop_back();
  }
}

void Ledger::book(Reservation& reservation, int64_t cost, int64_t tokens, EntryKind kind,
                  Time now) noexcept {
  const bool given_back = kind == EntryKind::kRelease;
  for (const Hold& held : reservation.holds) {
    int64_t used = given_back ? 0 : held.need;
    if (!given_back && held.scope->measure == Measure::kMoney) used = cost;
    if (!given_back && held.scope->measure == Measure::kTokens && tokens >= 0) used = tokens;
    book_hold(reservation.id, held, used, kind, now);
  }
  close(reservation);
}

void Ledger::close(Reservation& reservation) noexcept {
  free_slots_.push_back(static_cast<uint32_t>(reservation.id & kSlotMask));
  reservation.id = 0;
  --open_count_;
}

void Ledger::unbook_hold(const Hold& held, Time now) noexcept {
  Scope& scope = *held.scope;
  if (scope.log != nullptr) {
    scope.log->adjust(held.at_ns, -held.need, now.mono_ns);
    if (scope.measure != Measure::kRequests) scope.balance.reserved -= held.need;
  } else if (Balance* balance = scope.balance_of(held.window.start_ms)) {
    balance->reserved -= held.need;
    forget_past(scope, *balance, held.window.start_ms);
  }
  take_waiters(scope);
}

void Ledger::refuse(uint64_t reservation, Time now) {
  std::vector<uint64_t> woken;
  {
    const std::lock_guard lock(mutex_);
    if (Reservation* found = find_open(reservation)) {
      for (const Hold& held : found->holds)
        unbook_hold(held, now);
      close(*found);
    }
    woken.swap(woken_);
  }
  wake_taken(std::move(woken));
}

Status Ledger::note_outside(const Outside& outside, Time now) {
  Charge charge;
  charge.rule = outside.rule;
  charge.entity = outside.entity;
  charge.hash = charge_hash(text_hash(outside.rule), text_hash(outside.entity));
  charge.measure = outside.measure;
  charge.period = outside.period;
  charge.window = outside.window;
  const std::lock_guard lock(mutex_);
  const Result<Scope*> made = make_scope(charge);
  if (!made.ok()) return made.status();
  Scope& scope = *made.value();
  if (scope.log == nullptr) scope.roll(outside.window);
  if (outside.window.start_ms < scope.window.start_ms) return {};
  scope.others = {outside.window.start_ms, outside.spent, outside.reserved,
                  deadline_after(now.mono_ns, kOthersFreshNs),
                  outside.room_in_ns == 0 ? 0 : deadline_after(now.mono_ns, outside.room_in_ns)};
  return {};
}

void Ledger::book_hold(uint64_t id, const Hold& held, int64_t used, EntryKind kind,
                       Time now) noexcept {
  Scope& scope = *held.scope;
  const bool counted = scope.log == nullptr && scope.measure != Measure::kSlots;
  const int64_t settled = counted ? std::min(used, held.need) : used;
  const int64_t overrun = used - settled;
  if (scope.log != nullptr) {
    scope.log->adjust(held.at_ns, used - held.need, now.mono_ns);
    if (scope.measure != Measure::kRequests) scope.balance.reserved -= held.need;
  } else if (!counted) {
    scope.balance.reserved -= held.need;
  } else {
    Balance* balance = scope.balance_of(held.window.start_ms);
    assert(balance != nullptr && balance->reserved >= held.need);
    balance->reserved -= held.need;
    balance->settled = add_saturating(NanoUsd{balance->settled}, NanoUsd{settled}).value;
    balance->overrun = add_saturating(NanoUsd{balance->overrun}, NanoUsd{overrun}).value;
    forget_past(scope, *balance, held.window.start_ms);
  }
  take_waiters(scope);
  try {
    journal_.append(
        {0, kind, id, &scope, held.window, now.wall_ms, settled, overrun, kUnlimited, {}});
  } catch (...) {
    // Out of memory: the store keeps the reservation open, and its full amount counts after a
    // restart. That errs on the safe side.
    return;
  }
}

void Ledger::take_waiters(Scope& scope) noexcept {
  if (scope.waiters.empty()) return;
  try {
    woken_.insert(woken_.end(), scope.waiters.begin(), scope.waiters.end());
  } catch (...) {
    // They look again at their own deadline.
    scope.waiters.clear();
    return;
  }
  scope.waiters.clear();
}

void Ledger::wake_taken(std::vector<uint64_t> tokens) noexcept {
  if (tokens.empty() || !wake_) return;
  try {
    std::sort(tokens.begin(), tokens.end());
    tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
    for (const uint64_t token : tokens)
      wake_(token);
  } catch (...) {
    return;
  }
}

}  // namespace tollgate::ledger
