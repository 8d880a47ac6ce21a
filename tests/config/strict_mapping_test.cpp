#include "config/reading.hpp"
#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

/// Reads one mapping with the keys name (required), size, on, kind, parts.
std::string read_sample(std::string_view text, Quoting quoting = Quoting::kQuoteKeys) {
  Report report("t.yaml");
  const Tree tree = parse_yaml(text, report);
  const FakeHost host;
  const Lookup lookup = host.lookup();
  Reading reading{tree, report, lookup, kTestNow};
  StrictMapping mapping(reading, {&tree.at(tree.roots.at(0)), "top"}, quoting);
  mapping.require_string("name");
  mapping.integer("size", 5, 0, 10);
  mapping.boolean("on", true);
  if (mapping.take("kind")) mapping.choice("kind", {"small", "large"});
  mapping.strings("parts");
  mapping.not_supported({"wheels"});
  mapping.done();
  std::string lines;
  for (const Diagnostic& one : report.take())
    lines += to_line(one) + "\n";
  return lines;
}

const FindingCase kMappings[] = {
    {"all is well", "{name: a, size: 3, on: false, kind: small, parts: [b]}", ""},
    {"a required key", "{size: 3}", "t.yaml:1:1: top.name: is required\n"},
    {"a misspelt key", "name: a\nsise: 3\n",
     "t.yaml:2:1: top.sise: unknown key (did you mean size?)\n"},
    {"a key like no other", "name: a\nbanana: 3\n",
     "t.yaml:2:1: top.banana: unknown key; known here are name, size, on, kind, parts\n"},
    {"a key twice", "name: a\nsize: 1\nsize: 2\n",
     "t.yaml:3:1: top.size: this key stands here twice, first in line 2\n"},
    {"a wrong choice", "name: a\nkind: smal\n",
     "t.yaml:2:7: top.kind: must be one of small, large, found is smal (did you mean small?)\n"},
    {"a feature of another gateway", "name: a\nwheels: 4\n",
     "t.yaml:2:1: top.wheels: is not supported by this version of tollgate: remove it\n"},
    {"no mapping", "[a]", "t.yaml:1:1: top: must be a mapping, found is a list\n"},
    {"several at once", "sise: 3\non: maybe\nparts: b\n",
     "t.yaml:1:1: top.name: is required\n"
     "t.yaml:1:1: top.sise: unknown key (did you mean size?)\n"
     "t.yaml:2:5: top.on: must be true or false, found is a string\n"
     "t.yaml:3:8: top.parts: must be a list, found is a string\n"},
};

TEST_CASE("a strict mapping reports every fault with its place") {
  for (const FindingCase& row : kMappings) {
    CAPTURE(row.name);
    CHECK(read_sample(row.text) == row.findings);
  }
}

TEST_CASE("beside secrets no unknown key is quoted") {
  CHECK(read_sample("{name: a, sk-planted: 1, sk-planted: 2, kind: sk-planted}",
                    Quoting::kHideKeys) ==
        "t.yaml:1:11: top: unknown key; known here are name, size, on, kind, parts\n"
        "t.yaml:1:26: top: this key stands here twice, first in line 1\n"
        "t.yaml:1:47: top.kind: must be one of small, large\n");
}

TEST_CASE("defaults stand for absent and for faulty values") {
  Report report("t.yaml");
  const Tree tree = parse_yaml("{b: x, c: 99}", report);
  const FakeHost host;
  const Lookup lookup = host.lookup();
  Reading reading{tree, report, lookup, kTestNow};
  StrictMapping mapping(reading, {&tree.at(tree.roots.at(0)), ""});
  CHECK(mapping.integer("a", 7, 0, 10) == 7);
  CHECK(mapping.boolean("b", true));
  CHECK(mapping.integer("c", 7, 0, 10) == 7);
  CHECK_FALSE(mapping.string("d").has_value());
  CHECK(mapping.list("e").empty());
}

TEST_CASE("thousands of unknown keys cost bounded time") {
  std::string text = "name: a\n";
  for (int i = 0; i < 50'000; ++i)
    text += "key" + std::to_string(i) + ": 1\n";
  const std::string lines = read_sample(text);
  CHECK(lines.find("further findings are not shown") != std::string::npos);
}

}  // namespace
}  // namespace tollgate::config
