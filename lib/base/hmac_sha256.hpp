#pragma once

#include <string_view>

#include "base/sha256.hpp"

namespace tollgate {

/// The HMAC-SHA256 of `data` under `key`, by OpenSSL.
Result<Sha256> hmac_sha256(std::string_view key, std::string_view data);

}  // namespace tollgate
