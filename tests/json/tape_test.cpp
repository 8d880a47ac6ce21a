#include "json/tape.hpp"

#include <string>
#include <vector>

#include "json/reader.hpp"
#include "support/catch.hpp"

namespace tollgate::json {
namespace {

/// The places that Tape::build() asks for, found the slow way; for texts without faults in strings.
std::vector<uint32_t> places_of(std::string_view text) {
  std::vector<uint32_t> places;
  bool in_token = false;
  for (uint32_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      places.push_back(i);
      for (++i; text[i] != '"'; ++i)
        i += text[i] == '\\' ? 1 : 0;
      in_token = false;
    } else if (std::string_view("{}[],:").find(c) != std::string_view::npos) {
      places.push_back(i);
      in_token = false;
    } else if (c == ' ' || c == '\n') {
      in_token = false;
    } else if (!in_token) {
      places.push_back(i);
      in_token = true;
    }
  }
  return places;
}

/// Builds a tape of a text that goes as long as the tape does.
struct Built {
  explicit Built(std::string_view source) : text(source) {
    text.append(kPadding, ' ');
    const std::vector<uint32_t> places = places_of(source);
    REQUIRE(tape.reserve(places.size()));
    result =
        tape.build(std::string_view(text).substr(0, source.size()), places.data(), places.size());
  }
  std::string text;
  Tape tape;
  Tape::Built result;
};

TEST_CASE("a tape says where values stand and what follows them") {
  const Built built(R"( {"a": [1, "x\n\u00e9y"] , "\u0062":{}, "c":null} )");
  REQUIRE(built.result == Tape::Built::kWhole);
  const Tape& tape = built.tape;
  CHECK(tape.raw(0) == R"({"a": [1, "x\n\u00e9y"] , "\u0062":{}, "c":null})");
  CHECK(tape.node(0).extra == 3);
  CHECK(tape.node(0).next == 9);
  CHECK(tape.string(1) == "a");
  CHECK(tape.raw(2) == R"([1, "x\n\u00e9y"])");
  CHECK(tape.node(2).extra == 2);
  CHECK(tape.node(2).next == 5);
  CHECK(tape.first(3) == '1');
  CHECK(tape.string_size(4) == 5);
  CHECK(tape.string(4) == "x\n\xC3\xA9y");
  CHECK(tape.string(4) == "x\n\xC3\xA9y");  // Once it was unescaped, too.
  CHECK(tape.string_size(4) == 5);
  CHECK(tape.string(5) == "b");
  CHECK(tape.raw(6) == "{}");
  CHECK(tape.node(6).extra == 0);
  CHECK(tape.raw(8) == "null");
}

TEST_CASE("a text with a fault makes no tape") {
  for (const std::string text :
       {"{", "}", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{1:2}", "[1}", "{\"a\":1]",
        "[1 2]", "tru", "nulll", "01", "1 1", "[\"\\x\"]", "[\"\\ud800\"]", "\"a\"b", "[1]]"}) {
    INFO(text);
    CHECK(Built(text).result == Tape::Built::kFault);
  }
}

}  // namespace
}  // namespace tollgate::json
