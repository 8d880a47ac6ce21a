#include "json/splice.hpp"

#include <array>
#include <cstdint>

#include "json/scanner.hpp"
#include "json/utf8.hpp"

namespace tollgate::json {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 0;
}

/// Reads the four digits at `at`, or those that are there.
uint32_t hex4(std::string_view raw, size_t at) {
  uint32_t unit = 0;
  for (size_t i = at; i < at + 4 && i < raw.size(); ++i)
    unit = unit * 16 + static_cast<uint32_t>(hex_value(raw[i]));
  return unit;
}

void append_utf8(std::string& out, uint32_t point) {
  const auto put = [&](uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | (point >> 6));
    put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | (point >> 12));
    put(0x80 | ((point >> 6) & 0x3F));
    put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | (point >> 18));
    put(0x80 | ((point >> 12) & 0x3F));
    put(0x80 | ((point >> 6) & 0x3F));
    put(0x80 | (point & 0x3F));
  }
}

std::string unescaped(std::string_view raw) {
  constexpr std::string_view kLetters = "bfnrt";
  constexpr std::string_view kMeanings = "\b\f\n\r\t";
  std::string out;
  for (size_t i = 0; i < raw.size();) {
    if (raw[i] != '\\' || i + 1 >= raw.size()) {
      out += raw[i++];
      continue;
    }
    const char c = raw[i + 1];
    i += 2;
    if (c != 'u') {
      const size_t letter = kLetters.find(c);
      out += letter == std::string_view::npos ? c : kMeanings[letter];
      continue;
    }
    uint32_t point = hex4(raw, i);
    i += 4;
    if (point >= 0xD800 && point < 0xDC00) {
      point = 0x10000 + ((point - 0xD800) << 10) + ((hex4(raw, i + 2) - 0xDC00) & 0x3FF);
      i += 6;
    }
    append_utf8(out, point);
  }
  return out;
}

bool key_equals(std::string_view raw, std::string_view key) {
  if (raw == key) return raw.find('\\') == std::string_view::npos;
  // An escape is longer than what it stands for, at most six times.
  if (raw.size() <= key.size() || raw.size() > key.size() * 6) return false;
  return raw.find('\\') != std::string_view::npos && unescaped(raw) == key;
}

/// Leaves the scanner at the value of `key` in the object that begins here.
bool enter_member(Scanner& scanner, std::string_view text, std::string_view key) {
  if (scanner.peek() != '{') return false;
  scanner.step();
  for (;;) {
    scanner.skip_space();
    if (scanner.peek() != '"') return false;
    const Span quoted = scanner.take_string();
    scanner.skip_space();
    if (scanner.peek() != ':' || quoted.size < 2) return false;
    scanner.step();
    scanner.skip_space();
    if (key_equals(text.substr(quoted.offset + 1, quoted.size - 2), key)) return true;
    scanner.skip_value();
    scanner.skip_space();
    if (scanner.peek() != ',') return false;
    scanner.step();
  }
}

/// What a byte needs inside a JSON string.
enum Treatment : uint8_t { kPlain, kEscape, kCheckUtf8 };

constexpr std::array<uint8_t, 256> kTreatments = [] {
  std::array<uint8_t, 256> table{};
  for (size_t i = 0; i < table.size(); ++i)
    table[i] = i < 0x20 ? kEscape : i >= 0x80 ? kCheckUtf8 : kPlain;
  table['"'] = kEscape;
  table['\\'] = kEscape;
  return table;
}();

void append_escape(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '\\';
  switch (c) {
    case '\b':
      out += 'b';
      break;
    case '\f':
      out += 'f';
      break;
    case '\n':
      out += 'n';
      break;
    case '\r':
      out += 'r';
      break;
    case '\t':
      out += 't';
      break;
    case '"':
    case '\\':
      out += c;
      break;
    default:
      out += "u00";
      out += kHex[static_cast<uint8_t>(c) >> 4];
      out += kHex[static_cast<uint8_t>(c) & 0x0F];
  }
}

}  // namespace

std::optional<Span> find_span(std::string_view text, std::initializer_list<std::string_view> path) {
  Scanner scanner(text);
  scanner.skip_space();
  for (const std::string_view key : path) {
    if (!enter_member(scanner, text, key)) return std::nullopt;
  }
  const size_t begin = scanner.at();
  scanner.skip_value();
  if (scanner.at() == begin) return std::nullopt;
  return Span{begin, scanner.at() - begin};
}

void append_string(std::string& out, std::string_view value) {
  out += '"';
  size_t kept_from = 0;
  size_t at = 0;
  while (at < value.size()) {
    const uint8_t treatment = kTreatments[static_cast<uint8_t>(value[at])];
    if (treatment == kPlain) {
      ++at;
      continue;
    }
    if (treatment == kCheckUtf8) {
      const Utf8Step step = utf8_step(value, at);
      if (!step.valid) {
        out.append(value, kept_from, at - kept_from).append("\xEF\xBF\xBD");
        kept_from = at + step.size;
      }
      at += step.size;
      continue;
    }
    out.append(value, kept_from, at - kept_from);
    append_escape(out, value[at]);
    kept_from = ++at;
  }
  out.append(value, kept_from).append(1, '"');
}

}  // namespace tollgate::json
