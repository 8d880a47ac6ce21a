// Secrets are planted in every input; nothing that leaves the library may hold one. What may is
// said scenario by scenario: the upstream's own request, and the record when bodies were asked for.

#include <string>

#include "exchange/explain.hpp"
#include "support/fake_host.hpp"

namespace tollgate::test {
namespace {

constexpr std::string_view kUpstreamKey = "sk-upstream-canary";
constexpr std::string_view kClosedKey = "sk-closed-canary";
constexpr std::string_view kPrompt = "prompt-canary";
constexpr std::string_view kHeader = "header-canary";
constexpr std::string_view kLogin = "login-canary";
constexpr std::string_view kDetail = "detail-canary";
constexpr std::string_view kStranger = "stranger-canary";
constexpr std::string_view kToken = "token-1";

struct Sent {
  std::string head;
  std::string body;
  std::string records;
  std::string upstream;
};

Sent sent_by(const FakeHost& host) {
  Sent sent;
  for (const auto& [name, value] : host.head)
    sent.head += name + ": " + value + "\n";
  sent.body = host.body;
  for (const std::string& record : host.records)
    sent.records += record + "\n";
  for (const SeenCall& call : host.calls) {
    sent.upstream += call.url + "\n";
    for (const auto& [name, value] : call.headers)
      sent.upstream += name + ": " + value + "\n";
    sent.upstream += call.body + "\n";
  }
  return sent;
}

void check_absent(const char* where, const std::string& text,
                  std::initializer_list<std::string_view> secrets) {
  for (const std::string_view secret : secrets) {
    CAPTURE(where, secret, text);
    CHECK(text.find(secret) == std::string::npos);
  }
}

std::string body_of(std::string_view model, bool stream) {
  return R"({"model":")" + std::string(model) + R"(","max_tokens":9,"system":"prompt-canary",)" +
         R"("messages":[{"role":"user","content":"prompt-canary"}],)" +
         R"("metadata":{"user_id":"prompt-canary"},)" + R"("stream":)" +
         (stream ? "true}" : "false}");
}

HeaderList headers_with(std::string_view credential) {
  return {{"authorization", "Bearer " + std::string(credential)},
          {"cookie", std::string(kHeader)},
          {"proxy-authorization", std::string(kHeader)},
          {"x-secret", std::string(kHeader)},
          {"x-forwarded-for", std::string(kHeader)}};
}

constexpr std::string_view kStart =
    "event: message_start\n"
    R"(data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"claude-same","content":[],"usage":{"input_tokens":1,"output_tokens":1}}})"
    "\n\nevent: content_block_start\n"
    R"(data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"
    "\n\n";
constexpr std::string_view kWholeAnswer =
    R"({"id":"m","type":"message","role":"assistant","model":"claude-same","content":[],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}})";

struct Scenario {
  const char* name;
  void (*play)(FakeHost& host);
};

// What an upstream says of a key is not repeated, so upstreams here quote theirs.
constexpr std::string_view kQuotesKey =
    R"({"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key sk-upstream-canary"}})";

// One row per line, whatever its length.
// clang-format off
const Scenario kScenarios[] = {
    {"unknown token", [](FakeHost& h) { h.post(body_of("claude-same", true), headers_with(kStranger)); }},
    {"unknown token in a header of its own", [](FakeHost& h) { h.post(body_of("claude-same", true), {{"x-tollgate-api-key", std::string(kStranger)}, {"authorization", "Bearer token-1"}}); }},
    {"unknown model", [](FakeHost& h) { h.post(body_of("nothing", true), headers_with(kToken)); }},
    {"forbidden model", [](FakeHost& h) { h.post(body_of("claude-secret", true), headers_with(kToken)); }},
    {"no JSON", [](FakeHost& h) { h.post("{\"model\": prompt-canary }", headers_with(kToken)); }},
    {"a wrong type", [](FakeHost& h) { h.post(R"({"model":["prompt-canary"],"max_tokens":"prompt-canary"})", headers_with(kToken)); }},
    {"a model twice", [](FakeHost& h) { h.post(R"({"model":"claude-same","model":"claude-same","x":"prompt-canary"})", headers_with(kToken)); }},
    {"no such path", [](FakeHost& h) { h.request("POST", "/v1/nothing", headers_with(kToken), body_of("claude-same", true)); }},
    {"wrong method", [](FakeHost& h) { h.request("PUT", "/v1/messages", headers_with(kToken), ""); }},
    {"bad metadata", [](FakeHost& h) { HeaderList list = headers_with(kToken); list.emplace_back("x-tollgate-metadata", "{header-canary"); h.post(body_of("claude-same", true), list); }},
    {"models", [](FakeHost& h) { h.request("GET", "/v1/models", headers_with(kToken), ""); }},
    {"metrics", [](FakeHost& h) { h.request("GET", "/metrics", headers_with(kToken), ""); }},
    {"health", [](FakeHost& h) { h.request("GET", "/healthz", headers_with(kToken), ""); }},
    {"a whole answer", [](FakeHost& h) { h.post(body_of("claude-same", false), headers_with(kToken)); h.upstream_head(200, {{"content-type", "application/json"}, {"set-cookie", std::string(kUpstreamKey)}}); h.upstream_body(kWholeAnswer); h.upstream_end(); }},
    {"a stream that is cut", [](FakeHost& h) { h.post(body_of("claude-same", true), headers_with(kToken)); h.upstream_head(200, {{"content-type", "text/event-stream"}}); h.upstream_body(kStart); h.upstream_failed(TG_FAILURE_RESET); }},
    {"not a message", [](FakeHost& h) { h.post(body_of("claude-same", false), headers_with(kToken)); h.upstream_head(200, {{"content-type", "text/html"}}); h.upstream_body("<html>sk-upstream-canary"); h.upstream_end(); }},
    {"key refused", [](FakeHost& h) { h.post(body_of("claude-same", true), headers_with(kToken)); h.upstream_head(401, {{"content-type", "application/json"}}); h.upstream_body(kQuotesKey); h.upstream_end(); }},
    {"key forbidden", [](FakeHost& h) { h.post(body_of("claude-same", true), headers_with(kToken)); h.upstream_head(403, {{"content-type", "application/json"}}); h.upstream_body(kQuotesKey); h.upstream_end(); }},
    {"a redirect", [](FakeHost& h) { h.post(body_of("claude-same", true), headers_with(kToken)); h.upstream_head(302, {{"location", "http://x/?key=sk-upstream-canary"}}); h.upstream_end(); }},
    {"compressed", [](FakeHost& h) { h.post(body_of("claude-same", true), headers_with(kToken)); h.upstream_head(200, {{"content-encoding", "gzip"}}); }},
    {"overloaded", [](FakeHost& h) { h.post(body_of("claude-same", true), headers_with(kToken)); h.upstream_head(529, {{"content-type", "application/json"}}); h.upstream_body(R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"); h.upstream_end(); }},
    {"refused connection", [](FakeHost& h) { h.post(body_of("claude-same", true), headers_with(kToken)); h.upstream_failed(TG_FAILURE_CONNECT); }},
    {"silence", [](FakeHost& h) { h.post(body_of("claude-same", true), headers_with(kToken)); h.pass(3601 * kSecond); }},
    {"the client leaves", [](FakeHost& h) { h.post(body_of("claude-same", true), headers_with(kToken)); REQUIRE(h.exchange().client_gone(h.now()).ok()); h.pull(); }},
    {"garbage in the stream", [](FakeHost& h) { h.post(body_of("claude-same", true), headers_with(kToken)); h.upstream_head(200, {{"content-type", "text/event-stream"}}); h.upstream_body("event: message_start\ndata: {sk-upstream-canary\n\n"); h.upstream_end(); }},
};
// clang-format on

TEST_CASE("no secret leaves in an answer, a record, the metrics or the description") {
  const auto gateway = make_gateway();
  for (const Scenario& scenario : kScenarios) {
    CAPTURE(scenario.name);
    FakeHost host(gateway);
    scenario.play(host);
    REQUIRE(host.done);
    const Sent sent = sent_by(host);
    for (const auto& [where, text] :
         {std::pair<const char*, std::string>("head", sent.head), {"body", sent.body}}) {
      check_absent(where, text,
                   {kUpstreamKey, kClosedKey, kPrompt, kHeader, kLogin, kStranger, kToken});
    }
    check_absent("record", sent.records,
                 {kUpstreamKey, kClosedKey, kPrompt, kHeader, kLogin, kStranger, kToken});
    check_absent("upstream", sent.upstream, {kToken, kClosedKey, kStranger});
    check_absent("upstream", sent.upstream, {"cookie", "proxy-authorization", "x-forwarded-for"});
  }
  check_absent("metrics", gateway->metrics(),
               {kUpstreamKey, kClosedKey, kPrompt, kHeader, kStranger, kToken});
  check_absent("description", gateway->describe(), {kUpstreamKey, kClosedKey, kToken, "token-2"});
}

TEST_CASE("every secret is seen where it belongs, so that the search can find one") {
  FakeHost host(make_gateway());
  host.post(body_of("claude-same", false), headers_with(kToken));
  const Sent sent = sent_by(host);
  CHECK(sent.upstream.find(kUpstreamKey) != std::string::npos);
  CHECK(sent.upstream.find(kPrompt) != std::string::npos);
}

TEST_CASE("a failure's detail is for the record only") {
  FakeHost host(make_gateway());
  host.post(body_of("claude-same", true), headers_with(kToken));
  REQUIRE(host.exchange()
              .upstream_failed(host.calls.back().number, TG_FAILURE_CONNECT, kDetail, host.now())
              .ok());
  host.pull();
  const Sent sent = sent_by(host);
  check_absent("answer", sent.head + sent.body, {kDetail});
  CHECK(sent.records.find(kDetail) != std::string::npos);
}

TEST_CASE("the client's own login goes to its account and nowhere else") {
  FakeHost host(make_gateway());
  host.post(body_of("claude-max", true), {{"x-tollgate-api-key", std::string(kToken)},
                                          {"authorization", "Bearer login-canary"}});
  REQUIRE(host.calls.size() == 1);
  CHECK(host.calls[0].header("authorization") == "Bearer login-canary");
  host.upstream_head(401, {{"content-type", "application/json"}});
  host.upstream_body(
      R"({"type":"error","error":{"type":"authentication_error","message":"expired"}})");
  host.upstream_end();
  const Sent sent = sent_by(host);
  check_absent("answer", sent.head + sent.body, {kLogin, kToken});
  check_absent("record", sent.records, {kLogin, kToken});
}

TEST_CASE("bodies are in the record when they were asked for, keys never") {
  for (const bool asked : {false, true}) {
    CAPTURE(asked);
    FakeHost host(make_gateway());
    HeaderList headers = headers_with(kToken);
    if (asked) headers.emplace_back("x-tfy-logging-config", R"({"enabled": true})");
    host.post(body_of("claude-same", false), headers);
    host.upstream_head(200, {{"content-type", "application/json"}});
    host.upstream_body(kWholeAnswer);
    host.upstream_end();
    const Sent sent = sent_by(host);
    CHECK((sent.records.find(kPrompt) != std::string::npos) == asked);
    check_absent("record", sent.records, {kUpstreamKey, kToken, kHeader});
  }
}

TEST_CASE("an explanation quotes neither the credential nor the prompt") {
  const auto gateway = make_gateway();
  for (const std::string_view credential : {kToken, kStranger}) {
    for (const std::string_view model : {"claude-same", "claude-secret", "nothing"}) {
      const HeaderList list = headers_with(credential);
      const HeaderViews views(list);
      const std::string told =
          exchange::explain(*gateway->configuration(), *gateway->environment(), views.data(),
                            views.pairs(), body_of(model, true), {1, 1'795'338'000'000});
      check_absent("explanation", told,
                   {kToken, kStranger, kPrompt, kHeader, kUpstreamKey, kClosedKey});
    }
  }
}

TEST_CASE("a configuration's errors quote no secret") {
  // A fault is put into each document in turn; the secrets stand around it.
  for (const std::string_view fault :
       {"name: claude-same", "type: user", "auth_data: {type: api-key"}) {
    std::string text(kTestConfig);
    const size_t at = text.find(fault);
    REQUIRE(at != std::string::npos);
    text.insert(at, "colour: red\n");
    gateway::GatewayOptions options;
    options.lookup = test_lookup;
    const auto made = gateway::Gateway::create(text, options, {1, 1'795'338'000'000});
    REQUIRE_FALSE(made.ok());
    check_absent("error", made.status().message() + made.status().path(),
                 {kUpstreamKey, kClosedKey, kToken});
  }
}

}  // namespace
}  // namespace tollgate::test
