#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ledger/charge.hpp"
#include "ledger/sliding_log.hpp"

namespace tollgate::ledger {

/// Where a counter stands, in nano-USD, tokens or requests.
struct Balance {
  int64_t limit = kUnlimited;
  int64_t settled = 0;
  int64_t reserved = 0;
  int64_t overrun = 0;  ///< Settled above reservations; never clipped.

  /// What is gone for good: settled + overrun, stopping at the largest amount.
  int64_t spent() const { return add_saturating(NanoUsd{settled}, NanoUsd{overrun}).value; }
};

/// One counter. Its address is stable while anything refers to it.
struct Scope {
  /// What a window that is over still waits for.
  struct Past {
    int64_t window_start = 0;
    Balance balance;
  };

  /// What a shared store told of other processes. What they spent stays spent; what they hold open
  /// changes any moment, so it counts for a short while and the store is asked again.
  struct Others {
    int64_t window_start = INT64_MIN;
    int64_t spent = 0;
    int64_t reserved = 0;
    uint64_t fresh_until_ns = 0;
    uint64_t room_at_ns = 0;  ///< Of sliding windows; 0: unknown.

    bool is_fresh(Time now) const { return now.mono_ns < fresh_until_ns; }
  };

  std::string rule;
  std::string entity;
  Measure measure = Measure::kMoney;
  Period period = Period::kLifetime;
  Window window;
  Balance balance;                  ///< Of `window`; `limit` only where set_limit() gave one.
  std::vector<Past> past;           ///< Windows with open reservations.
  std::unique_ptr<SlidingLog> log;  ///< Of sliding windows, beside `balance.reserved`.
  std::vector<uint64_t> waiters;    ///< Wake tokens.
  Others others;                    ///< What other processes have in it.
  uint32_t journal_refs = 0;        ///< Entries not written out yet.

  /// The balance that a reservation of this window belongs to.
  Balance* balance_of(int64_t window_start);
  /// Begins the window, unless it is in force already or lies before it.
  void roll(const Window& to);
  /// True when nothing would be lost with it.
  bool is_idle(Time now);
};

}  // namespace tollgate::ledger
