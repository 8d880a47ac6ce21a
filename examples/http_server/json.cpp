#include "json.hpp"

#include <bit>

#include <simdjson.h>

namespace tollgate::server {

namespace dom = simdjson::dom;

static_assert(sizeof(dom::element) == sizeof(std::array<std::byte, 16>));
static_assert(std::is_trivially_copyable_v<dom::element>);

/// simdjson's element is a plain value of two words; it is carried as bytes so that json.hpp need
/// not include simdjson.h, which costs more than a second in every file that does.
struct JsonAccess {
  static dom::element element(const JsonValue& value) {
    return std::bit_cast<dom::element>(value.element_);
  }
  static JsonValue value(dom::element element) {
    JsonValue value;
    value.element_ = std::bit_cast<std::array<std::byte, 16>>(element);
    value.present_ = true;
    return value;
  }
};

JsonValue::Kind JsonValue::kind() const {
  if (!present_) return Kind::kMissing;
  switch (JsonAccess::element(*this).type()) {
    case dom::element_type::ARRAY:
      return Kind::kArray;
    case dom::element_type::OBJECT:
      return Kind::kObject;
    case dom::element_type::STRING:
      return Kind::kString;
    case dom::element_type::BOOL:
      return Kind::kBool;
    case dom::element_type::NULL_VALUE:
      return Kind::kNull;
    case dom::element_type::INT64:
    case dom::element_type::UINT64:
    case dom::element_type::DOUBLE:
      break;
  }
  return Kind::kNumber;
}

JsonValue JsonValue::member(std::string_view name) const {
  if (!is(Kind::kObject)) return {};
  dom::element found;
  if (JsonAccess::element(*this).at_key(name).get(found) != simdjson::SUCCESS) return {};
  return JsonAccess::value(found);
}

std::string_view JsonValue::text() const {
  std::string_view text;
  if (!present_ || JsonAccess::element(*this).get(text) != simdjson::SUCCESS) return {};
  return text;
}

int64_t JsonValue::integer(int64_t otherwise) const {
  int64_t number = 0;
  if (!present_ || JsonAccess::element(*this).get(number) != simdjson::SUCCESS) return otherwise;
  return number;
}

bool JsonValue::boolean(bool otherwise) const {
  bool flag = false;
  if (!present_ || JsonAccess::element(*this).get(flag) != simdjson::SUCCESS) return otherwise;
  return flag;
}

std::string JsonValue::json() const {
  return present_ ? std::string(simdjson::minify(JsonAccess::element(*this))) : std::string();
}

void JsonValue::each_item(const std::function<void(JsonValue)>& visit) const {
  if (!is(Kind::kArray)) return;
  dom::array items;
  if (JsonAccess::element(*this).get(items) != simdjson::SUCCESS) return;
  for (const dom::element item : items)
    visit(JsonAccess::value(item));
}

void JsonValue::each_member(const std::function<void(std::string_view, JsonValue)>& visit) const {
  if (!is(Kind::kObject)) return;
  dom::object members;
  if (JsonAccess::element(*this).get(members) != simdjson::SUCCESS) return;
  for (const auto member : members)
    visit(member.key, JsonAccess::value(member.value));
}

struct JsonDocument::Parser {
  dom::parser parser;
};

JsonDocument::JsonDocument() : parser_(std::make_unique<Parser>()) {}
JsonDocument::~JsonDocument() = default;

JsonValue JsonDocument::parse(std::string_view text) {
  dom::element top;
  if (parser_->parser.parse(text.data(), text.size()).get(top) != simdjson::SUCCESS) return {};
  return JsonAccess::value(top);
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20) {
      out += "\\u00";
      out += "0123456789abcdef"[byte >> 4U];
      out += "0123456789abcdef"[byte & 15U];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace tollgate::server
