#include "json/writer.hpp"

#include <cstdint>
#include <limits>
#include <string>

#include "json/reader.hpp"
#include "support/catch.hpp"

namespace tollgate::json {
namespace {

TEST_CASE("commas put themselves", "[json]") {
  std::string out;
  Writer writer(out);
  writer.begin_object()
      .member("a", "text")
      .member("b", std::string_view("view"))
      .member("c", int64_t{-1})
      .member("d", true)
      .raw_member("e", "{\"x\":1}")
      .key("f")
      .begin_array()
      .null()
      .boolean(false)
      .begin_array()
      .end_array()
      .begin_object()
      .end_object()
      .unsigned_integer(7)
      .string("s")
      .raw("1.5")
      .end_array()
      .member("g", int64_t{0})
      .end_object();
  CHECK(out == R"({"a":"text","b":"view","c":-1,"d":true,"e":{"x":1},)"
               R"("f":[null,false,[],{},7,"s",1.5],"g":0})");
  Document document;
  CHECK(document.parse(out).ok());
}

TEST_CASE("a writer appends behind what is there", "[json]") {
  std::string out = "data: ";
  Writer(out).begin_array().integer(1).integer(2).end_array();
  CHECK(out == "data: [1,2]");
}

TEST_CASE("the largest numbers are written whole", "[json]") {
  std::string out;
  Writer(out)
      .begin_array()
      .integer(std::numeric_limits<int64_t>::min())
      .integer(std::numeric_limits<int64_t>::max())
      .unsigned_integer(std::numeric_limits<uint64_t>::max())
      .end_array();
  CHECK(out == "[-9223372036854775808,9223372036854775807,18446744073709551615]");
}

TEST_CASE("keys and strings are escaped", "[json]") {
  std::string out;
  Writer(out).begin_object().member("a\"", "b\n\xFF").end_object();
  CHECK(out == "{\"a\\\"\":\"b\\n\xEF\xBF\xBD\"}");
}

}  // namespace
}  // namespace tollgate::json
