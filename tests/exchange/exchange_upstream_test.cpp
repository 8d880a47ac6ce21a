#include <string>

#include "support/fake_host.hpp"

namespace tollgate::test {
namespace {

constexpr std::string_view kBody =
    R"({"model":"claude-same","max_tokens":100,"messages":[],"stream":true})";

const std::string kStart =
    "event: message_start\n"
    R"(data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"claude-same","content":[],"usage":{"input_tokens":1,"output_tokens":1}}})"
    "\n\n";
const std::string kContent =
    "event: content_block_start\n"
    R"(data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"
    "\n\n";
const std::string kEnd =
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
    "event: message_delta\ndata: "
    "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
    "\"usage\":{\"output_tokens\":2}}\n\n"
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

FakeHost streaming() {
  FakeHost host(make_gateway());
  host.post(kBody);
  host.upstream_head(200, {{"content-type", "text/event-stream"}});
  return host;
}

size_t count(const std::string& text, std::string_view what) {
  size_t found = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++found;
  return found;
}

TEST_CASE("nothing goes out before the first content") {
  FakeHost host = streaming();
  host.upstream_body(kStart);
  host.upstream_body("event: ping\ndata: {\"type\": \"ping\"}\n\n");
  CHECK(host.heads == 0);
  CHECK(host.body.empty());
  host.upstream_body("event: content_block_start\n");
  CHECK(host.heads == 1);
  CHECK(host.body.find("message_start") != std::string::npos);
}

TEST_CASE("a stream that does not say what it is passes as one") {
  for (const HeaderList& headers : {HeaderList{}, HeaderList{{"content-type", ""}},
                                    HeaderList{{"Content-Type", "text/plain; charset=utf-8"}}}) {
    FakeHost host(make_gateway());
    host.post(kBody);
    host.upstream_head(200, headers);
    host.upstream_body(kStart + kContent + kEnd);
    host.upstream_end();
    CHECK(host.status == 200);
    CHECK(host.head_value("content-type") == "text/event-stream; charset=utf-8");
    CHECK(host.body == kStart + kContent + kEnd);
    CHECK(host.done);
  }
}

TEST_CASE("plain text that is no stream is a provider's failure") {
  FakeHost host(make_gateway());
  host.post(kBody);
  host.upstream_head(200, {{"content-type", "text/plain"}});
  host.upstream_body("Please log in to the network.");
  host.upstream_end();
  CHECK(host.status == 502);
  CHECK(host.head_value("content-type") == "application/json");
  CHECK(host.done);
}

TEST_CASE("after the first content not one byte is held") {
  FakeHost host = streaming();
  host.upstream_body(kStart + kContent);
  std::string sent = kStart + kContent;
  for (const char byte : kEnd) {
    host.upstream_body(std::string_view(&byte, 1));
    sent.push_back(byte);
    REQUIRE(host.body == sent);
  }
  host.upstream_end();
  CHECK(host.done);
  CHECK(host.ends == 1);
}

TEST_CASE("after five silent seconds the head and a ping go out, later pings every ten") {
  FakeHost host = streaming();
  host.upstream_body(kStart);
  host.pass(4 * kSecond);
  CHECK(host.heads == 0);
  host.pass(1 * kSecond);
  CHECK(host.heads == 1);
  CHECK(count(host.body, "event: ping") == 1);
  CHECK(host.body.find("message_start") == std::string::npos);
  host.pass(20 * kSecond);
  CHECK(count(host.body, "event: ping") == 3);
  host.upstream_body(kContent);
  host.upstream_body(kEnd);
  host.upstream_end();
  CHECK(host.heads == 1);
  CHECK(count(host.body, "event: message_start") == 1);
  CHECK(host.body.ends_with(kStart + kContent + kEnd));
}

TEST_CASE("a ping never lands inside an event") {
  FakeHost host = streaming();
  host.upstream_body(kStart + kContent + "event: content_block_delta\ndata: {\"type\"");
  const std::string before = host.body;
  host.pass(25 * kSecond);
  CHECK(host.body == before);
  host.upstream_body(":\"content_block_delta\",\"index\":0,\"delta\":{}}\n\n");
  host.pass(11 * kSecond);
  CHECK(count(host.body, "event: ping") == 1);
}

TEST_CASE("an error event before content becomes an HTTP error") {
  FakeHost host = streaming();
  host.upstream_body(kStart);
  host.upstream_body(
      "event: error\ndata: "
      "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":"
      "\"Overloaded\"}}\n\n");
  CHECK(host.status == 529);
  CHECK(host.body.find("overloaded_error") != std::string::npos);
  CHECK(host.body.find("message_start") == std::string::npos);
  CHECK(host.calls[0].cancelled);
  CHECK(host.done);
}

TEST_CASE("after the early head a failure becomes the stream's error event") {
  FakeHost host = streaming();
  host.upstream_body(kStart);
  host.pass(6 * kSecond);
  host.upstream_failed(TG_FAILURE_RESET);
  CHECK(host.status == 200);
  CHECK(host.heads == 1);
  CHECK(count(host.body, "event: error") == 1);
  CHECK(host.body.find("message_start") == std::string::npos);
  CHECK(host.done);
}

TEST_CASE("a stream cut after content ends in an error, never in a clean stop") {
  FakeHost host = streaming();
  host.upstream_body(kStart + kContent + "event: content_block_delta\ndata: {\"ty");
  SECTION("broken connection") {
    host.upstream_failed(TG_FAILURE_RESET);
  }
  SECTION("clean end of the body") {
    host.upstream_end();
  }
  CHECK(count(host.body, "event: error") == 1);
  CHECK(count(host.body, "message_stop") == 0);
  CHECK(host.body.find("data: {\"ty\nevent: ping\n\n") != std::string::npos);
  CHECK(host.ends == 1);
  CHECK(host.records.at(0).find(R"("outcome":"failed")") != std::string::npos);
}

TEST_CASE("an upstream error event after content passes as it came, and is the last") {
  FakeHost host = streaming();
  const std::string error =
      "event: error\ndata: "
      "{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"x\"}}\n\n";
  host.upstream_body(kStart + kContent + error);
  host.upstream_end();
  CHECK(host.body == kStart + kContent + error);
  CHECK(host.records.at(0).find(R"("outcome":"failed")") != std::string::npos);
}

TEST_CASE("an upstream that stays after its error event is not waited for") {
  FakeHost host = streaming();
  const std::string error =
      "event: error\ndata: "
      "{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"gave up\"}}\n\n";
  host.upstream_body(kStart + kContent + error);
  host.pass(2 * kSecond);
  CHECK(host.done);
  CHECK(host.body == kStart + kContent + error);
  CHECK(host.calls[0].cancelled);
  CHECK(host.records.at(0).find("gave up") != std::string::npos);
}

TEST_CASE("our own key refused in an error event is not the client's login") {
  FakeHost host = streaming();
  host.upstream_body(
      "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"authentication_error\","
      "\"message\":\"invalid x-api-key\"}}\n\n");
  CHECK(host.status == 502);
  CHECK(host.head_value("x-should-retry") == "false");
  CHECK(host.body.find("x-api-key") == std::string::npos);
}

TEST_CASE("silence ends in a timeout") {
  SECTION("no head: 504") {
    FakeHost host(make_gateway());
    host.post(kBody);
    host.pass(601 * kSecond);
    CHECK(host.status == 504);
    CHECK(host.calls[0].cancelled);
    CHECK(host.body.find("timeout_error") != std::string::npos);
  }
  SECTION("in the middle: an error event") {
    FakeHost host = streaming();
    host.upstream_body(kStart + kContent);
    host.pass(301 * kSecond);
    CHECK(count(host.body, "event: error") == 1);
    CHECK(host.body.find("timeout_error") != std::string::npos);
    CHECK(host.calls[0].cancelled);
    CHECK(host.done);
  }
}

TEST_CASE("a client that does not read stops the idle clock and is given up after its own time") {
  FakeHost host = streaming();
  host.upstream_body(kStart + kContent);
  REQUIRE(host.exchange().client_blocked(host.now()).ok());
  host.pull();
  SECTION("it reads again in time") {
    host.pass(50 * kSecond);
    REQUIRE(host.exchange().client_unblocked(host.now()).ok());
    host.pull();
    host.upstream_body(kEnd);
    host.upstream_end();
    CHECK(host.ends == 1);
    CHECK(host.aborts == 0);
  }
  SECTION("it does not") {
    host.pass(61 * kSecond);
    CHECK(host.aborts == 1);
    CHECK(host.calls[0].cancelled);
    CHECK(host.records.at(0).find("stopped reading") != std::string::npos);
    CHECK(host.done);
  }
}

TEST_CASE("a complete stream does not wait long for HTTP's own end") {
  FakeHost host = streaming();
  host.upstream_body(kStart + kContent + kEnd);
  CHECK(host.ends == 0);
  host.pass(2 * kSecond);
  CHECK(host.ends == 1);
  CHECK(host.done);
  CHECK(host.body == kStart + kContent + kEnd);
}

TEST_CASE("more than the hold takes goes out although content has not begun") {
  FakeHost host = streaming();
  host.upstream_body(kStart);
  const std::string event =
      "event: new_thing\ndata: {\"pad\":\"" + std::string(60'000, 'x') + "\"}\n\n";
  host.upstream_body(event);
  CHECK(host.heads == 0);
  host.upstream_body(event);
  CHECK(host.heads == 1);
  CHECK(host.body == kStart + event + event);
}

}  // namespace
}  // namespace tollgate::test
