// Corrections of what was booked: refunds, charges made by hand, prices that turned out wrong.

#include <algorithm>
#include <cstdint>
#include <utility>

#include "ledger/ledger.hpp"

namespace tollgate::ledger {
namespace {

constexpr size_t kIdBytesMax = 128;
constexpr std::string_view kMark = "correction/";

}  // namespace

void Ledger::append_correction(Scope& scope, uint64_t id, const Window& window,
                               const Correction& correction, std::string_view note, Time now) {
  Balance& balance = *scope.balance_of(window.start_ms);
  // What went over its reservation is given back first: it is what closes a counter.
  const int64_t delta = std::max(correction.delta, -INT64_MAX);
  const int64_t overrun = delta < 0 ? -std::min(-delta, balance.overrun) : int64_t{0};
  // Of what other processes have settled, or this one before it was started anew, some may be given
  // back too: its own part is below zero then.
  const int64_t others = scope.others.window_start == window.start_ms ? scope.others.spent : 0;
  const int64_t least = -add_saturating(NanoUsd{balance.settled}, NanoUsd{others}).value;
  const int64_t settled = std::max(delta - overrun, least);
  balance.overrun += overrun;
  balance.settled = add_saturating(NanoUsd{balance.settled}, NanoUsd{settled}).value;
  journal_.append({0, EntryKind::kSettle, id, &scope, window, now.wall_ms, settled, overrun,
                   kUnlimited, std::string(note)});
  take_waiters(scope);
}

Result<size_t> Ledger::correct(std::string_view id, std::span<const Correction> corrections,
                               std::string_view note, Time now) {
  if (id.empty() || id.size() > kIdBytesMax) return invalid("a correction's id has 1 to 128 bytes");
  if (corrections.size() >= limits::kLedgerScopesPerReservationMax) {
    return invalid("a correction names too many counters");
  }
  const std::string rule = std::string(kMark) + std::string(id);
  Charge mark;
  mark.rule = rule;
  mark.hash = charge_hash(text_hash(rule), text_hash(""));
  mark.measure = Measure::kRequests;
  std::vector<uint64_t> woken;
  size_t done = 0;
  {
    const std::lock_guard lock(mutex_);
    static_cast<void>(make_room(corrections.size() + 1, now));
    const Result<Scope*> marked = make_scope(mark);
    if (!marked.ok()) return marked.status();
    Scope& once = *marked.value();
    if (once.balance.spent() + once.others.spent > 0) {
      return Status(Code::kState, "this correction was made before", std::string(id));
    }
    std::vector<std::pair<Scope*, const Correction*>> found;
    for (const Correction& correction : corrections) {
      const Charge& charge = correction.charge;
      // One that has not begun would end the one that is running, and what was spent in it.
      if (charge.window.start_ms > now.wall_ms) continue;
      if (slides(charge.measure, charge.period) || charge.measure == Measure::kSlots) {
        return invalid("only counters of calendar windows can be corrected");
      }
      const Result<Scope*> made = make_scope(charge);
      if (!made.ok()) return made.status();
      made.value()->roll(charge.window);
      // A window that is over limits nothing any more.
      if (made.value()->balance_of(charge.window.start_ms) == nullptr) continue;
      found.emplace_back(made.value(), &correction);
    }
    journal_.reserve_room(2 * found.size() + 2);
    // One reservation that begins and ends here: a store takes all of it or, when another process
    // has made the correction, nothing. The slot is none that exists, so nobody finds it open.
    const uint64_t reservation = (++last_sequence_ << kSlotBits) | kSlotMask;
    journal_.append(
        {0, EntryKind::kReserve, reservation, &once, once.window, now.wall_ms, 1, 0, 1, {}});
    for (const auto& [scope, correction] : found) {
      journal_.append({0,
                       EntryKind::kReserve,
                       reservation,
                       scope,
                       correction->charge.window,
                       now.wall_ms,
                       0,
                       0,
                       kUnlimited,
                       {}});
    }
    once.balance.settled = 1;
    journal_.append({0, EntryKind::kSettle, reservation, &once, once.window, now.wall_ms, 1, 0,
                     kUnlimited, std::string(note)});
    for (const auto& [scope, correction] : found)
      append_correction(*scope, reservation, correction->charge.window, *correction, note, now);
    done = found.size();
    woken.swap(woken_);
  }
  wake_taken(std::move(woken));
  return done;
}

}  // namespace tollgate::ledger
