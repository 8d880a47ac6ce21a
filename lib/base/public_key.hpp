#pragma once

#include <string_view>

namespace tollgate {

/// Checks a signature by RSASSA-PKCS1-v1_5 with SHA-256. `modulus` and `exponent` are big-endian
/// numbers. False for anything that is not a right signature, weak keys (below 2,048 bits)
/// included.
bool verify_rs256(std::string_view modulus, std::string_view exponent, std::string_view data,
                  std::string_view signature);

/// Checks a signature by ECDSA over P-256 with SHA-256. `x`, `y` are the point's coordinates, 32
/// bytes each; the signature is the 64 bytes of r and s, as JSON Web Signatures have it.
bool verify_es256(std::string_view x, std::string_view y, std::string_view data,
                  std::string_view signature);

}  // namespace tollgate
