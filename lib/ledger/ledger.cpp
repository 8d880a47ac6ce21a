#include "ledger/ledger.hpp"

#include <algorithm>
#include <cassert>

namespace tollgate::ledger {

namespace {

// A reservation's id is its slot in the low bits and a sequence number above: found without a hash,
// and never used again after it was resolved.
constexpr uint32_t kSlotBits = 20;
constexpr uint64_t kSlotMask = (uint64_t{1} << kSlotBits) - 1;
static_assert(limits::kLedgerOpenReservationsMax <= kSlotMask + 1);

Status check_name(std::string_view name) {
  if (name.empty()) return invalid("a scope needs a name");
  if (name.size() > limits::kLedgerScopeNameBytesMax) return invalid("a scope's name is too long");
  return {};
}

int64_t add(int64_t a, int64_t b) {
  return add_saturating(NanoUsd{a}, NanoUsd{b}).value;
}

}  // namespace

Ledger::Scope* Ledger::find_scope(std::string_view name) {
  const auto found = scopes_.find(name);
  return found == scopes_.end() ? nullptr : &found->second;
}

Result<Ledger::Scope*> Ledger::make_scope(std::string_view name) {
  if (Scope* scope = find_scope(name)) return scope;
  if (scopes_.size() >= limits::kLedgerScopesMax) {
    return Status(Code::kLimit, "the ledger holds no more scopes", std::string(name));
  }
  return &scopes_.emplace(std::string(name), Scope{}).first->second;
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
  Result<Scope*> made = make_scope(scope);
  if (!made.ok()) return made.status();
  made.value()->balance.limit = limit_nano_usd;
  return {};
}

Result<Admission> Ledger::admit(const AdmissionRequest& request, Time now) {
  if (request.amount.value < 0) return invalid("an amount cannot be negative");
  if (request.scopes.size() > limits::kLedgerScopesPerReservationMax) {
    return invalid("a reservation names too many scopes");
  }
  for (const std::string_view name : request.scopes) {
    if (Status status = check_name(name); !status.ok()) return status;
  }

  const std::lock_guard lock(mutex_);
  expire(now);
  Admission admission;
  admission.verdict = Verdict::kAdmitted;
  if (Status status = check(request, admission); !status.ok()) return status;
  if (admission.verdict != Verdict::kAdmitted) return admission;

  const Result<uint64_t> id = reserve(request);
  if (!id.ok()) return id.status();
  admission.reservation = id.value();
  return admission;
}

/// Finds the scope in the way, if any. A scope never seen has no limit, and a refused request does
/// not make it: names that only strangers send cannot fill the table.
Status Ledger::check(const AdmissionRequest& request, Admission& admission) {
  const int64_t need = request.amount.value;
  for (const std::string_view name : request.scopes) {
    const Scope* scope = find_scope(name);
    if (scope == nullptr) continue;
    const Balance& balance = scope->balance;
    if (balance.limit == kUnlimited) {
      // No budget is in the way, but the sum must stay a number that can be taken back exactly.
      if (need > INT64_MAX - balance.reserved) {
        return Status(Code::kLimit, "open reservations exceed the largest amount",
                      std::string(name));
      }
      continue;
    }
    const int64_t spent = balance.spent();
    const bool refused = spent > balance.limit || need > balance.limit - spent;
    const bool waits = !refused && need > balance.limit - spent - balance.reserved;
    if (!refused && (!waits || admission.verdict == Verdict::kWait)) continue;

    admission.verdict = refused ? Verdict::kRefused : Verdict::kWait;
    admission.scope = name;
    admission.left = NanoUsd{std::max<int64_t>(balance.limit - spent, 0)};
    admission.retry_at_ns = refused ? kNoDeadline : next_expiry();
    if (refused) return {};
  }
  return {};
}

/// Everything that can fail comes before the first balance is touched, so that a failed allocation
/// leaves no half reservation.
Result<uint64_t> Ledger::reserve(const AdmissionRequest& request) {
  if (open_count_ >= limits::kLedgerOpenReservationsMax) {
    return Status(Code::kLimit, "too many open reservations");
  }
  const uint32_t slot = take_slot();
  Reservation& reservation = slots_[slot];
  reservation.scopes.clear();
  reservation.scopes.reserve(request.scopes.size());
  for (const std::string_view name : request.scopes) {
    const Result<Scope*> scope = make_scope(name);
    if (!scope.ok()) return scope.status();
    const auto& seen = reservation.scopes;
    if (std::find(seen.begin(), seen.end(), scope.value()) == seen.end()) {
      reservation.scopes.push_back(scope.value());
    }
  }
  const uint64_t id = ((last_sequence_ + 1) << kSlotBits) | slot;
  remember_expiry(request.expires_mono_ns, id);

  ++last_sequence_;
  free_slots_.pop_back();
  ++open_count_;
  reservation.id = id;
  reservation.amount = request.amount.value;
  for (Scope* scope : reservation.scopes)
    scope->balance.reserved += request.amount.value;
  return id;
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

void Ledger::expire(Time now) noexcept {
  while (!expiries_.empty() && expiries_.front().mono_ns <= now.mono_ns) {
    // An attempt that nobody resolved in time may have been billed: it counts in full.
    if (Reservation* reservation = find_open(expiries_.front().id)) {
      book(*reservation, reservation->amount);
    }
    std::pop_heap(expiries_.begin(), expiries_.end(), std::greater<>{});
    expiries_.pop_back();
  }
}

void Ledger::book(Reservation& reservation, int64_t cost) noexcept {
  const int64_t settled = cost == kGivenBack ? 0 : std::min(cost, reservation.amount);
  const int64_t overrun = cost == kGivenBack ? 0 : cost - settled;
  for (Scope* scope : reservation.scopes) {
    Balance& balance = scope->balance;
    assert(balance.reserved >= reservation.amount);
    balance.reserved -= reservation.amount;
    balance.settled = add(balance.settled, settled);
    balance.overrun = add(balance.overrun, overrun);
  }
  free_slots_.push_back(static_cast<uint32_t>(reservation.id & kSlotMask));
  reservation.id = 0;
  --open_count_;
}

bool Ledger::resolve(uint64_t id, int64_t cost, Time now) noexcept {
  const std::lock_guard lock(mutex_);
  expire(now);
  Reservation* reservation = find_open(id);
  if (reservation == nullptr) return false;
  book(*reservation, cost);
  return true;
}

Status Ledger::settle(uint64_t reservation, NanoUsd cost, Time now) {
  if (cost.value < 0) return invalid("a cost cannot be negative");
  if (resolve(reservation, cost.value, now)) return {};
  return Status(Code::kState, "the reservation is not open: it was resolved or has expired");
}

Status Ledger::release(uint64_t reservation, Time now) {
  if (resolve(reservation, kGivenBack, now)) return {};
  return Status(Code::kState, "the reservation is not open: it was resolved or has expired");
}

Balance Ledger::balance(std::string_view scope, Time now) {
  const std::lock_guard lock(mutex_);
  expire(now);
  const Scope* found = find_scope(scope);
  return found == nullptr ? Balance{} : found->balance;
}

size_t Ledger::open_reservations() const {
  const std::lock_guard lock(mutex_);
  return open_count_;
}

}  // namespace tollgate::ledger
