#pragma once

#include <string>
#include <string_view>

#include "base/status.hpp"

namespace tollgate {

/// RSASSA-PKCS1-v1_5 with SHA-256 over `data` (RS256 of JSON Web Signatures), by OpenSSL. The key
/// is a private one in PEM, as Google's key files hold it. Messages never quote the key.
Result<std::string> sign_rs256(std::string_view private_key_pem, std::string_view data);

}  // namespace tollgate
