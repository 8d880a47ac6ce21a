#include <random>

#include "dialects/openai_tools.hpp"
#include "dialects/same_json.hpp"
#include "json/reader.hpp"
#include "support/catch.hpp"

using namespace tollgate;
using namespace tollgate::dialects;

namespace {

struct Row {
  const char* name;
  const char* schema;
  OpenaiSchemaRules rules;
  const char* parameters;
};

const OpenaiSchemaRules kAll = {};
const OpenaiSchemaRules kXai = {false, false, false};
const OpenaiSchemaRules kOllama = {true, true, false};
const OpenaiSchemaRules kPlain = {true, false, true};

}  // namespace

TEST_CASE("a tool's schema is what the service takes at its top, and itself below") {
  const Row rows[] = {
      {"nothing", "", kAll, R"({"type":"object","properties":{}})"},
      {"an empty object", "{}", kAll, R"({"type":"object","properties":{}})"},
      {"no properties", R"({"type":"object"})", kAll, R"({"type":"object","properties":{}})"},
      {"no type", R"({"properties":{"a":{}}})", kAll, R"({"properties":{"a":{}},"type":"object"})"},
      {"as it should be",
       R"({"type":"object","properties":{"a":{"type":"string","format":"uri","pattern":"^x$"}},"required":["a"],"additionalProperties":false})",
       kAll,
       R"({"type":"object","properties":{"a":{"type":"string","format":"uri","pattern":"^x$"}},"required":["a"],"additionalProperties":false})"},
      {"its name and version",
       R"({"$schema":"http://json-schema.org/draft-07/schema#","type":"object","$id":"x","properties":{"$schema":{"type":"string"}}})",
       kAll, R"({"type":"object","properties":{"$schema":{"type":"string"}}})"},
      {"another type", R"({"type":["object","null"],"properties":{}})", kAll,
       R"({"type":"object","properties":{}})"},
      {"alternatives",
       R"({"anyOf":[{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]},{"type":"object","properties":{"a":{"type":"integer"},"b":{}},"required":["b","a"]}],"description":"d"})",
       kAll,
       R"({"type":"object","properties":{"a":{"type":"string"},"b":{}},"required":["a"],"description":"d"})"},
      {"all of them",
       R"({"type":"object","properties":{"x":{}},"required":["x"],"allOf":[{"$ref":"#/$defs/A"},{"properties":{"b":{}},"required":["b"]}],"$defs":{"A":{"properties":{"a":{}},"required":["a"]}}})",
       kAll,
       R"({"type":"object","properties":{"x":{},"a":{},"b":{}},"required":["x","a","b"],"$defs":{"A":{"properties":{"a":{}},"required":["a"]}}})"},
      {"enum and not",
       R"({"type":"object","properties":{"a":{}},"enum":[1],"not":{"required":["a"]}})", kAll,
       R"({"type":"object","properties":{"a":{}}})"},
      {"a reference at the top",
       R"({"$ref":"#/definitions/A","definitions":{"A":{"type":"object","properties":{"a":{}}}}})",
       kAll,
       R"({"type":"object","properties":{"a":{}},"definitions":{"A":{"type":"object","properties":{"a":{}}}}})"},
      {"no additionalProperties",
       R"({"type":"object","additionalProperties":false,"properties":{"additionalProperties":{"type":"object","additionalProperties":false},"b":{"items":{"anyOf":[{"additionalProperties":false,"type":"object"},{"additionalProperties":{"type":"string"}}]},"enum":[{"additionalProperties":false}]}}})",
       kXai,
       R"({"type":"object","properties":{"additionalProperties":{"type":"object"},"b":{"items":{"anyOf":[{"type":"object"},{"additionalProperties":{"type":"string"}}]},"enum":[{"additionalProperties":false}]}}})"},
      {"no patterns",
       R"({"type":"object","properties":{"pattern":{"type":"string","pattern":"a","format":"uri"},"format":{"items":[{"pattern":"x"}]}}})",
       kPlain,
       R"({"type":"object","properties":{"pattern":{"type":"string"},"format":{"items":[{}]}}})"},
      {"references put in",
       R"({"type":"object","properties":{"a":{"$ref":"#/$defs/A"},"b":{"items":{"$ref":"#/$defs/B"}}},"$defs":{"A":{"type":"string"},"B":{"type":"object","properties":{"a":{"$ref":"#/$defs/A"}}}}})",
       kOllama,
       R"({"type":"object","properties":{"a":{"type":"string"},"b":{"items":{"type":"object","properties":{"a":{"type":"string"}}}}}})"},
      {"a reference to a reference",
       R"({"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"$ref":"#/$defs/B"},"B":{"type":"string"}}})",
       kOllama, R"({"type":"object","properties":{"a":{"type":"string"}}})"},
      {"a reference to nothing", R"({"type":"object","properties":{"a":{"$ref":"#/$defs/Z"}}})",
       kOllama, R"({"type":"object","properties":{"a":{"$ref":"#/$defs/Z"}}})"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const std::string parameters = openai_parameters(row.schema, row.rules);
    CHECK(test::json_difference(parameters, row.parameters) == "");
    // What is clean stays, byte for byte.
    CHECK(openai_parameters(parameters, row.rules) == parameters);
  }
}

TEST_CASE("references in a circle end") {
  const char* schemas[] = {
      R"({"type":"object","properties":{"n":{"$ref":"#/$defs/N"}},"$defs":{"N":{"type":"object","properties":{"next":{"$ref":"#/$defs/N"}}}}})",
      R"({"$ref":"#/$defs/A","$defs":{"A":{"$ref":"#/$defs/B"},"B":{"$ref":"#/$defs/A"}}})",
      R"({"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"$ref":"#/$defs/A"}}})",
  };
  for (const char* schema : schemas) {
    const std::string parameters = openai_parameters(schema, kOllama);
    json::Document document;
    REQUIRE(document.parse(parameters).ok());
    CHECK(parameters.find("$ref") != std::string::npos);
    CHECK(parameters.find("$defs") != std::string::npos);
    CHECK(parameters.size() < 2000);
  }
}

TEST_CASE("references that double at every step stay bounded") {
  std::string schema = R"({"type":"object","properties":{"a":{"$ref":"#/$defs/D0"}},"$defs":{)";
  for (int i = 0; i < 40; ++i) {
    const std::string next = R"({"$ref":"#/$defs/D)" + std::to_string(i + 1) + "\"}";
    schema += "\"D" + std::to_string(i) + R"(":{"type":"object","properties":{"l":)" + next +
              ",\"r\":" + next + "}},";
  }
  schema += R"("D40":{"type":"string"}}})";
  const std::string parameters = openai_parameters(schema, kOllama);
  CHECK(parameters.size() < 1024 * 1024);
  json::Document document;
  CHECK(document.parse(parameters).ok());
}

namespace {

struct StrictRow {
  const char* name;
  const char* schema;
  bool clean;
};

}  // namespace

TEST_CASE("strict is for schemas that the service can enforce") {
  const StrictRow rows[] = {
      {"clean",
       R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false})",
       true},
      {"no properties",
       R"({"type":"object","properties":{},"required":[],"additionalProperties":false})", true},
      {"an optional property",
       R"({"type":"object","properties":{"a":{}},"required":[],"additionalProperties":false})",
       false},
      {"open", R"({"type":"object","properties":{"a":{}},"required":["a"]})", false},
      {"open below",
       R"({"type":"object","properties":{"a":{"type":"object","properties":{}}},"required":["a"],"additionalProperties":false})",
       false},
      {"alternatives below",
       R"({"type":"object","properties":{"a":{"anyOf":[{"type":"string"},{"type":"null"}]}},"required":["a"],"additionalProperties":false})",
       true},
      {"alternatives at the top",
       R"({"type":"object","anyOf":[],"properties":{},"additionalProperties":false})", false},
      {"one of",
       R"({"type":"object","properties":{"a":{"oneOf":[{"type":"string"}]}},"required":["a"],"additionalProperties":false})",
       false},
      {"a default",
       R"({"type":"object","properties":{"a":{"type":"string","default":"x"}},"required":["a"],"additionalProperties":false})",
       false},
      {"a property named default",
       R"({"type":"object","properties":{"default":{"type":"string"}},"required":["default"],"additionalProperties":false})",
       true},
      {"a reference",
       R"({"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"required":["a"],"additionalProperties":false,"$defs":{"A":{"type":"string"}}})",
       true},
      {"a reference with more",
       R"({"type":"object","properties":{"a":{"$ref":"#/$defs/A","description":"d"}},"required":["a"],"additionalProperties":false,"$defs":{"A":{"type":"string"}}})",
       false},
      {"a known format",
       R"({"type":"object","properties":{"a":{"type":"string","format":"uuid"}},"required":["a"],"additionalProperties":false})",
       true},
      {"another format",
       R"({"type":"object","properties":{"a":{"type":"string","format":"uri"}},"required":["a"],"additionalProperties":false})",
       false},
      {"a pattern",
       R"({"type":"object","properties":{"a":{"type":"string","pattern":"^a$"}},"required":["a"],"additionalProperties":false})",
       true},
      {"a look around",
       R"x({"type":"object","properties":{"a":{"type":"string","pattern":"^(?!a)"}},"required":["a"],"additionalProperties":false})x",
       false},
      {"no object", R"({"type":"string"})", false},
      {"no JSON", "{", false},
  };
  for (const StrictRow& row : rows) {
    INFO(row.name);
    CHECK(is_strict_clean(row.schema) == row.clean);
  }
  std::string deep = R"({"type":"string"})";
  for (int i = 0; i < 12; ++i)
    deep = R"({"type":"object","properties":{"a":)" + deep +
           R"(},"required":["a"],"additionalProperties":false})";
  CHECK_FALSE(is_strict_clean(deep));
}

namespace {

std::string random_schema(std::mt19937& random, int depth) {
  const char* keys[] = {"properties",  "items",  "additionalProperties",
                        "anyOf",       "$ref",   "type",
                        "pattern",     "format", "required",
                        "enum",        "not",    "$defs",
                        "description", "default"};
  const auto pick = [&](size_t bound) { return static_cast<size_t>(random()) % bound; };
  std::string out = "{";
  for (size_t i = pick(5); i > 0; --i) {
    const std::string key = keys[pick(std::size(keys))];
    std::string value = R"("#/$defs/a")";
    if (depth > 0) {
      switch (pick(5)) {
        case 0:
          value = random_schema(random, depth - 1);
          break;
        case 1:
          value =
              "[" + random_schema(random, depth - 1) + "," + random_schema(random, depth - 1) + "]";
          break;
        case 2:
          value = "{\"a\":" + random_schema(random, depth - 1) + "}";
          break;
        case 3:
          value = "false";
          break;
        default:
          break;
      }
    }
    out += (out.size() > 1 ? ",\"" : "\"") + key + "\":" + value;
  }
  return out + "}";
}

}  // namespace

TEST_CASE("any schema comes out as an object the service takes") {
  std::mt19937 random(11);
  json::Document document;
  for (int round = 0; round < 3000; ++round) {
    const std::string schema = random_schema(random, 4);
    for (const OpenaiSchemaRules& rules : {kAll, kXai, kOllama, kPlain}) {
      const std::string parameters = openai_parameters(schema, rules);
      INFO(schema);
      const auto parsed = document.parse(parameters);
      REQUIRE(parsed.ok());
      CHECK(parsed.value()["type"].string() == "object");
      CHECK(parsed.value()["properties"].is_object());
      for (const char* refused : {"anyOf", "oneOf", "allOf", "enum", "not"})
        CHECK_FALSE(parsed.value()[refused].exists());
      (void)is_strict_clean(parameters);
    }
  }
}
