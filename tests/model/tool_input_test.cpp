#include "model/tool_input.hpp"

#include "support/catch.hpp"

namespace tollgate::model {
namespace {

struct InputCase {
  const char* arguments;
  const char* input;
};

const InputCase kInputCases[] = {
    {"", "{}"},
    {" \n", "{}"},
    {"{}", "{}"},
    {"{\"b\": 1.50, \"a\": []}", "{\"b\": 1.50, \"a\": []}"},
    {"{\"a\":\"b", "{\"__unparsedToolInput\":\"{\\\"a\\\":\\\"b\"}"},
    {"{}{}", "{\"__unparsedToolInput\":\"{}{}\"}"},
    {"7", "{\"__unparsedToolInput\":\"7\"}"},
    {"[1]", "{\"__unparsedToolInput\":\"[1]\"}"},
    {"null", "{\"__unparsedToolInput\":\"null\"}"},
};

TEST_CASE("a tool call's arguments become an object") {
  for (const InputCase& row : kInputCases)
    CHECK(tool_input(row.arguments) == row.input);
}

}  // namespace
}  // namespace tollgate::model
