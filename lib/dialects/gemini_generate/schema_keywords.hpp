#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tollgate::dialects::gemini_generate {

/// Keywords of JSON Schema that are kept, rewritten or remarked upon, and those known to go.
enum class Keyword : uint8_t {
  kType,
  kFormat,
  kDescription,
  kNullable,
  kEnum,
  kConst,
  kItems,
  kPrefixItems,
  kMinItems,
  kMaxItems,
  kMinimum,
  kMaximum,
  kExclusiveMinimum,
  kExclusiveMaximum,
  kMinLength,
  kMaxLength,
  kPattern,
  kMinProperties,
  kMaxProperties,
  kProperties,
  kRequired,
  kPropertyOrdering,
  kAdditionalProperties,
  kAnyOf,
  kOneOf,
  kAllOf,
  kRef,
  kNot,
  kIf,
  kDependentRequired,
  kDependentSchemas,
  kDependencies,
  kContains,
  kPropertyNames,
  kPatternProperties,
  kUnevaluated,
  kMultipleOf,
  kUniqueItems,
  kDefault,
  kExamples,
  kTitle,
  kSchema,
  kOther,  ///< Anything else: annotations, and what no standard knows.
};
inline constexpr size_t kKeywordCount = static_cast<size_t>(Keyword::kOther) + 1;

struct KeywordName {
  std::string_view name;
  Keyword keyword;
};

// The first of several names is the one it is called by in losses. Ordered by length, see
// find_keyword().
inline constexpr std::array<KeywordName, 52> kKeywordNames = {{
    {"if", Keyword::kIf},
    {"not", Keyword::kNot},
    {"enum", Keyword::kEnum},
    {"type", Keyword::kType},
    {"$ref", Keyword::kRef},
    {"then", Keyword::kIf},
    {"else", Keyword::kIf},
    {"anyOf", Keyword::kAnyOf},
    {"oneOf", Keyword::kOneOf},
    {"allOf", Keyword::kAllOf},
    {"const", Keyword::kConst},
    {"items", Keyword::kItems},
    {"title", Keyword::kTitle},
    {"$defs", Keyword::kOther},
    {"format", Keyword::kFormat},
    {"default", Keyword::kDefault},
    {"minimum", Keyword::kMinimum},
    {"maximum", Keyword::kMaximum},
    {"pattern", Keyword::kPattern},
    {"$schema", Keyword::kSchema},
    {"example", Keyword::kExamples},
    {"required", Keyword::kRequired},
    {"nullable", Keyword::kNullable},
    {"minItems", Keyword::kMinItems},
    {"maxItems", Keyword::kMaxItems},
    {"contains", Keyword::kContains},
    {"examples", Keyword::kExamples},
    {"minLength", Keyword::kMinLength},
    {"maxLength", Keyword::kMaxLength},
    {"properties", Keyword::kProperties},
    {"multipleOf", Keyword::kMultipleOf},
    {"description", Keyword::kDescription},
    {"prefixItems", Keyword::kPrefixItems},
    {"uniqueItems", Keyword::kUniqueItems},
    {"minContains", Keyword::kContains},
    {"maxContains", Keyword::kContains},
    {"definitions", Keyword::kOther},
    {"dependencies", Keyword::kDependencies},
    {"propertyNames", Keyword::kPropertyNames},
    {"minProperties", Keyword::kMinProperties},
    {"maxProperties", Keyword::kMaxProperties},
    {"additionalItems", Keyword::kOther},
    {"exclusiveMinimum", Keyword::kExclusiveMinimum},
    {"exclusiveMaximum", Keyword::kExclusiveMaximum},
    {"propertyOrdering", Keyword::kPropertyOrdering},
    {"dependentSchemas", Keyword::kDependentSchemas},
    {"unevaluatedItems", Keyword::kUnevaluated},
    {"dependentRequired", Keyword::kDependentRequired},
    {"patternProperties", Keyword::kPatternProperties},
    {"additionalProperties", Keyword::kAdditionalProperties},
    {"unevaluatedProperties", Keyword::kUnevaluated},
    {"unknown keyword of a schema", Keyword::kOther},
}};

inline constexpr size_t kKeywordLengthMax = 21;

/// Where names of a length begin in the table: few comparisons for each of a request's thousands.
inline constexpr std::array<uint8_t, kKeywordLengthMax + 2> kKeywordsOfLength = [] {
  std::array<uint8_t, kKeywordLengthMax + 2> begin{};
  size_t at = 0;
  for (size_t length = 0; length < begin.size(); ++length) {
    while (at < kKeywordNames.size() && kKeywordNames[at].name.size() < length)
      ++at;
    begin[length] = static_cast<uint8_t>(at);
  }
  return begin;
}();

constexpr Keyword find_keyword(std::string_view name) {
  if (name.size() > kKeywordLengthMax) return Keyword::kOther;
  for (size_t i = kKeywordsOfLength[name.size()]; i < kKeywordsOfLength[name.size() + 1]; ++i) {
    if (kKeywordNames[i].name == name) return kKeywordNames[i].keyword;
  }
  return Keyword::kOther;
}

/// The name a keyword is written and reported by.
constexpr std::string_view keyword_name(Keyword keyword) {
  for (const KeywordName& row : kKeywordNames) {
    if (row.keyword == keyword) return keyword == Keyword::kOther ? "other" : row.name;
  }
  return {};
}

inline constexpr size_t kRemarkBytesMax = 160;  ///< Longer remarks are left out of descriptions.

struct TypeName {
  std::string_view name;
  uint8_t bit;
};

inline constexpr uint8_t kTypeString = 1;
inline constexpr uint8_t kTypeNumber = 2;
inline constexpr uint8_t kTypeInteger = 4;
inline constexpr uint8_t kTypeBoolean = 8;
inline constexpr uint8_t kTypeArray = 16;
inline constexpr uint8_t kTypeObject = 32;
inline constexpr uint8_t kTypeNull = 64;

constexpr bool is_single(uint8_t types) {
  return types != 0 && (types & (types - 1U)) == 0;
}

inline constexpr std::array<TypeName, 7> kTypes = {{
    {"string", kTypeString},
    {"number", kTypeNumber},
    {"integer", kTypeInteger},
    {"boolean", kTypeBoolean},
    {"array", kTypeArray},
    {"object", kTypeObject},
    {"null", kTypeNull},
}};

}  // namespace tollgate::dialects::gemini_generate
