#pragma once

#include <string>
#include <string_view>

#include "dialects/gemini_generate/schema_clean.hpp"
#include "dialects/same_json.hpp"
#include "support/catch.hpp"

namespace tollgate::dialects::gemini_generate {

struct CleanCase {
  const char* name;
  const char* input;
  const char* json_schema;
  const char* parameters;  ///< Null: the tool has no parameters. Empty: as json_schema.
};

inline std::string cleaned(std::string_view schema, SchemaRules rules, bool* there = nullptr) {
  SchemaCleaner cleaner(rules);
  std::string out;
  const bool any = cleaner.clean(schema, out);
  if (there != nullptr) *there = any;
  return out;
}

inline std::string in_object(std::string_view property) {
  return "{\"type\":\"object\",\"properties\":{\"p\":" + std::string(property) + "}}";
}

/// The row's schema as a property, in both forms.
inline void check_property(const CleanCase& row) {
  INFO(row.name);
  SchemaRules rules;
  const std::string json_schema = cleaned(in_object(row.input), rules);
  CHECK(test::json_difference(json_schema, in_object(row.json_schema)).empty());
  INFO(json_schema);
  rules.json_schema = false;
  const std::string parameters = cleaned(in_object(row.input), rules);
  INFO(parameters);
  const char* wanted = row.parameters[0] == '\0' ? row.json_schema : row.parameters;
  CHECK(test::json_difference(parameters, in_object(wanted)) == "");
}

}  // namespace tollgate::dialects::gemini_generate
