#include "dialects/openai_members.hpp"

#include "support/catch.hpp"

using namespace tollgate;

TEST_CASE("a member that stands twice is found, be it spelt with escapes") {
  struct {
    const char* name;
    const char* object;
    const char* found;
  } rows[] = {{"none", "{}", ""},
              {"once each", R"({"model":"a","input":"b"})", ""},
              {"twice", R"({"model":"a","input":"b","model":"c"})", "model"},
              {"another one twice", R"({"x":1,"x":2,"model":"a"})", ""},
              {"inside of a value", R"({"model":"a","x":{"model":"b","model":"c"}})", ""},
              {"escaped", R"({"input":1,"\u0069nput":2})", "input"},
              {"no object", "[1]", ""}};
  for (const auto& row : rows) {
    INFO(row.name);
    json::Document document;
    const auto parsed = document.parse(row.object);
    REQUIRE(parsed.ok());
    CHECK(dialects::repeated_member(parsed.value(), {"model", "input"}).value_or("") == row.found);
  }
}
