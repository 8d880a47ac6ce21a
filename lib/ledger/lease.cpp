#include "ledger/lease.hpp"

#include <cassert>

namespace tollgate::ledger {

Lease Lease::take(std::shared_ptr<Ledger> ledger, const Admission& admission, NanoUsd amount) {
  assert(ledger != nullptr);
  assert(admission.verdict == Verdict::kAdmitted);
  assert(admission.reservation != 0);
  return Lease(std::move(ledger), admission.reservation, admission.sequence, amount);
}

bool Lease::is_held() const {
  return id_ != 0 && ledger_->is_open(id_);
}

Lease::~Lease() {
  // No clock at hand: time zero expires nothing else, and this one is booked as its expiry would.
  if (open()) ledger_->resolve(std::exchange(id_, 0), amount_.value, -1, Time{});
}

bool Lease::settle(const Outcome& outcome, Time now) {
  if (!open()) return false;
  assert(outcome.cost.value >= 0);
  const int64_t booked = outcome.cost.value < 0 ? amount_.value : outcome.cost.value;
  return ledger_->resolve(std::exchange(id_, 0), booked, outcome.tokens, now);
}

bool Lease::release(Time now) {
  if (!open()) return false;
  return ledger_->resolve(std::exchange(id_, 0), Ledger::kGivenBack, 0, now);
}

}  // namespace tollgate::ledger
