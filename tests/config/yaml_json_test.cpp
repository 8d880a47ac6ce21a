#include "config/yaml_json.hpp"

#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

struct JsonCase {
  const char* name;
  const char* yaml;
  const char* json;
};

const JsonCase kCases[] = {
    {"a number", "12", "12"},
    {"a fraction", "0.2", "0.2"},
    {"a power", "-3e-06", "-3e-06"},
    {"a quoted number", "\"12\"", "\"12\""},
    {"a number JSON does not have", "012", "\"012\""},
    {"a bare point", ".5", "\".5\""},
    {"true", "true", "true"},
    {"null", "null", "null"},
    {"nothing", "~", "null"},
    {"text", "fast", "\"fast\""},
    {"an empty list", "[]", "[]"},
    {"an empty mapping", "{}", "{}"},
    {"nested", "{a: [1, {b: null}], c: \"x\"}", "{\"a\":[1,{\"b\":null}],\"c\":\"x\"}"},
    {"a variable", "\"${NAME}\"", "\"a \\\"value\\\"\""},
};

TEST_CASE("YAML values as JSON") {
  const FakeHost host{{{"NAME", "a \"value\""}}, {}};
  for (const JsonCase& row : kCases) {
    CAPTURE(row.name);
    Report report("t.yaml");
    const Tree tree = parse_yaml(row.yaml, report);
    REQUIRE(tree.roots.size() == 1);
    const Lookup lookup = host.lookup();
    Reading reading{tree, report, lookup, kTestNow};
    CHECK(read_json(reading, {&tree.at(tree.roots[0]), ""}) == row.json);
    CHECK_FALSE(report.has_errors());
  }
}

TEST_CASE("a variable that is not set is reported") {
  Report report("t.yaml");
  const Tree tree = parse_yaml("{a: [\"${GONE}\"]}", report);
  const FakeHost host;
  const Lookup lookup = host.lookup();
  Reading reading{tree, report, lookup, kTestNow};
  CHECK_FALSE(read_json(reading, {&tree.at(tree.roots[0]), ""}));
  CHECK(report.has_errors());
}

}  // namespace
}  // namespace tollgate::config
