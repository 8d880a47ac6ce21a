#pragma once

#include <string>
#include <string_view>

#include "tollgate/abi.h"

#include "base/time.hpp"
#include "config/configuration.hpp"
#include "exchange/environment.hpp"

namespace tollgate::exchange {

/// What would be decided about a request, as JSON (tg_policy_explain() documents it). Nothing is
/// sent and nothing is reserved.
std::string explain(const config::Configuration& configuration, Environment& environment,
                    const tg_bytes* headers, uint32_t pair_count, std::string_view body, Time now);

}  // namespace tollgate::exchange
