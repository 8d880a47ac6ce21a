#include "config/assemble_routes.hpp"

#include "config/routing_cases.hpp"

namespace tollgate::config {
namespace {

TEST_CASE("targets are models of accounts") {
  check_routing_cases({
      {"an unknown target",
       "{type: priority-based-routing, load_balance_targets: [{target: "
       "claude-direct/claude-sonet-4-5}]}",
       "load_balance_targets[0].target: no account has this model (did you mean "
       "claude-direct/claude-sonnet-4-5?)"},
      {"a virtual model as target",
       "{type: priority-based-routing, load_balance_targets: [{target: one}]}",
       "load_balance_targets[0].target: is a virtual model: a target is a model of a provider "
       "account, since virtual models do not nest"},
      {"a name several accounts have",
       "{type: priority-based-routing, load_balance_targets: [{target: claude-sonnet-4-5}]}",
       "load_balance_targets[0].target: several accounts have a model of this name: name the "
       "account "
       "too (did you mean claude-direct/claude-sonnet-4-5?)"},
  });
}

TEST_CASE("two models of one name, and a slug that is taken") {
  const LoadResult result = load_with_accounts(R"(
name: one
routing_config: {type: priority-based-routing, load_balance_targets: [{target: anything/a}]}
---
name: two
slug: one
routing_config: {type: priority-based-routing, load_balance_targets: [{target: anything/a}]}
)");
  CHECK(findings_of(result) ==
        "t.yaml:36:7: slug: a second model of this name, the first is in line 32\n");
}

}  // namespace
}  // namespace tollgate::config
