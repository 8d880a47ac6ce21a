#include "json/position.hpp"

#include <string>

#include "support/catch.hpp"

namespace tollgate::json {
namespace {

struct Case {
  const char* name;
  std::string text;
  size_t offset;
  size_t line;
  size_t column;
  std::string_view what;
};

const Case kFaults[] = {
    {"no colon", "{\"a\" 1}", 5, 1, 6, "expected a colon"},
    {"no value", "{\"a\":}", 5, 1, 6, "expected a value"},
    {"key without quotes", "{a:1}", 1, 1, 2, "expected a key in quotes"},
    {"no comma in an object", "{\"a\":1 \"b\":2}", 7, 1, 8, "expected a comma or a closing brace"},
    {"wrong closing", "[1}", 2, 1, 3, "expected a comma or a closing bracket"},
    {"comma first", "[,1]", 1, 1, 2, "expected a value"},
    {"two commas", "[1,,2]", 3, 1, 4, "expected a value"},
    {"comma at the end", "[1,]", 3, 1, 4, "expected a value"},
    {"NUL instead of a comma", std::string("[1\0 2]", 6), 2, 1, 3,
     "expected a comma or a closing bracket"},
    {"one bracket too many", "[]]", 2, 1, 3, "unexpected text behind the value"},
    {"line feeds count, carriage returns do not", "[\r\n1,\r\n\r\n x]", 10, 4, 2,
     "expected a value"},
    {"unterminated string", "[\"abc", 5, 1, 6, "unterminated string"},
    {"unterminated behind a backslash", "\"abc\\", 5, 1, 6, "unterminated string"},
    {"line feed in a string", "\"a\nb\"", 2, 1, 3, "control character in a string"},
    {"unknown escape", "\"ab\\x\"", 3, 1, 4, "invalid escape in a string"},
    {"short \\u", "\"\\u12\"", 1, 1, 2, "invalid escape in a string"},
    {"\\u with a letter too far", "\"\\u00g0\"", 1, 1, 2, "invalid escape in a string"},
    {"low surrogate alone", "\"\\udc00\"", 1, 1, 2, "half of a surrogate pair in a string"},
    {"high surrogate and a letter", "\"\\ud800\\u0041\"", 1, 1, 2,
     "half of a surrogate pair in a string"},
    {"overlong UTF-8", "\"\xC0\x80\"", 1, 1, 2, "invalid UTF-8"},
    {"surrogate in UTF-8", "\"a\xED\xA0\x80\"", 2, 1, 3, "invalid UTF-8"},
    {"UTF-8 above the last character", "\"\xF4\x90\x80\x80\"", 1, 1, 2, "invalid UTF-8"},
    {"UTF-8 cut off", "\"\xE2\x82", 1, 1, 2, "invalid UTF-8"},
    {"no-break space", "[\xC2\xA0]", 1, 1, 2, "expected a value"},
    {"leading zero", "[01]", 2, 1, 3, "a number must not begin with 0"},
    {"leading plus", "[+1]", 1, 1, 2, "expected a value"},
    {"minus alone", "[-]", 2, 1, 3, "expected a digit"},
    {"point at the end", "[1.]", 3, 1, 4, "expected a digit"},
    {"point first", "[.5]", 1, 1, 2, "expected a value"},
    {"empty exponent", "[1e+]", 4, 1, 5, "expected a digit"},
    {"number with a tail", "[1x]", 2, 1, 3, "expected a comma or a closing bracket"},
    {"misspelt literal", "[tru]", 1, 1, 2, "expected a value"},
    {"literal with a tail", "[nulls]", 5, 1, 6, "expected the end of the value"},
    {"capital literal", "[True]", 1, 1, 2, "expected a value"},
    {"NaN", "[NaN]", 1, 1, 2, "expected a value"},
    {"comment", "[1 /* */]", 3, 1, 4, "expected a comma or a closing bracket"},
    {"large whatever the point", "[0.001e400]", 1, 1, 2, "number beyond the range of a double"},
    {"exponent beyond 64 bits", "-1e99999999999999999999", 0, 1, 1,
     "number beyond the range of a double"},
};

TEST_CASE("the first fault of a text is found where it is", "[json]") {
  for (const Case& row : kFaults) {
    INFO(row.name);
    const Fault fault = find_fault(row.text);
    CHECK(fault.what == row.what);
    CHECK(fault.offset == row.offset);
    CHECK(fault.line == row.line);
    CHECK(fault.column == row.column);
    CHECK_FALSE(fault.too_deep);
  }
}

const char* const kSound[] = {"0", "-0.0e-0", " [ ] ", "{}", "\"\x7F\"",
                              "\"\\u0000\\/\\ud83d\\uDE00\"", "1e-99999999999999999999",
                              "0e99999999999999999999",
                              "0.0000000000000000000000000000000000001e344", "[null,true,false]",
                              "{\"a\":{\"a\":[[],{}]},\"a\":1}", "\"\xF4\x8F\xBF\xBF\xEF\xBB\xBF\"",
                              // More digits than a double keeps, beyond 64 bits: still a number.
                              "123456789012345678901234567890.123456789012345678901234567890e5"};

TEST_CASE("a sound text has no fault", "[json]") {
  for (const char* text : kSound) {
    INFO(text);
    CHECK(find_fault(text).what == "");
  }
}

}  // namespace
}  // namespace tollgate::json
