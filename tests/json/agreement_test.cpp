#include <string>
#include <string_view>
#include <vector>

#include "base/rng.hpp"
#include "json/position.hpp"
#include "json/reader.hpp"
#include "support/catch.hpp"
#include "support/recordings.hpp"

// The parser decides, the fault finder explains: a text that one takes and the other refuses would
// be an error without a reason, or a reason without an error.

namespace tollgate::json {
namespace {

const std::string_view kSeeds[] = {
    R"({"model":"m","max_tokens":1024,"stream":true,"messages":[{"role":"user","content":"hi"}]})",
    R"([0,-1,1.5,1e3,-2.5E-7,18446744073709551616,1e308,0.1e-400,123456789012345678901])",
    R"(["\"\\\/\b\f\n\r\t","\u00e9\ud83d\ude00",{"a":{}},[[]],[[[1]]],null,true,false])",
    "[\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF\"]",
    " {\n\t\"a\" : [ 1 ,\r\n 2 ] , \"b\" : { \"c\" : \"d\" } }\n",
    "\"text\"",
    "-12.5e+3",
    "true",
    "[]",
};

/// Bytes and words that come near to JSON, so that mutants fail late and in every way.
const std::string_view kPieces[] = {"{",
                                    "}",
                                    "[",
                                    "]",
                                    ",",
                                    ":",
                                    "\"",
                                    "\\",
                                    "\\u",
                                    "\\ud83d",
                                    "\\ude00",
                                    "\\u12",
                                    "0",
                                    "1",
                                    "9",
                                    "-",
                                    "+",
                                    ".",
                                    "e",
                                    "E",
                                    "true",
                                    "nul",
                                    "null",
                                    " ",
                                    "\n",
                                    "\r",
                                    "\t",
                                    "\f",
                                    "/",
                                    "a",
                                    "\x7F",
                                    "\x80",
                                    "\xBF",
                                    "\xC0",
                                    "\xC3",
                                    "\xE0",
                                    "\xED",
                                    "\xA0",
                                    "\xF0",
                                    "\xF4",
                                    "\x90",
                                    "\xFF",
                                    "\xEF\xBB\xBF",
                                    "e999",
                                    "E-999",
                                    "00000000000000000000",
                                    "99999999999999999999",
                                    "{\"a\":",
                                    "[[[["};

std::string mutated(std::string_view seed, Rng& rng) {
  std::string text(seed);
  for (uint64_t left = 1 + rng.below(3); left > 0; --left) {
    const size_t at = rng.below(text.size() + 1);
    const size_t size = rng.below(4);
    switch (rng.below(5)) {
      case 0:
        text.erase(at, size);
        break;
      case 1:
        text.insert(at, kPieces[rng.below(std::size(kPieces))]);
        break;
      case 2:
        text.replace(at, size, kPieces[rng.below(std::size(kPieces))]);
        break;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(rng.below(256));
        break;
      default:
        text.resize(at);
    }
  }
  return text;
}

/// Counts refusals, so that the test can see that mutation does refuse something.
size_t refusals_after_mutation(std::string_view seed, uint64_t number, size_t rounds) {
  Rng rng(number);
  Document document;
  size_t refused = 0;
  for (size_t i = 0; i < rounds; ++i) {
    const std::string text = mutated(seed, rng);
    const bool ok = document.parse(text).ok();
    const Fault fault = find_fault(text);
    if (ok != fault.what.empty()) {
      INFO("text: " << text);
      INFO("fault: " << fault.what << " at " << fault.offset);
      CHECK(ok == fault.what.empty());
    }
    refused += ok ? 0 : 1;
  }
  return refused;
}

TEST_CASE("parser and fault finder agree on every mutant", "[json]") {
  constexpr size_t kRounds = 20'000;
  uint64_t number = 1;
  for (const std::string_view seed : kSeeds) {
    INFO("seed: " << seed);
    const size_t refused = refusals_after_mutation(seed, number++, kRounds);
    CHECK(refused > kRounds / 10);
    CHECK(refused < kRounds);
  }
}

TEST_CASE("parser and fault finder agree on mutants of recorded answers", "[json]") {
  uint64_t number = 1000;
  for (const auto& path : test::recordings("gemini", ".json")) {
    const std::string text = test::read_file(path);
    if (text.size() > 4096) continue;
    INFO(path);
    CHECK(find_fault(text).what == "");
    CHECK(refusals_after_mutation(text, number++, 500) > 0);
  }
}

TEST_CASE("parser and fault finder agree on every cut and every single byte", "[json]") {
  Document document;
  for (const std::string_view seed : kSeeds) {
    for (size_t size = 0; size <= seed.size(); ++size) {
      const std::string_view cut = seed.substr(0, size);
      INFO("cut: " << cut);
      REQUIRE(document.parse(cut).ok() == find_fault(cut).what.empty());
    }
  }
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text = {'"', static_cast<char>(first), static_cast<char>(second), '"'};
      INFO("bytes " << first << " " << second);
      REQUIRE(document.parse(text).ok() == find_fault(text).what.empty());
    }
  }
}

}  // namespace
}  // namespace tollgate::json
