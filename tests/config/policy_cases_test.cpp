#include "config/policy_cases.hpp"

#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

PolicyCasesResult read(std::string_view text) {
  return read_policy_cases(text, "c.yaml", FakeHost{}.lookup(), kTestNow);
}

TEST_CASE("a case has everything that its file says") {
  const PolicyCasesResult result = read(R"(
config: tollgate.yaml
cases:
  - name: ci goes to the cheap model
    at: "2026-11-22T09:00:00Z"
    as: virtualaccount:ci-bot
    metadata: {environment: ci}
    headers: {x-claude-code-session-id: s1}
    request: {model: coding/claude-sonnet, max_tokens: 1000, messages: [{role: user, content: hi}]}
    spent: {daily: 10.00}
    upstreams: {a/b: [{status: 529, retry_after: 3, message: busy}, ok], c/d: refused}
    before:
      - {times: 3, as: "user:zoe", upstreams: {a/b: {ok: {first_token_ms: 7000, token_ms: 80}}}}
      - {running: true, pause_seconds: 2, request: {model: a/b}}
    repeat: 10
    seed: 4
    expect:
      target: c/d
      attempts: 2
      text: [a, b]
      skipped: {a/b: no images}
      distribution: {c/d: {least: 0.5}}
)");
  REQUIRE(result.cases);
  CHECK(result.cases->config == "tollgate.yaml");
  REQUIRE(result.cases->cases.size() == 1);
  const PolicyCase& one = result.cases->cases[0];
  CHECK(one.at_ms == 1'795'338'000'000);
  CHECK(one.as == "virtualaccount:ci-bot");
  CHECK(one.metadata == model::Metadata{{"environment", "ci"}});
  CHECK(
      one.request ==
      R"({"model":"coding/claude-sonnet","max_tokens":1000,"messages":[{"role":"user","content":"hi"}]})");
  CHECK(one.spent.at(0).second == 10'000'000'000);
  REQUIRE(one.upstreams.size() == 2);
  REQUIRE(one.upstreams[0].outcomes.size() == 2);
  CHECK(one.upstreams[0].outcomes[0].status == 529);
  CHECK(one.upstreams[0].outcomes[0].retry_after_s == 3);
  CHECK(one.upstreams[0].outcomes[1].kind == ScriptedOutcome::Kind::kOk);
  CHECK(one.upstreams[1].outcomes[0].kind == ScriptedOutcome::Kind::kTransport);
  REQUIRE(one.before.size() == 2);
  CHECK(one.before[0].times == 3);
  CHECK(one.before[0].as == "user:zoe");
  CHECK(one.before[0].request == one.request);
  CHECK(one.before[0].headers == one.headers);
  CHECK(one.before[0].metadata == one.metadata);
  CHECK(one.before[0].upstreams.at(0).outcomes.at(0).first_token_ms == 7'000);
  CHECK(one.before[0].upstreams.at(0).outcomes.at(0).token_ms == 80);
  CHECK(one.before[1].as == one.as);
  CHECK(one.before[1].running);
  CHECK(one.before[1].pause_ms == 2'000);
  CHECK(one.before[1].request == R"({"model":"a/b"})");
  CHECK(one.before[1].upstreams.empty());
  CHECK(one.repeat == 10);
  CHECK(one.expect.target == "c/d");
  CHECK(one.expect.text == std::vector<std::string>{"a", "b"});
  CHECK_FALSE(one.expect.status);
  CHECK(one.expect.distribution.at(0).least == 0.5);
  CHECK(one.expect.distribution.at(0).most == 1);
}

TEST_CASE("faults of cases") {
  const FindingCase rows[] = {
      {"nothing", "", "c.yaml:1:1: must be one document with config and cases\n"},
      {"no cases", "config: a\n", "c.yaml:1:1: cases: is required\n"},
      {"a request that is text", "cases: [{name: a, request: hi, expect: {}}]\n",
       "c.yaml:1:28: cases[0].request: must be the mapping that is the request's body\n"},
      {"two outcomes in one",
       "cases: [{name: a, request: {}, upstreams: {b: {status: 500, error_event: api_error}}, "
       "expect: {}}]\n",
       "c.yaml:1:47: cases[0].upstreams.b: must have one of status and error_event\n"},
      {"an earlier request with an expectation",
       "cases: [{name: a, request: {}, before: [{expect: {}}], expect: {}}]\n",
       "c.yaml:1:42: cases[0].before[0].expect: unknown key; known here are as, headers, metadata, "
       "path, request, upstreams, times, running, pause_seconds\n"},
      {"a time that is none", "cases: [{name: a, at: soon, request: {}, expect: {}}]\n",
       "c.yaml:1:23: cases[0].at: must be a time as \"2026-11-22T09:00:00Z\"\n"},
      {"a share above one",
       "cases: [{name: a, request: {}, expect: {distribution: {b: {least: 90}}}}]\n",
       "c.yaml:1:67: cases[0].expect.distribution.b.least: must be a share from 0 to 1\n"},
  };
  for (const FindingCase& row : rows) {
    CAPTURE(row.name);
    const PolicyCasesResult result = read(row.text);
    std::string lines;
    for (const Diagnostic& one : result.diagnostics)
      lines += to_line(one) + "\n";
    CHECK(lines == row.findings);
    CHECK_FALSE(result.cases);
  }
}

}  // namespace
}  // namespace tollgate::config
