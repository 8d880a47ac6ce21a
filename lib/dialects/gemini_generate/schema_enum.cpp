#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>

#include "dialects/gemini_generate/schema_clean.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

constexpr size_t kPlainEnumMax = 100;

uint8_t type_of(const SchemaTree::Node& node) {
  switch (node.kind) {
    case SchemaTree::Kind::kString:
      return kTypeString;
    case SchemaTree::Kind::kBool:
      return kTypeBoolean;
    case SchemaTree::Kind::kNumber:
      return node.whole ? kTypeInteger : kTypeNumber;
    case SchemaTree::Kind::kArray:
      return kTypeArray;
    default:
      return kTypeObject;
  }
}

/// Enough to find values that stand twice without a table.
constexpr size_t kFewValues = 16;

/// Whether a list is of few texts, none of them empty or there twice: it may stand as it is.
bool is_plain_list(const SchemaTree& tree, SchemaTree::Id list) {
  std::array<std::string_view, kFewValues> seen;
  size_t count = 0;
  for (SchemaTree::Id id = tree.at(list).first; id != SchemaTree::kNone; id = tree.at(id).next) {
    if (count == kFewValues || tree.is_empty_text(id)) return false;
    const std::string_view text = tree.text(id);
    const auto end = seen.begin() + static_cast<std::ptrdiff_t>(count);
    if (std::find(seen.begin(), end, text) != end) return false;
    seen[count++] = text;
  }
  return true;
}

}  // namespace

SchemaTree::Id SchemaCleaner::enum_of(const Rewrite& now) {
  const Id only = now.at(Keyword::kConst);
  if (only == kNone) return now.at(Keyword::kEnum);
  const Id values = tree_.make(Kind::kArray);
  tree_.append(values, only);
  return values;
}

/// The values that may stand in an enum; kNone where they had to become a remark.
SchemaTree::Id SchemaCleaner::cleaned_enum(Rewrite& now) {
  const Id values = enum_of(now);
  if (!tree_.is(values, Kind::kArray) || tree_.at(values).first == kNone) return kNone;
  const bool strings_only = !rules_.json_schema;
  const auto stated = static_cast<uint8_t>(now.types & ~kTypeNull);
  if ((stated == 0 || stated == kTypeString) && is_plain_list(tree_, values)) {
    now.types |= kTypeString;
    return values;
  }
  std::string told;
  tree_.write(values, told);
  uint8_t found = 0;
  size_t count = 0;
  std::unordered_set<std::string> seen;
  const Id cleaned = tree_.make(Kind::kArray);
  Id next = kNone;
  for (Id id = tree_.take_children(values); id != kNone && !tree_.full(); id = next) {
    next = tree_.at(id).next;
    const Kind kind = tree_.at(id).kind;
    if (kind == Kind::kNull) {
      now.nullable = true;
      if (stated != 0) now.types |= kTypeNull;
      continue;
    }
    const bool as_text = strings_only && kind == Kind::kNumber && stated == kTypeString;
    found |= as_text ? kTypeString : type_of(tree_.at(id));
    std::string text;
    tree_.write(id, text);
    // The same text may be spelled in several ways.
    const std::string known = kind == Kind::kString ? "\"" + std::string(tree_.text(id)) : text;
    if (known == "\"" || !seen.insert(known).second) {
      lose(Keyword::kEnum);
      continue;
    }
    if (as_text) id = tree_.make_string(std::move(text));
    tree_.append(cleaned, id);
    ++count;
  }
  if ((found & kTypeNumber) != 0) found &= static_cast<uint8_t>(~kTypeInteger);
  if (stated == 0) now.types |= found;
  const uint8_t taken =
      strings_only ? kTypeString : static_cast<uint8_t>(kTypeString | kTypeNumber | kTypeInteger);
  const bool sound = (found & ~taken) == 0 &&
                     (!strings_only || stated == 0 || stated == kTypeString) &&
                     (!strings_only || is_single(found));
  if (sound && count > 0 && !(rules_.plain && count > kPlainEnumMax)) return cleaned;
  if (count == 0 && found == kTypeString) return kNone;
  lose(Keyword::kEnum);
  if (told.size() <= kRemarkBytesMax) {
    const bool one = now.at(Keyword::kConst) != kNone;
    now.remarks.push_back((one ? "must be " : "one of ") +
                          (one ? told.substr(1, told.size() - 2) : told));
  }
  return kNone;
}

}  // namespace tollgate::dialects::gemini_generate
