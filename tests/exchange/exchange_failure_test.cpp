#include <string>

#include "support/fake_host.hpp"

namespace tollgate::test {
namespace {

constexpr std::string_view kStream =
    R"({"model":"coding","max_tokens":100,"messages":[],"stream":true})";
constexpr std::string_view kWhole = R"({"model":"coding","max_tokens":100,"messages":[]})";

/// A host whose model "coding" has these targets by priority, none of them asked twice.
FakeHost with_route(const std::shared_ptr<gateway::Gateway>& gateway,
                    const std::vector<std::string>& targets = {
                        "anthropic-main/claude-same", "anthropic-main/claude-sonnet-4-5"}) {
  return FakeHost(std::make_unique<exchange::Exchange>(
      gateway->environment(), routed_configuration(targets), exchange::ExchangeOptions{},
      Time{1'000'000'000, 1'795'338'000'000}));
}

const std::string kAnswer =
    R"({"id":"m","type":"message","role":"assistant","model":"x","content":[],"usage":{"input_tokens":1,"output_tokens":1}})";
const std::string kStart =
    "event: message_start\n"
    R"(data: {"type":"message_start","message":{"id":"m","type":"message","model":"x","content":[],"usage":{"input_tokens":1,"output_tokens":1}}})"
    "\n\n";
const std::string kRest =
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0}\n\n"
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{},\"usage\":{}}\n\n"
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

TEST_CASE("until content any failure moves to the next target, and one answer reaches the client") {
  const auto gateway = make_gateway();
  FakeHost host = with_route(gateway);
  host.post(kStream);
  REQUIRE(host.calls.size() == 1);
  SECTION("refused connection") {
    host.upstream_failed(TG_FAILURE_CONNECT);
  }
  SECTION("overloaded") {
    host.upstream_head(529, {{"content-type", "application/json"}});
    host.upstream_body(R"({"type":"error","error":{"type":"overloaded_error","message":"o"}})");
    host.upstream_end();
  }
  SECTION("HTML under 200") {
    host.upstream_head(200, {{"content-type", "text/html"}});
  }
  SECTION("compressed") {
    host.upstream_head(200, {{"content-type", "text/event-stream"}, {"content-encoding", "gzip"}});
  }
  SECTION("a redirect") {
    host.upstream_head(307, {{"location", "http://elsewhere"}});
  }
  SECTION("an error event after HTTP 200") {
    host.upstream_head(200, {{"content-type", "text/event-stream"}});
    host.upstream_body(kStart);
    host.upstream_body(
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n");
  }
  SECTION("cut before content") {
    host.upstream_head(200, {{"content-type", "text/event-stream"}});
    host.upstream_body(kStart);
    host.upstream_end();
  }
  SECTION("empty stream") {
    host.upstream_head(200, {{"content-type", "text/event-stream"}});
    host.upstream_end();
  }
  SECTION("silence, after the head and a ping have gone out") {
    host.upstream_head(200, {{"content-type", "text/event-stream"}});
    host.upstream_body(kStart);
    host.pass(301 * kSecond);
  }
  SECTION("garbage") {
    host.upstream_head(200, {{"content-type", "text/event-stream"}});
    host.upstream_body("<html><body>busy</body></html>\n\n");
  }
  REQUIRE(host.calls.size() == 2);
  host.stream(kStart + kRest);
  CHECK(host.done);
  CHECK(host.status == 200);
  CHECK(host.heads == 1);
  CHECK(host.ends == 1);
  const size_t first = host.body.find("event: message_start");
  REQUIRE(first != std::string::npos);
  CHECK(host.body.find("event: message_start", first + 1) == std::string::npos);
  CHECK(host.body.find("event: error") == std::string::npos);
  REQUIRE(host.records.size() == 1);
  json::Document document;
  const json::Value record = document.parse(host.records[0]).value();
  CHECK(record["attempts"].size() == 2);
  CHECK(record["target"].string_or("") == "anthropic-main/claude-sonnet-4-5");
  CHECK(gateway->environment()->ledger->open_reservations() == 0);
}

TEST_CASE("whole answers fall back too") {
  FakeHost host = with_route(make_gateway());
  host.post(kWhole);
  host.upstream_head(200, {{"content-type", "application/json"}});
  SECTION("empty") {
    host.upstream_end();
  }
  SECTION("HTML") {
    host.upstream_body("<html>");
    host.upstream_end();
  }
  SECTION("cut") {
    host.upstream_body(kAnswer.substr(0, 30));
    host.upstream_failed(TG_FAILURE_RESET);
  }
  REQUIRE(host.calls.size() == 2);
  host.upstream_head(200, {{"content-type", "application/json"}});
  host.upstream_body(kAnswer);
  host.upstream_end();
  CHECK(host.status == 200);
  CHECK(host.body.find(R"("model":"coding")") != std::string::npos);
}

TEST_CASE("the client's own faults do not move on") {
  FakeHost host = with_route(make_gateway());
  host.post(kWhole);
  const std::string error =
      R"({ "type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 5 maximum"}})";
  host.upstream_head(400, {{"content-type", "application/json"}, {"x-should-retry", "false"}});
  host.upstream_body(error);
  host.upstream_end();
  CHECK(host.calls.size() == 1);
  CHECK(host.status == 400);
  CHECK(host.body == error);
  CHECK(host.head_value("x-should-retry") == "false");
}

TEST_CASE("an answer that nobody else would give better is told, also from the second target") {
  FakeHost host = with_route(make_gateway());
  host.post(kWhole);
  host.upstream_failed(TG_FAILURE_CONNECT);
  const std::string error =
      R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 5 maximum"}})";
  host.upstream_head(400, {{"content-type", "application/json"}});
  host.upstream_body(error);
  host.upstream_end();
  CHECK(host.status == 400);
  CHECK(host.body == error);
}

TEST_CASE("a target that cannot be called does not hide what the one before it said") {
  FakeHost host =
      with_route(make_gateway(), {"anthropic-main/claude-same", "subscription/claude-max"});
  host.post(kWhole);
  const std::string error = R"({"type":"error","error":{"type":"overloaded_error","message":"o"}})";
  host.upstream_head(529, {{"content-type", "application/json"}});
  host.upstream_body(error);
  host.upstream_end();
  CHECK(host.calls.size() == 1);
  CHECK(host.status == 529);
  CHECK(host.body == error);
}

TEST_CASE("a request that took the client's own login upstream goes to no other account") {
  FakeHost host =
      with_route(make_gateway(), {"subscription/claude-max", "anthropic-main/claude-same"});
  host.post(kWhole, {{"x-tollgate-api-key", "token-1"}, {"authorization", "Bearer sk-ant-oat"}});
  REQUIRE(host.calls.size() == 1);
  host.upstream_failed(TG_FAILURE_CONNECT);
  CHECK(host.calls.size() == 1);
  CHECK(host.status == 502);
}

TEST_CASE("a client that has its head gets pings while another target is called") {
  FakeHost host = with_route(make_gateway());
  host.post(kStream);
  host.upstream_head(200, {{"content-type", "text/event-stream"}});
  host.upstream_body(kStart);
  host.pass(6 * kSecond);
  REQUIRE(host.heads == 1);
  host.upstream_failed(TG_FAILURE_RESET);
  REQUIRE(host.calls.size() == 2);
  host.body.clear();
  host.pass(31 * kSecond);
  CHECK(host.body.find("event: ping") != std::string::npos);
  host.stream(kStart + kRest);
  CHECK(host.body.ends_with("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"));
  CHECK(host.heads == 1);
}

TEST_CASE("an error page without end keeps its status, and another target is tried") {
  FakeHost host = with_route(make_gateway());
  host.post(kWhole);
  host.upstream_head(503, {{"content-type", "text/html"}});
  const std::string page = "<html>" + std::string(64 * 1024, ' ');
  for (size_t sent = 0; sent <= limits::kErrorBodyBytesMax && host.calls.size() == 1;) {
    host.upstream_body(page);
    sent += page.size();
  }
  REQUIRE(host.calls.size() == 2);
  CHECK(host.calls[0].cancelled);
}

TEST_CASE("the host's own words about a failure are for the record only") {
  FakeHost host = with_route(make_gateway());
  host.post(kWhole);
  host.upstream_failed(TG_FAILURE_CONNECT);
  host.upstream_failed(TG_FAILURE_CONNECT);
  CHECK(host.status == 503);
  CHECK(host.body.find("as scripted") == std::string::npos);
  CHECK(host.records.at(0).find("not reachable: as scripted") != std::string::npos);
}

TEST_CASE("when everything is spent the answer names each target and its reason") {
  FakeHost host = with_route(make_gateway());
  host.post(kWhole);
  host.upstream_failed(TG_FAILURE_CONNECT);
  host.upstream_head(503, {{"content-type", "text/plain"}});
  host.upstream_body("no");
  host.upstream_end();
  CHECK(host.status == 503);
  CHECK(host.body.find("anthropic-main/claude-same (not reachable") != std::string::npos);
  CHECK(host.body.find("anthropic-main/claude-sonnet-4-5 (status 503") != std::string::npos);
}

struct ErrorCase {
  const char* name;
  uint32_t upstream;
  const char* body;
  uint32_t status;
  const char* text;
  bool unchanged;
};

const ErrorCase kErrors[] = {
    {"bad request", 400,
     R"({"type":"error","error":{"type":"invalid_request_error","message":"m"}})", 400, "", true},
    {"our key refused", 401,
     R"({"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}})",
     502, "administrator", false},
    {"our key forbidden", 403,
     R"({"type":"error","error":{"type":"permission_error","message":"no"}})", 502, "administrator",
     false},
    {"rate limit", 429, R"({"type":"error","error":{"type":"rate_limit_error","message":"slow"}})",
     429, "", true},
    {"overloaded", 529, R"({"type":"error","error":{"type":"overloaded_error","message":"o"}})",
     529, "", true},
    {"HTML from a proxy", 503, "<html><h1>503</h1></html>", 503, "\"type\":\"error\"", false},
    {"nothing at all", 500, "", 500, "\"type\":\"error\"", false},
};

TEST_CASE("errors of the only target: of the same dialect unchanged, others explained") {
  for (const ErrorCase& row : kErrors) {
    CAPTURE(row.name);
    FakeHost host(make_gateway());
    host.post(R"({"model":"claude-same","max_tokens":1,"messages":[]})");
    host.upstream_head(row.upstream, {{"content-type", "application/json"}, {"retry-after", "7"}});
    host.upstream_body(row.body);
    host.upstream_end();
    CHECK(host.status == row.status);
    if (row.unchanged) {
      CHECK(host.body == row.body);
      CHECK(host.head_value("retry-after") == "7");
    } else {
      CHECK(host.body.find(row.text) != std::string::npos);
    }
    CHECK(host.body.find("sk-upstream-canary") == std::string::npos);
    CHECK(host.head_value("x-tollgate-resolved-model") == "anthropic-main/claude-same");
  }
}

TEST_CASE("an error under 200 counts as what it says it is") {
  struct {
    const char* type;
    uint32_t status;  ///< Told when nobody else is left.
    bool falls_back;
    const char* told;
  } rows[] = {
      {"overloaded_error", 529, true, "as said"},
      {"rate_limit_error", 429, true, "as said"},
      {"invalid_request_error", 400, false, "as said"},
      {"authentication_error", 502, true, "refused the gateway's own credential"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.type);
    const std::string said = R"({"type":"error","error":{"type":")" + std::string(row.type) +
                             R"(","message":"as said"}})";
    FakeHost alone(make_gateway());
    alone.post(R"({"model":"claude-same","max_tokens":1,"messages":[]})");
    alone.upstream_head(200, {{"content-type", "application/json"}});
    alone.upstream_body(said);
    alone.upstream_end();
    CHECK(alone.status == row.status);
    CHECK(alone.body.find(row.told) != std::string::npos);
    FakeHost host = with_route(make_gateway());
    host.post(kWhole);
    host.upstream_head(200, {{"content-type", "application/json"}});
    host.upstream_body(said);
    host.upstream_end();
    CHECK(host.calls.size() == (row.falls_back ? 2 : 1));
  }
}

TEST_CASE("an overflow in another maker's words becomes the one that clients know") {
  struct {
    const char* name;
    const char* said;
    const char* told;  ///< Null: the answer as it came.
  } rows[] = {
      {"with numbers",
       "This model's maximum context length is 8192 tokens. However, your messages resulted in "
       "9000 tokens.",
       "prompt is too long: 9000 tokens > 8192 maximum"},
      {"without", "the input exceeds the context window of this model", "prompt is too long: "},
      {"Anthropic's", "prompt is too long: 9 tokens > 8 maximum", nullptr},
      {"Anthropic's for the answer",
       "input length and `max_tokens` exceed context limit: 5 + 6 > 8, decrease", nullptr},
      {"something else", "max_tokens: too large", nullptr},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const std::string said = R"({"type":"error","error":{"type":"BadRequestError","message":")" +
                             std::string(row.said) + R"("}})";
    FakeHost host(make_gateway());
    host.post(R"({"model":"claude-same","max_tokens":1,"messages":[]})");
    host.upstream_head(400, {{"content-type", "application/json"}});
    host.upstream_body(said);
    host.upstream_end();
    CHECK(host.status == 400);
    if (row.told == nullptr) {
      CHECK(host.body == said);
    } else {
      CHECK(host.body.find(R"("type":"invalid_request_error")") != std::string::npos);
      CHECK(host.body.find(row.told) != std::string::npos);
    }
  }
}

TEST_CASE("transport failures have the right status") {
  struct Row {
    int32_t failure;
    uint32_t status;
    const char* should_retry;
  };
  for (const Row& row : {Row{TG_FAILURE_CONNECT, 502, ""}, Row{TG_FAILURE_RESOLVE, 502, ""},
                         Row{TG_FAILURE_TLS, 502, "false"}, Row{TG_FAILURE_DENIED, 502, "false"},
                         Row{TG_FAILURE_RESET, 502, ""}, Row{99, 502, ""}}) {
    CAPTURE(row.failure);
    FakeHost host(make_gateway());
    host.post(R"({"model":"claude-same","max_tokens":1,"messages":[]})");
    host.upstream_failed(row.failure);
    CHECK(host.status == row.status);
    CHECK(host.head_value("x-should-retry") == row.should_retry);
    CHECK(host.body.find("anthropic-main/claude-same") != std::string::npos);
    CHECK(host.body.find("as scripted") == std::string::npos);
  }
}

}  // namespace
}  // namespace tollgate::test
