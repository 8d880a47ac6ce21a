#include "config/rule_support.hpp"

namespace tollgate::config {
namespace {

TEST_CASE("budgets of the first generation are a group in which the first match decides") {
  const LoadResult result = load_text(R"(
name: budgets-v1
type: gateway-budget-config
rules:
  - id: senior-daily
    when: {subjects: ["team:senior-eng"]}
    limit_to: 50
    unit: cost_per_day
    budget_applies_per: [user]
  - id: default-daily
    when: {}
    limit_to: 10
    unit: cost_per_day
    budget_applies_per: [user]
    alerts:
      thresholds: [75, 90, 95, 100]
      notification_target:
        - {type: slack-bot, notification_channel: "corp:slack:bot", channels: ["#llm-spend"]}
        - {type: email, notification_channel: "corp:smtp:ops", to_emails: ["finops@corp.example"]}
  - id: opus-org-month
    when: {models: ["anthropic-eng/claude-opus-4-6", "coding/claude-opus-4-6-fast"]}
    limit_to: 1000
    unit: cost_per_month
    audit_mode: true
)");
  CAPTURE(lines_of(result));
  REQUIRE(result.configuration);
  CHECK(shown(*result.configuration) ==
        "budget/senior-daily group 0 enforce per user: cost_per_day 50000000000\n"
        "budget/default-daily group 0 enforce per user: cost_per_day 10000000000\n"
        "budget/opus-org-month group 0 audit target: cost_per_month 1000000000000\n");
  CHECK(result.configuration->rules.rules()[0].others_count);
  CHECK(result.configuration->rules.rules()[1].alert_thresholds ==
        std::vector<int32_t>{75, 90, 95, 100});
}

TEST_CASE("budgets of the second generation are read with all their parts") {
  const LoadResult result = load_text(R"(
name: opus-org-cap
type: tenant-budget-config
mode: enforce
when: {models: {in: ["anthropic-eng/claude-opus-4-6"]}, provider_accounts: {not_in: [sandbox]}}
limits: {cost_per_month: 1000, cost_per_quarter: 2500, cost_per_lifetime: 20000}
applies_to: {type: aggregate}
alerts:
  thresholds: [50, 90, 100]
  notification_target: [{type: pagerduty, notification_channel: "corp:pd:finops"}]
---
name: dev-daily
type: tenant-budget-config
mode: soft_enforce
when: {subjects: {teams: {in: [engineering]}, virtual_accounts: {not_in: [ci-bot]}}}
limits: {cost_per_day: 10, cost_per_week: 40}
applies_to:
  type: per-user
  overrides: [{users: ["dev-1@corp.example"], limits: {cost_per_day: 50}}]
---
name: platform-projects
type: team-budget-config
team_name: platform
mode: audit
when: {metadata: {environment: {in: [prod]}}}
limits: {cost_per_month: 3000}
applies_to: {type: metadata, metadata: project_id, overrides: [{metadata_values: [infra-2026], limits: {cost_per_month: 9000}}]}
)");
  CAPTURE(lines_of(result));
  REQUIRE(result.configuration);
  CHECK(shown(*result.configuration) ==
        "budget/opus-org-cap enforce target: cost_per_month 1000000000000, "
        "cost_per_quarter 2500000000000, cost_per_lifetime 20000000000000\n"
        "budget/dev-daily soft_enforce per user: cost_per_day 10000000000, "
        "cost_per_week 40000000000; dev-1@corp.example: cost_per_day 50000000000\n"
        "budget/platform-projects audit per metadata.project_id: cost_per_month 3000000000000; "
        "infra-2026: cost_per_month 9000000000000\n");
}

TEST_CASE("what is tollgate's own beside the mode") {
  const LoadResult result = load_text(
      "name: daily\ntype: tenant-budget-config\nlimits: {cost_per_day: 0.000000001}\n"
      "on_insufficient: reject\nmin_output_tokens: 100\nadmission: strict\ntimezone: '+02:00'\n"
      "applies_to: {type: per-session}\n");
  CAPTURE(lines_of(result));
  REQUIRE(result.configuration);
  const policy::Rule& rule = result.configuration->rules.rules()[0];
  CHECK(rule.on_insufficient == policy::OnInsufficient::kReject);
  CHECK(rule.min_output_tokens == 100);
  CHECK(rule.limits[0].amount == 1);
  CHECK(rule.zone.offset_at(0) == 7'200'000);
  CHECK(rule.per == std::vector<policy::Per>{{policy::Dimension::kSession, {}}});
}

constexpr std::string_view kHead = "name: daily\ntype: tenant-budget-config\n";

const FindingCase kFaults[] = {
    {"no limits", "mode: audit", "t.yaml:1:1: limits: is required\n"},
    {"empty limits", "limits: {}", "t.yaml:3:9: limits: must state at least one limit\n"},
    {"a limit of requests", "limits: {requests_per_day: 1}",
     "t.yaml:3:9: limits: must state at least one limit\n"
     "t.yaml:3:10: limits.requests_per_day: unknown key; known here are cost_per_day, "
     "cost_per_week, cost_per_month, cost_per_quarter, cost_per_lifetime\n"},
    {"a negative limit", "limits: {cost_per_day: -1}",
     "t.yaml:3:24: limits.cost_per_day: must be an amount in USD of at least 0 with up to nine "
     "decimals\n"},
    {"ten decimals", "limits: {cost_per_day: 0.0000000001}",
     "t.yaml:3:24: limits.cost_per_day: must be an amount in USD of at least 0 with up to nine "
     "decimals\n"},
    {"more than fits", "limits: {cost_per_day: 99999999999}",
     "t.yaml:3:24: limits.cost_per_day: must be an amount in USD of at least 0 with up to nine "
     "decimals\n"},
    {"an unknown mode", "limits: {cost_per_day: 1}\nmode: warn",
     "t.yaml:4:7: mode: must be one of enforce, audit, soft_enforce, found is warn\n"},
    {"metadata without its key", "limits: {cost_per_day: 1}\napplies_to: {type: metadata}",
     "t.yaml:4:13: applies_to.metadata: is required\n"},
    {"an override of others",
     "limits: {cost_per_day: 1}\napplies_to: {type: per-user, overrides: [{models: [a], limits: "
     "{cost_per_day: 2}}]}",
     "t.yaml:4:42: applies_to.overrides[0].users: is required\n"
     "t.yaml:4:43: applies_to.overrides[0].models: unknown key; known here are users, limits\n"},
    {"an override twice",
     "limits: {cost_per_day: 1}\napplies_to: {type: per-model, overrides: [{models: [a, a], "
     "limits: {cost_per_day: 2}}]}",
     "t.yaml:4:56: applies_to.overrides[0].models[1]: has an override already\n"},
    {"a zone nobody knows", "limits: {cost_per_day: 1}\ntimezone: Mars/Olympus",
     "t.yaml:4:11: timezone: must be UTC, an offset as +02:00, or a name of the host's time zone "
     "database as Europe/Berlin\n"},
    {"a name twice",
     "limits: {cost_per_day: 1}\n---\nname: daily\ntype: tenant-budget-config\nlimits: "
     "{cost_per_day: 1}",
     "t.yaml:5:7: name: a second budget of this name, the first is in line 1\n"},
};

TEST_CASE("faulty budgets are reported where they stand") {
  for (const FindingCase& row : kFaults) {
    CAPTURE(row.name);
    CHECK(findings_of(load_text(std::string(kHead) + std::string(row.text) + "\n")) ==
          row.findings);
  }
}

}  // namespace
}  // namespace tollgate::config
