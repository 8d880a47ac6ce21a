#include "ledger/lease.hpp"

#include <cassert>

namespace tollgate::ledger {

Lease Lease::take(std::shared_ptr<Ledger> ledger, const Admission& admission, NanoUsd amount) {
  assert(ledger != nullptr);
  assert(admission.verdict == Verdict::kAdmitted);
  assert(admission.reservation != 0);
  return Lease(std::move(ledger), admission.reservation, amount);
}

Lease::~Lease() {
  // No clock at hand: time zero expires nothing else, and this one is booked as its expiry would.
  if (open()) ledger_->resolve(std::exchange(id_, 0), amount_.value, Time{});
}

bool Lease::settle(NanoUsd cost, Time now) {
  if (!open()) return false;
  assert(cost.value >= 0);
  const int64_t booked = cost.value < 0 ? amount_.value : cost.value;
  return ledger_->resolve(std::exchange(id_, 0), booked, now);
}

bool Lease::release(Time now) {
  if (!open()) return false;
  return ledger_->resolve(std::exchange(id_, 0), Ledger::kGivenBack, now);
}

}  // namespace tollgate::ledger
