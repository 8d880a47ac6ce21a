#include "wire/json_array_decoder.hpp"

#include <random>
#include <vector>

#include "json/reader.hpp"
#include "support/catch.hpp"
#include "support/recordings.hpp"

namespace tollgate::wire {
namespace {

struct Elements {
  std::vector<std::string> texts;
  Status status;
};

Elements elements_of(std::string_view text, size_t piece, size_t most = 1'000'000) {
  Elements found;
  JsonArrayDecoder decoder(most);
  while (!text.empty() && found.status.ok()) {
    found.status = decoder.feed(text.substr(0, piece), [&](std::string_view element) {
      found.texts.emplace_back(element);
    });
    text.remove_prefix(std::min(piece, text.size()));
  }
  return found;
}

struct ArrayCase {
  const char* name;
  const char* text;
  std::vector<std::string> elements;
  Code code;
};

const ArrayCase kArrays[] = {
    {"nothing", "", {}, Code::kOk},
    {"no elements", " [ ] ", {}, Code::kOk},
    {"objects", "[{\"a\":1}\n,\r\n{\"b\":[{}]}]", {"{\"a\":1}", "{\"b\":[{}]}"}, Code::kOk},
    {"brackets in strings",
     R"([{"a":"}]\"{"},{"b":"\\"}])",
     {R"({"a":"}]\"{"})", R"({"b":"\\"})"},
     Code::kOk},
    {"plain values", "[1,\"a,b\",[2],null]", {"1", "\"a,b\"", "[2]", "null"}, Code::kOk},
    {"a lone object", "{\"error\":{}}\n", {"{\"error\":{}}"}, Code::kOk},
    {"a cut one", "[{\"a\":1},{\"b\":", {"{\"a\":1}"}, Code::kOk},
    {"text", "oops", {}, Code::kInvalid},
    {"something behind it", "[{}]{}", {"{}"}, Code::kInvalid},
    {"something behind a lone object", "{}{}", {"{}"}, Code::kInvalid},
};

TEST_CASE("arrays are cut into elements, from any split") {
  for (const ArrayCase& row : kArrays) {
    for (const size_t piece : {size_t{1}, size_t{2}, size_t{3}, size_t{1'000}}) {
      INFO(row.name << " by " << piece);
      const Elements found = elements_of(row.text, piece);
      CHECK(found.texts == row.elements);
      CHECK(found.status.code() == row.code);
    }
  }
}

TEST_CASE("elements of an array are bounded") {
  const std::string text = "[{\"a\":\"" + std::string(100, 'x') + "\"}]";
  for (const size_t piece : {size_t{1}, size_t{1'000}}) {
    CHECK(elements_of(text, piece, 50).status.code() == Code::kLimit);
    CHECK(elements_of(text, piece, 200).status.ok());
  }
}

TEST_CASE("a recorded array holds what its reader reads") {
  for (const auto& path : test::recordings("gemini", "json-array-stream.json")) {
    const std::string text = test::read_file(path);
    json::Document document;
    const auto whole = document.parse(text);
    REQUIRE(whole.ok());
    const size_t count = whole.value().size();
    for (size_t piece = 1; piece < 40; ++piece) {
      const Elements found = elements_of(text, piece);
      REQUIRE(found.status.ok());
      CHECK(found.texts.size() == count);
      json::Document element;
      for (const std::string& each : found.texts)
        CHECK(element.parse(each).ok());
    }
  }
}

}  // namespace
}  // namespace tollgate::wire
