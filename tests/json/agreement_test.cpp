#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "base/rng.hpp"
#include "json/position.hpp"
#include "json/reader.hpp"
#include "support/catch.hpp"
#include "support/recordings.hpp"

// The parser decides, the fault finder explains: a text that one takes and the other refuses would
// be an error without a reason, or a reason without an error. simdjson's own second stage, which is
// not used, is the third to be asked, also for the values.

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

bool is_same(Value value, simdjson::dom::element other);

bool is_same_object(Value value, simdjson::dom::object other) {
  auto at = other.begin();
  for (const Member member : value.members()) {
    if (at == other.end() || member.key != at.key() || !is_same(member.value, at.value())) {
      return false;
    }
    ++at;
  }
  return at == other.end();
}

bool is_same_array(Value value, simdjson::dom::array other) {
  auto at = other.begin();
  for (const Value element : value.elements()) {
    if (at == other.end() || !is_same(element, *at)) return false;
    ++at;
  }
  return at == other.end();
}

/// Recurses; texts of this test nest a few levels.
bool is_same(Value value, simdjson::dom::element other) {
  switch (other.type()) {
    case simdjson::dom::element_type::OBJECT:
      return value.is_object() && is_same_object(value, other);
    case simdjson::dom::element_type::ARRAY:
      return value.is_array() && is_same_array(value, other);
    case simdjson::dom::element_type::STRING:
      return value.string() == std::string_view(other) &&
             value.string_size() == std::string_view(other).size();
    case simdjson::dom::element_type::INT64:
      return value.integer() == int64_t(other);
    case simdjson::dom::element_type::UINT64:
      return value.kind() == Kind::kUint && value.number() == double(uint64_t(other));
    case simdjson::dom::element_type::DOUBLE:
      return value.kind() == Kind::kDouble && value.number() == double(other);
    case simdjson::dom::element_type::BOOL:
      return value.boolean() == bool(other);
    case simdjson::dom::element_type::NULL_VALUE:
      return value.is_null();
  }
  return false;
}

/// Whether the whole of simdjson, of which we use a half, says the same. It refuses numbers beyond
/// 64 bits, which are valid; what it says of those does not count.
bool agrees_with_simdjson(const Result<Value>& read, std::string_view text,
                          simdjson::dom::parser& parser) {
  if (text.starts_with("\xEF\xBB\xBF")) return !read.ok();
  simdjson::dom::element root;
  const simdjson::error_code error =
      parser.parse(simdjson::padded_string(text.data(), text.size())).get(root);
  if (error == simdjson::NUMBER_ERROR) return true;
  if (error != simdjson::SUCCESS || !read.ok()) return (error == simdjson::SUCCESS) == read.ok();
  return is_same(read.value(), root);
}

/// Counts refusals, so that the test can see that mutation does refuse something.
size_t refusals_after_mutation(std::string_view seed, uint64_t number, size_t rounds) {
  Rng rng(number);
  Document document;
  simdjson::dom::parser parser;
  size_t refused = 0;
  for (size_t i = 0; i < rounds; ++i) {
    const std::string text = mutated(seed, rng);
    const Result<Value> read = document.parse(text);
    const bool ok = read.ok();
    if (!agrees_with_simdjson(read, text, parser)) {
      INFO("text: " << text);
      CHECK(agrees_with_simdjson(read, text, parser));
    }
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
