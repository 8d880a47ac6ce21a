#include "dialects/gemini_generate/partial_args.hpp"

#include "support/catch.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

struct PiecesCase {
  const char* name;
  std::vector<const char*> pieces;
  const char* json;
  bool broken;
};

const PiecesCase kPieces[] = {
    {"nothing", {}, "{}", false},
    {"a string in pieces",
     {R"j({"jsonPath":"$.a","stringValue":"x\"","willContinue":true})j",
      R"j({"jsonPath":"$.a","stringValue":"y"})j", R"j({"jsonPath":"$.a","stringValue":""})j"},
     R"j({"a":"x\"y"})j",
     false},
    {"numbers and words",
     {R"j({"jsonPath":"$.a","numberValue":1})j", R"j({"jsonPath":"$.b","numberValue":-2.5})j",
      R"j({"jsonPath":"$.c","boolValue":false})j",
      R"j({"jsonPath":"$.d","nullValue":"NULL_VALUE"})j"},
     R"j({"a":1,"b":-2.5,"c":false,"d":null})j",
     false},
    {"lists in objects",
     {R"j({"jsonPath":"$.a[0].b","stringValue":"1"})j",
      R"j({"jsonPath":"$.a[0].c","stringValue":"2"})j",
      R"j({"jsonPath":"$.a[1].b","stringValue":"3"})j",
      R"j({"jsonPath":"$.d.e.f","numberValue":4})j"},
     R"j({"a":[{"b":"1","c":"2"},{"b":"3"}],"d":{"e":{"f":4}}})j",
     false},
    {"names in brackets",
     {R"j({"jsonPath":"$['a b'][\"c.d\"][0]","boolValue":true})j"},
     R"j({"a b":{"c.d":[true]}})j",
     false},
    {"a gap", {R"j({"jsonPath":"$.a[2]","numberValue":1})j"}, R"j({"a":[null,null,1]})j", false},
    {"a gap too wide", {R"j({"jsonPath":"$.a[99999]","numberValue":1})j"}, R"j({"a":[]})j", true},
    {"no path",
     {R"j({"jsonPath":"a","numberValue":1})j", "{}", R"j({"jsonPath":"$","numberValue":1})j",
      R"j({"jsonPath":"$.","numberValue":1})j", R"j({"jsonPath":"$[x]","numberValue":1})j"},
     "{}",
     true},
    {"a value where there is an object",
     {R"j({"jsonPath":"$.a.b","numberValue":1})j", R"j({"jsonPath":"$.a","numberValue":1})j",
      R"j({"jsonPath":"$.a[0]","numberValue":1})j"},
     R"j({"a":{"b":1}})j",
     true},
};

TEST_CASE("arguments are assembled by their paths") {
  for (const PiecesCase& row : kPieces) {
    INFO(row.name);
    PartialArgs args;
    for (const char* piece : row.pieces) {
      json::Document document;
      const auto parsed = document.parse(piece);
      REQUIRE(parsed.ok());
      args.add(parsed.value());
    }
    CHECK(args.json() == row.json);
    CHECK(args.broken() == row.broken);
  }
}

TEST_CASE("arguments nest only so deep") {
  std::string path = "{\"jsonPath\":\"$";
  for (int i = 0; i < 100; ++i)
    path += ".a";
  json::Document document;
  const auto parsed = document.parse(path + "\",\"numberValue\":1}");
  REQUIRE(parsed.ok());
  PartialArgs args;
  args.add(parsed.value());
  CHECK(args.broken());
  CHECK(document.parse(args.json()).ok());
}

}  // namespace
}  // namespace tollgate::dialects::gemini_generate
