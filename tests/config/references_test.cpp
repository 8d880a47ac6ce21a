#include "config/references.hpp"

#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

const FakeHost kHost{{{"A", "alpha"}, {"B_2", "beta"}, {"EMPTY", ""}, {"BREAK", "x\r\ny"}},
                     {{"/run/key", "from-file\n"}, {"/run/alpha", "other"}, {"/run/empty", "\n"}}};

struct ReferenceCase {
  const char* name;
  std::string_view raw;
  const char* value;  ///< Null: refused.
  const char* fault;
};

const ReferenceCase kStrings[] = {
    {"no reference", "plain $ text } {", "plain $ text } {", ""},
    {"a reference", "${A}", "alpha", ""},
    {"several in one value", "x-${A}-${B_2}-y", "x-alpha-beta-y", ""},
    {"an escape", "$${A} and ${A}", "${A} and alpha", ""},
    {"an empty variable", "[${EMPTY}]", "[]", ""},
    {"a value is not looked through again", "${A}", "alpha", ""},
    {"file: is text here", "file:/run/key", "file:/run/key", ""},
    {"an unset variable", "${NOPE}", nullptr, "the environment variable NOPE is not set"},
    {"no name", "${}", nullptr, "${ must begin ${NAME}"},
    {"no end", "${A", nullptr, "${ must begin ${NAME}"},
    {"a default is no name", "${A:-b}", nullptr, "${ must begin ${NAME}"},
};

TEST_CASE("references in strings are replaced") {
  for (const ReferenceCase& row : kStrings) {
    CAPTURE(row.name);
    Report report("t.yaml");
    const auto value = replace_references(row.raw, {}, kHost.lookup(), report);
    const std::vector<Diagnostic> faults = report.take();
    REQUIRE(value.has_value() == (row.value != nullptr));
    if (value) CHECK(*value == row.value);
    CHECK(faults.empty() == (row.value != nullptr));
    if (!faults.empty()) CHECK(faults.front().message.find(row.fault) == 0);
  }
}

TEST_CASE("every unset variable of a value is named") {
  Report report("t.yaml");
  CHECK_FALSE(replace_references("${X1} ${A} ${X2}", {}, kHost.lookup(), report).has_value());
  const std::vector<Diagnostic> faults = report.take();
  REQUIRE(faults.size() == 2);
  CHECK(faults[0].message == "the environment variable X1 is not set");
  CHECK(faults[1].message == "the environment variable X2 is not set");
}

const ReferenceCase kSecrets[] = {
    {"a literal", "sk-literal", "sk-literal", ""},
    {"a variable", "${A}", "alpha", ""},
    {"a file, less its line break", "file:/run/key", "from-file", ""},
    {"a file named by a variable", "file:/run/${A}", "other", ""},
    {"a missing file", "file:/run/none", nullptr, "the file cannot be read"},
    {"an empty file", "file:/run/empty", nullptr, "is empty"},
    {"an empty variable", "${EMPTY}", nullptr, "is empty"},
    {"a line break", "${BREAK}", nullptr, "holds a line break or another control character"},
    {"a foreign reference", "tfy-secret://corp:group:key", nullptr,
     "tfy-secret:// references are not read"},
};

TEST_CASE("secrets come from text, variables and files") {
  for (const ReferenceCase& row : kSecrets) {
    CAPTURE(row.name);
    Report report("t.yaml");
    const auto value = replace_secret_references(row.raw, {}, kHost.lookup(), report);
    const std::vector<Diagnostic> faults = report.take();
    REQUIRE(value.has_value() == (row.value != nullptr));
    if (value) CHECK(value->reveal() == row.value);
    if (!value) {
      REQUIRE(faults.size() == 1);
      CHECK(faults.front().message.find(row.fault) == 0);
    }
  }
}

TEST_CASE("a value cannot grow without bound") {
  FakeHost host;
  host.variables["BIG"] = std::string(600'000, 'x');
  Report report("t.yaml");
  CHECK_FALSE(replace_references("${BIG}${BIG}", {}, host.lookup(), report).has_value());
  CHECK(report.has_errors());
}

TEST_CASE("without a lookup nothing is set") {
  Report report("t.yaml");
  CHECK_FALSE(replace_references("${A}", {}, Lookup{}, report).has_value());
  CHECK_FALSE(variable("A", {}, Lookup{}, report).has_value());
  CHECK(report.take().size() == 2);
}

TEST_CASE("a variable must have a name and a value") {
  Report report("t.yaml");
  CHECK(variable("A", {}, kHost.lookup(), report)->reveal() == "alpha");
  CHECK_FALSE(variable("NOPE", {}, kHost.lookup(), report).has_value());
  CHECK_FALSE(variable("EMPTY", {}, kHost.lookup(), report).has_value());
  CHECK_FALSE(variable("sk-not-a-name", {}, kHost.lookup(), report).has_value());
  const std::vector<Diagnostic> faults = report.take();
  REQUIRE(faults.size() == 3);
  CHECK(faults[0].message == "the environment variable NOPE is not set");
  CHECK(faults[1].message == "the environment variable EMPTY is empty");
  CHECK(faults[2].message == "must be the name of an environment variable: letters, digits and _");
}

}  // namespace
}  // namespace tollgate::config
