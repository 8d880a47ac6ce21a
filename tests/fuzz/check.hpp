#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tollgate::fuzz {

/// A property that does not hold ends the run, with the input kept by libFuzzer.
inline void check(bool holds) {
  if (!holds) __builtin_trap();
}

inline std::string_view text_of(const uint8_t* data, size_t size) {
  return std::string_view(reinterpret_cast<const char*>(data), size);
}

}  // namespace tollgate::fuzz
