#pragma once

#include <string_view>

#include "tollgate/abi.h"

namespace tollgate {

/// The boundary's bytes as text, and back; neither owns anything.
inline std::string_view view_of(tg_bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data), bytes.size};
}

inline tg_bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace tollgate
