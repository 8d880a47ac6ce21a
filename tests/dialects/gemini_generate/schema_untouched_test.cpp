#include "dialects/gemini_generate/schema_untouched.hpp"

#include <random>
#include <string>

#include "dialects/gemini_generate/schema_clean.hpp"
#include "dialects/recorded_requests.hpp"
#include "dialects/same_json.hpp"
#include "json/walk.hpp"
#include "support/catch.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

bool all_untouched(const std::string& schema) {
  json::Document document;
  const auto parsed = document.parse(schema);
  REQUIRE(parsed.ok());
  bool all = true;
  std::vector<PendingSchema> room;
  for (const json::Member member : parsed.value().members())
    all = all && is_untouched_member(parsed.value(), member, room);
  return all;
}

TEST_CASE("what the cleaner would change is not taken for clean") {
  struct Row {
    const char* name;
    const char* members;  ///< Beside the type.
    bool untouched;
  };
  const Row rows[] = {
      {"nothing else", R"("description":"d")", true},
      {"an empty description", R"("description":"")", false},
      {"properties", R"("properties":{"a":{"type":"string"},"b":{}})", true},
      {"a property twice", R"("properties":{"a":{},"a":{}})", false},
      {"a property that is no schema", R"("properties":{"a":true})", false},
      {"required", R"("properties":{"a":{}},"required":["a"])", true},
      {"required of nothing", R"("properties":{"a":{}},"required":["b"])", false},
      {"required twice", R"("properties":{"a":{}},"required":["a","a"])", false},
      {"nothing required", R"("properties":{"a":{}},"required":[])", false},
      {"closed", R"("additionalProperties":false)", true},
      {"a map", R"("additionalProperties":{"type":"integer","minimum":-3})", true},
      {"a map of what must be cleaned", R"("additionalProperties":{"const":1})", false},
      {"a list", R"("properties":{"a":{"type":"array","items":{},"maxItems":3}})", true},
      {"a list of anything", R"("properties":{"a":{"type":"array"}})", false},
      {"a tuple", R"("properties":{"a":{"type":"array","items":[{}]}})", false},
      {"items of no list", R"("properties":{"a":{"type":"string","items":{}}})", false},
      {"an enum", R"("properties":{"a":{"type":"string","enum":["x","y"]}})", true},
      {"an enum twice", R"("properties":{"a":{"type":"string","enum":["x","\u0078"]}})", false},
      {"an enum of nothing", R"("properties":{"a":{"type":"string","enum":[""]}})", false},
      {"an enum without a type", R"("properties":{"a":{"enum":["x"]}})", false},
      {"an enum of numbers", R"("properties":{"a":{"type":"integer","enum":[1]}})", false},
      {"a bound of no number", R"("properties":{"a":{"type":"string","minimum":1}})", false},
      {"an exclusive bound", R"("properties":{"a":{"type":"number","exclusiveMinimum":1}})", false},
      {"two types", R"("properties":{"a":{"type":["string","null"]}})", false},
      {"a type in capitals", R"("properties":{"a":{"type":"STRING"}})", false},
      {"a type twice", R"("properties":{"a":{"type":"string","type":"null"}})", false},
      {"null", R"("properties":{"a":{"type":"null"}})", false},
      {"a date", R"("properties":{"a":{"type":"string","format":"date-time"}})", true},
      {"another format", R"("properties":{"a":{"type":"string","format":"uri"}})", false},
      {"a pattern", R"("properties":{"a":{"type":"string","pattern":"a"}})", false},
      {"a reference", R"("properties":{"a":{"$ref":"#"}})", false},
      {"a choice", R"("properties":{"a":{"anyOf":[{"type":"string"},{"type":"integer"}]}})", false},
      {"a word nobody knows", R"("properties":{"a":{"x-a":1}})", false},
      {"a title", R"("title":"t")", false},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(all_untouched(R"({"type":"object",)" + std::string(row.members) + "}") == row.untouched);
  }
  std::string deep = R"({"type":"string"})";
  for (int i = 0; i < 30; ++i)
    deep = R"({"type":"array","items":)" + deep + "}";
  CHECK_FALSE(all_untouched(R"({"type":"object","properties":{"a":)" + deep + "}}"));
}

/// The schema cleaned on the short way, and on the long one: a title at the top goes without a
/// trace, and takes the schema there.
void check_both_ways(const std::string& schema) {
  INFO(schema);
  REQUIRE(schema.front() == '{');
  SchemaCleaner cleaner({});
  std::string as_it_is;
  REQUIRE(cleaner.clean(schema, as_it_is));
  const std::string comma = schema == "{}" ? "" : ",";
  std::string cleaned;
  REQUIRE(cleaner.clean(R"({"title":"t")" + comma + schema.substr(1), cleaned));
  CHECK(test::json_difference(as_it_is, cleaned) == "");
}

TEST_CASE("every recorded tool is cleaned alike on both ways") {
  size_t tools = 0;
  for (const auto& request : test::recorded_requests()) {
    json::Document document;
    const auto parsed = document.parse(request.body);
    if (!parsed.ok()) continue;
    for (const json::Value tool : parsed.value()["tools"].elements()) {
      if (!tool["input_schema"].is_object()) continue;
      check_both_ways(std::string(tool["input_schema"].raw()));
      ++tools;
    }
  }
  if (!test::recorded_requests().empty()) CHECK(tools > 20);
}

class SchemaMaker {
 public:
  explicit SchemaMaker(uint32_t seed) : random_(seed) {}

  std::string schema(int depth) {
    std::string out = R"({"type":)";
    switch (below(depth > 3 ? 4 : 7)) {
      case 0:
        out += R"("string","enum":[)" + pick({R"("a","b")", R"("a","a")", R"("")", "1"}) + "]";
        break;
      case 1:
        out += R"("integer","minimum":)" + pick({"0", "-9007199254740991", "1.5", "\"1\""});
        break;
      case 2:
        out += R"("number","exclusiveMaximum":10)";
        break;
      case 3:
        out += pick({R"("string")", R"("string","format":"date-time")", R"("boolean")", "null"});
        break;
      case 4:
        out += R"("array","minItems":1,"items":)" + schema(depth + 1);
        break;
      case 5:
        out += R"("object","additionalProperties":)" + pick({"false", "{}", schema(depth + 1)});
        break;
      default:
        return object(depth);
    }
    if (below(3) == 0) out += R"(,"description":"d\u00e9 \"q\"")";
    return out + "}";
  }

  std::string object(int depth) {
    std::string out = R"({"type":"object","properties":{)";
    const uint32_t count = below(4);
    for (uint32_t i = 0; i < count; ++i) {
      out += (i > 0 ? ",\"p" : "\"p") + std::to_string(below(5)) + "\":";
      out += schema(depth + 1);
    }
    out += "}";
    if (below(2) == 0) out += R"(,"required":["p0")" + pick({"", R"(,"p1")", R"(,"p0")"}) + "]";
    if (below(3) == 0) out += R"(,"$schema":"https://json-schema.org/draft/2020-12/schema")";
    return out + "}";
  }

 private:
  uint32_t below(uint32_t count) { return static_cast<uint32_t>(random_() % count); }
  std::string pick(std::initializer_list<std::string> all) {
    return *(all.begin() + below(static_cast<uint32_t>(all.size())));
  }
  std::mt19937 random_;
};

TEST_CASE("whatever a schema is, both ways clean it alike") {
  for (uint32_t seed = 0; seed < 4000; ++seed)
    check_both_ways(SchemaMaker(seed).object(0));
}

}  // namespace
}  // namespace tollgate::dialects::gemini_generate
