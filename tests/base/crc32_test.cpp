#include "base/crc32.hpp"

#include <string>

#include "base/rng.hpp"
#include "support/catch.hpp"

namespace tollgate {
namespace {

/// The definition, bit by bit.
uint32_t by_the_book(std::string_view bytes) {
  uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes) {
    crc ^= static_cast<uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

TEST_CASE("CRC-32 of known texts") {
  CHECK(crc32("") == 0);
  CHECK(crc32("123456789") == 0xCBF43926U);
  CHECK(crc32("The quick brown fox jumps over the lazy dog") == 0x414FA339U);
}

TEST_CASE("CRC-32 of every length and beginning is the definition's") {
  Rng rng(5);
  std::string bytes;
  for (int i = 0; i < 80; ++i)
    bytes += static_cast<char>(rng.below(256));
  for (size_t begin = 0; begin < 9; ++begin) {
    for (size_t size = 0; begin + size <= bytes.size(); ++size) {
      const std::string_view part = std::string_view(bytes).substr(begin, size);
      CHECK(crc32(part) == by_the_book(part));
    }
  }
}

}  // namespace
}  // namespace tollgate
