// How reservations end: settled, given back, expired.

#include <algorithm>
#include <cassert>
#include <utility>

#include "ledger/ledger.hpp"

namespace tollgate::ledger {

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
  free_slots_.push_back(static_cast<uint32_t>(reservation.id & kSlotMask));
  reservation.id = 0;
  --open_count_;
}

void Ledger::book_hold(uint64_t id, const Hold& held, int64_t used, EntryKind kind,
                       Time now) noexcept {
  Scope& scope = *held.scope;
  if (scope.log != nullptr) {
    scope.log->adjust(held.at_ns, used - held.need, now.mono_ns);
    if (scope.measure != Measure::kRequests) scope.balance.reserved -= held.need;
    take_waiters(scope);
    return;
  }
  if (scope.measure == Measure::kSlots) {
    scope.balance.reserved -= held.need;
    take_waiters(scope);
    return;
  }
  Balance* balance = scope.balance_of(held.window.start_ms);
  assert(balance != nullptr && balance->reserved >= held.need);
  const int64_t settled = std::min(used, held.need);
  const int64_t overrun = used - settled;
  balance->reserved -= held.need;
  balance->settled = add_saturating(NanoUsd{balance->settled}, NanoUsd{settled}).value;
  balance->overrun = add_saturating(NanoUsd{balance->overrun}, NanoUsd{overrun}).value;
  if (balance != &scope.balance && balance->reserved == 0) {
    std::erase_if(scope.past, [&](const Scope::Past& past) {
      return past.window_start == held.window.start_ms;
    });
  }
  take_waiters(scope);
  try {
    journal_.append({0, kind, id, &scope, held.window, now.wall_ms, settled, overrun, {}});
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
