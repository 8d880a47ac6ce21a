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

/// The same with draws of its own: the first is the one this seed gives (0: the one a gateway in
/// service makes for this conversation), each further one is that of another conversation. The
/// distribution adds them up.
struct Draws {
  uint64_t seed = 0;
  uint32_t count = 1;
  const model::Principal* principal = nullptr;  ///< Who asks, instead of a credential.
};
std::string explain(const config::Configuration& configuration, Environment& environment,
                    const tg_bytes* headers, uint32_t pair_count, std::string_view body, Time now,
                    Draws draws);

}  // namespace tollgate::exchange
