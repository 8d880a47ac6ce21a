// Models that nothing routes: one target, asked again where that may help.

#include <string>

#include "exchange/routed_host.hpp"

namespace tollgate::test {
namespace {

constexpr std::string_view kOtherRoute =
    "  type: priority-based-routing\n"
    "  load_balance_targets: [{target: one/m}]\n";

// A model without routing: "two/m" under its own name.
constexpr std::string_view kDirectStream =
    R"({"model":"two/m","max_tokens":100,"messages":[{"role":"user","content":"hi"}],"stream":true})";

TEST_CASE("a model without routing is asked again for the same failures, and its own words told") {
  struct Row {
    const char* name;
    void (*fail)(FakeHost&);
    size_t calls;
    uint32_t status;
    const char* text;
  };
  const Row kRows[] = {
      {"overloaded", [](FakeHost& host) { answer_error(host, 529); }, 3, 529, "overloaded_error"},
      {"a bad gateway", [](FakeHost& host) { answer_error(host, 502); }, 3, 502,
       "overloaded_error"},
      {"a rate limit that is over soon",
       [](FakeHost& host) {
         answer_error(host, 429, {{"retry-after", "2"}});
       },
       3, 429, "overloaded_error"},
      {"a rate limit that is not",
       [](FakeHost& host) {
         answer_error(host, 429, {{"retry-after", "6"}});
       },
       1, 429, "overloaded_error"},
      {"a status of no list", [](FakeHost& host) { answer_error(host, 504); }, 1, 504,
       "overloaded_error"},
      {"the request's own fault", [](FakeHost& host) { answer_error(host, 400); }, 1, 400,
       "overloaded_error"},
      {"a status with the word that no retry helps",
       [](FakeHost& host) {
         answer_error(host, 529, {{"x-should-retry", "false"}});
       },
       1, 529, "overloaded_error"},
      {"refused connections", [](FakeHost& host) { host.upstream_failed(TG_FAILURE_CONNECT); }, 3,
       502, "two/m cannot be reached"},
      {"a certificate that does not fit",
       [](FakeHost& host) { host.upstream_failed(TG_FAILURE_TLS); }, 1, 502, "TLS certificate"},
      {"an error event in place of content",
       [](FakeHost& host) {
         host.upstream_head(200, {{"content-type", "text/event-stream"}});
         host.upstream_body("event: error\ndata: " + std::string(kOverloaded) + "\n\n");
         if (!host.calls.back().cancelled) host.upstream_end();
       },
       3, 529, "overloaded_error"},
      {"an empty stream", [](FakeHost& host) { host.stream(""); }, 3, 502, "two/m"},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.name);
    FakeHost host(routed_gateway(kOtherRoute));
    host.post(kDirectStream);
    size_t answered = 0;
    for (int i = 0; i < 10 && !host.done; ++i) {
      if (answered < host.calls.size()) {
        ++answered;
        row.fail(host);
      }
      host.pass(2 * kSecond);
    }
    CHECK(host.done);
    CHECK(host.calls.size() == row.calls);
    CHECK(host.status == row.status);
    CHECK(host.body.find(row.text) != std::string::npos);
    CHECK(host.head_value("x-tollgate-attempts") == std::to_string(row.calls));
    CHECK(host.heads == 1);
    CHECK(host.ends == 1);
  }
}

TEST_CASE("a model without routing that comes back in time serves as if nothing had been") {
  FakeHost host(routed_gateway(kOtherRoute));
  host.post(kDirectStream);
  host.upstream_failed(TG_FAILURE_RESET);
  CHECK(host.deadline_ns == host.mono_ns + 100 * kMillisecond);
  host.pass(100 * kMillisecond);
  REQUIRE(host.calls.size() == 2);
  answer_well(host, true);
  CHECK(host.status == 200);
  CHECK(host.head_value("x-tollgate-attempts") == "2");
  CHECK(host.body.find("message_stop") != std::string::npos);
}

TEST_CASE("content that went out is never asked for again") {
  FakeHost host(routed_gateway(kOtherRoute));
  host.post(kDirectStream);
  host.upstream_head(200, {{"content-type", "text/event-stream"}});
  host.upstream_body(std::string(kMessageStart) +
                     "event: content_block_start\ndata: "
                     "{\"type\":\"content_block_start\",\"index\":0}\n\n");
  host.upstream_failed(TG_FAILURE_RESET);
  host.pass(10 * kSecond);
  CHECK(host.done);
  CHECK(host.calls.size() == 1);
  CHECK(host.body.find("event: error") != std::string::npos);
}

// A name that tells no version makes Claude Code ask as of the newest model.
const char* const kNewShape =
    R"({"model":"claude-sonnet-4-5","max_tokens":100,"thinking":{"type":"adaptive"},"messages":[],"stream":true})";

void refuse_adaptive(FakeHost& host) {
  host.upstream_head(400, {{"content-type", "application/json"}});
  host.upstream_body(
      R"({"type":"error","error":{"type":"invalid_request_error","message":"adaptive thinking is not supported on this model"}})");
  host.upstream_end();
}

TEST_CASE("what an older Claude refuses is left out, and the next request knows it") {
  const auto gateway = make_gateway();
  FakeHost host(gateway);
  host.post(kNewShape);
  REQUIRE(host.calls.size() == 1);
  CHECK(host.calls[0].body.find("adaptive") != std::string::npos);
  refuse_adaptive(host);
  REQUIRE(host.calls.size() == 2);
  CHECK(host.calls[1].body ==
        R"({"model":"claude-sonnet-4-5-20250929","max_tokens":100,"messages":[],"stream":true})");
  CHECK(host.heads == 0);
  refuse_adaptive(host);
  // It was asked without: what it says now is the client's to hear.
  CHECK(host.calls.size() == 2);
  CHECK(host.status == 400);
  CHECK(host.body.find("adaptive thinking is not supported") != std::string::npos);

  FakeHost next(gateway);
  next.post(kNewShape);
  REQUIRE(next.calls.size() == 1);
  CHECK(next.calls[0].body.find("adaptive") == std::string::npos);
}

TEST_CASE("one request may be taught everything that an older Claude does without") {
  FakeHost host(make_gateway());
  host.post(
      R"({"model":"claude-same","max_tokens":100,"thinking":{"type":"adaptive"},"output_config":{"effort":"high"},"messages":[{"role":"system","content":"s"}],"context_management":{"edits":[]}})");
  for (const char* refused :
       {R"(Unexpected value(s) `context-management-2025-06-27` for the `anthropic-beta` header.)",
        "adaptive thinking is not supported on this model",
        "This model does not support the effort parameter.",
        R"(messages: Unexpected role \"system\". Not here.)"}) {
    CAPTURE(refused);
    const size_t calls = host.calls.size();
    host.upstream_head(400, {{"content-type", "application/json"}});
    host.upstream_body(R"({"type":"error","error":{"type":"invalid_request_error","message":")" +
                       std::string(refused) + "\"}}");
    host.upstream_end();
    REQUIRE(host.calls.size() == calls + 1);
  }
  CHECK(
      host.calls.back().body ==
      R"({"model":"claude-same","max_tokens":100,"messages":[{"role":"user","content":[{"type":"text","text":"<system-reminder>\ns\n</system-reminder>"}]}]})");
  CHECK(host.heads == 0);
}

TEST_CASE("requests on their way at once all profit from what one of them is taught") {
  const auto gateway = make_gateway();
  FakeHost first(gateway);
  FakeHost second(gateway);
  first.post(kNewShape);
  second.post(kNewShape);
  for (FakeHost* host : {&first, &second}) {
    REQUIRE(host->calls.size() == 1);
    refuse_adaptive(*host);
    REQUIRE(host->calls.size() == 2);
    CHECK(host->calls[1].body.find("adaptive") == std::string::npos);
  }
}

TEST_CASE("a beta that Anthropic's own dialect refuses is not sent again") {
  const auto gateway = make_gateway();
  FakeHost host(gateway);
  host.post(
      R"({"model":"claude-same","max_tokens":100,"messages":[],"context_management":{"edits":[]}})",
      {{"authorization", "Bearer token-1"},
       {"anthropic-beta", "effort-2025-11-24,context-management-2025-06-27, x-1"}});
  REQUIRE(host.calls.size() == 1);
  CHECK(host.calls[0].header("anthropic-beta") ==
        "effort-2025-11-24,context-management-2025-06-27, x-1");
  host.upstream_head(400, {{"content-type", "application/json"}});
  host.upstream_body(
      R"({"type":"error","error":{"type":"invalid_request_error","message":"Unexpected value(s) `context-management-2025-06-27` for the `anthropic-beta` header."}})");
  host.upstream_end();
  REQUIRE(host.calls.size() == 2);
  CHECK(host.calls[1].header("anthropic-beta") == "effort-2025-11-24,x-1");
  CHECK(host.calls[1].body == R"({"model":"claude-same","max_tokens":100,"messages":[]})");
}

TEST_CASE("a counter that refuses to count for this model is no reason not to answer") {
  constexpr const char* kOwnWords =
      R"({"type":"error","error":{"type":"invalid_request_error","message":"no"}})";
  struct Row {
    const char* name;
    uint32_t status;
    const char* body;
    bool estimated;
  };
  const Row rows[] = {
      {"Bedrock", 400, R"({"message":"The provided model doesn't support counting tokens."})",
       true},
      {"no such operation", 404, kOwnWords, true},
      {"not allowed to this key", 403, kOwnWords, true},
      {"a front door", 405, "<html>", true},
      {"the client's own fault", 400, kOwnWords, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    FakeHost host(routed_gateway(kOtherRoute));
    host.request("POST", "/v1/messages/count_tokens", {{"authorization", "Bearer token-1"}},
                 R"({"model":"two/m","messages":[{"role":"user","content":"hi"}]})");
    REQUIRE(host.calls.size() == 1);
    host.upstream_head(row.status, {{"content-type", "application/json"}});
    host.upstream_body(row.body);
    host.upstream_end();
    CHECK(host.done);
    CHECK(host.status == (row.estimated ? 200 : row.status));
    CHECK((host.head_value("x-tollgate-estimated") == "true") == row.estimated);
  }
}

TEST_CASE("a token count that fails is estimated at once") {
  FakeHost host(routed_gateway(kOtherRoute));
  host.request("POST", "/v1/messages/count_tokens", {{"authorization", "Bearer token-1"}},
               R"({"model":"two/m","messages":[{"role":"user","content":"hi"}]})");
  REQUIRE(host.calls.size() == 1);
  answer_error(host, 529);
  CHECK(host.done);
  CHECK(host.status == 200);
  CHECK(host.head_value("x-tollgate-estimated") == "true");
}

TEST_CASE("retry settings hold for models without routing, and for targets that have none") {
  for (const std::string model : {"two/m", "coding"}) {
    CAPTURE(model);
    const auto gateway = routed_gateway(
        "  type: priority-based-routing\n  load_balance_targets: [{target: two/m}]\n---\n"
        "type: gateway-global-settings\n"
        "retry_settings: {attempts: 5, delay: 700, on_status_codes: [\"500\"]}\n");
    FakeHost host(gateway);
    const std::string body = R"({"model":")" + model +
                             R"(","max_tokens":9,"messages":[{"role":"user","content":"hi"}]})";
    host.post(body);
    for (int i = 0; i < 5; ++i) {
      answer_error(host, 500);
      host.pass(700 * kMillisecond - 1);
      CHECK(host.calls.size() == static_cast<size_t>(i) + 1);
      host.pass(1);
      CHECK(host.calls.size() == static_cast<size_t>(i) + 2);
    }
    answer_error(host, 500);
    CHECK(host.done);

    FakeHost other(gateway);
    other.post(body);
    answer_error(other, 529);
    CHECK(other.done);
    CHECK(other.calls.size() == 1);
  }
}

}  // namespace
}  // namespace tollgate::test
