#pragma once

#include <string>
#include <string_view>

#include "base/status.hpp"
#include "base/time.hpp"
#include "gateway/gateway.hpp"

namespace tollgate::gateway {

/// Runs policy tests and reports them as JSON (tg_policy_test() documents both). Each case has a
/// gateway, a clock and upstreams of its own. kInvalid when a text has errors.
Result<std::string> run_policy_tests(std::string_view cases, std::string_view config,
                                     const GatewayOptions& options, Time now);

}  // namespace tollgate::gateway
