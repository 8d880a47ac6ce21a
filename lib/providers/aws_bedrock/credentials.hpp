#pragma once

// Keys of AWS that are not in the configuration: those of the instance, of the container, of a
// role.

#include <string>
#include <string_view>

#include "base/secret.hpp"
#include "base/status.hpp"
#include "base/time.hpp"
#include "providers/account.hpp"
#include "providers/provider.hpp"

namespace tollgate::providers::aws_bedrock {

inline constexpr std::string_view kInstanceUrl = "http://169.254.169.254";

/// Empty for accounts that hold their keys themselves.
std::string credentials_key(const Account& account);

/// The first call on the way to the keys.
Result<AuxiliaryCall> credentials_call(const Account& account, Time now);

/// The keys as one text, or the next call.
Result<AuxiliaryValue> read_credentials(const AuxiliaryAnswer& answer);

/// What signs a call.
struct AwsKeys {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;  ///< May be empty.
};

/// The keys that read_credentials() made a text of.
AwsKeys keys_of(std::string_view text);

/// True when an answer says that the keys themselves are not, or no longer, good.
bool says_keys_are_bad(uint32_t status, std::string_view error_type, std::string_view body);

}  // namespace tollgate::providers::aws_bedrock
