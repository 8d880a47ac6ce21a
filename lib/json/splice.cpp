#include "json/splice.hpp"

#include <array>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/find_byte.hpp"
#include "json/utf8.hpp"

namespace tollgate::json {
namespace {

/// Steps over valid JSON without building anything. On text that is not valid it may answer
/// anything, but it stays inside the text and comes to an end.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::optional<Span> find(std::initializer_list<std::string_view> path);

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space();
  /// From a quote to behind the string's end; its place, quotes included.
  Span take_string();
  void skip_value();
  void skip_container();
  size_t find_bracket_or_quote() const;
  /// Leaves the place at the value of `key` in the object that begins here.
  bool enter_member(std::string_view key);

  std::string_view text_;
  size_t at_ = 0;
};

void Scanner::skip_space() {
  while (at_ < text_.size() &&
         (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
    ++at_;
}

Span Scanner::take_string() {
  const size_t begin = at_;
  ++at_;
  for (;;) {
    at_ = find_either(text_, at_, '"', '\\');
    if (at_ >= text_.size()) break;
    if (text_[at_] == '"') {
      ++at_;
      break;
    }
    at_ += 2;
  }
  if (at_ > text_.size()) at_ = text_.size();
  return Span{begin, at_ - begin};
}

size_t Scanner::find_bracket_or_quote() const {
  size_t at = at_;
  // Brackets and braces differ in one bit, which the scan sets: two comparisons find all four.
  constexpr char kFold = 0x20;
#ifdef __SSE2__
  const __m128i fold = _mm_set1_epi8(kFold);
  const __m128i open = _mm_set1_epi8('{');
  const __m128i close = _mm_set1_epi8('}');
  const __m128i quote = _mm_set1_epi8('"');
  while (at + sizeof(__m128i) <= text_.size()) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text_.data() + at));
    const __m128i folded = _mm_or_si128(bytes, fold);
    const __m128i hit =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, quote),
                     _mm_or_si128(_mm_cmpeq_epi8(folded, open), _mm_cmpeq_epi8(folded, close)));
    const int found = _mm_movemask_epi8(hit);
    if (found != 0) return at + static_cast<size_t>(__builtin_ctz(static_cast<unsigned>(found)));
    at += sizeof(__m128i);
  }
#endif
  for (; at < text_.size(); ++at) {
    const char folded = static_cast<char>(text_[at] | kFold);
    if (text_[at] == '"' || folded == '{' || folded == '}') break;
  }
  return at;
}

/// Counts brackets outside strings: which kind closes which was checked by the parser.
void Scanner::skip_container() {
  size_t depth = 0;
  while (at_ < text_.size()) {
    at_ = find_bracket_or_quote();
    if (at_ >= text_.size()) return;
    const char c = text_[at_];
    if (c == '"') {
      take_string();
      continue;
    }
    ++at_;
    if (c == '{' || c == '[') {
      ++depth;
    } else if (depth <= 1) {
      return;
    } else {
      --depth;
    }
  }
}

void Scanner::skip_value() {
  const char c = peek();
  if (c == '"') {
    take_string();
  } else if (c == '{' || c == '[') {
    skip_container();
  } else {
    at_ = text_.find_first_of(",]} \n\r\t", at_);
    if (at_ == std::string_view::npos) at_ = text_.size();
  }
}

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

bool Scanner::enter_member(std::string_view key) {
  if (peek() != '{') return false;
  ++at_;
  for (;;) {
    skip_space();
    if (peek() != '"') return false;
    const Span quoted = take_string();
    skip_space();
    if (peek() != ':' || quoted.size < 2) return false;
    ++at_;
    skip_space();
    if (key_equals(text_.substr(quoted.offset + 1, quoted.size - 2), key)) return true;
    skip_value();
    skip_space();
    if (peek() != ',') return false;
    ++at_;
  }
}

std::optional<Span> Scanner::find(std::initializer_list<std::string_view> path) {
  skip_space();
  for (const std::string_view key : path) {
    if (!enter_member(key)) return std::nullopt;
  }
  const size_t begin = at_;
  skip_value();
  if (at_ == begin) return std::nullopt;
  return Span{begin, at_ - begin};
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
  return Scanner(text).find(path);
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
