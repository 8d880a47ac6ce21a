#include "base/crc32.hpp"

#include <array>
#include <cstddef>

namespace tollgate {
namespace {

constexpr uint32_t kPolynomial = 0xEDB88320U;
constexpr size_t kStride = 8;

using Tables = std::array<std::array<uint32_t, 256>, kStride>;

/// tables[k][b]: what byte b does to the checksum when k further bytes follow it.
constexpr Tables make_tables() {
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit)
      value = (value & 1U) != 0 ? (value >> 1) ^ kPolynomial : value >> 1;
    tables[0][byte] = value;
  }
  for (size_t k = 1; k < kStride; ++k) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8) ^ tables[0][before & 0xFFU];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

uint32_t byte_at(std::string_view bytes, size_t at) {
  return static_cast<uint8_t>(bytes[at]);
}

}  // namespace

uint32_t crc32(std::string_view bytes) {
  uint32_t crc = 0xFFFFFFFFU;
  size_t at = 0;
  // Eight bytes a step, since each table look-up depends on the one before it otherwise.
  for (; bytes.size() - at >= kStride; at += kStride) {
    crc ^= byte_at(bytes, at) | (byte_at(bytes, at + 1) << 8) | (byte_at(bytes, at + 2) << 16) |
           (byte_at(bytes, at + 3) << 24);
    crc = kTables[7][crc & 0xFFU] ^ kTables[6][(crc >> 8) & 0xFFU] ^
          kTables[5][(crc >> 16) & 0xFFU] ^ kTables[4][crc >> 24] ^
          kTables[3][byte_at(bytes, at + 4)] ^ kTables[2][byte_at(bytes, at + 5)] ^
          kTables[1][byte_at(bytes, at + 6)] ^ kTables[0][byte_at(bytes, at + 7)];
  }
  for (; at < bytes.size(); ++at)
    crc = (crc >> 8) ^ kTables[0][(crc ^ byte_at(bytes, at)) & 0xFFU];
  return ~crc;
}

}  // namespace tollgate
