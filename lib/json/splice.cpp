#include "json/splice.hpp"

#include <algorithm>
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

/// Writes the escape of a byte; 6 bytes of room are enough.
char* put_escape(char* to, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  *to++ = '\\';
  if (const char letter = short_escape(c); letter != '\0') {
    *to++ = letter;
    return to;
  }
  const auto byte = static_cast<uint8_t>(c);
  for (const char digit : {'u', '0', '0', kHex[byte >> 4], kHex[byte & 0x0F]})
    *to++ = digit;
  return to;
}

/// Copies bytes from `at` on up to the first one that is not kPlain, which `at` becomes. Behind
/// `to` there is room for all that is left of the text, and for kSpare bytes more.
char* copy_plain(char* to, std::string_view value, size_t& at) {
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i space = _mm_set1_epi8(' ');
  while (at + sizeof(__m128i) <= value.size()) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(value.data() + at));
    // Bytes from 0x80 on are negative here, so smaller than a space as control characters are.
    const __m128i hit =
        _mm_or_si128(_mm_cmplt_epi8(bytes, space),
                     _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)));
    // What is too much is written over.
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
    const int found = _mm_movemask_epi8(hit);
    const int plain = found == 0 ? 16 : __builtin_ctz(static_cast<unsigned>(found));
    at += static_cast<size_t>(plain);
    to += plain;
    if (found != 0) return to;
  }
#endif
  while (at < value.size() && kTreatments[static_cast<uint8_t>(value[at])] == kPlain)
    *to++ = value[at++];
  return to;
}

/// More than the closing quote, an escape and a replaced character need at once.
constexpr size_t kSpare = 32;

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

namespace {

/// Keys and names, nearly all strings there are: no longer than this, and plain.
constexpr size_t kShortMax = 30;

bool append_short(std::string& out, std::string_view value) {
  char room[kShortMax + 2];
  room[0] = '"';
  bool plain = true;
  for (size_t i = 0; i < value.size(); ++i) {
    plain = plain && kTreatments[static_cast<uint8_t>(value[i])] == kPlain;
    room[i + 1] = value[i];
  }
  room[value.size() + 1] = '"';
  if (plain) out.append(room, value.size() + 2);
  return plain;
}

}  // namespace

void append_string(std::string& out, std::string_view value) {
  if (value.size() <= kShortMax && append_short(out, value)) return;
  size_t used = out.size();
  out.resize(used + value.size() + 2 * kSpare);
  out[used++] = '"';
  char* to = out.data() + used;
  for (size_t at = 0;;) {
    to = copy_plain(to, value, at);
    if (at >= value.size()) break;
    if (kTreatments[static_cast<uint8_t>(value[at])] == kCheckUtf8) {
      const Utf8Step step = utf8_step(value, at);
      const std::string_view shown = step.valid ? value.substr(at, step.size) : "\xEF\xBF\xBD";
      to = std::copy(shown.begin(), shown.end(), to);
      at += step.size;
    } else {
      to = put_escape(to, value[at++]);
    }
    used = static_cast<size_t>(to - out.data());
    if (out.size() - used < value.size() - at + kSpare) {
      out.resize(used + (value.size() - at) * 5 / 4 + 4 * kSpare);
      to = out.data() + used;
    }
  }
  *to++ = '"';
  out.resize(static_cast<size_t>(to - out.data()));
}

}  // namespace tollgate::json
