#pragma once

// Access tokens of Google for a token of another issuer (workload identity federation), and with it
// perhaps for a service account.

#include "base/status.hpp"
#include "base/time.hpp"
#include "providers/account.hpp"
#include "providers/provider.hpp"

namespace tollgate::providers::google {

inline constexpr std::string_view kExchangeUri = "https://sts.googleapis.com/v1/token";

Result<AuxiliaryCall> exchange_call(const Account& account);

/// The token; or, where a service account stands behind it, the call for that one's.
Result<AuxiliaryValue> read_exchange(const AuxiliaryAnswer& answer);

}  // namespace tollgate::providers::google
