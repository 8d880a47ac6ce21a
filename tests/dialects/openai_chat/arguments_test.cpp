#include "dialects/openai_chat/arguments.hpp"

#include "support/catch.hpp"

using tollgate::dialects::openai_chat::Arguments;

namespace {

struct Row {
  const char* name;
  std::string pieces;  ///< As they come; split at every byte too.
  std::string shown;
  bool complete;
  bool other;
  const char* whole;
};

}  // namespace

TEST_CASE("arguments go by in any pieces and are mended on the way") {
  const Row rows[] = {
      {"an object", R"({"a":{"b":[1]}})", R"({"a":{"b":[1]}})", true, false, ""},
      {"nothing", "", "", false, false, ""},
      {"blanks", " \n", "", false, false, ""},
      {"a blank before", "  {}", "{}", true, false, ""},
      {"half", R"({"a":)", R"({"a":)", false, false, ""},
      {"a brace too many", "{\"a\":1}}", "{\"a\":1}", true, false, ""},
      {"text behind", "{} done", "{}", true, false, ""},
      {"braces in a text", R"({"a":"}\"{"})", R"({"a":"}\"{"})", true, false, ""},
      {"an escaped backslash", R"({"a":"\\"})", R"({"a":"\\"})", true, false, ""},
      {"a raw line end", "{\"a\":\"x\ny\tz\r\x01\"}", R"({"a":"x\ny\tz\r\u0001"})", true, false,
       ""},
      {"line ends between", "{\n\"a\":1}", "{\n\"a\":1}", true, false, ""},
      {"a text that holds an object", R"("{\"a\":1}")", "", false, true, R"({"a":1})"},
      {"a text", R"("no")", "", false, true, R"({"__unparsedToolInput":"\"no\""})"},
      {"an empty text", R"("")", "", false, true, "{}"},
      {"null", "null", "", false, true, "{}"},
      {"a list", "[1]", "", false, true, R"({"__unparsedToolInput":"[1]"})"},
      {"no JSON", "city=Paris", "", false, true, R"({"__unparsedToolInput":"city=Paris"})"},
  };
  for (const Row& row : rows) {
    for (const bool split : {false, true}) {
      INFO(row.name << split);
      Arguments arguments;
      std::string shown;
      if (split) {
        for (const char c : row.pieces)
          arguments.feed(std::string_view(&c, 1), shown);
      } else {
        arguments.feed(row.pieces, shown);
      }
      CHECK(shown == row.shown);
      CHECK(arguments.complete() == row.complete);
      CHECK(arguments.is_other() == row.other);
      if (row.other) CHECK(arguments.whole() == row.whole);
    }
  }
}
