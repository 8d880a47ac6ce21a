#include "config/rule_support.hpp"

namespace tollgate::config {
namespace {

policy::Selector selector_of(const std::string& when) {
  const LoadResult result = load_text(
      "name: a\ntype: tenant-budget-config\nlimits: {cost_per_day: 1}\nwhen: " + when + "\n");
  CAPTURE(lines_of(result));
  REQUIRE(result.configuration);
  return result.configuration->rules.rules()[0].when;
}

TEST_CASE("a filter is {in, not_in}, a list, or a single value of metadata") {
  CHECK(selector_of("{models: {in: [a/b]}}").models.passes("a/b"));
  CHECK_FALSE(selector_of("{models: {in: [a/b]}}").models.passes("a/c"));
  CHECK(selector_of("{models: {not_in: [a/b]}}").models.passes("a/c"));
  CHECK_FALSE(selector_of("{models: [a/b]}").models.passes("a/c"));
  CHECK(selector_of("{metadata: {environment: ci}}").matches_metadata({{"environment", "ci"}}));
  CHECK(selector_of("{metadata: {environment: {not_in: [ci]}}}").matches_metadata({}));
}

TEST_CASE("a subject that nobody defines is told of") {
  const std::string lines =
      findings_of(load_text("name: a\ntype: tenant-budget-config\nlimits: {cost_per_day: 1}\n"
                            "when: {subjects: {teams: {in: [nobody]}}}\n"));
  CHECK(lines ==
        "t.yaml:4:32: when.subjects.teams.in[0]: warning: no document defines this subject: it "
        "lets nobody in\n");
}

TEST_CASE("a star among subjects or models means all of them") {
  const LoadResult result = load_text(
      "name: b\ntype: gateway-budget-config\nrules:\n"
      "  - {id: all, when: {subjects: ['*'], models: ['*']}, limit_to: 1, unit: cost_per_day}\n");
  CAPTURE(lines_of(result));
  REQUIRE(result.configuration);
  const policy::Selector& when = result.configuration->rules.rules()[0].when;
  CHECK(when.subjects.empty());
  CHECK_FALSE(when.has_models);
}

TEST_CASE("a zone's rules come from the host's database") {
  FakeHost host;
  // A zone of one type, an hour east of UTC, without changes.
  std::string file = "TZif" + std::string(16, '\0');
  for (const char count : {'\0', '\0', '\0', '\0', '\1', '\4'})
    file += std::string(3, '\0') + count;
  file += std::string("\0\0\x0e\x10\0\0", 6) + std::string("XST\0", 4);
  host.files["/usr/share/zoneinfo/Mars/Olympus"] = file;
  const LoadResult result = load_text(
      "name: a\ntype: tenant-budget-config\nlimits: {cost_per_day: 1}\ntimezone: Mars/Olympus\n",
      host);
  CAPTURE(lines_of(result));
  REQUIRE(result.configuration);
  CHECK(result.configuration->rules.rules()[0].zone.offset_at(0) == 3'600'000);
}

}  // namespace
}  // namespace tollgate::config
