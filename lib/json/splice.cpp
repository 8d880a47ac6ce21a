#include "json/splice.hpp"

#include <array>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "json/escapes.hpp"
#include "json/scanner.hpp"
#include "json/utf8.hpp"

namespace tollgate::json {
namespace {

std::string unescaped(std::string_view raw) {
  std::string out(raw.size(), '\0');
  out.resize(static_cast<size_t>(unescape(raw, out.data()) - out.data()));
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

/// The first byte at or behind `at` that is not kPlain.
size_t find_special(std::string_view value, size_t at) {
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i space = _mm_set1_epi8(' ');
  for (; at + sizeof(__m128i) <= value.size(); at += sizeof(__m128i)) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(value.data() + at));
    // Bytes from 0x80 on are negative here, so smaller than a space as control characters are.
    const __m128i hit =
        _mm_or_si128(_mm_cmplt_epi8(bytes, space),
                     _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)));
    const int found = _mm_movemask_epi8(hit);
    if (found != 0) return at + static_cast<size_t>(__builtin_ctz(static_cast<unsigned>(found)));
  }
#endif
  while (at < value.size() && kTreatments[static_cast<uint8_t>(value[at])] == kPlain)
    ++at;
  return at;
}

/// The letter behind the backslash of a short escape; NUL where there is none.
constexpr char short_escape(char c) {
  switch (c) {
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    case '"':
    case '\\':
      return c;
    default:
      return '\0';
  }
}

void append_escape(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  if (const char letter = short_escape(c); letter != '\0') {
    const char escape[] = {'\\', letter};
    out.append(escape, sizeof escape);
    return;
  }
  const auto byte = static_cast<uint8_t>(c);
  const char escape[] = {'\\', 'u', '0', '0', kHex[byte >> 4], kHex[byte & 0x0F]};
  out.append(escape, sizeof escape);
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
  while ((at = find_special(value, at)) < value.size()) {
    if (kTreatments[static_cast<uint8_t>(value[at])] == kCheckUtf8) {
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
