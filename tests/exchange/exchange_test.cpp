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

}  // namespace
}  // namespace tollgate::test
