#include "json/reader.hpp"

#include <string>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "json/allocation_count.hpp"
#include "json/splice.hpp"
#include "support/catch.hpp"
#include "support/recordings.hpp"

namespace tollgate::json {
namespace {

struct Refused {
  const char* name;
  std::string text;
  Code code;
  std::string_view message;
};

std::string nested(size_t depth, std::string_view innermost) {
  return std::string(depth, '[').append(innermost).append(depth, ']');
}

const Refused kRefused[] = {
    {"nothing", "", Code::kInvalid, "expected a value at line 1 column 1"},
    {"spaces only", " \n ", Code::kInvalid, "expected a value at line 2 column 2"},
    {"byte-order mark", "\xEF\xBB\xBF{}", Code::kInvalid,
     "a byte-order mark is not allowed at line 1 column 1"},
    {"two values", "{} {}", Code::kInvalid, "unexpected text behind the value at line 1 column 4"},
    {"bytes behind", "{\"a\":1}x", Code::kInvalid,
     "unexpected text behind the value at line 1 column 8"},
    {"NUL behind", std::string("{}\0", 3), Code::kInvalid,
     "unexpected text behind the value at line 1 column 3"},
    {"cut off", "{\"a\": [1, ", Code::kInvalid, "expected a value at line 1 column 11"},
    {"comma at the end", "{\"a\":1,}", Code::kInvalid,
     "expected a key in quotes at line 1 column 8"},
    {"a column counts characters", "[\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\" 1]", Code::kInvalid,
     "expected a comma or a closing bracket at line 1 column 8"},
    {"half a surrogate pair", "{\n\"a\":\"x\\ud83d\"}", Code::kInvalid,
     "half of a surrogate pair in a string at line 2 column 7"},
    {"number beyond a double", "[1e400]", Code::kInvalid,
     "number beyond the range of a double at line 1 column 2"},
    {"whole number beyond a double", "[1" + std::string(400, '0') + "]", Code::kInvalid,
     "number beyond the range of a double at line 1 column 2"},
    {"invalid UTF-8", "[\"a\xFFz\"]", Code::kInvalid, "invalid UTF-8 at line 1 column 4"},
    {"one level too deep", nested(limits::kJsonDepthMax + 1, "1"), Code::kLimit,
     "nested too deeply at line 1 column 513"},
    {"far too deep", std::string(1'000'000, '['), Code::kLimit,
     "nested too deeply at line 1 column 513"},
};

TEST_CASE("a text that is not one JSON value is refused with its place", "[json]") {
  Document document;
  for (const Refused& row : kRefused) {
    INFO(row.name);
    const Result<Value> result = document.parse(row.text);
    REQUIRE_FALSE(result.ok());
    CHECK(result.status().code() == row.code);
    CHECK(result.status().message() == row.message);
  }
}

TEST_CASE("a value as deep as the limit allows is read", "[json]") {
  Document document;
  const std::string text = nested(limits::kJsonDepthMax, "1");
  const Result<Value> result = document.parse(text);
  REQUIRE(result.ok());
  Value value = result.value();
  size_t depth = 0;
  while (value.is_array()) {
    REQUIRE(value.size() == 1);
    value = *value.elements().begin();
    ++depth;
  }
  CHECK(depth == limits::kJsonDepthMax);
  CHECK(value.integer() == 1);
}

struct Number {
  const char* text;
  Kind kind;
  std::optional<int64_t> integer;
  double number;
};

const Number kNumbers[] = {
    {"0", Kind::kInt, 0, 0.0},
    {"-0", Kind::kInt, 0, 0.0},
    {"-7", Kind::kInt, -7, -7.0},
    {"9223372036854775807", Kind::kInt, INT64_MAX, 9223372036854775807.0},
    {"-9223372036854775808", Kind::kInt, INT64_MIN, -9223372036854775808.0},
    {"9223372036854775808", Kind::kUint, std::nullopt, 9223372036854775808.0},
    {"18446744073709551615", Kind::kUint, std::nullopt, 18446744073709551615.0},
    {"18446744073709551616", Kind::kDouble, std::nullopt, 18446744073709551616.0},
    {"-9223372036854775809", Kind::kDouble, INT64_MIN, -9223372036854775808.0},
    {"100000000000000000000", Kind::kDouble, std::nullopt, 1e20},
    {"1.5", Kind::kDouble, std::nullopt, 1.5},
    {"-0.0", Kind::kDouble, 0, 0.0},
    {"1e3", Kind::kDouble, 1000, 1000.0},
    {"4096.0", Kind::kDouble, 4096, 4096.0},
    {"1e19", Kind::kDouble, std::nullopt, 1e19},
    {"1e-400", Kind::kDouble, 0, 0.0},
    {"1.7976931348623157e308", Kind::kDouble, std::nullopt, 1.7976931348623157e308},
};

TEST_CASE("numbers keep their kind, and are whole only when they are", "[json]") {
  Document document;
  for (const Number& row : kNumbers) {
    INFO(row.text);
    // The row stands among values that a rewrite of large numbers must leave alone.
    const std::string text =
        std::string("[true, \"100000000000000000000\\\"\", false, 1e0, ") + row.text + "]";
    const Result<Value> result = document.parse(text);
    REQUIRE(result.ok());
    std::vector<Value> values;
    for (const Value value : result.value().elements())
      values.push_back(value);
    REQUIRE(values.size() == 5);
    CHECK(values[0].boolean() == true);
    CHECK(values[1].string() == "100000000000000000000\"");
    CHECK(values[2].boolean() == false);
    CHECK(values[4].kind() == row.kind);
    CHECK(values[4].integer() == row.integer);
    CHECK(values[4].number() == row.number);
  }
}

TEST_CASE("members and elements come in order, keys and strings unescaped", "[json]") {
  Document document;
  const Result<Value> result =
      document.parse(R"( {"b":[], "\u0061":{"x":null}, "b":2, "s":"\ud83d\ude00\n\"", "":true} )");
  REQUIRE(result.ok());
  const Value root = result.value();
  std::vector<std::string> keys;
  for (const Member member : root.members())
    keys.emplace_back(member.key);
  CHECK(keys == std::vector<std::string>{"b", "a", "b", "s", ""});
  CHECK(root.size() == 5);
  CHECK(root["b"].is_array());  // The first of two.
  CHECK(root["b"].size() == 0);
  CHECK(root["a"]["x"].is_null());
  CHECK(root["s"].string() == "\xF0\x9F\x98\x80\n\"");
  CHECK(root[""].boolean() == true);
}

TEST_CASE("what is not there answers no to everything", "[json]") {
  Document document;
  const Result<Value> result = document.parse(R"({"a":"text"})");
  REQUIRE(result.ok());
  for (const Value value : {Value(), result.value()["b"], result.value()["a"]["b"]["c"]}) {
    CHECK(value.kind() == Kind::kMissing);
    CHECK_FALSE(value.exists());
    CHECK_FALSE(value.is_null());
    CHECK_FALSE(value.string());
    CHECK_FALSE(value.integer());
    CHECK_FALSE(value.number());
    CHECK_FALSE(value.boolean());
    CHECK(value.string_or("other") == "other");
    CHECK(value.size() == 0);
    CHECK(value.members().begin() == value.members().end());
    CHECK(value.elements().begin() == value.elements().end());
  }
  const Value text = result.value()["a"];
  CHECK_FALSE(text.integer());
  CHECK(text.elements().begin() == text.elements().end());
  CHECK(text.members().begin() == text.members().end());
}

struct Held {
  const char* name;
  const char* text;
  bool whole;  ///< Some string is "1h".
};

const Held kHeld[] = {
    {"a value", R"({"ttl":"1h"})", true},
    {"a key", R"({"1h":0})", true},
    {"nested", R"([{"a":[{"b":"1h"},["c"]]}])", true},
    {"a value alone", R"("1h")", true},
    {"escaped", R"(["\u0031\u0068"])", true},
    {"partly escaped", R"(["1\u0068"])", true},
    {"another one, escaped", R"(["\n\t","1\n"])", false},
    {"part of a text", R"(["in 1h","1h "])", false},
    {"of other kinds", R"([10,true,null,{"a":1,"b":2}])", false},
    {"too short", R"(["1",""])", false},
};

std::string padded(std::string_view text) {
  return std::string(text) + std::string(tollgate::json::kPadding, ' ');
}

bool has_mark(Document& document, std::string_view text, std::string_view wanted) {
  Mark mark{.text = wanted};
  const std::string copy = padded(text);
  CHECK(document.parse_padded(std::string_view(copy).substr(0, text.size()), &mark).ok());
  return mark.found;
}

TEST_CASE("a document knows whether some string is a mark", "[json]") {
  Document document;
  for (const Held& row : kHeld) {
    INFO(row.name);
    CHECK(has_mark(document, row.text, "1h") == row.whole);
  }
}

TEST_CASE("a mark may be empty or as long as a mark can be", "[json]") {
  Document document;
  CHECK(has_mark(document, R"(["a",""])", ""));
  CHECK_FALSE(has_mark(document, R"(["a",{},[]])", ""));
  CHECK(has_mark(document, R"(["0123456789abcde\u0066"])", "0123456789abcdef"));
  CHECK_FALSE(has_mark(document, R"(["0123456789abcdef0"])", "0123456789abcdef"));
  Mark longer{.text = "0123456789abcdef0"};
  const std::string text = padded("1");
  CHECK_FALSE(document.parse_padded(std::string_view(text).substr(0, 1), &longer).ok());
}

TEST_CASE("a document can parse again, after a failure too, and move", "[json]") {
  Document document;
  CHECK_FALSE(document.parse("[").ok());
  REQUIRE(document.parse("[1]").ok());
  const Result<Value> result = document.parse(R"({"a":"b"})");
  REQUIRE(result.ok());
  const Document moved = std::move(document);
  CHECK(result.value()["a"].string() == "b");
}

TEST_CASE("parsing a text of the same size again allocates nothing", "[json]") {
  Document document;
  std::string text = "[";
  for (int i = 0; i < 4000; ++i)
    text += "{\"key\":\"value\"},";
  text += "1]";
  const size_t size = text.size();
  text.append(kPadding, '\0');
  const std::string_view view = std::string_view(text).substr(0, size);
  CHECK(document.memory() == 0);
  REQUIRE(document.parse(view).ok());
  REQUIRE(document.parse_padded(view).ok());
  const size_t memory = document.memory();
  CHECK(memory >= size);
  const size_t before = test::allocation_count();
  const bool copied = document.parse(view).ok();
  const bool padded = document.parse_padded(view).ok();
  size_t elements = 0;
  const Result<Value> smaller = document.parse("[1,{\"a\":2}]");
  for (const Value value : smaller.value().elements())
    elements += value.exists() ? 1 : 0;
  const size_t allocated = test::allocation_count() - before;
  CHECK(allocated == 0);
  CHECK(copied);
  CHECK(padded);
  CHECK(elements == 2);
  CHECK(document.memory() == memory);
}

TEST_CASE("a body of the largest size is read", "[json]") {
  Document document;
  std::string text = "{\"model\":\"m\",\"content\":\"";
  text.append(limits::kBodyBytesMax - text.size() - 2, 'x');
  text += "\"}";
  REQUIRE(text.size() == limits::kBodyBytesMax);
  const Result<Value> result = document.parse(text);
  REQUIRE(result.ok());
  CHECK(result.value()["model"].string() == "m");
  CHECK(result.value()["content"].string()->size() == limits::kBodyBytesMax - 26);
}

TEST_CASE("an array with more elements than the tape counts has its true size", "[json]") {
  constexpr size_t kElements = 0xFFFFFF + 5;
  std::string text = "[0";
  for (size_t i = 1; i < kElements; ++i)
    text += ",0";
  text += ']';
  Document document;
  const Result<Value> result = document.parse(text);
  REQUIRE(result.ok());
  CHECK(result.value().size() == kElements);
}

TEST_CASE("every recorded client session is read", "[json]") {
  Document document;
  for (const auto& path : test::recordings("claude-code", ".json")) {
    INFO(path);
    const std::string text = test::read_file(path);
    const Result<Value> result = document.parse(text);
    REQUIRE(result.ok());
    for (const Member member : result.value().members()) {
      // find_span walks the same text another way; both must see the same value.
      const auto span = find_span(text, {member.key});
      REQUIRE(span);
      Document inner;
      const Result<Value> again =
          inner.parse(std::string_view(text).substr(span->offset, span->size));
      REQUIRE(again.ok());
      CHECK(again.value().kind() == member.value.kind());
      CHECK(again.value().size() == member.value.size());
    }
  }
}

}  // namespace
}  // namespace tollgate::json
