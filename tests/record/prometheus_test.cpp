#include "record/prometheus.hpp"

#include <string>
#include <string_view>

#include "support/catch.hpp"

namespace tollgate::record {

namespace {

struct TextCase {
  const char* name;
  std::string_view input;
  std::string_view output;
};

const TextCase kNameCases[] = {
    {"as it is", "environment", "environment"},
    {"capitals and digits", "Team2", "Team2"},
    {"other characters", "cost-center.id", "cost_center_id"},
    {"one of ours", "model_name", "metadata_model_name"},
    {"a histogram's own", "le", "metadata_le"},
    {"one that becomes ours", "error-code", "metadata_error_code"},
    {"a digit first", "2nd", "metadata_2nd"},
    {"kept for Prometheus", "__name__", "metadata___name__"},
    {"empty", "", "metadata_"},
    {"not ASCII", "caf\xc3\xa9", "caf__"},
};

const TextCase kValueCases[] = {
    {"plain", "claude-sonnet-4-5", "claude-sonnet-4-5"},
    {"quote, backslash, line break", "a\"b\\c\nd", "a\\\"b\\\\c\\nd"},
    {"other controls stay", "a\tb\rc", "a\tb\rc"},
    {"two bytes", "caf\xc3\xa9", "caf\xc3\xa9"},
    {"invalid byte",
     "a\xff"
     "b",
     "a\xef\xbf\xbd"
     "b"},
    {"half a character", "a\xe2\x82", "a\xef\xbf\xbd"},
};

struct UsdCase {
  int64_t nano_usd;
  const char* text;
};

const UsdCase kUsdCases[] = {
    {0, "0"},
    {1, "0.000000001"},
    {54'399'000, "0.054399"},
    {1'000'000'000, "1"},
    {12'500'000'000, "12.5"},
    {10'000'000'001, "10.000000001"},
    // Not a number a double holds.
    {9'007'199'254'740'993, "9007199.254740993"},
    {INT64_MAX, "9223372036.854775807"},
    {-1, "0"},
};

std::string label(std::string_view value) {
  std::string labels;
  append_label(labels, "n", value);
  return labels;
}

}  // namespace

TEST_CASE("metadata keys become label names") {
  for (const TextCase& row : kNameCases) {
    INFO(row.name);
    CHECK(label_name(row.input) == row.output);
  }
}

TEST_CASE("label values are escaped and valid") {
  for (const TextCase& row : kValueCases) {
    INFO(row.name);
    CHECK(label(row.input) == "n=\"" + std::string(row.output) + "\"");
  }
  std::string labels;
  append_label(labels, "a", "1");
  append_label(labels, "b", "");
  CHECK(labels == R"(a="1",b="")");
}

TEST_CASE("long label values are cut between characters") {
  CHECK(label(std::string(300, 'x')) == "n=\"" + std::string(256, 'x') + "\"");
  CHECK(label(std::string(255, 'x') + "\xc3\xa9") == "n=\"" + std::string(255, 'x') + "\"");
}

TEST_CASE("money is printed exactly") {
  for (const UsdCase& row : kUsdCases) {
    std::string text;
    append_usd(text, NanoUsd{row.nano_usd});
    CHECK(text == row.text);
  }
}

TEST_CASE("microseconds are printed as milliseconds") {
  std::string text;
  for (const uint64_t us : {0U, 1U, 1'000U, 1'500U, 1'234'567U}) {
    append_ms(text, us);
    text += ' ';
  }
  CHECK(text == "0 0.001 1 1.5 1234.567 ");
}

}  // namespace tollgate::record
