#pragma once

#include <cstdint>
#include <string>

#include "exchange/charges.hpp"
#include "ledger/ledger.hpp"
#include "model/failure.hpp"

namespace tollgate::exchange {

/// "$9.87"; with as many more decimals as a small amount needs to show. Rounded down.
std::string usd(int64_t nano_usd);

/// "9.870000000": a JSON number that loses nothing.
std::string exact_usd(int64_t nano_usd);

/// Hundredths of a percent of a limit, rounded down: "98.70"; "100.00" of a limit of nothing.
std::string percent_text(int64_t used, int64_t limit);

/// "enforce", "soft_enforce", "audit".
std::string_view mode_name(policy::Mode mode);

/// "resets 2026-11-23", in the budget's own time zone; "never resets" for a lifetime.
std::string reset_text(const ledger::Charge& charge, const policy::Rule& rule);

/// What a person is told when a limit stands in the way of a request.
struct Blocked {
  const ledger::Charge& charge;
  const policy::Match& match;
  const ledger::Admission& admission;
  bool waited = false;  ///< Behind reservations of others, in vain.
};

/// `budget_status` is 402, or 429 where clients expect that.
model::Failure limit_failure(const Blocked& blocked, uint32_t budget_status, Time now);

/// A few words for records: "budget dev-daily: $9.87 of $10.00".
std::string limit_reason(const Blocked& blocked);

/// "dev-daily: $9.10 of $10.00 spent (91 %), resets 2026-11-23"; empty below the rule's first
/// threshold.
std::string near_limit_text(const ledger::Charge& charge, const policy::Rule& rule, int64_t spent);

}  // namespace tollgate::exchange
