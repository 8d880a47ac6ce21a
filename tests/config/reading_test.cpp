#include "config/reading.hpp"

#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

const FakeHost kHost{{{"NUMBER", "12"}, {"YES", "true"}, {"WORD", "word"}}, {}};

/// Reads the one scalar, list or mapping of a text and keeps what was reported.
struct OneValue {
  explicit OneValue(std::string_view text) : tree(parse_yaml(text, report)) {}

  Value value() { return {&tree.at(tree.roots.at(0)), "x"}; }
  std::string fault() {
    std::string lines;
    for (const Diagnostic& one : report.take())
      lines += one.message + "\n";
    return lines;
  }

  Report report{"t.yaml"};
  Tree tree;
  Lookup lookup = kHost.lookup();
  Reading reading{tree, report, lookup, kTestNow};
};

struct StringCase {
  const char* text;
  const char* value;
  const char* fault;
};

const StringCase kStrings[] = {
    {"word", "word", ""},
    {"'12'", "12", ""},
    {"\"\"", "", ""},
    {"${NUMBER}", "12", ""},
    {"claude-3-5", "claude-3-5", ""},
    {"1.2.3", "1.2.3", ""},
    {"2026-11-22", "2026-11-22", ""},
    {"12", nullptr, "must be a string (put it in quotes), found is a number\n"},
    {"-1.5e3", nullptr, "must be a string (put it in quotes), found is a number\n"},
    {"true", nullptr, "must be a string (put it in quotes), found is true or false\n"},
    {"~", nullptr, "has no value, wanted is a string\n"},
    {"null", nullptr, "has no value, wanted is a string\n"},
    {"[a]", nullptr, "must be a string, found is a list\n"},
    {"{a: b}", nullptr, "must be a string, found is a mapping\n"},
};

TEST_CASE("strings are strings only") {
  for (const StringCase& row : kStrings) {
    CAPTURE(row.text);
    OneValue one(row.text);
    const std::optional<std::string> read = read_string(one.reading, one.value());
    REQUIRE(read.has_value() == (row.value != nullptr));
    if (read) CHECK(*read == row.value);
    CHECK(one.fault() == row.fault);
  }
}

struct IntegerCase {
  const char* text;
  std::optional<int64_t> value;
  const char* fault;
};

const IntegerCase kIntegers[] = {
    {"12", 12, ""},
    {"\"${NUMBER}\"", 12, ""},
    {"0", 0, ""},
    {"100", 100, ""},
    {"101", std::nullopt, "must be a whole number from 0 to 100\n"},
    {"-1", std::nullopt, "must be a whole number from 0 to 100\n"},
    {"1.5", std::nullopt, "must be a whole number from 0 to 100\n"},
    {"99999999999999999999", std::nullopt, "must be a whole number from 0 to 100\n"},
    {"\"12\"", std::nullopt, "must be a whole number, found is a string\n"},
    {"${WORD}", std::nullopt, "must be a whole number, found is a string\n"},
    {"12s", std::nullopt, "must be a whole number, found is a string\n"},
    {"[1]", std::nullopt, "must be a whole number, found is a list\n"},
};

TEST_CASE("whole numbers keep to their range") {
  for (const IntegerCase& row : kIntegers) {
    CAPTURE(row.text);
    OneValue one(row.text);
    CHECK(read_integer(one.reading, one.value(), 0, 100) == row.value);
    CHECK(one.fault() == row.fault);
  }
}

struct BoolCase {
  const char* text;
  std::optional<bool> value;
};

const BoolCase kBools[] = {
    {"true", true},      {"False", false},           {"${YES}", true},       {"yes", std::nullopt},
    {"1", std::nullopt}, {"\"true\"", std::nullopt}, {"null", std::nullopt}, {"{}", std::nullopt},
};

TEST_CASE("only true and false are truth values") {
  for (const BoolCase& row : kBools) {
    CAPTURE(row.text);
    OneValue one(row.text);
    CHECK(read_bool(one.reading, one.value()) == row.value);
    CHECK(one.fault().empty() == row.value.has_value());
  }
}

TEST_CASE("decimals keep their text") {
  for (const char* text : {"0.003", "3e-06", "15", "-1", ".5", "1."}) {
    CAPTURE(text);
    OneValue one(text);
    CHECK(read_decimal(one.reading, one.value()) == text);
  }
  for (const char* text : {"\"0.003\"", "free", ".", "1e", "0x10", "1_000", "[]", ".inf"}) {
    CAPTURE(text);
    OneValue one(text);
    CHECK_FALSE(read_decimal(one.reading, one.value()).has_value());
    CHECK_FALSE(one.fault().empty());
  }
}

TEST_CASE("lists keep the paths of their items") {
  OneValue one("[a, 1, b]");
  const std::vector<Value> items = read_list(one.reading, one.value());
  REQUIRE(items.size() == 3);
  CHECK(items[2].path == "x[2]");
  CHECK(read_strings(one.reading, one.value()) == std::vector<std::string>{"a", "b"});
  CHECK(one.fault() == "must be a string (put it in quotes), found is a number\n");
}

TEST_CASE("entries of a free mapping keep their order, and no key twice") {
  OneValue one("{b: 1, a: 2, b: 3}");
  const std::vector<Entry> entries = read_entries(one.reading, one.value());
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].key == "b");
  CHECK(entries[1].value.path == "x.a");
  CHECK(one.fault() == "this key stands here twice\n");
}

TEST_CASE("what was reported once is passed over") {
  OneValue one("[*gone]");
  // libyaml itself refuses an alias without its anchor no later than our tree does.
  const Node faulty{NodeKind::kFaulty, false, {}, kNoNode, kNoNode, ""};
  Report report("t.yaml");
  Reading reading{one.tree, report, one.lookup, kTestNow};
  const Value value{&faulty, "x"};
  CHECK_FALSE(read_string(reading, value).has_value());
  CHECK_FALSE(read_bool(reading, value).has_value());
  CHECK_FALSE(read_integer(reading, value, 0, 1).has_value());
  CHECK_FALSE(read_decimal(reading, value).has_value());
  CHECK_FALSE(read_secret(reading, value).has_value());
  CHECK(read_list(reading, value).empty());
  CHECK(read_entries(reading, value).empty());
  CHECK(report.take().empty());
}

}  // namespace
}  // namespace tollgate::config
