#pragma once

// Access tokens of Google: asked for with a service account's key, with another issuer's token, or
// of the metadata server of the machine.

#include <string>
#include <string_view>

#include "base/status.hpp"
#include "base/time.hpp"
#include "providers/account.hpp"
#include "providers/provider.hpp"

namespace tollgate::providers::google {

inline constexpr std::string_view kScope = "https://www.googleapis.com/auth/cloud-platform";
inline constexpr std::string_view kTokenUri = "https://oauth2.googleapis.com/token";
inline constexpr std::string_view kMetadataTokenUri =
    "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token";

/// What a key signs to get a token: header and claims, each in base64url, a point between.
std::string jwt_signing_input(std::string_view key_id, std::string_view client_email,
                              std::string_view token_uri, int64_t issued_s, int64_t expires_s);

/// Empty for accounts that hold their credential themselves.
std::string token_key(const Account& account);
Result<AuxiliaryCall> token_call(const Account& account, Time now);
Result<AuxiliaryValue> read_fetched(const AuxiliaryAnswer& answer);
/// The token of an OAuth server's answer.
Result<AuxiliaryValue> read_token(uint32_t status, std::string_view body, Time now);

/// Adds the account's credential, be it a key or a token.
Status add_credential(const CallContext& context, wire::Headers& headers);

/// "google/models/gemini" with every byte escaped that could end or leave a path's segment.
std::string path_segment(std::string_view id);

/// Adds what every call of these providers carries: the account's own headers, the type of the
/// body, and that the answer must not be compressed.
Status add_common_headers(const CallContext& context, wire::Headers& headers);

/// Headers of an answer that say something to the gateway or the client.
bool passes_answer_header(std::string_view name);

}  // namespace tollgate::providers::google
