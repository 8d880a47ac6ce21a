#include "json/scanner.hpp"

#include "support/catch.hpp"

namespace tollgate::json {
namespace {

struct SkipCase {
  const char* name;
  std::string text;
  size_t end;  ///< Where the scanner stands behind the first value.
};

const SkipCase kSkipCases[] = {
    {"a number", "12,3", 2},
    {"a word before a brace", "true}", 4},
    {"a string with a quote inside", "\"a\\\"b\" ,", 6},
    {"a string that ends in a backslash", "\"a\\\\\",", 5},
    {"nesting", "{\"a\":[{}],\"b\":\"}\"} ,", 18},
    {"brackets in strings", "[\"]\",\"{\"]]", 9},
    {"a cut container ends with the text", "[[1,2", 5},
    {"a cut string ends with the text", "\"abc", 4},
    {"a cut escape ends with the text", "\"abc\\", 5},
};

TEST_CASE("a value is skipped whole") {
  for (const SkipCase& row : kSkipCases) {
    INFO(row.name);
    Scanner scanner(row.text);
    scanner.skip_value();
    CHECK(scanner.at() == row.end);
  }
}

}  // namespace
}  // namespace tollgate::json
