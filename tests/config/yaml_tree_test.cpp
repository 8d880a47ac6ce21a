#include "config/yaml_tree.hpp"

#include "base/limits.hpp"
#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

std::string faults_of(std::string_view text) {
  Report report("t.yaml");
  const Tree tree = parse_yaml(text, report);
  std::string lines;
  for (const Diagnostic& one : report.take())
    lines += to_line(one) + "\n";
  CHECK(tree.nodes.size() <= limits::kConfigNodesMax);
  return lines;
}

TEST_CASE("a text without a pointer is an empty one") {
  CHECK(faults_of(std::string_view()) == faults_of(""));
}

TEST_CASE("documents, marks and quoting are kept") {
  Report report("t.yaml");
  const Tree tree = parse_yaml("a: 12\nlist:\n  - \"12\"\n---\n---\nb\n", report);
  CHECK_FALSE(report.has_errors());
  CHECK(tree.complete);
  REQUIRE(tree.roots.size() == 2);
  const Node& root = tree.at(tree.roots[0]);
  REQUIRE(root.kind == NodeKind::kMapping);
  const Node& key = tree.at(root.first_child);
  const Node& number = tree.at(key.next_sibling);
  CHECK(key.text == "a");
  CHECK(number.text == "12");
  CHECK(number.plain);
  CHECK(number.mark.line == 1);
  CHECK(number.mark.column == 4);
  const Node& list = tree.at(tree.at(number.next_sibling).next_sibling);
  REQUIRE(list.kind == NodeKind::kSequence);
  const Node& quoted = tree.at(list.first_child);
  CHECK_FALSE(quoted.plain);
  CHECK(quoted.mark.line == 3);
  CHECK(quoted.mark.column == 5);
  CHECK(tree.at(tree.roots[1]).text == "b");
}

const FindingCase kFaults[] = {
    {"an alias", "a: &x 1\nb: *x\n",
     "t.yaml:1:4: a: anchors (&name) are not read: remove it\n"
     "t.yaml:2:4: b: aliases (*name) are not read: write the value out here\n"},
    {"a merge key", "a:\n  <<: {b: 1}\n",
     "t.yaml:2:3: a.<<: merge keys (<<) are not read: write the values out here\n"},
    {"a quoted << is a key as any other", "a: {\"<<\": 1}\n", ""},
    {"a tag", "a:\n  - !!python/object x\n",
     "t.yaml:2:5: a[0]: tags (!name) are not read: remove it\n"},
    {"a key that is a list", "? [a, b]\n: 1\n", "t.yaml:1:3: a key must be a string\n"},
    {"an open bracket", "a: [1, 2\n",
     "t.yaml:2:1: not valid YAML: did not find expected ',' or ']'\n"},
    {"an unquoted reference in braces", "a: {b: ${NAME}}\n",
     "t.yaml:1:9: not valid YAML: did not find expected ',' or '}' (inside { } and [ ], put quotes "
     "around \"${NAME}\")\n"},
    {"a tab as indentation", "a:\n\tb: 1\n",
     "t.yaml:2:1: not valid YAML: found character that cannot start any token\n"},
    {"bytes that are not UTF-8", "a: 1\nb: \xff\n",
     "t.yaml:2:4: not valid UTF-8 text, or a character YAML does not allow\n"},
    {"columns count characters", "a: \"\u00e4\u00f6\" [\n",
     "t.yaml:1:9: not valid YAML: did not find expected key\n"},
};

TEST_CASE("what is not read is reported where it stands") {
  for (const FindingCase& row : kFaults) {
    CAPTURE(row.name);
    CHECK(faults_of(row.text) == row.findings);
  }
}

TEST_CASE("a document that a fault cuts off is not handed on") {
  Report report("t.yaml");
  const Tree tree = parse_yaml("a: 1\n---\nb: {c: 1, d: [\n", report);
  CHECK(report.has_errors());
  CHECK_FALSE(tree.complete);
  CHECK(tree.roots.size() == 1);
}

TEST_CASE("nesting is bounded") {
  const std::string deep =
      std::string(limits::kConfigDepthMax, '[') + "1" + std::string(limits::kConfigDepthMax, ']');
  CHECK(faults_of(deep).empty());
  CHECK(faults_of("[" + deep + "]").find("nested too deeply") != std::string::npos);
  CHECK(faults_of(std::string(100'000, '[')).find("nested too deeply") != std::string::npos);
}

TEST_CASE("an expansion bomb is refused at its first anchor") {
  std::string bomb = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string last = std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + last + ", *a" + last +
            "]\n";
  }
  Report report("t.yaml");
  const Tree tree = parse_yaml(bomb, report);
  CHECK(report.has_errors());
  CHECK(tree.nodes.size() < 200);
}

TEST_CASE("the number of values is bounded") {
  std::string many = "[";
  for (size_t i = 0; i <= limits::kConfigNodesMax; ++i)
    many += "1,";
  many += "]";
  CHECK(faults_of(many).find("too many values") != std::string::npos);
}

TEST_CASE("the size is bounded") {
  const std::string large(limits::kConfigBytesMax + 1, ' ');
  CHECK(faults_of(large) == "t.yaml:1:1: larger than 16777216 bytes\n");
}

}  // namespace
}  // namespace tollgate::config
