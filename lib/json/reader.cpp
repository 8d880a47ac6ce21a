#include "json/reader.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <new>
#include <string>

#include <simdjson.h>

#include "base/limits.hpp"
#include "json/position.hpp"

namespace tollgate::json {
namespace {

using simdjson::error_code;
using simdjson::dom::document;
using simdjson::internal::tape_ref;
using simdjson::internal::tape_type;

static_assert(kPadding >= simdjson::SIMDJSON_PADDING);

/// The tape keeps a container's size in 24 bits and stops counting there.
constexpr size_t kCountMax = 0xFFFFFF;
/// The first value of a document stands behind the tape's root word.
constexpr size_t kFirstValue = 1;

tape_ref at(const void* doc, size_t index) {
  return tape_ref(static_cast<const document*>(doc), index);
}

bool continues_number(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

template <typename T>
bool fits(std::string_view digits) {
  T value = 0;
  return std::from_chars(digits.data(), digits.data() + digits.size(), value).ec == std::errc{};
}

/// The parser refuses whole numbers beyond 64 bits, which are valid JSON: with an exponent behind
/// them it reads them as doubles. Called for such a text only.
std::string with_large_integers_as_doubles(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8 + kPadding);
  for (size_t i = 0; i < text.size();) {
    const size_t begin = i;
    const bool number = text[i] == '-' || (text[i] >= '0' && text[i] <= '9');
    if (text[i] == '"') {
      for (++i; text[i] != '"'; ++i) {
        if (text[i] == '\\') ++i;
      }
      ++i;
    } else if (number) {
      while (i < text.size() && continues_number(text[i]))
        ++i;
    } else {
      ++i;
    }
    const std::string_view token = text.substr(begin, i - begin);
    out += token;
    const bool whole = number && token.find_first_of(".eE") == std::string_view::npos;
    if (whole && !fits<int64_t>(token) && !fits<uint64_t>(token)) out += "e0";
  }
  return out;
}

Status refusal(const Fault& fault) {
  return Status(fault.too_deep ? Code::kLimit : Code::kInvalid,
                fault.what + " at line " + std::to_string(fault.line) + " column " +
                    std::to_string(fault.column));
}

}  // namespace

struct Document::Parser {
  simdjson::dom::parser parser;
  std::unique_ptr<char[]> copy;
  size_t copy_size = 0;

  /// Memory for a text of `size` bytes. Sizes are rounded up so that a text that is a little longer
  /// than the one before does not allocate.
  bool reserve(size_t size) {
    if (parser.capacity() >= size && parser.doc.capacity() >= size && size > 0) return true;
    const size_t rounded = rounded_up(size);
    // Not empty containers count as nested; the parser refuses at the depth it is given.
    return parser.allocate(rounded, limits::kJsonDepthMax + 1) == simdjson::SUCCESS &&
           parser.doc.allocate(rounded) == simdjson::SUCCESS;
  }

  bool reserve_copy(size_t size) {
    if (copy != nullptr && copy_size >= size) return true;
    copy_size = 0;
    const size_t rounded = rounded_up(size);
    copy.reset(new (std::nothrow) char[rounded + kPadding]);
    if (copy == nullptr) return false;
    copy_size = rounded;
    return true;
  }

  error_code run(std::string_view text) {
    if (!reserve(text.size())) return simdjson::MEMALLOC;
    // Later releases of the parser skip a byte-order mark.
    if (text.starts_with("\xEF\xBB\xBF")) return simdjson::TAPE_ERROR;
    return parser.parse(text.data(), text.size(), false).error();
  }

 private:
  static size_t rounded_up(size_t size) {
    const size_t step = std::max<size_t>(std::bit_floor(size) / 4, 512);
    return (size / step + 1) * step;
  }
};

Document::Document() : parser_(std::make_unique<Parser>()) {}
Document::~Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;

Result<Value> Document::parse(std::string_view text) {
  if (!parser_->reserve_copy(text.size())) return Status(Code::kNoMemory, "out of memory");
  if (!text.empty()) std::memcpy(parser_->copy.get(), text.data(), text.size());
  return parse_padded(std::string_view(parser_->copy.get(), text.size()));
}

Result<Value> Document::parse_padded(std::string_view text) {
  error_code error = parser_->run(text);
  if (error == simdjson::NUMBER_ERROR) {
    const Fault fault = find_fault(text);
    if (!fault.what.empty()) return refusal(fault);
    std::string spelled = with_large_integers_as_doubles(text);
    const size_t size = spelled.size();
    spelled.resize(size + kPadding);
    error = parser_->run(std::string_view(spelled).substr(0, size));
  }
  if (error == simdjson::SUCCESS) return Value(&parser_->parser.doc, kFirstValue);
  if (error == simdjson::MEMALLOC || error == simdjson::CAPACITY) {
    return Status(Code::kNoMemory, "out of memory");
  }
  const Fault fault = find_fault(text);
  if (fault.what.empty()) return Status(Code::kInternal, simdjson::error_message(error));
  return refusal(fault);
}

size_t Document::memory() const {
  // What the parser allocates for each byte of capacity: a tape word, a structural index, and
  // 5/3 bytes for strings.
  const size_t per_index = sizeof(uint32_t) * parser_->parser.capacity();
  const size_t capacity = parser_->parser.doc.capacity();
  return per_index + capacity * sizeof(uint64_t) + capacity * 5 / 3 + parser_->copy_size;
}

Kind Value::kind() const {
  if (document_ == nullptr) return Kind::kMissing;
  switch (at(document_, index_).tape_ref_type()) {
    case tape_type::START_OBJECT:
      return Kind::kObject;
    case tape_type::START_ARRAY:
      return Kind::kArray;
    case tape_type::STRING:
      return Kind::kString;
    case tape_type::INT64:
      return Kind::kInt;
    case tape_type::UINT64:
      return Kind::kUint;
    case tape_type::DOUBLE:
      return Kind::kDouble;
    case tape_type::TRUE_VALUE:
    case tape_type::FALSE_VALUE:
      return Kind::kBool;
    case tape_type::NULL_VALUE:
      return Kind::kNull;
    default:
      return Kind::kMissing;
  }
}

std::optional<std::string_view> Value::string() const {
  if (kind() != Kind::kString) return std::nullopt;
  return at(document_, index_).get_string_view();
}

std::optional<int64_t> Value::integer() const {
  const Kind is = kind();
  if (is == Kind::kInt) return at(document_, index_).next_tape_value<int64_t>();
  if (is != Kind::kDouble) return std::nullopt;
  const double value = at(document_, index_).next_tape_value<double>();
  constexpr double kBeyond = 9223372036854775808.0;  // 2^63, the first that does not fit.
  if (value < -kBeyond || value >= kBeyond || std::trunc(value) != value) return std::nullopt;
  return static_cast<int64_t>(value);
}

std::optional<double> Value::number() const {
  switch (kind()) {
    case Kind::kInt:
      return static_cast<double>(at(document_, index_).next_tape_value<int64_t>());
    case Kind::kUint:
      return static_cast<double>(at(document_, index_).next_tape_value<uint64_t>());
    case Kind::kDouble:
      return at(document_, index_).next_tape_value<double>();
    default:
      return std::nullopt;
  }
}

std::optional<bool> Value::boolean() const {
  if (kind() != Kind::kBool) return std::nullopt;
  return at(document_, index_).tape_ref_type() == tape_type::TRUE_VALUE;
}

Value Value::operator[](std::string_view key) const {
  for (const Member member : members()) {
    if (member.key == key) return member.value;
  }
  return Value();
}

Members Value::members() const {
  if (kind() != Kind::kObject) return Members(nullptr, 0, 0);
  return Members(document_, index_ + 1, at(document_, index_).matching_brace_index() - 1);
}

Elements Value::elements() const {
  if (kind() != Kind::kArray) return Elements(nullptr, 0, 0);
  return Elements(document_, index_ + 1, at(document_, index_).matching_brace_index() - 1);
}

size_t Value::size() const {
  const Kind is = kind();
  if (is != Kind::kObject && is != Kind::kArray) return 0;
  const size_t counted = at(document_, index_).scope_count();
  if (counted < kCountMax) return counted;
  if (is == Kind::kObject) {
    const Members all = members();
    return static_cast<size_t>(std::distance(all.begin(), all.end()));
  }
  const Elements all = elements();
  return static_cast<size_t>(std::distance(all.begin(), all.end()));
}

Member Members::Iterator::operator*() const {
  return Member{at(document_, index_).get_string_view(), Value(document_, index_ + 1)};
}

Members::Iterator& Members::Iterator::operator++() {
  index_ = at(document_, index_ + 1).after_element();
  return *this;
}

Elements::Iterator& Elements::Iterator::operator++() {
  index_ = at(document_, index_).after_element();
  return *this;
}

}  // namespace tollgate::json
