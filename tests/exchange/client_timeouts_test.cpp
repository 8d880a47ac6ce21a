// Timeouts that a client asks for in headers of its own.

#include <string>

#include "exchange/routed_host.hpp"

namespace tollgate::test {
namespace {

constexpr std::string_view kOneThenTwo =
    "  type: priority-based-routing\n  load_balance_targets:\n"
    "    - {target: one/m, priority: 0, retry_config: {attempts: 0}, fallback_status_codes: "
    "[\"529\"]}\n"
    "    - {target: two/m, priority: 1, retry_config: {attempts: 0}}\n";

HeaderList asking(const char* name, const char* value) {
  return {{"authorization", "Bearer token-1"}, {name, value}};
}

void begin_stream(FakeHost& host) {
  host.upstream_head(200, {{"content-type", "text/event-stream"}});
  host.upstream_body(kMessageStart);
}

TEST_CASE("a stream whose first content is late goes to the next target, whatever its lists say") {
  for (const bool begun : {false, true}) {
    for (const char* name : {"x-tfy-ttft-timeout-ms", "x-tollgate-ttft-timeout-ms"}) {
      CAPTURE(begun, name);
      FakeHost host(routed_gateway(kOneThenTwo));
      host.post(kCodingStream, asking(name, "1500"));
      if (begun) begin_stream(host);
      host.pass(1500 * kMillisecond - 1);
      CHECK(host.calls.size() == 1);
      host.pass(1);
      REQUIRE(host.calls.size() == 2);
      CHECK(host.calls[0].cancelled);
      CHECK(account_of(host.calls[1]) == "two");
      answer_well(host, true);
      CHECK(host.status == 200);
    }
  }
}

TEST_CASE("content in time is not timed any more, and whole answers have no first token") {
  FakeHost host(routed_gateway(kOneThenTwo));
  host.post(kCodingStream, asking("x-tfy-ttft-timeout-ms", "1500"));
  begin_stream(host);
  host.upstream_body(kMessageRest.substr(0, kMessageRest.find("event: content_block_stop")));
  host.pass(20 * kSecond);
  CHECK(host.calls.size() == 1);
  CHECK_FALSE(host.done);

  FakeHost whole(routed_gateway(kOneThenTwo));
  whole.post(kCodingWhole, asking("x-tfy-ttft-timeout-ms", "1500"));
  whole.pass(20 * kSecond);
  CHECK(whole.calls.size() == 1);
}

TEST_CASE("each attempt has the time that the client asks for, and the last one ends in 504") {
  FakeHost host(routed_gateway(kOneThenTwo));
  host.post(kCodingWhole, asking("x-tfy-request-timeout", "2000"));
  host.pass(2 * kSecond);
  REQUIRE(host.calls.size() == 2);
  host.pass(2 * kSecond - 1);
  CHECK_FALSE(host.done);
  host.pass(1);
  CHECK(host.done);
  CHECK(host.status == 503);  // Several were tried.

  FakeHost alone(routed_gateway(kOneThenTwo));
  alone.post(R"({"model":"two/m","max_tokens":9,"messages":[]})",
             asking("x-tollgate-request-timeout", "2000"));
  alone.pass(2 * kSecond);
  CHECK(alone.done);
  CHECK(alone.status == 504);
}

TEST_CASE("an attempt that runs over its time after content ends in an error") {
  FakeHost host(routed_gateway(kOneThenTwo));
  host.post(kCodingStream, asking("x-tfy-request-timeout", "2000"));
  begin_stream(host);
  host.upstream_body(kMessageRest.substr(0, kMessageRest.find("event: content_block_stop")));
  host.pass(2 * kSecond);
  CHECK(host.done);
  CHECK(host.calls.size() == 1);
  CHECK(host.body.find("event: error") != std::string::npos);
}

}  // namespace
}  // namespace tollgate::test
