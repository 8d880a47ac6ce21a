#pragma once

// ledger/ holds reservations against limits: the one choke point in front of every upstream call.
// Deterministic; time is an argument. May include base/ and model/.

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/money.hpp"
#include "base/status.hpp"
#include "base/time.hpp"

namespace tollgate::ledger {

inline constexpr int64_t kUnlimited = INT64_MAX;

/// What an attempt asks of every scope that matches it.
struct AdmissionRequest {
  std::vector<std::string_view> scopes;
  NanoUsd amount;  ///< Upper bound of the cost.
  uint64_t expires_mono_ns = kNoDeadline;
};

enum class Verdict : uint8_t {
  kAdmitted,
  kWait,    ///< Only open reservations stand in the way: try again when woken or at retry_at_ns.
  kRefused  ///< settled + need > limit.
};

struct Admission {
  Verdict verdict = Verdict::kRefused;
  uint64_t reservation = 0;  ///< kAdmitted; never 0 then.
  std::string scope;         ///< kWait, kRefused: the first scope in the way.
  NanoUsd left;              ///< What that scope still has, open reservations excluded.
  uint64_t retry_at_ns = kNoDeadline;
};

struct Balance {
  int64_t limit = kUnlimited;
  int64_t settled = 0;
  int64_t reserved = 0;
  int64_t overrun = 0;
};

/// Scopes with limits, and the reservations open in them. Safe from many threads; no lock is held
/// when a call returns. Invariant "no-overspend": settled + reserved <= limit at every admission.
class Ledger {
 public:
  Status set_limit(std::string_view scope, int64_t limit_nano_usd);

  /// Reserves in all scopes at once, or in none. kLimit above the bound of open reservations.
  Result<Admission> admit(const AdmissionRequest& request, Time now);

  /// Resolves a reservation with its true cost; what exceeds it is booked as overrun. kState when
  /// it was resolved or has expired before.
  Status settle(uint64_t reservation, NanoUsd cost, Time now);
  /// Gives a reservation back unused. kState as above.
  Status release(uint64_t reservation, Time now);

  Balance balance(std::string_view scope, Time now);
  size_t open_reservations() const;

 private:
  struct Scope {
    std::string name;
    Balance balance;
  };
  struct Reservation {
    std::vector<Scope*> scopes;
    int64_t amount = 0;
    uint64_t expires_mono_ns = kNoDeadline;
  };

  Scope* scope_of(std::string_view name);
  void expire(Time now);
  void resolve(const Reservation& reservation, int64_t cost);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::unique_ptr<Scope>> scopes_;
  std::unordered_map<uint64_t, Reservation> open_;
  uint64_t last_id_ = 0;
  uint64_t next_expiry_ns_ = kNoDeadline;
};

}  // namespace tollgate::ledger
