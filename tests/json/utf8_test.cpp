#include "json/utf8.hpp"

#include <cstdint>
#include <string>

#include "support/catch.hpp"

namespace tollgate::json {
namespace {

/// The encoding straight from RFC 3629's table.
std::string encoded(uint32_t point) {
  const auto byte = [](uint32_t value) { return static_cast<char>(value); };
  const auto tail = [&](uint32_t value) { return byte(0x80 | (value & 0x3F)); };
  if (point < 0x80) return {byte(point)};
  if (point < 0x800) return {byte(0xC0 | (point >> 6)), tail(point)};
  if (point < 0x10000) return {byte(0xE0 | (point >> 12)), tail(point >> 6), tail(point)};
  return {byte(0xF0 | (point >> 18)), tail(point >> 12), tail(point >> 6), tail(point)};
}

TEST_CASE("every character is one step; surrogates and what lies above are none", "[json]") {
  size_t wrong = 0;
  for (uint32_t point = 0; point < 0x120000; ++point) {
    const std::string text = encoded(point);
    const Utf8Step step = utf8_step(text, 0);
    const bool valid = (point < 0xD800 || point > 0xDFFF) && point <= 0x10FFFF;
    if (step.valid != valid || (valid && step.size != text.size())) ++wrong;
    // A character cut off is invalid, and the whole beginning of it is one step.
    if (valid && text.size() > 1) {
      const Utf8Step half = utf8_step(text.substr(0, text.size() - 1), 0);
      if (half.valid || half.size != text.size() - 1) ++wrong;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("forms longer than needed are invalid", "[json]") {
  for (const std::string text : {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF",
                                 "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\x80", "\xFE"}) {
    CHECK_FALSE(utf8_step(text, 0).valid);
    CHECK(utf8_step(text, 0).size == 1);
  }
}

}  // namespace
}  // namespace tollgate::json
