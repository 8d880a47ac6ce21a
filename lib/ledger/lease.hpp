#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/money.hpp"
#include "base/time.hpp"
#include "ledger/ledger.hpp"

namespace tollgate::ledger {

/// The right to make one upstream call: a reservation that resolves exactly once. An attempt cannot
/// be built without one, and only take() makes one. Dropped unresolved (a bug, or a host that threw
/// the exchange away) it settles to its full amount, never to zero.
class Lease {
 public:
  Lease(Lease&& other) noexcept
      : ledger_(std::move(other.ledger_)),
        id_(std::exchange(other.id_, 0)),
        sequence_(other.sequence_),
        amount_(other.amount_) {}
  Lease& operator=(Lease&&) = delete;
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease();

  /// Turns an admission into its lease. `admission.verdict` must be kAdmitted.
  static Lease take(std::shared_ptr<Ledger> ledger, const Admission& admission, NanoUsd amount);

  /// Resolves with the true cost. Once; false when it was resolved or has expired before. A
  /// negative cost is a bug of the caller's and settles in full.
  bool settle(const Outcome& outcome, Time now);
  bool settle(NanoUsd cost, Time now) { return settle(Outcome{cost}, now); }
  /// Resolves to nothing: the upstream cannot have billed. Once.
  bool release(Time now);

  bool open() const { return id_ != 0; }
  /// False once a store refused the reservation, or it has expired.
  bool is_held() const;
  NanoUsd amount() const { return amount_; }
  /// Of the journal entry that holds it; 0 when none does.
  uint64_t sequence() const { return sequence_; }

 private:
  Lease(std::shared_ptr<Ledger> ledger, uint64_t id, uint64_t sequence, NanoUsd amount)
      : ledger_(std::move(ledger)), id_(id), sequence_(sequence), amount_(amount) {}

  std::shared_ptr<Ledger> ledger_;
  uint64_t id_ = 0;
  uint64_t sequence_ = 0;
  NanoUsd amount_;
};

}  // namespace tollgate::ledger
