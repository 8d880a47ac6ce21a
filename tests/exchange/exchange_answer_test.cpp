// Answers to the client.

#include <algorithm>
#include <string>

#include "support/fake_host.hpp"

namespace tollgate::test {
namespace {

constexpr std::string_view kBody =
    R"({"model":"claude-sonnet-4-5","max_tokens":100,"messages":[{"role":"user","content":"hi"}],"stream":true,"x-unknown":{"a":[1, 2]}})";
constexpr std::string_view kWholeBody =
    R"({"model":"claude-sonnet-4-5","max_tokens":100,"messages":[{"role":"user","content":"hi"}]})";

const std::string kEvents =
    "event: message_start\n"
    R"(data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[],"stop_reason":null,"usage":{"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":1}}   })"
    "\n\n"
    "event: content_block_start\n"
    R"(data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"
    "\n\n"
    "event: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"h\u00e9"} })"
    "\n\n"
    "event: content_block_stop\n"
    R"(data: {"type":"content_block_stop","index":0})"
    "\n\n"
    "event: message_delta\n"
    R"(data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":7}})"
    "\n\n"
    "event: message_stop\n"
    R"(data: {"type":"message_stop"})"
    "\n\n";

std::string with_client_model(std::string text) {
  const std::string upstream = "claude-sonnet-4-5-20250929";
  const size_t at = text.find(upstream);
  if (at != std::string::npos) text.replace(at, upstream.size(), "claude-sonnet-4-5");
  return text;
}

TEST_CASE("a whole answer passes with the model's name as the one difference") {
  FakeHost host(make_gateway());
  host.post(kWholeBody);
  const std::string answer =
      R"({ "id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","new":{"x":1.50},"usage":{"input_tokens":3,"output_tokens":4}})";
  host.upstream_head(200, {{"content-type", "application/json"},
                           {"request-id", "req_up"},
                           {"anthropic-ratelimit-tokens-limit", "5"},
                           {"anthropic-organization-id", "org"},
                           {"set-cookie", "c"}});
  host.upstream_body(answer.substr(0, 40));
  host.upstream_body(answer.substr(40));
  host.upstream_end();
  CHECK(host.done);
  CHECK(host.body == with_client_model(answer));
  CHECK(host.head_body_size == host.body.size());
  CHECK(host.head_value("request-id") == "req_up");
  CHECK(host.head_value("anthropic-organization-id") == "org");
  CHECK(host.head_value("anthropic-ratelimit-tokens-limit").empty());
  CHECK(host.head_value("set-cookie").empty());
  // The record is there before the last byte.
  const auto at = [&](int32_t kind) {
    return std::find(host.order.begin(), host.order.end(), kind) - host.order.begin();
  };
  CHECK(at(TG_ACTION_RECORD) < at(TG_ACTION_CLIENT_BODY));
}

TEST_CASE("probes, models and metrics are answered without an upstream") {
  struct Row {
    const char* method;
    const char* target;
    uint32_t status;
    const char* text;
  };
  const Row rows[] = {
      {"HEAD", "/", 200, ""},
      {"GET", "/", 200, "tollgate"},
      {"HEAD", "/api/hello", 200, ""},
      {"GET", "/healthz", 200, "ok"},
      {"GET", "/readyz", 200, "ready"},
      {"GET", "/metrics", 200, "# TYPE"},
      {"GET", "/v1/models?limit=1000", 200, R"("id":"claude-sonnet-4-5")"},
      {"GET", "/v1/v1/models", 200, R"("has_more":false)"},
      {"GET", "/v1/models/claude-same", 200, R"("type":"model")"},
      {"GET", "/v1/models/nope", 404, "not_found_error"},
      {"GET", "/v1/models?limit=0", 400, "limit"},
      {"GET", "/v1/messages", 405, "method"},
      {"POST", "/elsewhere", 404, "ANTHROPIC_BASE_URL"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.method, row.target);
    FakeHost host(make_gateway());
    host.request(row.method, row.target, {{"authorization", "Bearer token-1"}}, "");
    CHECK(host.status == row.status);
    CHECK(host.body.find(row.text) != std::string::npos);
    CHECK_FALSE(host.head_value("request-id").empty());
    CHECK(host.calls.empty());
    CHECK(host.done);
  }
}

TEST_CASE("the models' list shows only what the caller may use, page by page") {
  FakeHost host(make_gateway());
  host.request("GET", "/v1/models?limit=2", {{"authorization", "Bearer token-1"}}, "");
  CHECK(host.body.find("claude-secret") == std::string::npos);
  CHECK(host.body.find(R"("has_more":true)") != std::string::npos);
  FakeHost rest(make_gateway());
  rest.request("GET", "/v1/models?limit=2&after_id=claude-same",
               {{"authorization", "Bearer token-1"}}, "");
  FakeHost escaped(make_gateway());
  escaped.request("GET", "/v1/models?limit=2&after_id=claude%2Dsame",
                  {{"authorization", "Bearer token-1"}}, "");
  CHECK(escaped.body == rest.body);
  CHECK(rest.body.find("claude-max") != std::string::npos);
  CHECK(rest.body.find(R"("has_more":false)") != std::string::npos);
}

TEST_CASE("bodies are kept in the record only when asked for") {
  for (const bool asked : {false, true}) {
    FakeHost host(make_gateway());
    HeaderList headers = {{"authorization", "Bearer token-1"},
                          {"X-TFY-METADATA", R"({"project":"billing"})"}};
    if (asked) headers.emplace_back("X-TFY-LOGGING-CONFIG", R"({"enabled": true})");
    host.post(kBody, headers);
    host.stream(kEvents);
    REQUIRE(host.records.size() == 1);
    json::Document document;
    const json::Value record = document.parse(host.records[0]).value();
    CHECK(record["metadata"]["project"].string_or("") == "billing");
    CHECK((host.records[0].find("x-unknown") != std::string::npos) == asked);
    CHECK((host.records[0].find("content_block_delta") != std::string::npos) == asked);
  }
}

}  // namespace
}  // namespace tollgate::test
