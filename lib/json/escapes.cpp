#include "json/escapes.hpp"

#include <cstring>

namespace tollgate::json {
namespace {

constexpr uint32_t kNoUnit = 0xFFFFFFFF;

uint32_t hex_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<uint32_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<uint32_t>(c - 'A' + 10);
  return kNoUnit;
}

/// The unit of the \uXXXX that begins at `at`; kNoUnit when none does.
uint32_t unit_at(std::string_view text, size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return kNoUnit;
  uint32_t unit = 0;
  for (size_t i = at + 2; i < at + 6; ++i) {
    const uint32_t digit = hex_value(text[i]);
    if (digit == kNoUnit) return kNoUnit;
    unit = unit * 16 + digit;
  }
  return unit;
}

uint32_t utf8_size(uint32_t point) {
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

char* put_utf8(char* out, const Escape& escape) {
  constexpr uint32_t kLeads[] = {0, 0, 0xC0, 0xE0, 0xF0};
  for (uint32_t i = escape.utf8_size; i > 1; --i) {
    const uint32_t rest = escape.point >> (6 * (escape.utf8_size - i));
    out[i - 1] = static_cast<char>(0x80 | (rest & 0x3F));
  }
  const uint32_t lead = escape.point >> (6 * (escape.utf8_size - 1));
  *out = static_cast<char>(kLeads[escape.utf8_size] | lead);
  return out + escape.utf8_size;
}

}  // namespace

Escape read_unicode_escape(std::string_view text, size_t at) {
  const uint32_t unit = unit_at(text, at);
  if (unit == kNoUnit) return {};
  if (unit < 0xD800 || unit > 0xDFFF) return {6, utf8_size(unit), unit};
  const uint32_t low = unit < 0xDC00 ? unit_at(text, at + 6) : kNoUnit;
  if (low < 0xDC00 || low > 0xDFFF) return {};
  return {12, 4, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)};
}

char* unescape(std::string_view raw, char* out) {
  size_t at = 0;
  while (at < raw.size()) {
    const void* found = std::memchr(raw.data() + at, '\\', raw.size() - at);
    const size_t plain = found == nullptr
                             ? raw.size() - at
                             : static_cast<size_t>(static_cast<const char*>(found) - &raw[at]);
    std::memcpy(out, raw.data() + at, plain);
    out += plain;
    at += plain;
    if (at == raw.size()) break;
    const Escape escape = read_escape(raw, at);
    if (escape.size == 0) break;  // No valid string holds one.
    out = put_utf8(out, escape);
    at += escape.size;
  }
  return out;
}

}  // namespace tollgate::json
