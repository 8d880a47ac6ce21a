#pragma once

#include "providers/provider.hpp"

// Access tokens of Microsoft Entra: for an application's own credentials, for a token of another
// issuer that it trusts, or for the machine's managed identity.
namespace tollgate::providers::entra {

inline constexpr std::string_view kMachineUrl =
    "http://169.254.169.254/metadata/identity/oauth2/token";

/// The key of the token that this account needs; empty when it needs none.
std::string auxiliary_key(const Account& account, std::string_view default_scope);

/// The call that fetches it.
Result<AuxiliaryCall> auxiliary(const Account& account, std::string_view default_scope);

/// The token, to be renewed five minutes before it expires.
Result<AuxiliaryValue> read_auxiliary(uint32_t status, std::string_view body, Time now);

}  // namespace tollgate::providers::entra
