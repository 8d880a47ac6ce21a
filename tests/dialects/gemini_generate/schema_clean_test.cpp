#include <random>

#include "dialects/gemini_generate/clean_case.hpp"
#include "dialects/recorded_requests.hpp"
#include "dialects/same_json.hpp"
#include "support/catch.hpp"
#include "support/gemini_rules.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

const CleanCase kTops[] = {
    {"no parameters", R"j({"type":"object","properties":{}})j",
     R"j({"type":"object","properties":{}})j", nullptr},
    {"no schema to speak of", "{}", R"j({"type":"object"})j", nullptr},
    {"several shapes", R"j({"anyOf":[{"properties":{"a":{"type":"string"}},"required":["a"]},
      {"properties":{"b":{"type":"string"}}}]})j",
     R"j({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}})j", ""},
    {"references", R"j({"type":"object","properties":{"a":{"$ref":"#/definitions/A"},
      "b":{"$ref":"#/$defs/B","description":"mine"}},
      "definitions":{"A":{"type":"string","title":"x"}},
      "$defs":{"B":{"type":"integer","description":"theirs"}}})j",
     R"j({"type":"object","properties":{"a":{"type":"string"},
      "b":{"type":"integer","description":"mine"}}})j",
     ""},
    {"a reference with escapes",
     R"j({"type":"object","properties":{"a":{"$ref":"#/$defs/x~1y%20z"}},
      "$defs":{"x/y z":{"type":"boolean"}}})j",
     R"j({"type":"object","properties":{"a":{"type":"boolean"}}})j", ""},
    {"a reference that leads nowhere", R"j({"type":"object","properties":{"a":{"$ref":"#/$defs/A",
      "description":"d"},"b":{"$ref":"http://x/y"}}})j",
     R"j({"type":"object","properties":{"a":{"type":"object","description":"d"},
      "b":{"type":"object"}}})j",
     ""},
    {"a circle", R"j({"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":
      {"type":"object","properties":{"next":{"$ref":"#/$defs/A"},"v":{"type":"string"}}}}})j",
     R"j({"type":"object","properties":{"a":{"type":"object","properties":{
      "next":{"type":"object"},"v":{"type":"string"}}}}})j",
     ""},
    {"a circle through the top", R"j({"type":"object","properties":{"a":{"$ref":"#"}}})j",
     R"j({"type":"object","properties":{"a":{"type":"object","properties":{"a":
      {"type":"object"}}}}})j",
     ""},
    {"a circle of references only", R"j({"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},
      "$defs":{"A":{"$ref":"#/$defs/B"},"B":{"$ref":"#/$defs/A"}}})j",
     R"j({"type":"object","properties":{"a":{"type":"object"}}})j", ""},
    {"allOf with a reference to itself",
     R"j({"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},
      "$defs":{"A":{"properties":{"x":{"type":"string"}},"allOf":[{"$ref":"#/$defs/A"}]}}})j",
     R"j({"type":"object","properties":{"a":{"type":"object","properties":{"x":
      {"type":"string"}}}}})j",
     ""},
};

TEST_CASE("whole schemas of functions") {
  for (const CleanCase& row : kTops) {
    INFO(row.name);
    SchemaRules rules;
    const std::string json_schema = cleaned(row.input, rules);
    INFO(json_schema);
    CHECK(test::json_difference(json_schema, row.json_schema) == "");
    rules.json_schema = false;
    bool there = true;
    const std::string parameters = cleaned(row.input, rules, &there);
    INFO(parameters);
    CHECK(there == (row.parameters != nullptr));
    if (!there) {
      CHECK(parameters.empty());
      continue;
    }
    const char* wanted = row.parameters[0] == '\0' ? row.json_schema : row.parameters;
    CHECK(test::json_difference(parameters, wanted) == "");
  }
}

TEST_CASE("what is left out of schemas is told once a keyword") {
  SchemaCleaner cleaner({});
  std::string out;
  cleaner.clean(in_object(R"j({"type":"string","default":"x","minLength":2})j"), out);
  cleaner.clean(in_object(R"j({"type":"string","default":"y","x-own":2})j"), out);
  model::Losses losses;
  cleaner.note_losses(losses);
  std::vector<std::string> told;
  for (const model::Loss& loss : losses.all())
    told.push_back(loss.what);
  CHECK(told == std::vector<std::string>{"schema.minLength", "schema.default", "schema.other"});
}

TEST_CASE("schemas that grow without bound are cut") {
  // Each level refers twice to the next: two to the power of thirty copies.
  std::string defs;
  for (int i = 0; i < 30; ++i) {
    const std::string next = "{\"$ref\":\"#/$defs/D" + std::to_string(i + 1) + "\"}";
    defs += "\"D" + std::to_string(i) + "\":{\"type\":\"object\",\"properties\":{\"a\":" + next +
            ",\"b\":" + next + "}},";
  }
  const std::string schema =
      "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/$defs/D0\"}},"
      "\"$defs\":{" +
      defs + "\"D30\":{\"type\":\"string\"}}}";
  SchemaCleaner cleaner({});
  std::string out;
  cleaner.clean(schema, out);
  CHECK(out == "{\"type\":\"object\"}");
  model::Losses losses;
  cleaner.note_losses(losses);
  REQUIRE(!losses.all().empty());
  CHECK(losses.all().back().what == "schema: circles or depth");
}

TEST_CASE("a schema too complex for the server is sent plainly") {
  SchemaRules rules;
  rules.plain = true;
  std::string deep = "{\"type\":\"string\"}";
  for (int i = 0; i < 6; ++i)
    deep = "{\"type\":\"object\",\"properties\":{\"a\":" + deep + "}}";
  const std::string out = cleaned(deep, rules);
  CHECK(std::count(out.begin(), out.end(), '{') == 7);
  CHECK(cleaned(in_object(R"j({"type":"integer","minimum":1})j"), rules) ==
        R"j({"type":"object","properties":{"p":{"type":"integer"}}})j");
}

TEST_CASE("schemas of recorded tools are what Gemini takes") {
  json::Document document;
  for (const test::RecordedRequest& request : test::recorded_requests()) {
    INFO(request.name);
    const auto body = document.parse(request.body);
    REQUIRE(body.ok());
    for (json::MemberWalk walk(body.value(), request.body); walk.next();) {
      if (walk.key() != "tools") continue;
      for (json::ElementWalk tool(walk.value(), walk.text()); tool.next();) {
        for (json::MemberWalk member(tool.value(), tool.text()); member.next();) {
          if (member.key() != "input_schema") continue;
          for (const bool json_schema : {true, false}) {
            SchemaRules rules;
            rules.json_schema = json_schema;
            bool there = false;
            const std::string out = cleaned(member.text(), rules, &there);
            if (there) CHECK(test::gemini_schema_refusals(out, json_schema).empty());
          }
        }
      }
    }
  }
}

/// A schema made of every keyword, well and badly used.
std::string random_schema(std::mt19937& random, int depth) {
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  const auto scalar = [&]() -> std::string {
    const char* scalars[] = {"\"a\"", "\"\"", "1", "-2.5", "true", "null", "{}", "[1]", "\"b\""};
    return scalars[below(9)];
  };
  const auto child = [&] { return depth > 4 ? "{}" : random_schema(random, depth + 1); };
  const auto list = [&](bool schemas) {
    std::string out = "[";
    for (unsigned i = below(4); i > 0; --i)
      out += (schemas ? child() : scalar()) + (i > 1 ? "," : "");
    return out + "]";
  };
  const auto map = [&] {
    std::string out = "{";
    for (unsigned i = below(4); i > 0; --i)
      out += "\"k" + std::to_string(below(5)) + "\":" + child() + (i > 1 ? "," : "");
    return out + "}";
  };
  const char* types[] = {"\"string\"",
                         "\"object\"",
                         "\"array\"",
                         "\"integer\"",
                         "[\"string\",\"null\"]",
                         "[\"object\",\"number\"]",
                         "\"null\"",
                         "\"what\"",
                         "7"};
  if (below(12) == 0) return scalar();
  std::string out = "{";
  const unsigned count = below(6);
  for (unsigned i = 0; i < count; ++i) {
    if (out.size() > 1) out += ",";
    switch (below(16)) {
      case 0:
        out += "\"properties\":" + map();
        break;
      case 1:
        out += "\"required\":[\"k0\",\"k1\",\"k0\"]";
        break;
      case 2:
        out += "\"items\":" + (below(2) ? child() : list(true));
        break;
      case 3:
        out += "\"anyOf\":" + list(true);
        break;
      case 4:
        out += "\"oneOf\":" + list(true);
        break;
      case 5:
        out += "\"allOf\":" + list(true);
        break;
      case 6:
        out += "\"enum\":" + list(false);
        break;
      case 7:
        out += "\"const\":" + scalar();
        break;
      case 8:
        out += "\"$ref\":\"" + std::string(below(2) ? "#" : "#/$defs/k1") + "\"";
        break;
      case 9:
        out += "\"$defs\":" + map();
        break;
      case 10:
        out += "\"additionalProperties\":" + (below(2) ? child() : scalar());
        break;
      case 11:
        out += "\"prefixItems\":" + list(true);
        break;
      case 12:
        out += "\"exclusiveMinimum\":" + scalar() + ",\"minimum\":" + scalar();
        break;
      case 13:
        out += "\"minItems\":" + scalar() + ",\"maxLength\":3,\"format\":\"date-time\"";
        break;
      case 14:
        out += "\"description\":" + scalar() + ",\"not\":" + child();
        break;
      default:
        out += "\"type\":" + std::string(types[below(9)]);
    }
  }
  return out + "}";
}

TEST_CASE("whatever a schema says, what comes of it is taken") {
  for (uint32_t seed = 0; seed < 3'000; ++seed) {
    std::mt19937 random(seed);
    const std::string schema = random_schema(random, 0);
    for (const bool json_schema : {true, false}) {
      SchemaRules rules;
      rules.json_schema = json_schema;
      rules.plain = seed % 5 == 0;
      rules.parameters = seed % 3 != 0;
      bool there = false;
      const std::string out = cleaned(schema, rules, &there);
      if (!there) continue;
      const auto wrong = test::gemini_schema_refusals(out, json_schema);
      if (wrong.empty()) continue;
      INFO("seed " << seed << ": " << schema << "\n" << out);
      FAIL_CHECK(wrong.front());
    }
  }
}

}  // namespace
}  // namespace tollgate::dialects::gemini_generate
