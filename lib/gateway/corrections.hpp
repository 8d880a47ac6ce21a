#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.hpp"
#include "base/time.hpp"
#include "gateway/gateway.hpp"

namespace tollgate::gateway {

/// Money that was booked too high or too low in one counter of a budget.
struct BudgetCorrection {
  std::string_view id;      ///< Of the correction: one id is made once.
  std::string_view budget;  ///< As the configuration names it.
  std::string_view entity;  ///< Whose counter; empty where the budget is of all together.
  int64_t nano_usd = 0;     ///< Added to what is spent; negative: a refund.
  int64_t wall_ms = 0;      ///< When it was spent: windows that are over are left out.
  std::string_view note;
};

/// Books a correction in every limit of the budget, as an entry of the ledger. kInvalid for a
/// budget that the configuration does not have, kState when the id was used before.
Status correct_budget(const Gateway& gateway, const BudgetCorrection& correction, Time now);

/// Prices recorded requests of a span of time anew and books the difference in the budgets they are
/// in, as one correction. `records` are lines of records; those without usage, and those of which
/// more than one attempt may have been billed, are left as they are. kState when the id was used
/// before. Gives a JSON object: requests, repriced, skipped, difference_nano_usd, counters.
Result<std::string> reprice(const Gateway& gateway, std::string_view id, std::string_view records,
                            int64_t from_ms, int64_t to_ms, Time now);

}  // namespace tollgate::gateway
