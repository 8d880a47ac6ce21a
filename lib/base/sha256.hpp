#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tollgate/abi.h"

#include "base/status.hpp"

namespace tollgate {

using Sha256 = std::array<uint8_t, 32>;

/// The SHA-256 of `data`, by OpenSSL.
Result<Sha256> sha256(std::string_view data);

/// The SHA-256 of the pieces, one behind the other.
Result<Sha256> sha256(const tg_bytes* pieces, size_t count);

std::string to_hex(const Sha256& digest);

/// Reads 64 hexadecimal digits of either case; false when `hex` is anything else.
bool from_hex(std::string_view hex, Sha256& digest);

}  // namespace tollgate
