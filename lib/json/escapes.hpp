#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tollgate::json {

/// An escape inside a JSON string, and what it stands for.
struct Escape {
  uint32_t size = 0;       ///< In the text; 0: it is none that JSON has.
  uint32_t utf8_size = 0;  ///< Of what it stands for.
  uint32_t point = 0;
};

/// What the letter behind a backslash stands for; NUL for those that JSON does not have, and `u`.
inline constexpr std::array<char, 256> kMeanings = [] {
  std::array<char, 256> meanings{};
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kStandFor = "\"\\/\b\f\n\r\t";
  for (size_t i = 0; i < kLetters.size(); ++i)
    meanings[static_cast<uint8_t>(kLetters[i])] = kStandFor[i];
  return meanings;
}();

/// \uXXXX, or two of them for a surrogate pair; half a pair is no escape.
Escape read_unicode_escape(std::string_view text, size_t at);

/// Reads the escape whose backslash stands at `at`.
inline Escape read_escape(std::string_view text, size_t at) {
  const char letter = at + 1 < text.size() ? text[at + 1] : '\0';
  const char meaning = kMeanings[static_cast<uint8_t>(letter)];
  if (meaning != '\0') return {2, 1, static_cast<uint8_t>(meaning)};
  return letter == 'u' ? read_unicode_escape(text, at) : Escape{};
}

/// Writes what the inside of a valid JSON string stands for; it is never longer. Returns its end.
char* unescape(std::string_view raw, char* out);

}  // namespace tollgate::json
