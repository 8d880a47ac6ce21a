#include "ledger/ledger.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace tollgate::ledger {

namespace {

Status check_name(std::string_view name) {
  if (name.empty()) return invalid("a scope needs a name");
  if (name.size() > limits::kLedgerScopeNameBytesMax) return invalid("a scope's name is too long");
  return {};
}

}  // namespace

/// A counter by name alone: money without a window, with a limit of its own.
Charge Ledger::charge_by_name(std::string_view name, int64_t need) {
  Charge charge;
  charge.rule = name;
  charge.hash = charge_hash(text_hash(name), 0);
  charge.limit = kOwnLimit;
  charge.need = need;
  return charge;
}

Ledger::Key Ledger::key_of(const Charge& charge) {
  return {charge.hash, charge.rule, charge.entity, charge.measure, charge.period};
}

Scope* Ledger::find_scope(const Charge& charge) {
  const auto found = scopes_.find(key_of(charge));
  return found == scopes_.end() ? nullptr : found->second.get();
}

Result<Scope*> Ledger::make_scope(const Charge& charge) {
  if (Scope* scope = find_scope(charge)) return scope;
  if (scopes_.size() >= limits::kLedgerScopesMax) {
    return Status(Code::kLimit, "the ledger holds no more scopes", std::string(charge.rule));
  }
  auto made = std::make_unique<Scope>();
  made->rule = charge.rule;
  made->entity = charge.entity;
  made->measure = charge.measure;
  made->period = charge.period;
  made->window = charge.window;
  if (slides(charge.measure, charge.period)) {
    made->log = std::make_unique<SlidingLog>(sliding_ns(charge.period));
  }
  Key key = key_of(charge);
  key.rule = made->rule;
  key.entity = made->entity;
  return scopes_.emplace(key, std::move(made)).first->second.get();
}

/// Sweeps before so many more counters would fill the table.
bool Ledger::make_room(size_t wanted, Time now) {
  if (scopes_.size() + wanted <= sweep_at_) return false;
  sweep(now);
  return true;
}

/// Forgets counters whose windows are over. When few are, it is not tried again until the table has
/// grown by a sixteenth.
void Ledger::sweep(Time now) {
  std::erase_if(scopes_, [now](const auto& entry) { return entry.second->is_idle(now); });
  sweep_at_ = std::min(limits::kLedgerScopesMax,
                       scopes_.size() + std::max<size_t>(limits::kLedgerScopesMax / 16, 1));
}

Ledger::Reservation* Ledger::find_open(uint64_t id) noexcept {
  const uint64_t slot = id & kSlotMask;
  if (id == 0 || slot >= slots_.size() || slots_[slot].id != id) return nullptr;
  return &slots_[slot];
}

Status Ledger::set_limit(std::string_view scope, int64_t limit_nano_usd) {
  if (limit_nano_usd < 0) return invalid("a limit cannot be negative", std::string(scope));
  if (Status name = check_name(scope); !name.ok()) return name;
  const std::lock_guard lock(mutex_);
  static_cast<void>(make_room(1, Time{}));
  Result<Scope*> made = make_scope(charge_by_name(scope, 0));
  if (!made.ok()) return made.status();
  made.value()->balance.limit = limit_nano_usd;
  return {};
}

Result<Admission> Ledger::admit(const AdmissionRequest& request, Time now) {
  if (request.amount.value < 0) return invalid("an amount cannot be negative");
  if (request.scopes.size() + request.charges.size() > limits::kLedgerScopesPerReservationMax) {
    return invalid("a reservation names too many scopes");
  }
  std::vector<Charge> by_name;
  std::span<const Charge> charges = request.charges;
  if (!request.scopes.empty()) {
    for (const std::string_view name : request.scopes) {
      if (Status status = check_name(name); !status.ok()) return status;
      by_name.push_back(charge_by_name(name, request.amount.value));
    }
    by_name.insert(by_name.end(), charges.begin(), charges.end());
    charges = by_name;
  }

  std::vector<uint64_t> woken;
  Result<Admission> result = Admission{};
  {
    const std::lock_guard lock(mutex_);
    expire(now);
    Admission admission;
    admission.verdict = Verdict::kAdmitted;
    if (Status status = check(request, charges, now, admission); !status.ok()) {
      result = status;
    } else if (admission.verdict == Verdict::kAdmitted) {
      const uint64_t before = journal_.last_;
      const Result<uint64_t> id = reserve(request, charges, now);
      if (id.ok()) {
        admission.reservation = id.value();
        admission.sequence = journal_.last_ == before ? 0 : journal_.last_;
        result = std::move(admission);
      } else {
        result = id.status();
      }
    } else {
      if (admission.verdict == Verdict::kWait) wait_for(request, charges);
      // Counters by name come first in the list and have no index of the caller's.
      const size_t named = request.scopes.size();
      admission.charge = admission.charge < named ? SIZE_MAX : admission.charge - named;
      result = std::move(admission);
    }
    woken.swap(woken_);
  }
  wake_taken(std::move(woken));
  return result;
}

Status Ledger::settle(uint64_t reservation, const Outcome& outcome, Time now) {
  if (outcome.cost.value < 0) return invalid("a cost cannot be negative");
  if (resolve(reservation, outcome.cost.value, outcome.tokens, now)) return {};
  return Status(Code::kState, "the reservation is not open: it was resolved or has expired");
}

Status Ledger::release(uint64_t reservation, Time now) {
  if (resolve(reservation, kGivenBack, 0, now)) return {};
  return Status(Code::kState, "the reservation is not open: it was resolved or has expired");
}

Balance Ledger::balance(std::string_view scope, Time now) {
  const std::lock_guard lock(mutex_);
  expire(now);
  const Scope* found = find_scope(charge_by_name(scope, 0));
  return found == nullptr ? Balance{} : found->balance;
}

Balance Ledger::balance(const Charge& charge, Time now) {
  const std::lock_guard lock(mutex_);
  expire(now);
  Balance told{.limit = charge.limit};
  Scope* scope = find_scope(charge);
  if (scope == nullptr) return told;
  if (scope->log != nullptr) {
    scope->log->advance(now.mono_ns);
    told.settled = scope->log->sum() - scope->balance.reserved;
    told.reserved = scope->balance.reserved;
    if (scope->others.is_fresh(now)) told.settled += scope->others.spent;
    return told;
  }
  const Balance* known = scope->balance_of(charge.window.start_ms);
  if (known == nullptr) return told;
  told.settled = known->settled;
  told.reserved = known->reserved;
  told.overrun = known->overrun;
  if (scope->others.window_start == charge.window.start_ms) {
    told.settled = add_saturating(NanoUsd{told.settled}, NanoUsd{scope->others.spent}).value;
    told.reserved = add_saturating(NanoUsd{told.reserved}, NanoUsd{scope->others.reserved}).value;
  }
  return told;
}

size_t Ledger::open_reservations() const {
  const std::lock_guard lock(mutex_);
  return open_count_;
}

bool Ledger::is_open(uint64_t reservation) const {
  const std::lock_guard lock(mutex_);
  const uint64_t slot = reservation & kSlotMask;
  return reservation != 0 && slot < slots_.size() && slots_[slot].id == reservation;
}

Status Ledger::adjust(const Charge& charge, int64_t delta, std::string_view note, Time now) {
  if (slides(charge.measure, charge.period) || charge.measure == Measure::kSlots) {
    return invalid("only counters of calendar windows can be adjusted");
  }
  std::vector<uint64_t> woken;
  {
    const std::lock_guard lock(mutex_);
    static_cast<void>(make_room(1, now));
    const Result<Scope*> made = make_scope(charge);
    if (!made.ok()) return made.status();
    Scope& scope = *made.value();
    scope.roll(charge.window);
    Balance* balance = scope.balance_of(charge.window.start_ms);
    if (balance == nullptr) return invalid("that window is over", std::string(charge.rule));
    // What went over its reservation is given back first: it is what closes a counter.
    const int64_t from_overrun = std::max(delta, -balance->overrun);
    const int64_t overrun = delta < 0 ? std::min<int64_t>(from_overrun, 0) : 0;
    const int64_t settled = std::max(delta - overrun, -balance->settled);
    balance->overrun += overrun;
    balance->settled = add_saturating(NanoUsd{balance->settled}, NanoUsd{settled}).value;
    journal_.append({0, EntryKind::kAdjust, 0, &scope, charge.window, now.wall_ms, settled, overrun,
                     kUnlimited, std::string(note)});
    if (delta < 0) take_waiters(scope);
    woken.swap(woken_);
  }
  wake_taken(std::move(woken));
  return {};
}

Status Ledger::restore(const Restored& counter, Time now) {
  Charge charge;
  charge.rule = counter.rule;
  charge.entity = counter.entity;
  charge.hash = charge_hash(text_hash(counter.rule), text_hash(counter.entity));
  charge.measure = counter.measure;
  charge.period = counter.period;
  charge.window = counter.window;
  const std::lock_guard lock(mutex_);
  static_cast<void>(make_room(1, now));
  const Result<Scope*> made = make_scope(charge);
  if (!made.ok()) return made.status();
  Scope& scope = *made.value();
  scope.roll(counter.window);
  Balance* balance = scope.balance_of(counter.window.start_ms);
  if (balance != nullptr) {
    balance->settled =
        add_saturating(NanoUsd{balance->settled}, NanoUsd{counter.settled + counter.open}).value;
    balance->overrun = add_saturating(NanoUsd{balance->overrun}, NanoUsd{counter.overrun}).value;
  }
  if (counter.open != 0) {
    journal_.append({0,
                     EntryKind::kRecover,
                     0,
                     &scope,
                     counter.window,
                     now.wall_ms,
                     counter.open,
                     0,
                     kUnlimited,
                     {}});
  }
  return {};
}

}  // namespace tollgate::ledger
