#include "config/rule_support.hpp"

namespace tollgate::config {
namespace {

TEST_CASE("metadata is forced by subject") {
  const LoadResult result = load_text(
      "name: forced-metadata\ntype: gateway-metadata-config\nrules:\n"
      "  - {id: ci, when: {subjects: [\"virtualaccount:ci-bot\"]}, metadata_override: "
      "{environment: ci, cost_center: \"4410\"}}\n");
  CAPTURE(lines_of(result));
  REQUIRE(result.configuration);
  REQUIRE(result.configuration->forced_metadata.size() == 1);
  const ForcedMetadata& forced = result.configuration->forced_metadata[0];
  CHECK(forced.values == model::Metadata{{"environment", "ci"}, {"cost_center", "4410"}});
  CHECK(forced.when.matches_principal({model::PrincipalKind::kVirtualAccount, "ci-bot", {}, {}}));
  CHECK_FALSE(forced.when.matches_principal({model::PrincipalKind::kUser, "ci-bot", {}, {}}));
}

const FindingCase kFaults[] = {
    {"no values", "{id: a, when: {}}", "t.yaml:3:9: rules[0].metadata_override: is required\n"},
    {"by model", "{id: a, when: {models: [a/b]}, metadata_override: {a: b}}",
     "t.yaml:3:9: rules[0]: metadata is forced by subjects alone\n"},
    {"a key with a space", "{id: a, metadata_override: {'a b': c}}",
     "t.yaml:3:44: rules[0].metadata_override.a b: metadata has keys without spaces and values of "
     "at most 128 bytes\n"},
};

TEST_CASE("faulty rules of metadata are reported where they stand") {
  for (const FindingCase& row : kFaults) {
    CAPTURE(row.name);
    CHECK(findings_of(load_text("name: m\ntype: gateway-metadata-config\nrules: [" +
                                std::string(row.text) + "]\n")) == row.findings);
  }
}

}  // namespace
}  // namespace tollgate::config
