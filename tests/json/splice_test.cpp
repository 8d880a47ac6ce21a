#include "json/splice.hpp"

#include <string>
#include <vector>

#include "json/reader.hpp"
#include "support/catch.hpp"

namespace tollgate::json {
namespace {

std::string_view cut(std::string_view text, std::optional<Span> span) {
  return span ? text.substr(span->offset, span->size) : std::string_view("(none)");
}

struct Case {
  const char* name;
  std::string_view text;
  std::string_view found;
};

const Case kModels[] = {
    {"first member", R"({"model":"a","x":1})", R"("a")"},
    {"spaces everywhere", " {\n\t\"x\" : 1 ,\r\n \"model\" : \"a\" }", R"("a")"},
    {"last member", R"({"x":{"y":[1,{"z":"}"}]},"model":"a"})", R"("a")"},
    {"spelled with an escape", R"({"mod\u0065l":"a"})", R"("a")"},
    {"all of it escaped", R"({"\u006d\u006F\u0064\u0065\u006c":"a"})", R"("a")"},
    {"escapes in the value stay", R"({"model":"a\"\\\u0041"})", R"("a\"\\\u0041")"},
    {"the first of two", R"({"model":"a","model":"b"})", R"("a")"},
    {"not the nested one", R"({"x":{"model":"n"},"y":[{"model":"m"}],"model":"a"})", R"("a")"},
    {"not the one in a string", R"({"x":"\",\"model\":\"n\"","model":"a"})", R"("a")"},
    {"a key that is longer", R"({"models":1,"model2":2,"model":"a"})", R"("a")"},
    {"a key that ends in a backslash", R"({"model\\":1,"model":"a"})", R"("a")"},
    {"a number", R"({"model":-1.5e3,"x":1})", "-1.5e3"},
    {"a literal at the end", R"({"model":null})", "null"},
    {"a container", R"({"model":{"a":[1,"]"]},"x":1})", R"({"a":[1,"]"]})"},
    {"none", R"({"x":1})", "(none)"},
    {"empty object", "{}", "(none)"},
    {"no object", R"(["model","a"])", "(none)"},
    {"a scalar", R"("model")", "(none)"},
};

TEST_CASE("a member's raw span is found", "[json]") {
  for (const Case& row : kModels) {
    INFO(row.name);
    Document document;
    REQUIRE(document.parse(row.text).ok());
    CHECK(cut(row.text, find_span(row.text, {"model"})) == row.found);
  }
}

TEST_CASE("a path goes down by members", "[json]") {
  const std::string_view text =
      R"({"type":"message_start","message":{"id":"1","usage":{"input_tokens":3},"model":"a"}})";
  CHECK(cut(text, find_span(text, {"message", "model"})) == R"("a")");
  CHECK(cut(text, find_span(text, {"message", "usage", "input_tokens"})) == "3");
  CHECK(cut(text, find_span(text, {"message", "usage", "none"})) == "(none)");
  CHECK(cut(text, find_span(text, {"type", "model"})) == "(none)");
  CHECK(cut(text, find_span(text, {})) == text);
}

TEST_CASE("long values are skipped whatever stands at the seam of a block", "[json]") {
  for (size_t fill = 0; fill < 70; ++fill) {
    const std::string filler(fill, 'x');
    const std::string text = "{\"s\":\"" + filler + "\\\\\\\"" + filler + "\",\"c\":[\"" + filler +
                             "]\",{\"k" + filler + "\":\"}\\\"\"}" + "],\"model\":\"a\"}";
    INFO(text);
    Document document;
    REQUIRE(document.parse(text).ok());
    CHECK(cut(text, find_span(text, {"model"})) == "\"a\"");
  }
}

TEST_CASE("text that is not JSON is survived", "[json]") {
  for (const std::string_view text :
       {"", "{", "{\"", "{\"model", "{\"model\\", "{\"model\"", "{\"model\":", "{\"model\" \"a\"}",
        "{\"model\\u", "{\"mod\\u006", "{\"model\":\"a", "{\"model\":[[", "{\"x\":]", "{\"a\":1,",
        "}"}) {
    INFO(text);
    const auto span = find_span(text, {"model"});
    if (span) CHECK(span->offset + span->size <= text.size());
  }
}

struct StringCase {
  const char* name;
  std::string_view value;
  std::string_view json;
};

const StringCase kStrings[] = {
    {"empty", "", "\"\""},
    {"plain", "claude-opus", "\"claude-opus\""},
    {"quote and backslash", "a\"b\\c", "\"a\\\"b\\\\c\""},
    {"control characters", std::string_view("\0\b\f\n\r\t\x1F\x7F", 8),
     "\"\\u0000\\b\\f\\n\\r\\t\\u001f\x7F\""},
    {"valid UTF-8 stays", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80",
     "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\""},
    {"a stray byte",
     "a\xFF"
     "b",
     "\"a\xEF\xBF\xBD"
     "b\""},
    {"one mark for a cut character", "\xE2\x82", "\"\xEF\xBF\xBD\""},
    {"a surrogate's three bytes", "\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    {"a cut character before a quote", "\xF0\x9F\"", "\"\xEF\xBF\xBD\\\"\""},
};

TEST_CASE("a string is written so that it reads back", "[json]") {
  for (const StringCase& row : kStrings) {
    INFO(row.name);
    std::string out = "x";
    append_string(out, row.value);
    CHECK(out == "x" + std::string(row.json));
    Document document;
    CHECK(document.parse(std::string_view(out).substr(1)).ok());
  }
}

TEST_CASE("every string of two bytes reads back, or is marked", "[json]") {
  Document document;
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string value = {static_cast<char>(first), static_cast<char>(second)};
      std::string out;
      append_string(out, value);
      const Result<Value> result = document.parse(out);
      REQUIRE(result.ok());
      if (first < 0x80 && second < 0x80) REQUIRE(result.value().string() == value);
    }
  }
}

}  // namespace
}  // namespace tollgate::json
