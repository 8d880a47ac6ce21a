#include "exchange/exchange.hpp"

#include <algorithm>

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

TEST_CASE("a stream passes with the model's name as the one difference") {
  FakeHost host(make_gateway());
  host.post(kBody, {{"Authorization", "Bearer token-1"},
                    {"anthropic-version", "2023-06-01"},
                    {"anthropic-beta", "a-1"},
                    {"Anthropic-New-Thing", "kept"},
                    {"x-stainless-arch", "x64"},
                    {"Cookie", "secret"},
                    {"x-tfy-anthropic-beta", "context-management-2025-06-27,a-1"}});
  REQUIRE(host.calls.size() == 1);
  const SeenCall& call = host.calls[0];
  CHECK(call.url == "http://127.0.0.1:9101/v1/messages?beta=true");
  std::string expected(kBody);
  expected.replace(expected.find("claude-sonnet-4-5"), 17, "claude-sonnet-4-5-20250929");
  CHECK(call.body == expected);
  CHECK(call.span_count == 3);
  CHECK(call.header("x-api-key") == "sk-upstream-canary");
  CHECK(call.header("Authorization").empty());
  CHECK(call.header("authorization").empty());
  CHECK(call.header("Cookie").empty());
  CHECK(call.header("Anthropic-New-Thing") == "kept");
  CHECK(call.header("anthropic-beta") == "a-1,context-management-2025-06-27");
  CHECK(call.header("accept-encoding") == "identity");

  host.stream(kEvents);
  CHECK(host.done);
  CHECK(host.status == 200);
  CHECK(host.heads == 1);
  CHECK(host.ends == 1);
  CHECK(host.head_body_size == TG_SIZE_UNKNOWN);
  CHECK(host.body == with_client_model(kEvents));
  CHECK(host.head_value("content-type") == "text/event-stream; charset=utf-8");
  CHECK(host.head_value("x-tollgate-resolved-model") == "anthropic-main/claude-sonnet-4-5");
  CHECK_FALSE(host.head_value("request-id").empty());
  REQUIRE(host.records.size() == 1);
  json::Document document;
  const json::Value record = document.parse(host.records[0]).value();
  CHECK(record["outcome"].string_or("") == "ok");
  CHECK(record["principal"].string_or("") == "user:dev-1@corp.example");
  CHECK(record["usage"]["input_tokens"].integer() == 10);
  CHECK(record["usage"]["output_tokens"].integer() == 7);
  // 10 x 3 + 7 x 15 + 5 x 0.3 USD per million tokens.
  CHECK(record["cost_nano_usd"].integer() == 10 * 3000 + 7 * 15000 + 5 * 300);
}

TEST_CASE("a name that needs no change goes out as one span") {
  FakeHost host(make_gateway());
  const std::string body = R"({"model":"claude-same","max_tokens":1,"messages":[]})";
  host.post(body);
  REQUIRE(host.calls.size() == 1);
  CHECK(host.calls[0].span_count == 1);
  CHECK(host.calls[0].body == body);
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

TEST_CASE("the subscription's own login goes upstream, the gateway's never") {
  const HeaderList headers = {{"x-tfy-api-key", "token-1"}, {"authorization", "Bearer sk-ant-oat"}};
  FakeHost host(make_gateway());
  host.post(R"({"model":"claude-max","max_tokens":1,"messages":[]})", headers);
  REQUIRE(host.calls.size() == 1);
  CHECK(host.calls[0].url == "http://127.0.0.1:9102/v1/messages?beta=true");
  CHECK(host.calls[0].header("authorization") == "Bearer sk-ant-oat");
  CHECK(host.calls[0].header("x-api-key").empty());
  CHECK(host.calls[0].header("x-tfy-api-key").empty());

  FakeHost keyed(make_gateway());
  keyed.post(kWholeBody, headers);
  REQUIRE(keyed.calls.size() == 1);
  CHECK(keyed.calls[0].header("authorization").empty());
  CHECK(keyed.calls[0].header("x-api-key") == "sk-upstream-canary");
}

TEST_CASE(
    "a gateway token in Authorization is no login of the client's, whatever stands beside it") {
  for (const char* value : {"Bearer token-1", "Bearer token-2", "token-1"}) {
    CAPTURE(value);
    FakeHost host(make_gateway());
    host.post(R"({"model":"claude-max","max_tokens":1,"messages":[]})",
              {{"x-tollgate-api-key", "token-1"}, {"authorization", value}});
    CHECK(host.calls.empty());
    CHECK(host.status == 400);
  }
}

TEST_CASE("a keyless account without the client's own login is refused, not called") {
  FakeHost host(make_gateway());
  host.post(R"({"model":"claude-max","max_tokens":1,"messages":[]})");
  CHECK(host.calls.empty());
  CHECK(host.status == 400);
  CHECK(host.body.find("ANTHROPIC_CUSTOM_HEADERS") != std::string::npos);
}

TEST_CASE("count_tokens passes to its own endpoint") {
  FakeHost host(make_gateway());
  host.request("POST", "/v1/messages/count_tokens?beta=true", {{"authorization", "Bearer token-1"}},
               R"({"model":"claude-sonnet-4-5","messages":[],"tools":[]})");
  REQUIRE(host.calls.size() == 1);
  CHECK(host.calls[0].url == "http://127.0.0.1:9101/v1/messages/count_tokens?beta=true");
  host.upstream_head(200, {{"content-type", "application/json"}});
  host.upstream_body(R"({"input_tokens": 12})");
  host.upstream_end();
  CHECK(host.body == R"({"input_tokens": 12})");
}

TEST_CASE("a client that leaves cancels the upstream at once") {
  FakeHost host(make_gateway());
  host.post(kBody);
  SECTION("before the answer") {}
  SECTION("before the first content") {
    host.upstream_head(200, {{"content-type", "text/event-stream"}});
    host.upstream_body(kEvents.substr(0, 200));
  }
  SECTION("in the middle of the answer") {
    host.upstream_head(200, {{"content-type", "text/event-stream"}});
    host.upstream_body(kEvents.substr(0, kEvents.find("content_block_stop")));
  }
  REQUIRE(host.exchange().client_gone(host.now()).ok());
  host.pull();
  CHECK(host.done);
  CHECK(host.calls[0].cancelled);
  CHECK(host.ends == 0);
  REQUIRE(host.records.size() == 1);
  CHECK(host.records[0].find(R"("outcome":"cancelled")") != std::string::npos);
}

TEST_CASE("a batch that holds a cancel does not free what that attempt still sends") {
  const auto gateway = make_gateway();
  FakeHost host(gateway);
  host.post(kWholeBody);
  REQUIRE(host.calls.size() == 1);
  REQUIRE(host.exchange().client_gone(host.now()).ok());
  host.pull();
  CHECK(host.calls[0].cancelled);
  CHECK(host.done);
  CHECK(gateway->environment()->body_bytes.load() > 0);
  host.pull();
  CHECK(gateway->environment()->body_bytes.load() == 0);
}

TEST_CASE("a session's id is taken from a user id of sane size only") {
  for (const bool sane : {true, false}) {
    FakeHost host(make_gateway());
    const std::string id = sane ? "s-1" : std::string(5000, 's');
    host.post(R"({"model":"claude-same","max_tokens":1,"messages":[],"metadata":{"user_id":)"
              R"("{\"session_id\":\")" +
              id + R"(\"}"}})");
    host.upstream_failed(TG_FAILURE_CONNECT);
    REQUIRE(host.records.size() == 1);
    CHECK((host.records[0].find(id) != std::string::npos) == sane);
  }
}

TEST_CASE("an exchange freed early leaves its record to the background") {
  const auto gateway = make_gateway();
  {
    FakeHost host(gateway);
    host.post(kBody);
    host.drop();
  }
  std::string record;
  REQUIRE(gateway->environment()->abandoned.take(record));
  CHECK(record.find(R"("outcome":"cancelled")") != std::string::npos);
  CHECK(gateway->environment()->ledger->open_reservations() == 0);
  CHECK(gateway->environment()->open_exchanges.load() == 0);
  CHECK(gateway->environment()->body_bytes.load() == 0);
}

TEST_CASE("the body's memory goes back once it is sent and content flows") {
  const auto gateway = make_gateway();
  FakeHost host(gateway);
  host.post(kBody);
  CHECK(gateway->environment()->body_bytes.load() > 0);
  REQUIRE(host.exchange().upstream_sent(host.calls[0].number, host.now()).ok());
  CHECK(gateway->environment()->body_bytes.load() > 0);
  host.upstream_head(200, {{"content-type", "text/event-stream"}});
  host.upstream_body(kEvents.substr(0, kEvents.find("event: content_block_stop")));
  CHECK(gateway->environment()->body_bytes.load() == 0);
}

TEST_CASE("events in the wrong state are refused, late upstream events are ignored") {
  FakeHost host(make_gateway());
  exchange::Exchange& exchange = host.exchange();
  CHECK(exchange.client_body("x", host.now()).code() == Code::kState);
  CHECK(exchange.client_end(host.now()).code() == Code::kState);
  CHECK(exchange.client_blocked(host.now()).code() == Code::kState);
  CHECK(exchange.upstream_body(7, "x", host.now()).ok());
  host.post(kWholeBody);
  CHECK(exchange.client_head("POST", "/", nullptr, 0, host.now()).code() == Code::kState);
  CHECK(exchange.client_end(host.now()).code() == Code::kState);
  CHECK(exchange.upstream_body(1, "x", host.now()).code() == Code::kState);
  host.upstream_failed(TG_FAILURE_CONNECT);
  CHECK(host.done);
  CHECK(exchange.upstream_end(1, host.now()).ok());
  CHECK(exchange.client_gone(host.now()).ok());
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
