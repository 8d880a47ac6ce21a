#include "json/reader.hpp"

#include <charconv>
#include <cmath>
#include <cstring>
#include <new>
#include <string>

#include <simdjson.h>

#include "json/number.hpp"
#include "json/position.hpp"
#include "json/tape.hpp"

namespace tollgate::json {
namespace {

using simdjson::error_code;

static_assert(kPadding >= simdjson::SIMDJSON_PADDING);

const Tape& tape_of(const void* document) {
  return *static_cast<const Tape*>(document);
}

template <typename T>
std::optional<T> whole_number(std::string_view digits) {
  T value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (read.ec != std::errc{}) return std::nullopt;
  return value;
}

/// Whole numbers that no integer holds are doubles.
Kind kind_of_number(std::string_view number) {
  if (!is_whole(number)) return Kind::kDouble;
  if (whole_number<int64_t>(number)) return Kind::kInt;
  return whole_number<uint64_t>(number) ? Kind::kUint : Kind::kDouble;
}

Status refusal(const Fault& fault) {
  return Status(fault.too_deep ? Code::kLimit : Code::kInvalid,
                fault.what + " at line " + std::to_string(fault.line) + " column " +
                    std::to_string(fault.column));
}

}  // namespace

/// simdjson finds the places of a text and checks its UTF-8 and its control characters, which is
/// its first stage. The second, which copies all strings, is not used: most are never looked at.
struct Document::Parser {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> places;
  Tape tape;
  std::unique_ptr<char[]> copy;
  size_t copy_size = 0;

  bool reserve(size_t size) {
    if (places != nullptr && places->capacity() >= size) return true;
    const size_t rounded = rounded_up(size);
    if (places != nullptr) return places->set_capacity(rounded) == simdjson::SUCCESS;
    // The depth is that of the stage which is not used.
    return simdjson::get_active_implementation()->create_dom_parser_implementation(
               rounded, 1, places) == simdjson::SUCCESS;
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

  Tape::Built run(std::string_view text, Mark* mark) {
    if (!reserve(text.size())) return Tape::Built::kNoMemory;
    // Later releases of the parser skip a byte-order mark.
    if (text.empty() || text.starts_with("\xEF\xBB\xBF")) return Tape::Built::kFault;
    const error_code error = places->stage1(reinterpret_cast<const uint8_t*>(text.data()),
                                            text.size(), simdjson::stage1_mode::regular);
    if (error == simdjson::MEMALLOC || error == simdjson::CAPACITY) return Tape::Built::kNoMemory;
    if (error != simdjson::SUCCESS) return Tape::Built::kFault;
    const size_t count = places->n_structural_indexes;
    if (!tape.reserve(count)) return Tape::Built::kNoMemory;
    return tape.build(text, places->structural_indexes.get(), count, mark);
  }
};

Document::Document() : parser_(std::make_unique<Parser>()) {}
Document::~Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;

Result<Value> Document::parse(std::string_view text) {
  if (!parser_->reserve_copy(text.size())) return Status(Code::kNoMemory, "out of memory");
  if (!text.empty()) std::memcpy(parser_->copy.get(), text.data(), text.size());
  // What stands there does not matter, but tools that watch memory tell of bytes nobody wrote.
  std::memset(parser_->copy.get() + text.size(), 0, kPadding);
  return parse_padded(std::string_view(parser_->copy.get(), text.size()));
}

Result<Value> Document::parse_padded(std::string_view text, Mark* mark) {
  if (mark != nullptr && mark->text.size() > Mark::kSizeMax) return invalid("a mark is too long");
  const Tape::Built built = parser_->run(text, mark);
  if (built == Tape::Built::kWhole) return Value(&parser_->tape, 0);
  if (built == Tape::Built::kNoMemory) return Status(Code::kNoMemory, "out of memory");
  const Fault fault = find_fault(text);
  if (fault.what.empty()) return Status(Code::kInternal, "the parser refused valid JSON");
  return refusal(fault);
}

size_t Document::memory() const {
  const size_t capacity = parser_->places == nullptr ? 0 : parser_->places->capacity();
  return capacity * sizeof(uint32_t) + parser_->tape.memory() + parser_->copy_size;
}

Kind Value::kind() const {
  if (document_ == nullptr) return Kind::kMissing;
  const Tape& tape = tape_of(document_);
  switch (tape.first(index_)) {
    case '{':
      return Kind::kObject;
    case '[':
      return Kind::kArray;
    case '"':
      return Kind::kString;
    case 't':
    case 'f':
      return Kind::kBool;
    case 'n':
      return Kind::kNull;
    default:
      return kind_of_number(tape.raw(index_));
  }
}

bool Value::begins_with(char first) const {
  return document_ != nullptr && tape_of(document_).first(index_) == first;
}

std::optional<std::string_view> Value::string() const {
  if (!is_string()) return std::nullopt;
  return tape_of(document_).string(index_);
}

size_t Value::string_size() const {
  return is_string() ? tape_of(document_).string_size(index_) : 0;
}

std::string_view Value::raw() const {
  return document_ == nullptr ? std::string_view() : tape_of(document_).raw(index_);
}

bool Value::is_number() const {
  if (document_ == nullptr) return false;
  const char first = tape_of(document_).first(index_);
  return first == '-' || (first >= '0' && first <= '9');
}

std::optional<int64_t> Value::integer() const {
  if (!is_number()) return std::nullopt;
  const std::string_view text = raw();
  if (is_whole(text)) {
    if (const auto value = whole_number<int64_t>(text)) return value;
    if (whole_number<uint64_t>(text)) return std::nullopt;
  }
  const double value = to_double(text);
  constexpr double kBeyond = 9223372036854775808.0;  // 2^63, the first that does not fit.
  if (value < -kBeyond || value >= kBeyond || std::trunc(value) != value) return std::nullopt;
  return static_cast<int64_t>(value);
}

std::optional<double> Value::number() const {
  if (!is_number()) return std::nullopt;
  const std::string_view text = raw();
  if (const auto value = is_whole(text) ? whole_number<int64_t>(text) : std::nullopt) {
    return static_cast<double>(*value);
  }
  return to_double(text);
}

std::optional<bool> Value::boolean() const {
  if (begins_with('t')) return true;
  if (begins_with('f')) return false;
  return std::nullopt;
}

Value Value::operator[](std::string_view key) const {
  if (!is_object()) return Value();
  const Tape& tape = tape_of(document_);
  const size_t end = tape.node(index_).next;
  for (size_t i = index_ + 1; i < end; i = tape.node(i + 1).next) {
    if (tape.is_string(i, key)) return Value(document_, i + 1);
  }
  return Value();
}

Members Value::members() const {
  if (!is_object()) return Members(nullptr, 0, 0);
  return Members(document_, index_ + 1, tape_of(document_).node(index_).next);
}

Elements Value::elements() const {
  if (!is_array()) return Elements(nullptr, 0, 0);
  return Elements(document_, index_ + 1, tape_of(document_).node(index_).next);
}

size_t Value::size() const {
  return is_object() || is_array() ? tape_of(document_).node(index_).extra : 0;
}

Member Members::Iterator::operator*() const {
  return Member{tape_of(document_).string(index_), Value(document_, index_ + 1)};
}

Value Members::Iterator::key() const {
  return Value(document_, index_);
}

Members::Iterator& Members::Iterator::operator++() {
  index_ = tape_of(document_).node(index_ + 1).next;
  return *this;
}

Elements::Iterator& Elements::Iterator::operator++() {
  index_ = tape_of(document_).node(index_).next;
  return *this;
}

}  // namespace tollgate::json
