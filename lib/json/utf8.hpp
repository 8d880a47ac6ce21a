#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tollgate::json {

/// One step through text that may not be UTF-8.
struct Utf8Step {
  size_t size;  ///< Bytes of the character, or of the longest beginning of one when invalid; >= 1.
  bool valid;
};

/// Looks at the bytes at `at`, which must lie inside `text`. Refuses what RFC 3629 does: forms that
/// are longer than needed, surrogates, anything above U+10FFFF.
inline Utf8Step utf8_step(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(at);
  if (lead < 0x80) return {1, true};
  if (lead < 0xC2 || lead > 0xF4) return {1, false};
  const size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  // Only the second byte has bounds of its own; they keep out the forms named above.
  uint8_t low = 0x80;
  uint8_t high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  for (size_t i = 1; i < size; ++i) {
    if (at + i >= text.size() || byte(at + i) < low || byte(at + i) > high) return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {size, true};
}

}  // namespace tollgate::json
