// Checking and reserving: one step under the ledger's lock.

#include <algorithm>
#include <utility>

#include "ledger/ledger.hpp"

namespace tollgate::ledger {
namespace {

/// Where one counter stands for one request.
struct Standing {
  int64_t limit = kUnlimited;
  int64_t need = 0;
  int64_t spent = 0;
  int64_t reserved = 0;
  bool refused = false;
  bool waits = false;
  uint64_t retry_at_ns = kNoDeadline;
};

/// A need of tokens larger than the whole limit would never fit; such a request has the window to
/// itself instead.
int64_t need_of(const Charge& charge, int64_t limit) {
  return charge.measure == Measure::kTokens ? std::min(charge.need, limit) : charge.need;
}

uint64_t end_of(const Window& window, Time now) {
  if (window.end_ms == INT64_MAX) return kNoDeadline;
  const int64_t ahead = std::max<int64_t>(window.end_ms - now.wall_ms, 0);
  return deadline_after(now.mono_ns, static_cast<uint64_t>(ahead) * kMillisecond);
}

Standing standing_in_log(const Charge& charge, Scope& scope, int64_t limit, Time now) {
  SlidingLog& log = *scope.log;
  log.advance(now.mono_ns);
  Standing standing{limit, need_of(charge, limit)};
  const bool fresh = scope.others.is_fresh(now);
  const int64_t others = fresh ? scope.others.spent : 0;
  standing.reserved = scope.balance.reserved;
  standing.spent = log.sum() - standing.reserved + others;
  if (standing.need <= limit - log.sum() - others) return standing;
  // Requests that were let in stay counted; tokens in reserve may turn out fewer.
  const bool others_may_free = charge.measure == Measure::kTokens &&
                               standing.need <= limit - standing.spent && standing.reserved > 0;
  standing.waits = others_may_free;
  standing.refused = !others_may_free;
  standing.retry_at_ns = log.room_at(standing.need, limit);
  if (fresh) {
    const uint64_t told = std::max(scope.others.room_at_ns, scope.others.fresh_until_ns);
    standing.retry_at_ns =
        standing.need > limit - log.sum() ? std::max(standing.retry_at_ns, told) : told;
  }
  return standing;
}

/// A counter nobody has used yet stands at zero.
Standing standing_of(const Charge& charge, bool own, Scope* scope, Time now) {
  const int64_t limit = !own ? charge.limit : scope == nullptr ? kUnlimited : scope->balance.limit;
  if (scope != nullptr && scope->log != nullptr) return standing_in_log(charge, *scope, limit, now);
  Standing standing{limit, need_of(charge, limit)};
  if (scope != nullptr) {
    // Of the latest window seen: a clock that steps back does not reopen one that was used.
    standing.spent = scope->balance.spent();
    standing.reserved = scope->balance.reserved;
    const Scope::Others& others = scope->others;
    if (others.window_start == scope->window.start_ms) {
      standing.spent = add_saturating(NanoUsd{standing.spent}, NanoUsd{others.spent}).value;
      if (others.is_fresh(now)) {
        standing.reserved =
            add_saturating(NanoUsd{standing.reserved}, NanoUsd{others.reserved}).value;
        standing.retry_at_ns = others.fresh_until_ns;
      }
    }
  }
  if (limit == kUnlimited) return standing;
  if (charge.measure == Measure::kSlots) {
    standing.refused = limit <= 0;
    standing.waits = !standing.refused && standing.reserved >= limit;
    return standing;
  }
  standing.refused = standing.spent > limit || standing.need > limit - standing.spent;
  standing.waits = !standing.refused && standing.need > limit - standing.spent - standing.reserved;
  if (standing.refused) standing.retry_at_ns = end_of(charge.window, now);
  return standing;
}

/// spent_a / limit_a > spent_b / limit_b, exactly.
bool is_fuller(int64_t spent_a, int64_t limit_a, int64_t spent_b, int64_t limit_b) {
  __extension__ typedef __int128 Wide;
  return static_cast<Wide>(spent_a) * limit_b > static_cast<Wide>(spent_b) * limit_a;
}

}  // namespace

uint64_t Ledger::retry_at(const Charge& charge, Time now) {
  const std::lock_guard lock(mutex_);
  expire(now);
  return standing_of(charge, false, find_scope(charge), now).retry_at_ns;
}

/// What was found about a request's counters so far.
struct Ledger::Check {
  Admission& admission;
  size_t money = 0;  ///< Money counters that have a say.
  size_t money_over = 0;
  size_t soft = SIZE_MAX;  ///< The first soft one that is over.
  Standing soft_standing = {};
  int64_t fullest_limit = 0;

  void blame(size_t index, const Charge& charge, const Standing& standing, uint64_t next_expiry) {
    // A refusal outweighs a wait, and of two the first counts.
    if (admission.verdict == Verdict::kRefused) return;
    if (admission.verdict == Verdict::kWait && !standing.refused) return;
    admission.verdict = standing.refused ? Verdict::kRefused : Verdict::kWait;
    admission.charge = index;
    admission.scope = charge.rule;
    admission.spent = standing.spent;
    admission.left = NanoUsd{std::max<int64_t>(standing.limit - standing.spent, 0)};
    admission.retry_at_ns =
        standing.refused ? standing.retry_at_ns : std::min(standing.retry_at_ns, next_expiry);
  }

  void note_money(size_t index, const Charge& charge, const Standing& standing) {
    ++money;
    const bool over = standing.refused || standing.waits;
    money_over += over ? 1 : 0;
    if (standing.limit == kUnlimited) return;
    if (admission.fullest == SIZE_MAX ||
        is_fuller(standing.spent, standing.limit, admission.fullest_spent, fullest_limit)) {
      admission.fullest = index;
      admission.fullest_spent = standing.spent;
      fullest_limit = standing.limit;
    }
    if (charge.force != Force::kEnforce) return;
    const int64_t room =
        add_saturating(NanoUsd{standing.limit - standing.spent}, NanoUsd{-standing.reserved}).value;
    if (room >= admission.room) return;
    admission.room = room;
    admission.contended = standing.reserved > 0;
  }
};

/// Finds the counter in the way, if any. One never seen stands at zero, and a refused request does
/// not make it: names that only strangers send cannot fill the table.
Status Ledger::check(const AdmissionRequest& request, std::span<const Charge> charges, Time now,
                     Admission& admission) {
  Check state{admission};
  uint64_t expiry = 0;
  found_.clear();
  for (size_t i = 0; i < charges.size(); ++i) {
    const Charge& charge = charges[i];
    Scope* scope = find_scope(charge);
    found_.push_back(scope);
    if (scope != nullptr && scope->log == nullptr) scope->roll(charge.window);
    const Standing standing = standing_of(charge, charge.limit == kOwnLimit, scope, now);
    // No limit may be in the way, but the sum must stay a number that can be taken back exactly.
    if (standing.need > INT64_MAX - standing.reserved) {
      return Status(Code::kLimit, "open reservations exceed the largest amount",
                    std::string(charge.rule));
    }
    if (charge.force == Force::kCount) {
      if (standing.refused || standing.waits) admission.audit_over.push_back(i);
      continue;
    }
    if (charge.measure == Measure::kMoney) state.note_money(i, charge, standing);
    if (!standing.refused && !standing.waits) continue;
    if (charge.force == Force::kSoft && charge.measure == Measure::kMoney) {
      if (state.soft == SIZE_MAX) {
        state.soft = i;
        state.soft_standing = standing;
      }
      continue;
    }
    if (expiry == 0) expiry = next_expiry();
    state.blame(i, charge, standing, expiry);
  }
  if (state.soft != SIZE_MAX && state.money_over == state.money) {
    state.blame(state.soft, charges[state.soft], state.soft_standing, next_expiry());
  }
  const size_t named = request.scopes.size();
  for (size_t& index : admission.audit_over)
    index -= named;
  if (admission.fullest != SIZE_MAX) {
    admission.fullest = admission.fullest < named ? SIZE_MAX : admission.fullest - named;
  }
  return {};
}

/// Everything that can fail comes before the first balance is touched, so that a failed allocation
/// leaves no half reservation.
Result<uint64_t> Ledger::reserve(const AdmissionRequest& request, std::span<const Charge> charges,
                                 Time now) {
  if (open_count_ >= limits::kLedgerOpenReservationsMax) {
    return Status(Code::kLimit, "too many open reservations");
  }
  // A counter that is swept here was as good as new. After this the ones that were found stay.
  const auto missing = static_cast<size_t>(std::count(found_.begin(), found_.end(), nullptr));
  if (missing != 0 && make_room(missing, now)) {
    for (size_t i = 0; i < charges.size(); ++i)
      found_[i] = find_scope(charges[i]);
  }
  const uint32_t slot = take_slot();
  Reservation& reservation = slots_[slot];
  reservation.holds.clear();
  reservation.holds.reserve(charges.size());
  const uint64_t id = ((last_sequence_ + 1) << kSlotBits) | slot;
  for (size_t i = 0; i < charges.size(); ++i) {
    const Charge& charge = charges[i];
    Scope* scope = found_[i];
    if (scope == nullptr) {
      const Result<Scope*> made = make_scope(charge);
      if (!made.ok()) return made.status();
      scope = made.value();
    }
    const auto same = [scope](const Hold& hold) { return hold.scope == scope; };
    if (std::any_of(reservation.holds.begin(), reservation.holds.end(), same)) continue;
    Hold hold;
    hold.scope = scope;
    hold.need = need_of(charge, charge.limit == kOwnLimit ? kUnlimited : charge.limit);
    hold.window = scope->window;
    if (charge.force == Force::kEnforce && charge.limit != kOwnLimit) hold.limit = charge.limit;
    reservation.holds.push_back(hold);
  }
  journal_.reserve_room(charges.size());
  remember_expiry(request.expires_mono_ns, id);

  ++last_sequence_;
  free_slots_.pop_back();
  ++open_count_;
  reservation.id = id;
  reservation.amount = request.amount.value;
  for (Hold& held : reservation.holds)
    take_hold(id, held, now);
  return id;
}

void Ledger::take_hold(uint64_t id, Hold& held, Time now) {
  Scope& scope = *held.scope;
  scope.balance.reserved += held.need;
  if (scope.log != nullptr) {
    held.at_ns = scope.log->add(now.mono_ns, held.need);
    // A request is used up by being let in: only tokens and money are corrected later.
    if (scope.measure == Measure::kRequests) scope.balance.reserved -= held.need;
  }
  journal_.append(
      {0, EntryKind::kReserve, id, &scope, held.window, now.wall_ms, held.need, 0, held.limit, {}});
}

void Ledger::wait_for(const AdmissionRequest& request, std::span<const Charge> charges) {
  if (request.wake_token == 0) return;
  for (size_t i = 0; i < charges.size(); ++i) {
    Scope* scope = found_[i];
    if (charges[i].force == Force::kCount || scope == nullptr) continue;
    std::vector<uint64_t>& waiters = scope->waiters;
    if (std::find(waiters.begin(), waiters.end(), request.wake_token) == waiters.end()) {
      waiters.push_back(request.wake_token);
    }
  }
}

/// A free slot, which stays on the list of free ones until the reservation is complete. The list
/// always has room for every slot, so that giving one back cannot fail.
uint32_t Ledger::take_slot() {
  if (free_slots_.empty()) {
    const size_t count = slots_.size() + 1;
    if (free_slots_.capacity() < count) free_slots_.reserve(2 * count);
    slots_.emplace_back();
    free_slots_.push_back(static_cast<uint32_t>(count - 1));
  }
  return free_slots_.back();
}

void Ledger::remember_expiry(uint64_t mono_ns, uint64_t id) {
  if (mono_ns == kNoDeadline) return;
  // Resolved reservations leave their entry behind. Sweeping when they are the majority keeps the
  // heap within twice the open reservations at a constant cost per admission.
  if (expiries_.size() > 2 * open_count_ + 64) {
    std::erase_if(expiries_,
                  [this](const Expiry& entry) { return find_open(entry.id) == nullptr; });
    std::make_heap(expiries_.begin(), expiries_.end(), std::greater<>{});
  }
  expiries_.push_back(Expiry{mono_ns, id});
  std::push_heap(expiries_.begin(), expiries_.end(), std::greater<>{});
}

uint64_t Ledger::next_expiry() noexcept {
  while (!expiries_.empty() && find_open(expiries_.front().id) == nullptr) {
    std::pop_heap(expiries_.begin(), expiries_.end(), std::greater<>{});
    expiries_.pop_back();
  }
  return expiries_.empty() ? kNoDeadline : expiries_.front().mono_ns;
}

}  // namespace tollgate::ledger
