#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "exchange/charges.hpp"
#include "ledger/lease.hpp"
#include "policy/rule_set.hpp"
#include "pricing/price_book.hpp"

namespace tollgate::exchange {

/// A target that was admitted and is not opened yet.
struct PendingTarget {
  size_t candidate = 0;
  ledger::Lease lease;
  std::optional<pricing::FoundPrice> price;
  pricing::Demand demand;
  std::optional<int64_t> output_cap;     ///< max_tokens was lowered to this.
  int64_t output_asked = 0;              ///< From this.
  std::optional<NanoUsd> expected = {};  ///< Some budget was asked for this instead of the bound.
};

/// What an exchange knows of the limits it goes through.
struct Money {
  /// A wait behind reservations of others ends here, for all candidates together.
  static constexpr uint64_t kWaitNs = 2 * kSecond;
  /// A reservation that is not in the journal by then is not safe: the request fails.
  static constexpr uint64_t kJournalNs = 5 * kSecond;
  /// The journal's keeper may have missed a wake: it is asked again so often.
  static constexpr uint64_t kJournalPollNs = 50 * kMillisecond;
  /// A store may say no, and its news yes, when others come and go at that moment. Bounded.
  static constexpr uint32_t kStoreRefusalsMax = 32;

  policy::Matches of_principal;
  policy::Matches of_target;
  ChargeList charges;
  uint64_t wait_until_ns = 0;     ///< 0: has not waited.
  uint64_t journal_until_ns = 0;  ///< The same for the journal.
  bool caller_granted = false;    ///< The principal's reservation is safe, and no store refused it.
  size_t steps_before_caller = 0;   ///< Of the record, when it was reserved.
  uint32_t refused_by_store = 0;    ///< How often; what else is in the counters was news each time.
  std::optional<NanoUsd> expected;  ///< What some rules of the last admission were asked for.
  std::string warning;              ///< A budget is nearly gone.
  int64_t warning_reset_ms = INT64_MAX;  ///< When it begins anew, wall clock; INT64_MAX: never.
  std::optional<int64_t> output_cap;
  bool refused = false;         ///< Some target's limits were in the way.
  std::vector<uint64_t> given;  ///< For tests: counters that were given their spend.
};

}  // namespace tollgate::exchange
