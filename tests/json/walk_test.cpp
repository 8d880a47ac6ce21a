#include "json/walk.hpp"

#include <vector>

#include "support/catch.hpp"

namespace tollgate::json {
namespace {

TEST_CASE("members are walked with their text") {
  const std::string text =
      " { \"a\" : {\"x\": [1, \"}\\\"\"] } ,\n\"b\\u0062\":[ ], \"c\":-1.50e3 ,\"d\":null}";
  Document document;
  const auto parsed = document.parse(text);
  REQUIRE(parsed.ok());
  std::vector<std::string> keys;
  std::vector<std::string> texts;
  std::vector<std::string> wholes;
  std::vector<Kind> kinds;
  for (MemberWalk walk(parsed.value(), text); walk.next();) {
    keys.emplace_back(walk.key());
    texts.emplace_back(walk.text());
    wholes.emplace_back(walk.whole());
    kinds.push_back(walk.value().kind());
  }
  CHECK(keys == std::vector<std::string>{"a", "bb", "c", "d"});
  CHECK(texts == std::vector<std::string>{"{\"x\": [1, \"}\\\"\"] }", "[ ]", "-1.50e3", "null"});
  CHECK(wholes[1] == "\"b\\u0062\":[ ]");
  CHECK(wholes[0] == "\"a\" : {\"x\": [1, \"}\\\"\"] }");
  CHECK(kinds == std::vector<Kind>{Kind::kObject, Kind::kArray, Kind::kDouble, Kind::kNull});
}

TEST_CASE("elements are walked with their text") {
  const std::string text = "[ 1 ,\"a,b\",{\"c\":[2]},[]\n]";
  Document document;
  const auto parsed = document.parse(text);
  REQUIRE(parsed.ok());
  std::vector<std::string> texts;
  for (ElementWalk walk(parsed.value(), text); walk.next();) {
    texts.emplace_back(walk.text());
    CHECK(walk.value().exists());
  }
  CHECK(texts == std::vector<std::string>{"1", "\"a,b\"", "{\"c\":[2]}", "[]"});
}

TEST_CASE("nothing to walk") {
  for (const std::string text : {"{}", "{ }", "[]", "7", "\"x\"", "null"}) {
    INFO(text);
    Document document;
    const auto parsed = document.parse(text);
    REQUIRE(parsed.ok());
    CHECK_FALSE(MemberWalk(parsed.value(), text).next());
    CHECK_FALSE(ElementWalk(parsed.value(), text).next());
  }
  CHECK_FALSE(MemberWalk(Value(), "").next());
  CHECK_FALSE(ElementWalk(Value(), "").next());
}

TEST_CASE("raw members are joined and merged") {
  std::string members;
  append_member(members, "\"a\":1");
  append_member(members, "\"b\":2");
  CHECK(members == "\"a\":1,\"b\":2");
  CHECK(merged_members(members, "") == members);
  CHECK(merged_members("", members) == members);
  CHECK(merged_members(members, "\"\\u0061\":3,\"c\":[4]") == "\"b\":2,\"\\u0061\":3,\"c\":[4]");
}

}  // namespace
}  // namespace tollgate::json
