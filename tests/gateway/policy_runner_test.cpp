#include "gateway/policy_runner.hpp"

#include <string>

#include "json/reader.hpp"
#include "support/fake_host.hpp"

namespace tollgate::gateway {
namespace {

constexpr std::string_view kConfig = R"(
type: provider-account/anthropic
name: one
auth_data: {type: api-key, api_key: sk-1}
integrations:
  - {name: m, model_id: m-1}
  - {name: blind, model_id: b-1, capabilities: {images: false}}
---
type: provider-account/anthropic
name: two
auth_data: {type: api-key, api_key: sk-2}
integrations: [{name: m, model_id: m-2}]
---
type: user
name: dev@corp.example
tokens: [{env: TOKEN_1}]
---
type: virtual-account
name: ci-bot
tags: {environment: ci}
---
name: day
type: tenant-budget-config
limits: {cost_per_day: 10}
applies_to: {type: per-user}
---
name: two-only
type: tenant-budget-config
when: {models: {in: [two/m]}}
limits: {cost_per_month: 5}
---
name: coding
routing_config:
  type: priority-based-routing
  load_balance_targets:
    - {target: one/m, priority: 0, retry_config: {attempts: 1, delay: 200, on_status_codes: ["503"]}}
    - {target: two/m, priority: 1, retry_config: {attempts: 0}}
---
name: seeing
routing_config:
  type: priority-based-routing
  load_balance_targets: [{target: one/blind, priority: 0}, {target: two/m, priority: 1}]
---
name: shared
routing_config:
  type: weight-based-routing
  load_balance_targets: [{target: one/m, weight: 75}, {target: two/m, weight: 25}]
---
name: paced
routing_config:
  type: priority-based-routing
  load_balance_targets:
    - {target: one/m, priority: 0, sla_cutoff: {time_to_first_token_ms: 6000}}
    - {target: two/m, priority: 1}
---
name: fast
routing_config:
  type: latency-based-routing
  load_balance_targets: [{target: one/m}, {target: two/m}]
---
name: small
routing_config:
  type: priority-based-routing
  load_balance_targets:
    - {target: one/m, priority: 0, max_concurrent_requests: 1}
    - {target: two/m, priority: 1}
---
name: pace
type: tenant-rate-limit-config/model
when: {models: {in: [small]}}
limits: {requests_per_minute: 3}
---
type: gateway-load-balancing-config
name: rules
rules:
  - id: ci
    when: {subjects: ["virtualaccount:ci-bot"], metadata: {environment: ci}}
    type: priority-based-routing
    load_balance_targets: [{target: two/m}]
)";

struct Report {
  json::Document document;
  json::Value value;
};

Report run(std::string_view cases) {
  GatewayOptions options;
  options.config_name = "cases.yaml";
  options.lookup = test::test_lookup;
  const Result<std::string> report =
      run_policy_tests(cases, kConfig, options, {1, 1'795'338'000'000});
  if (!report.ok()) FAIL(report.status().message());
  Report out;
  out.value = out.document.parse(report.value()).value();
  return out;
}

struct CaseRow {
  const char* name;
  const char* text;     ///< The case, but its name.
  const char* problem;  ///< Empty: it passes.
};

const CaseRow kRows[] = {
    {"served at once",
     "as: user:dev@corp.example, request: {model: coding, max_tokens: 1, messages: []}, expect: "
     "{target: one/m, attempts: 1, status: 200, allowed: true, candidates: [one/m, two/m]}",
     ""},
    {"a stream is served too",
     "as: user:dev@corp.example, request: {model: coding, max_tokens: 1, messages: [], stream: "
     "true}, expect: {target: one/m, status: 200}",
     ""},
    {"another target is found",
     "as: user:dev@corp.example, request: {model: coding, max_tokens: 1, messages: []}, expect: "
     "{target: two/m}",
     "expected target two/m, found one/m"},
    {"by a token",
     "headers: {authorization: Bearer token-1}, request: {model: coding, max_tokens: 1, messages: "
     "[]}, expect: {status: 200}",
     ""},
    {"nobody",
     "request: {model: coding, max_tokens: 1, messages: []}, expect: {status: 401, allowed: false, "
     "attempts: 0, text: ANTHROPIC_AUTH_TOKEN}",
     ""},
    {"somebody unknown",
     "as: user:zoe, request: {model: coding, max_tokens: 1, messages: []}, expect: {status: 200}",
     "no document defines user:zoe"},
    {"a rule by tag",
     "as: virtualaccount:ci-bot, request: {model: coding, max_tokens: 1, messages: []}, expect: "
     "{target: two/m, rule: ci}",
     ""},
    {"a rule that is not met",
     "as: user:dev@corp.example, metadata: {environment: ci}, request: {model: coding, max_tokens: "
     "1, messages: []}, expect: {rule: ci}",
     "expected rule ci, found none"},
    {"a status that is not retried falls back",
     "as: user:dev@corp.example, request: {model: coding, max_tokens: 1, messages: []}, upstreams: "
     "{one/m: [{status: 529}, ok]}, expect: {target: two/m, attempts: 2}",
     ""},
    {"one that is retried",
     "as: user:dev@corp.example, request: {model: coding, max_tokens: 1, messages: []}, upstreams: "
     "{one/m: [{status: 503}, ok]}, expect: {target: one/m, attempts: 2}",
     ""},
    {"the last outcome goes on",
     "as: user:dev@corp.example, request: {model: coding, max_tokens: 1, messages: []}, upstreams: "
     "{one/m: {status: 503}}, expect: {target: two/m, attempts: 3}",
     ""},
    {"an error event",
     "as: user:dev@corp.example, request: {model: coding, max_tokens: 1, messages: [], stream: "
     "true}, upstreams: {one/m: {error_event: overloaded_error}}, expect: {target: two/m}",
     ""},
    {"silence",
     "as: user:dev@corp.example, request: {model: coding, max_tokens: 1, messages: []}, upstreams: "
     "{one/m: timeout, two/m: timeout}, expect: {status: 503, attempts: 2, text: [one/m (timed "
     "out), two/m (timed out)]}",
     ""},
    {"all down",
     "as: user:dev@corp.example, request: {model: coding, max_tokens: 1, messages: []}, upstreams: "
     "{one/m: refused, two/m: empty}, expect: {status: 503, allowed: true, text: one/m (not "
     "reachable)}",
     ""},
    {"a text that is not there",
     "as: user:dev@corp.example, request: {model: nothing, max_tokens: 1, messages: []}, expect: "
     "{status: 400, text: zebra}",
     "expected the text \"zebra\""},
    {"a filter",
     "as: user:dev@corp.example, request: {model: seeing, max_tokens: 1, messages: [{role: user, "
     "content: [{type: image, source: {type: base64, media_type: image/png, data: aGk=}}]}]}, "
     "expect: {target: two/m, skipped: {one/blind: no images}}",
     ""},
    {"a filter that lets through",
     "as: user:dev@corp.example, request: {model: seeing, max_tokens: 1, messages: []}, expect: "
     "{skipped: {one/blind: no images}}",
     "expected one/blind to be skipped (no images), found chosen ()"},
    {"shares",
     "as: user:dev@corp.example, request: {model: shared, max_tokens: 1, messages: []}, repeat: "
     "4000, expect: {distribution: {one/m: {least: 0.72, most: 0.78}, two/m: {least: 0.22}}}",
     ""},
    {"a budget that is gone",
     "as: user:dev@corp.example, spent: {day: 10.00}, at: \"2026-11-22T09:00:00Z\", request: "
     "{model: coding, max_tokens: 1, messages: []}, expect: {status: 402, allowed: false, text: "
     "[\"Budget day (dev@corp.example) is used up: $10.00 of $10.00 spent\", \"resets "
     "2026-11-23\"]}",
     ""},
    {"a budget of one target that is gone",
     "as: user:dev@corp.example, spent: {two-only: 5}, request: {model: coding, max_tokens: 1, "
     "messages: []}, upstreams: {one/m: refused}, expect: {attempts: 1, status: 502}",
     ""},
    {"a budget that nobody has",
     "as: user:dev@corp.example, spent: {dya: 1}, request: {model: coding, max_tokens: 1, "
     "messages: []}, expect: {status: 200}",
     "spent: there is no budget dya"},
    {"two failures move a target to the end",
     "as: user:dev@corp.example, request: {model: coding, max_tokens: 1, messages: []}, before: "
     "[{times: 2, upstreams: {one/m: {status: 529}}}], expect: {candidates: [two/m, one/m], "
     "target: two/m, attempts: 1}",
     ""},
    {"after a pause it is tried again",
     "as: user:dev@corp.example, request: {model: coding, max_tokens: 1, messages: []}, before: "
     "[{times: 2, upstreams: {one/m: {status: 529}}}, {pause_seconds: 15}], expect: {target: "
     "one/m}",
     ""},
    {"a conversation stays where it was served",
     "as: user:dev@corp.example, headers: {x-claude-code-session-id: s}, request: {model: shared, "
     "max_tokens: 1, messages: []}, before: [{upstreams: {one/m: refused}}], expect: {target: "
     "two/m, candidates: [two/m, one/m]}",
     ""},
    {"a target that was slow",
     "as: user:dev@corp.example, request: {model: paced, max_tokens: 1, messages: []}, before: "
     "[{times: 3, upstreams: {one/m: {ok: {first_token_ms: 6001}}}}], expect: {target: two/m}",
     ""},
    {"one that was just fast enough",
     "as: user:dev@corp.example, request: {model: paced, max_tokens: 1, messages: []}, before: "
     "[{times: 3, upstreams: {one/m: {ok: {first_token_ms: 6000}}}}], expect: {target: one/m}",
     ""},
    {"the faster one wins more callers",
     "as: user:dev@corp.example, request: {model: fast, max_tokens: 1, messages: []}, before: "
     "[{times: 3, request: {model: one/m, max_tokens: 1, messages: []}, upstreams: {one/m: {ok: "
     "{first_token_ms: 500, token_ms: 10, output_tokens: 200}}}}, {times: 3, request: {model: "
     "two/m, max_tokens: 1, messages: []}, upstreams: {two/m: {ok: {first_token_ms: 1000, "
     "token_ms: 40}}}}], repeat: 2000, expect: {distribution: {one/m: {least: 0.95, most: "
     "0.99}}}",
     ""},
    {"a full target spills over",
     "as: user:dev@corp.example, request: {model: small, max_tokens: 1, messages: []}, before: "
     "[{running: true}], expect: {target: two/m, attempts: 1}",
     ""},
    {"a limit of requests",
     "as: user:dev@corp.example, request: {model: small, max_tokens: 1, messages: []}, before: "
     "[{times: 3}], expect: {status: 429, allowed: false, text: 3 requests per minute}",
     ""},
    {"a limit of requests, a minute later",
     "as: user:dev@corp.example, request: {model: small, max_tokens: 1, messages: []}, before: "
     "[{times: 3}, {request: {model: one/m, max_tokens: 1, messages: []}, pause_seconds: 60}], "
     "expect: {status: 200}",
     ""},
    {"what others spent before",
     "as: user:dev@corp.example, request: {model: coding, max_tokens: 1, messages: []}, before: "
     "[{as: \"virtualaccount:ci-bot\", metadata: {environment: dev}, times: 2, upstreams: {two/m: "
     "{ok: {input_tokens: 10, output_tokens: 2}}}}], expect: {status: 200}",
     ""},
    {"somebody unknown before",
     "as: user:dev@corp.example, request: {model: coding, max_tokens: 1, messages: []}, before: "
     "[{as: user:zoe}], expect: {status: 200}",
     "no document defines user:zoe"},
    {"a Chat Completions request",
     "as: user:dev@corp.example, request: {model: coding, messages: [{role: system, content: s}, "
     "{role: user, content: hi}]}, expect: {target: one/m, status: 200, candidates: [one/m, "
     "two/m]}",
     ""},
    {"a Responses request, and its errors",
     "as: user:dev@corp.example, path: /v1/responses, request: {model: coding, input: hi}, "
     "upstreams: {one/m: refused, two/m: refused}, expect: {status: 503, candidates: [one/m, "
     "two/m], text: one/m (not reachable)}",
     ""},
    {"shares that are not so",
     "as: user:dev@corp.example, request: {model: shared, max_tokens: 1, messages: []}, repeat: "
     "4000, expect: {distribution: {two/m: {least: 0.5}}}",
     "expected another share of two/m"},
};

TEST_CASE("cases pass and fail for what they say") {
  for (const CaseRow& row : kRows) {
    CAPTURE(row.name);
    const Report report = run("cases:\n  - {name: one, " + std::string(row.text) + "}\n");
    const json::Value one = *report.value["cases"].elements().begin();
    const bool passes = row.problem[0] == '\0';
    std::string problems;
    for (const json::Value problem : one["problems"].elements())
      problems += std::string(problem.string_or("")) + "\n";
    CAPTURE(problems);
    CHECK(one["passed"].boolean() == passes);
    CHECK(report.value["passed"].integer() == (passes ? 1 : 0));
    CHECK(problems.find(row.problem) != std::string::npos);
  }
}

TEST_CASE("the clock is the case's own") {
  const Report report = run(
      "cases:\n  - name: a\n    at: \"2030-01-01T00:00:00Z\"\n    headers: {authorization: Bearer "
      "token-1}\n    request: {model: coding, max_tokens: 1, messages: []}\n    expect: {status: "
      "200}\n");
  CHECK(report.value["failed"].integer() == 0);
}

TEST_CASE("faults of a file are told with their places") {
  GatewayOptions options;
  options.config_name = "cases.yaml";
  options.lookup = test::test_lookup;
  const auto told = [&](std::string_view cases) {
    const Result<std::string> report = run_policy_tests(cases, kConfig, options, {1, 1});
    return report.ok() ? std::string() : report.status().message();
  };
  CHECK(told("cases: [{name: a, request: {}, expect: {targt: b}}]\n") ==
        "cases.yaml:1:41: cases[0].expect.targt: unknown key (did you mean target?)");
  CHECK(told("cases: [{name: a, request: {}, upstreams: {b: okay}, expect: {}}]\n") ==
        "cases.yaml:1:47: cases[0].upstreams.b: must be one of ok, refused, reset, unresolved, "
        "tls, timeout, empty, or {status: NUMBER}");
  CHECK(told("config: gone.yaml\ncases: []\n").empty());
}

}  // namespace
}  // namespace tollgate::gateway
