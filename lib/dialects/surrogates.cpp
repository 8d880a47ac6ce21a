#include "dialects/surrogates.hpp"

#include <algorithm>
#include <optional>

namespace tollgate::dialects {
namespace {

/// A character that no text may hold stands before the four digits of a half.
constexpr std::string_view kMarkEscape = "\\ufdd0";
constexpr std::string_view kMark = "\xEF\xB7\x90";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr size_t kHexDigits = 4;

std::optional<uint32_t> hex4(std::string_view text) {
  if (text.size() < kHexDigits) return std::nullopt;
  uint32_t value = 0;
  for (const char c : text.substr(0, kHexDigits)) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return std::nullopt;
    value = value * 16 + static_cast<uint32_t>(digit);
  }
  return value;
}

bool is_high(uint32_t unit) {
  return unit >= 0xD800 && unit < 0xDC00;
}

bool is_low(uint32_t unit) {
  return unit >= 0xDC00 && unit < 0xE000;
}

void append_pair(uint32_t high, uint32_t low, std::string& out) {
  const uint32_t point = 0x10000 + ((high - 0xD800) << 10U) + (low - 0xDC00);
  out += static_cast<char>(0xF0U | (point >> 18U));
  out += static_cast<char>(0x80U | ((point >> 12U) & 0x3FU));
  out += static_cast<char>(0x80U | ((point >> 6U) & 0x3FU));
  out += static_cast<char>(0x80U | (point & 0x3FU));
}

}  // namespace

bool mend_surrogates(std::string_view json, std::string& mended) {
  constexpr size_t kEscape = 6;
  bool found = false;
  mended.clear();
  for (size_t at = 0; at < json.size();) {
    if (json[at] != '\\' || at + 1 >= json.size()) {
      mended += json[at++];
      continue;
    }
    const auto unit = json[at + 1] == 'u' ? hex4(json.substr(at + 2)) : std::nullopt;
    if (!unit || (!is_high(*unit) && !is_low(*unit))) {
      mended.append(json.substr(at, 2));
      at += 2;
      continue;
    }
    const std::string_view next = json.substr(std::min(at + kEscape, json.size()));
    const auto second = next.starts_with("\\u") ? hex4(next.substr(2)) : std::nullopt;
    if (is_high(*unit) && second && is_low(*second)) {
      mended.append(json.substr(at, 2 * kEscape));
      at += 2 * kEscape;
      continue;
    }
    found = true;
    mended.append(kMarkEscape).append(json.substr(at + 2, kHexDigits));
    at += kEscape;
  }
  return found;
}

std::string_view Surrogates::join(std::string_view text, std::string& room) {
  if (text.empty() || (high_ == 0 && text.find(kMark) == std::string_view::npos)) return text;
  room.clear();
  while (!text.empty()) {
    const auto unit =
        text.starts_with(kMark) ? hex4(text.substr(kMark.size())) : std::optional<uint32_t>();
    if (unit && is_low(*unit) && high_ != 0) {
      append_pair(high_, *unit, room);
      high_ = 0;
      text.remove_prefix(kMark.size() + kHexDigits);
      continue;
    }
    // A half without its other one.
    if (high_ != 0) room += kReplacement;
    high_ = 0;
    if (!unit) {
      const size_t next = std::min(text.find(kMark, 1), text.size());
      room += text.substr(0, next);
      text.remove_prefix(next);
      continue;
    }
    if (is_high(*unit)) {
      high_ = *unit;
    } else {
      room += kReplacement;
    }
    text.remove_prefix(kMark.size() + kHexDigits);
  }
  return room;
}

std::string_view Surrogates::join_whole(std::string_view text, std::string& room) {
  Surrogates halves;
  const std::string_view joined = halves.join(text, room);
  if (halves.high_ == 0) return joined;
  room += kReplacement;
  return room;
}

}  // namespace tollgate::dialects
