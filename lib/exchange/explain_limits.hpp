#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "config/configuration.hpp"
#include "exchange/charges.hpp"
#include "exchange/client_request.hpp"
#include "exchange/decision.hpp"
#include "exchange/environment.hpp"
#include "json/writer.hpp"
#include "model/failure.hpp"
#include "policy/rule_set.hpp"

namespace tollgate::exchange {

/// The counters that a request would go through at the first target with room, and where they
/// stand. Refers to the request, its facts and the configuration it was made from.
struct LimitsLook {
  policy::Matches of_principal;
  policy::Matches of_target;
  ChargeList charges;
  std::vector<ledger::Balance> balances;  ///< Beside `charges`.
  std::optional<int64_t> bound_nano_usd;  ///< The most the request may cost there.
};

/// Looks at the limits of each candidate in turn, as admission would, without taking anything. A
/// candidate whose limits are used up is marked so; when none is left, the refusal is returned.
std::optional<model::Failure> look_at_limits(const config::Configuration& configuration,
                                             Environment& environment, const ClientRequest& request,
                                             const model::RequestFacts& facts,
                                             std::string_view body, Time now, Decision& decision,
                                             LimitsLook& look);

/// The bound in USD, or null when no target was looked at.
void write_bound(json::Writer& writer, const LimitsLook& look);

/// The look as a JSON array: rule, entity, limit, need, spent, reserved, fits.
void write_reservations(json::Writer& writer, const LimitsLook& look);

}  // namespace tollgate::exchange
