#pragma once

// ledger/ holds reservations against limits: the one choke point in front of every upstream call.
// Deterministic; time is an argument. May include base/ and model/.

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/limits.hpp"
#include "base/money.hpp"
#include "base/status.hpp"
#include "base/time.hpp"

namespace tollgate::ledger {

inline constexpr int64_t kUnlimited = INT64_MAX;

/// What an attempt asks of every scope that matches it.
struct AdmissionRequest {
  std::vector<std::string_view> scopes;  ///< A scope named twice counts once.
  NanoUsd amount;                        ///< Upper bound of the cost.
  uint64_t expires_mono_ns = kNoDeadline;
};

enum class Verdict : uint8_t {
  kAdmitted,
  kWait,    ///< Only open reservations stand in the way: try again when woken or at retry_at_ns.
  kRefused  ///< settled + overrun + need > limit.
};

struct Admission {
  Verdict verdict = Verdict::kRefused;
  uint64_t reservation = 0;  ///< kAdmitted; never 0 then.
  std::string scope;         ///< kWait, kRefused: the first scope in the way.
  NanoUsd left;  ///< limit - settled - overrun of that scope, 0 at least: what is not spent yet.
  uint64_t retry_at_ns = kNoDeadline;  ///< kWait: when the next reservation expires.
};

struct Balance {
  int64_t limit = kUnlimited;
  int64_t settled = 0;
  int64_t reserved = 0;
  int64_t overrun = 0;

  /// What is gone for good: settled + overrun, stopping at the largest amount.
  int64_t spent() const { return add_saturating(NanoUsd{settled}, NanoUsd{overrun}).value; }
};

/// Scopes with limits, and the reservations open in them. Safe from many threads; no lock is held
/// when a call returns. Invariant "no-overspend": settled + overrun + reserved <= limit in every
/// scope of an admission, at that admission. A scope without a limit never refuses.
class Ledger {
 public:
  /// kInvalid for a bad name or a negative limit, kLimit above limits::kLedgerScopesMax.
  Status set_limit(std::string_view scope, int64_t limit_nano_usd);

  /// Reserves in all scopes at once, or in none. A scope that refuses is named before one that
  /// waits, since waiting would be in vain. kInvalid for a negative amount, a bad name or too many
  /// scopes; kLimit above the bound of open reservations or of scopes.
  Result<Admission> admit(const AdmissionRequest& request, Time now);

  /// Resolves a reservation with its true cost; what exceeds it is booked as overrun. kState when
  /// it was resolved or has expired before, kInvalid for a negative cost.
  Status settle(uint64_t reservation, NanoUsd cost, Time now);
  /// Gives a reservation back unused. kState as above.
  Status release(uint64_t reservation, Time now);

  Balance balance(std::string_view scope, Time now);
  size_t open_reservations() const;

 private:
  friend class Lease;

  static constexpr int64_t kGivenBack = -1;  ///< A cost that books nothing.

  struct Scope {
    Balance balance;
  };
  struct Reservation {
    uint64_t id = 0;  ///< 0 while the slot is free.
    int64_t amount = 0;
    std::vector<Scope*> scopes;  ///< Keeps its capacity from one reservation to the next.
  };
  struct Expiry {
    uint64_t mono_ns = 0;
    uint64_t id = 0;
    friend bool operator>(const Expiry& a, const Expiry& b) { return a.mono_ns > b.mono_ns; }
  };
  struct NameHash {
    using is_transparent = void;
    size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
  };
  using Scopes = std::unordered_map<std::string, Scope, NameHash, std::equal_to<>>;

  Scope* find_scope(std::string_view name);
  Result<Scope*> make_scope(std::string_view name);
  Reservation* find_open(uint64_t id) noexcept;

  Status check(const AdmissionRequest& request, Admission& admission);
  Result<uint64_t> reserve(const AdmissionRequest& request);
  uint32_t take_slot();
  void remember_expiry(uint64_t mono_ns, uint64_t id);
  uint64_t next_expiry() noexcept;

  /// Books `cost`, which may be kGivenBack, and frees the slot; false when it is not open.
  /// Allocates nothing, so that a Lease can call it while it is destroyed.
  bool resolve(uint64_t id, int64_t cost, Time now) noexcept;
  void expire(Time now) noexcept;
  void book(Reservation& reservation, int64_t cost) noexcept;

  mutable std::mutex mutex_;
  Scopes scopes_;
  std::vector<Reservation> slots_;
  std::vector<uint32_t> free_slots_;
  std::vector<Expiry> expiries_;  ///< Min-heap; entries of resolved reservations linger a while.
  uint64_t last_sequence_ = 0;
  size_t open_count_ = 0;
};

}  // namespace tollgate::ledger
