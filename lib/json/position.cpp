#include "json/position.hpp"

#include <algorithm>
#include <bitset>
#include <cstdint>
#include <optional>

#include "base/limits.hpp"
#include "json/number.hpp"
#include "json/utf8.hpp"

namespace tollgate::json {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Walks a text once, as strictly as the parser, and stops where it goes wrong.
class FaultFinder {
 public:
  explicit FaultFinder(std::string_view text) : text_(text) {}

  void walk();
  const char* what() const { return what_; }
  bool too_deep() const { return too_deep_; }
  size_t offset() const { return at_; }

 private:
  enum class Taken : uint8_t { kFault, kWhole, kOpened };

  char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool ended() const { return at_ >= text_.size(); }
  bool in_object() const { return is_object_[depth_]; }
  bool fail(const char* what);
  void skip_space();

  Taken take_value();
  Taken open();
  bool close_or_go_on(bool& value_follows);
  bool take_key();
  bool take_string();
  bool take_escape();
  std::optional<unsigned> take_hex4();
  bool take_literal(std::string_view literal);
  bool take_number();

  std::string_view text_;
  size_t at_ = 0;
  size_t depth_ = 0;  // Open containers that are not empty; an empty one nests nothing.
  std::bitset<limits::kJsonDepthMax + 1> is_object_;
  const char* what_ = nullptr;
  bool too_deep_ = false;
};

bool FaultFinder::fail(const char* what) {
  what_ = what;
  return false;
}

void FaultFinder::skip_space() {
  while (!ended() && is_space(text_[at_]))
    ++at_;
}

void FaultFinder::walk() {
  if (text_.starts_with("\xEF\xBB\xBF")) {
    fail("a byte-order mark is not allowed");
    return;
  }
  for (;;) {
    const Taken taken = take_value();
    if (taken == Taken::kFault) return;
    if (taken == Taken::kOpened) {
      if (in_object() && !take_key()) return;
      continue;
    }
    bool value_follows = false;
    while (depth_ > 0 && !value_follows) {
      if (!close_or_go_on(value_follows)) return;
    }
    if (!value_follows) break;
  }
  skip_space();
  if (!ended()) fail("unexpected text behind the value");
}

/// Behind a value inside a container: a comma and what must follow it, or the container's end.
bool FaultFinder::close_or_go_on(bool& value_follows) {
  skip_space();
  if (peek() == ',' && !ended()) {
    ++at_;
    value_follows = true;
    return !in_object() || take_key();
  }
  if (peek() == (in_object() ? '}' : ']')) {
    ++at_;
    --depth_;
    return true;
  }
  return fail(in_object() ? "expected a comma or a closing brace"
                          : "expected a comma or a closing bracket");
}

FaultFinder::Taken FaultFinder::take_value() {
  skip_space();
  bool good = false;
  switch (peek()) {
    case '{':
    case '[':
      return open();
    case '"':
      good = take_string();
      break;
    case 't':
      good = take_literal("true");
      break;
    case 'f':
      good = take_literal("false");
      break;
    case 'n':
      good = take_literal("null");
      break;
    default:
      good = peek() == '-' || is_digit(peek()) ? take_number() : fail("expected a value");
  }
  return good ? Taken::kWhole : Taken::kFault;
}

FaultFinder::Taken FaultFinder::open() {
  const size_t opened_at = at_;
  const bool object = peek() == '{';
  ++at_;
  skip_space();
  if (peek() == (object ? '}' : ']')) {
    ++at_;
    return Taken::kWhole;
  }
  if (depth_ == limits::kJsonDepthMax) {
    at_ = opened_at;
    too_deep_ = true;
    fail("nested too deeply");
    return Taken::kFault;
  }
  is_object_[++depth_] = object;
  return Taken::kOpened;
}

bool FaultFinder::take_key() {
  skip_space();
  if (peek() != '"') return fail("expected a key in quotes");
  if (!take_string()) return false;
  skip_space();
  if (peek() != ':') return fail("expected a colon");
  ++at_;
  return true;
}

bool FaultFinder::take_string() {
  ++at_;
  while (!ended()) {
    const char c = text_[at_];
    if (c == '"') {
      ++at_;
      return true;
    }
    if (c == '\\') {
      if (!take_escape()) return false;
      continue;
    }
    if (static_cast<uint8_t>(c) < 0x20) return fail("control character in a string");
    const Utf8Step step = utf8_step(text_, at_);
    if (!step.valid) return fail("invalid UTF-8");
    at_ += step.size;
  }
  return fail("unterminated string");
}

/// The fault of an escape is its backslash; of one that the text's end cuts off, the end.
bool FaultFinder::take_escape() {
  const size_t begin = at_;
  if (at_ + 1 == text_.size()) {
    ++at_;
    return fail("unterminated string");
  }
  if (peek(1) != 'u') {
    if (std::string_view("\"\\/bfnrt").find(peek(1)) == std::string_view::npos) {
      return fail("invalid escape in a string");
    }
    at_ += 2;
    return true;
  }
  const std::optional<unsigned> unit = take_hex4();
  if (!unit) return fail("invalid escape in a string");
  if (*unit < 0xD800 || *unit > 0xDFFF) return true;
  if (*unit < 0xDC00 && peek() == '\\' && peek(1) == 'u') {
    const std::optional<unsigned> low = take_hex4();
    if (low && *low >= 0xDC00 && *low <= 0xDFFF) return true;
  }
  at_ = begin;
  return fail("half of a surrogate pair in a string");
}

/// Takes \uXXXX; leaves its place as it is when there are not four hexadecimal digits.
std::optional<unsigned> FaultFinder::take_hex4() {
  unsigned unit = 0;
  for (size_t i = 2; i < 6; ++i) {
    const int digit = hex_value(peek(i));
    if (digit < 0) return std::nullopt;
    unit = unit * 16 + static_cast<unsigned>(digit);
  }
  at_ += 6;
  return unit;
}

bool FaultFinder::take_literal(std::string_view literal) {
  if (!text_.substr(at_).starts_with(literal)) return fail("expected a value");
  at_ += literal.size();
  // Another letter right behind is a misspelt literal, not a missing comma.
  const bool ends = ended() || is_space(peek()) ||
                    std::string_view(",]}:[{\"").find(peek()) != std::string_view::npos;
  return ends ? true : fail("expected the end of the value");
}

bool FaultFinder::take_number() {
  const size_t begin = at_;
  if (peek() == '-') ++at_;
  if (!is_digit(peek())) return fail("expected a digit");
  const bool leading_zero = peek() == '0';
  ++at_;
  if (leading_zero && is_digit(peek())) return fail("a number must not begin with 0");
  while (is_digit(peek()))
    ++at_;
  if (peek() == '.') {
    ++at_;
    if (!is_digit(peek())) return fail("expected a digit");
    while (is_digit(peek()))
      ++at_;
  }
  if (peek() == 'e' || peek() == 'E') {
    ++at_;
    if (peek() == '+' || peek() == '-') ++at_;
    if (!is_digit(peek())) return fail("expected a digit");
    while (is_digit(peek()))
      ++at_;
  }
  if (!overflows(text_.substr(begin, at_ - begin))) return true;
  at_ = begin;
  return fail("number beyond the range of a double");
}

}  // namespace

Fault find_fault(std::string_view text) {
  FaultFinder finder(text);
  finder.walk();
  Fault fault;
  if (finder.what() == nullptr) return fault;
  fault.what = finder.what();
  fault.too_deep = finder.too_deep();
  fault.offset = finder.offset();
  const std::string_view before = text.substr(0, fault.offset);
  fault.line = static_cast<size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  const size_t line_begin = before.find_last_of('\n') + 1;  // 0 when there is none: npos + 1.
  for (const char c : before.substr(line_begin)) {
    if ((static_cast<uint8_t>(c) & 0xC0) != 0x80) ++fault.column;
  }
  return fault;
}

}  // namespace tollgate::json
