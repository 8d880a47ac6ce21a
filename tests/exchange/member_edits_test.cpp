#include "exchange/member_edits.hpp"

#include "json/reader.hpp"
#include "support/catch.hpp"

using namespace tollgate;
using exchange::with_edits;
using providers::MemberEdit;

TEST_CASE("members are changed, added and removed where they stand") {
  struct Row {
    const char* name;
    const char* object;
    std::vector<MemberEdit> edits;
    const char* expected;
  };
  const auto row = GENERATE(values<Row>({
      {"nothing to do", R"({"a":1})", {}, R"({"a":1})"},
      {"a value", R"({ "a" : 1 , "b":2})", {{"a", "[3]"}}, R"({ "a" : [3] , "b":2})"},
      {"an escaped key", R"({"mo\u0064el":"x"})", {{"model", "\"y\""}}, R"({"mo\u0064el":"y"})"},
      {"added to others", R"({"a":1})", {{"z", "true"}}, R"({"z":true,"a":1})"},
      {"added to nothing", R"( { } )", {{"z", "1"}, {"y", "2"}}, R"( {"z":1,"y":2 } )"},
      {"removed first", R"({"a":1, "b":2})", {{"a", {}}}, R"({"b":2})"},
      {"removed last", R"({"a":1, "b":2 })", {{"b", {}}}, R"({"a":1 })"},
      {"removed in the middle", R"({"a":1,"b":2,"c":3})", {{"b", {}}}, R"({"a":1,"c":3})"},
      {"the only one", R"({"a":{"b":[1,"}"]}})", {{"a", {}}}, R"({})"},
      {"several at the front", R"({"a":1,"b":2,"c":3})", {{"a", {}}, {"b", {}}}, R"({"c":3})"},
      {"several at the end", R"({"a":1,"b":2,"c":3})", {{"b", {}}, {"c", {}}}, R"({"a":1})"},
      {"all", R"({"a":1,"b":2})", {{"a", {}}, {"b", {}}}, R"({})"},
      {"all, and one new", R"({"a":1,"b":2})", {{"a", {}}, {"b", {}}, {"c", "3"}}, R"({"c":3})"},
      {"twice the same key", R"({"a":1,"b":2,"a":3})", {{"a", "4"}}, R"({"a":4,"b":2})"},
      {"removed everywhere", R"({"a":1,"b":2,"a":3})", {{"a", {}}}, R"({"b":2})"},
      {"the last word counts", R"({"a":1})", {{"a", "2"}, {"a", "3"}}, R"({"a":3})"},
      {"removed by the last word", R"({"a":1,"b":1})", {{"a", "2"}, {"a", {}}}, R"({"b":1})"},
      {"absent and not wanted", R"({"a":1})", {{"b", {}}}, R"({"a":1})"},
  }));
  CAPTURE(row.name);
  const std::string made = with_edits(row.object, row.edits);
  CHECK(made == row.expected);
  json::Document document;
  CHECK(document.parse(made).ok());
}

TEST_CASE("keys of depth 1 are listed unescaped and in order") {
  CHECK(exchange::member_keys(R"({"b":{"x":1},"\u0061":[{"y":2}],"b":3})") ==
        std::vector<std::string>{"b", "a", "b"});
  CHECK(exchange::member_keys("{}").empty());
}
