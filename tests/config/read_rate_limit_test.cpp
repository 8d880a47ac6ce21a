#include "config/rule_support.hpp"

namespace tollgate::config {
namespace {

TEST_CASE("rate limits of both generations are read") {
  const LoadResult result = load_text(R"(
name: rate-limits
type: gateway-rate-limiting-config
rules:
  - id: ci-claude
    when:
      subjects: ["virtualaccount:ci-bot"]
      models: ["anthropic-eng/claude-sonnet-4-5", "coding/claude-sonnet-4-5"]
      metadata: {environment: ci}
    limit_to: 500
    unit: requests_per_day
  - id: per-dev-per-model
    when: {subjects: ["team:engineering"]}
    limit_to: 400000
    unit: tokens_per_minute
    rate_limit_applies_per: [user, model]
  - id: per-project
    when: {}
    limit_to: 3000
    unit: requests_per_hour
    rate_limit_applies_per: ["metadata.project_id"]
---
name: dev-throughput
type: tenant-rate-limit-config/model
mode: enforce
when:
  subjects: {teams: {in: [engineering]}, users: {not_in: ["oncall@corp.example"]}}
  models: {in: ["coding/claude-sonnet-4-5"]}
limits: {requests_per_minute: 60, tokens_per_hour: 6000000, concurrent_requests: 8}
applies_to:
  type: per-user
  overrides:
    - {users: ["dev-1@corp.example"], limits: {requests_per_minute: 120, tokens_per_hour: 12000000}}
---
name: github-writes
type: tenant-rate-limit-config/mcp
mode: audit
log_request_body_on_block: false
when: {mcp_servers: {in: ["github:create_issue", "github:merge_pull_request"]}}
limits: {tool_calls_per_minute: 10, tool_calls_per_hour: 60}
applies_to: {type: per-user}
)");
  CAPTURE(lines_of(result));
  REQUIRE(result.configuration);
  CHECK(shown(*result.configuration) ==
        "rate/ci-claude group 0 enforce target: requests_per_day 500\n"
        "rate/per-dev-per-model group 0 enforce target per user+model: tokens_per_minute 400000\n"
        "rate/per-project group 0 enforce per metadata.project_id: requests_per_hour 3000\n"
        "rate/dev-throughput enforce target per user: requests_per_minute 60, "
        "tokens_per_hour 6000000, concurrent_requests 8; "
        "dev-1@corp.example: requests_per_minute 120, tokens_per_hour 12000000\n");
  CHECK_FALSE(result.configuration->rules.rules()[0].others_count);
  CHECK(lines_of(result).find("github-writes") == std::string::npos);
  CHECK(lines_of(result).find("passes no tool calls") != std::string::npos);
}

const FindingCase kFaults[] = {
    {"three dimensions",
     "{id: a, limit_to: 1, unit: requests_per_day, rate_limit_applies_per: [user, model, team]}",
     "t.yaml:4:88: rules[0].rate_limit_applies_per[2]: at most two dimensions can be told apart\n"},
    {"a unit of weeks", "{id: a, limit_to: 1, unit: requests_per_week}",
     "t.yaml:4:32: rules[0].unit: must be one of requests_per_minute, requests_per_hour, "
     "requests_per_day, tokens_per_minute, tokens_per_hour, tokens_per_day, concurrent_requests, "
     "found is requests_per_week (did you mean requests_per_hour?)\n"},
    {"half a request", "{id: a, limit_to: 0.5, unit: requests_per_day}",
     "t.yaml:4:23: rules[0].limit_to: must be a whole number from 0 to "
     "1000000000000000\n"},
    {"an id twice",
     "{id: a, limit_to: 1, unit: requests_per_day}\n  - {id: a, limit_to: 1, unit: "
     "requests_per_day}",
     "t.yaml:5:10: rules[1].id: a second rate limit of this name, the first is in line 4\n"},
};

TEST_CASE("faulty rate limits are reported where they stand") {
  for (const FindingCase& row : kFaults) {
    CAPTURE(row.name);
    CHECK(findings_of(load_text("name: r\ntype: gateway-rate-limiting-config\nrules:\n  - " +
                                std::string(row.text) + "\n")) == row.findings);
  }
}

}  // namespace
}  // namespace tollgate::config
