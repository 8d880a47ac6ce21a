#include "dialects/gemini_generate/schema_untouched.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "dialects/gemini_generate/schema_keywords.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

constexpr uint32_t kNestingMax = 12;
constexpr size_t kFew = 64;

using Waiting = std::vector<PendingSchema>;

uint8_t type_of(json::Value schema) {
  const std::string_view name = schema["type"].string_or("");
  for (const TypeName& row : kTypes) {
    if (row.name == name && row.bit != kTypeNull) return row.bit;
  }
  return 0;
}

/// Texts of a list: few, none of them empty, none there twice; nothing else in it.
bool takes_texts(json::Value list, std::array<std::string_view, kFew>& texts, size_t& count) {
  count = 0;
  for (const json::Value each : list.elements()) {
    const std::string_view text = each.string_or("");
    if (text.empty() || count == kFew) return false;
    const auto end = texts.begin() + static_cast<std::ptrdiff_t>(count);
    if (std::find(texts.begin(), end, text) != end) return false;
    texts[count++] = text;
  }
  return count > 0;
}

/// Properties with names that differ; their schemas are left to be looked at.
bool takes_properties(json::Value properties, uint32_t depth, Waiting& waiting) {
  if (!properties.is_object()) return false;
  std::array<std::string_view, kFew> names;
  size_t count = 0;
  for (const json::Member property : properties.members()) {
    const auto end = names.begin() + static_cast<std::ptrdiff_t>(count);
    if (count == kFew || std::find(names.begin(), end, property.key) != end) return false;
    names[count++] = property.key;
    waiting.push_back({property.value, depth + 1});
  }
  return true;
}

bool takes_required(json::Value schema, json::Value required) {
  std::array<std::string_view, kFew> names;
  size_t count = 0;
  if (!takes_texts(required, names, count)) return false;
  const json::Value properties = schema["properties"];
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(count);
  return std::all_of(names.begin(), end,
                     [&](std::string_view name) { return properties[name].exists(); });
}

bool is_finite(json::Value value) {
  const std::optional<double> number = value.number();
  return number && std::isfinite(*number);
}

bool is_count(json::Value value) {
  const std::optional<int64_t> number = value.integer();
  return number && *number >= 0;
}

/// Whether one keyword of a schema of this type stays as it is.
bool takes_keyword(json::Value schema, uint8_t type, Keyword keyword, json::Value value,
                   uint32_t depth, Waiting& waiting) {
  const bool number = type == kTypeNumber || type == kTypeInteger;
  switch (keyword) {
    case Keyword::kType:
      return type != 0;
    case Keyword::kDescription:
      return value.string_size() > 0;
    case Keyword::kProperties:
      return type == kTypeObject && takes_properties(value, depth, waiting);
    case Keyword::kRequired:
      return type == kTypeObject && takes_required(schema, value);
    case Keyword::kAdditionalProperties:
      if (type != kTypeObject) return false;
      if (value.is_object()) waiting.push_back({value, depth + 1});
      return value.is_object() || value.boolean().has_value();
    case Keyword::kItems:
      if (type == kTypeArray && value.is_object()) waiting.push_back({value, depth + 1});
      return type == kTypeArray && value.is_object();
    case Keyword::kEnum: {
      std::array<std::string_view, kFew> texts;
      size_t count = 0;
      return type == kTypeString && takes_texts(value, texts, count);
    }
    case Keyword::kMinimum:
    case Keyword::kMaximum:
      return number && is_finite(value);
    case Keyword::kMinItems:
    case Keyword::kMaxItems:
      return type == kTypeArray && is_count(value);
    case Keyword::kFormat:
      return type == kTypeString && value.string_or("") == "date-time";
    default:
      return false;
  }
}

bool takes_schema(const PendingSchema& now, Waiting& waiting) {
  if (!now.schema.is_object() || now.depth > kNestingMax) return false;
  const uint8_t type = type_of(now.schema);
  uint64_t seen = 0;
  bool has_items = false;
  for (const json::Member member : now.schema.members()) {
    const Keyword keyword = find_keyword(member.key);
    const uint64_t bit = uint64_t{1} << static_cast<unsigned>(keyword);
    // Of keywords that stand twice the cleaner takes one.
    if ((seen & bit) != 0) return false;
    seen |= bit;
    has_items = has_items || keyword == Keyword::kItems;
    if (!takes_keyword(now.schema, type, keyword, member.value, now.depth, waiting)) return false;
  }
  return type != kTypeArray || has_items;
}

bool take_all(Waiting& waiting) {
  while (!waiting.empty()) {
    const PendingSchema now = waiting.back();
    waiting.pop_back();
    if (!takes_schema(now, waiting)) return false;
  }
  return true;
}

}  // namespace

bool is_untouched_member(json::Value top, json::Member member, std::vector<PendingSchema>& room) {
  room.clear();
  return takes_keyword(top, kTypeObject, find_keyword(member.key), member.value, 0, room) &&
         take_all(room);
}

}  // namespace tollgate::dialects::gemini_generate
