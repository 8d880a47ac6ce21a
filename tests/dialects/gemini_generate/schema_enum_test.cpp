#include "dialects/gemini_generate/clean_case.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

const CleanCase kProperties[] = {
    {"a constant", R"j({"const":"a"})j", R"j({"type":"string","enum":["a"]})j", ""},
    {"a constant number", R"j({"const":7})j", R"j({"type":"integer","enum":[7]})j",
     R"j({"type":"integer","description":"(must be 7)"})j"},
    {"a constant truth", R"j({"const":true})j",
     R"j({"type":"boolean","description":"(must be true)"})j", ""},
    {"an enum with empty and double values", R"j({"type":"string","enum":["a","","a","b"]})j",
     R"j({"type":"string","enum":["a","b"]})j", ""},
    {"an enum with null", R"j({"type":"string","enum":["a",null]})j",
     R"j({"type":["string","null"],"enum":["a"]})j",
     R"j({"type":"string","nullable":true,"enum":["a"]})j"},
    {"an enum of numbers", R"j({"type":"integer","enum":[1,2]})j",
     R"j({"type":"integer","enum":[1,2]})j",
     R"j({"type":"integer","description":"(one of [1,2])"})j"},
    {"an enum of numbers in strings", R"j({"type":"string","enum":["a",2]})j",
     R"j({"type":"string","enum":["a",2]})j", R"j({"type":"string","enum":["a","2"]})j"},
};

TEST_CASE("constants and lists of values") {
  for (const CleanCase& row : kProperties)
    check_property(row);
}

}  // namespace
}  // namespace tollgate::dialects::gemini_generate
