#include "json/escapes.hpp"

#include <string>

#include "json/backslashes.hpp"
#include "support/catch.hpp"

namespace tollgate::json {
namespace {

struct Row {
  const char* name;
  std::string raw;
  std::string meant;
};

const Row kRows[] = {
    {"nothing", "", ""},
    {"plain", "abc", "abc"},
    {"every short one", R"(\"\\\/\b\f\n\r\t)", "\"\\/\b\f\n\r\t"},
    {"one byte", R"(x\u0041x)", "xAx"},
    {"two bytes", R"(\u00e9)", "\xC3\xA9"},
    {"three bytes", R"(\u20AC)", "\xE2\x82\xAC"},
    {"a surrogate pair", R"(\ud83d\ude00)", "\xF0\x9F\x98\x80"},
    {"a backslash before a letter", R"(\\n\\u0041)", R"(\n\u0041)"},
};

TEST_CASE("escapes become what they stand for") {
  for (const Row& row : kRows) {
    INFO(row.name);
    std::string out(row.raw.size(), '?');
    out.resize(static_cast<size_t>(unescape(row.raw, out.data()) - out.data()));
    CHECK(out == row.meant);
  }
}

TEST_CASE("what JSON has no escape for is none") {
  for (const std::string bad : {"\\", "\\x", "\\u", "\\u12", "\\u12g4", "\\ud83d", "\\ude00",
                                "\\ud83d\\n", "\\ud83d\\u0041", "\\ud83d\\ud83d", "\\U0041"}) {
    INFO(bad);
    CHECK(read_escape(bad, 0).size == 0);
  }
}

TEST_CASE("backslashes are found in order, in blocks and across them") {
  for (size_t distance = 1; distance < 140; ++distance) {
    INFO(distance);
    std::string text;
    for (size_t i = 0; i < 300; ++i)
      text += i % distance == 0 ? '\\' : 'x';
    const size_t size = text.size();
    text.append(64, '\\');  // What stands behind the text is not the text's.
    const std::string_view view = std::string_view(text).substr(0, size);
    Backslashes found(view);
    for (size_t at = 0; at < size; at += distance) {
      REQUIRE(found.at() == at);
      found.skip_to(at + 1);
    }
    CHECK(found.at() >= size);
    Backslashes skipped(view);
    skipped.skip_to(150);
    CHECK(skipped.at() == (150 + distance - 1) / distance * distance);
  }
  CHECK(Backslashes("").at() == SIZE_MAX);
}

}  // namespace
}  // namespace tollgate::json
