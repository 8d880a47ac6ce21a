#include "wire/headers.hpp"

#include <string>

#include "base/limits.hpp"
#include "support/catch.hpp"

namespace tollgate::wire {
namespace {

TEST_CASE("fields are found without case, in order, trimmed", "[wire]") {
  Headers headers;
  REQUIRE(headers.add("Content-Type", "application/json").ok());
  REQUIRE(headers.add("anthropic-beta", " \ta ").ok());
  REQUIRE(headers.add("X-Empty", "  ").ok());
  REQUIRE(headers.add("Anthropic-Beta", "b,c").ok());
  CHECK(headers.size() == 4);
  CHECK(headers.get("content-type") == "application/json");
  CHECK(headers.get("ANTHROPIC-BETA") == "a");
  CHECK(headers.get("x-empty") == "");
  CHECK_FALSE(headers.get("x-none"));
  CHECK_FALSE(headers.has("content-typ"));
  CHECK(headers.has("x-empty"));
  CHECK(headers.count("anthropic-beta") == 2);
  CHECK(headers.joined("anthropic-beta") == "a, b,c");
  CHECK(headers.joined("x-empty") == "");
  CHECK(headers.joined("x-none") == "");
  CHECK(headers.at(0).name == "Content-Type");
  CHECK(headers.at(3).name == "Anthropic-Beta");
  CHECK(headers.at(3).value == "b,c");
  headers.clear();
  CHECK(headers.size() == 0);
  CHECK_FALSE(headers.has("content-type"));
  REQUIRE(headers.add("a", "b").ok());
  CHECK(headers.get("a") == "b");
}

TEST_CASE("a field can be added from another of the same headers", "[wire]") {
  Headers headers;
  const std::string value(40, 'v');
  REQUIRE(headers.add("x-first", value).ok());
  for (size_t i = 0; i < 20; ++i)
    REQUIRE(headers.add(headers.at(i).name, *headers.get("X-First")).ok());
  CHECK(headers.count("x-first") == 21);
  for (size_t i = 0; i < headers.size(); ++i)
    CHECK(headers.at(i).value == value);
}

struct Case {
  const char* name;
  std::string field;
  std::string value;
  bool ok;
};

const Case kFields[] = {
    {"every token character", "!#$%&'*+-.^_`|~09azAZ", "v", true},
    {"text beyond ASCII", "x", "caf\xC3\xA9 \xFF", true},
    {"tab inside", "x", "a\tb", true},
    {"empty value", "x", "", true},
    {"empty name", "", "v", false},
    {"space in the name", "x y", "v", false},
    {"colon in the name", "x:", "v", false},
    {"NUL in the name", std::string("x\0", 2), "v", false},
    {"CR in the name", "x\r", "v", false},
    {"beyond ASCII in the name", "x\xC3\xA9", "v", false},
    {"CR", "x", "a\rb", false},
    {"LF", "x", "a\nSet-Cookie: b", false},
    {"CRLF at the end", "x", "a\r\n", false},
    {"NUL", "x", std::string("a\0b", 3), false},
    {"escape", "x", "a\x1B[0m", false},
    {"delete", "x", "a\x7F", false},
};

TEST_CASE("a field that could break out of its line is refused", "[wire]") {
  for (const Case& row : kFields) {
    INFO(row.name);
    Headers headers;
    const Status status = headers.add(row.field, row.value);
    CHECK(status.ok() == row.ok);
    if (!row.ok) CHECK(status.code() == Code::kInvalid);
    CHECK(headers.size() == (row.ok ? 1 : 0));
    CHECK((is_token(row.field) && is_safe_value(row.value)) == row.ok);
    // Values may be secrets: a message never holds one.
    if (row.value.size() > 2) CHECK(status.message().find(row.value) == std::string::npos);
  }
}

TEST_CASE("fields are bounded in number", "[wire]") {
  Headers headers;
  for (size_t i = 0; i < limits::kHeaderPairsMax; ++i)
    REQUIRE(headers.add("x", "y").ok());
  CHECK(headers.add("x", "y").code() == Code::kLimit);
  CHECK(headers.size() == limits::kHeaderPairsMax);
  headers.clear();
  CHECK(headers.add("x", "y").ok());
}

TEST_CASE("fields are bounded in bytes", "[wire]") {
  Headers headers;
  REQUIRE(headers.add("x", std::string(limits::kHeadBytesMax - 1, 'v')).ok());
  CHECK(headers.add("x", "").code() == Code::kLimit);
  headers.clear();
  CHECK(headers.add("xx", std::string(limits::kHeadBytesMax - 1, 'v')).code() == Code::kLimit);
  // Not read: there is nothing behind the first byte.
  CHECK(headers.add("x", std::string_view("v", SIZE_MAX)).code() == Code::kLimit);
  CHECK(headers.add(std::string_view("x", SIZE_MAX), "v").code() == Code::kLimit);
  CHECK(headers.size() == 0);
}

}  // namespace
}  // namespace tollgate::wire
