#include <string>

#include "config/routing_fixture.hpp"
#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

std::string findings_with_accounts(std::string_view text) {
  return findings_of(load_text(std::string(kRoutingAccounts) + std::string(text)));
}

TEST_CASE("rules keep their order and what they match") {
  const LoadResult result = load_text(std::string(kRoutingAccounts) + std::string(kVirtualModels));
  REQUIRE(result.configuration);
  const auto& rules = result.configuration->routes.rules();
  REQUIRE(rules.size() == 2);
  CHECK(rules[0].id == "nightly-goes-small");
  CHECK(rules[0].subjects == std::vector<std::string>{"virtualaccount:nightly", "team:builders"});
  CHECK(rules[0].metadata == model::Metadata{{"environment", "ci"}});
  CHECK(rules[0].routing.targets.at(1).target.name == "anything/claude-small");
  CHECK(rules[1].subjects == std::vector<std::string>{"*"});
}

TEST_CASE("faults of rules") {
  const FindingCase rows[] = {
      {"a rule behind one that takes everything",
       "type: gateway-load-balancing-config\nrules:\n"
       "  - {id: all, type: latency-based-routing, load_balance_targets: [{target: anything/a}]}\n"
       "  - {id: some, type: latency-based-routing, when: {models: [anything/b]}, "
       "load_balance_targets: [{target: anything/a}]}\n",
       "t.yaml:34:10: rules[1].id: warning: is never reached: the rule all before it matches "
       "everything that it matches\n"},
      {"a model nobody has",
       "type: gateway-load-balancing-config\nrules:\n"
       "  - {id: a, type: latency-based-routing, when: {models: [claude-direct/claude-opus-4-7]}, "
       "load_balance_targets: [{target: anything/a}]}\n",
       "t.yaml:33:58: rules[0].when.models[0]: warning: no model has this name: no request will "
       "match it (did you mean claude-direct/claude-opus-4-6?)\n"},
      {"an id twice",
       "type: gateway-load-balancing-config\nrules:\n"
       "  - {id: a, type: latency-based-routing, when: {models: [anything/b]}, "
       "load_balance_targets: [{target: anything/a}]}\n"
       "  - {id: a, type: latency-based-routing, load_balance_targets: [{target: anything/a}]}\n",
       "t.yaml:34:10: rules[1].id: a second rule of this id, the first is in line 33\n"},
      {"complexity",
       "type: gateway-load-balancing-config\nrules:\n"
       "  - {id: a, type: complexity-based-routing, load_balance_targets: [{target: anything/a, "
       "tier: simple}]}\n",
       "t.yaml:33:19: rules[0].type: complexity-based-routing is for virtual models only\n"},
  };
  for (const FindingCase& row : rows) {
    CAPTURE(row.name);
    CHECK(findings_with_accounts(row.text) == row.findings);
  }
}

}  // namespace
}  // namespace tollgate::config
