#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "identity/jwt.hpp"

namespace tollgate::identity {

/// A public key of a JSON Web Key Set; numbers as raw bytes.
struct PublicKey {
  std::string id;         ///< May be empty.
  std::string algorithm;  ///< "RS256" or "ES256": what it can check.
  std::string first;      ///< RSA: modulus; EC: x.
  std::string second;     ///< RSA: exponent; EC: y.
};

/// Keys of an issuer. Others than RSA and P-256 signing keys are passed over. kInvalid when the
/// text is no key set; kLimit when it holds more keys than anybody needs.
Result<std::vector<PublicKey>> parse_key_set(std::string_view text);

/// Whether one of the keys signed the token: the one it names, or any where it names none. The
/// token's algorithm must be the key's own, so that nobody can choose a weaker check.
bool is_signed_by(const Jwt& jwt, const std::vector<PublicKey>& keys);

/// Whether the set has the key that the token names (or the token names none).
bool has_key(const Jwt& jwt, const std::vector<PublicKey>& keys);

}  // namespace tollgate::identity
