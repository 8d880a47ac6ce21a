#pragma once

#include <cstdint>
#include <string_view>

namespace tollgate {

/// The CRC-32 of IEEE 802.3, as zlib and gzip have it.
uint32_t crc32(std::string_view bytes);

}  // namespace tollgate
