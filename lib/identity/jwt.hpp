#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"

namespace tollgate::identity {

/// A JSON Web Token of the compact form, read but not yet believed.
struct Jwt {
  std::string algorithm;  ///< "alg" of its header.
  std::string key_id;     ///< "kid"; may be empty.
  std::string issuer;
  std::vector<std::string> audiences;
  std::optional<int64_t> expires_s;
  std::optional<int64_t> not_before_s;
  std::string claims;         ///< The payload: a JSON object.
  std::string signing_input;  ///< What the signature is over.
  std::string signature;
};

/// True for three pieces of base64url between dots, the first of them a JSON object's beginning:
/// what no token of ours looks like.
bool looks_like_jwt(std::string_view token);

/// Reads one; kInvalid when it is none. Encrypted tokens and critical header fields are refused.
Result<Jwt> parse_jwt(std::string_view token);

/// The strings of a claim: itself, or the strings of a list. A dot in the name steps into an object
/// when there is no claim of the whole name ("realm_access.roles").
std::vector<std::string> claim_strings(const Jwt& jwt, std::string_view name);

}  // namespace tollgate::identity
