// The driver and the library as a host links them: both shared, public headers only.

#include <algorithm>
#include <chrono>
#include <poll.h>
#include <string>
#include <thread>
#include <vector>

#include "tollgate/curl.h"
#include "tollgate/tollgate.h"

#include "support/catch.hpp"
#include "support/http_peer.hpp"

using namespace tollgate::test;
using std::chrono::milliseconds;

namespace {

tg_bytes bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string text_of(tg_bytes given) {
  return {reinterpret_cast<const char*>(given.data), given.size};
}

tg_time now() {
  timespec mono{};
  timespec wall{};
  clock_gettime(CLOCK_MONOTONIC, &mono);
  clock_gettime(CLOCK_REALTIME, &wall);
  return {static_cast<uint64_t>(mono.tv_sec) * 1'000'000'000U + static_cast<uint64_t>(mono.tv_nsec),
          static_cast<int64_t>(wall.tv_sec) * 1000 + wall.tv_nsec / 1'000'000};
}

constexpr const char* kStream =
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\","
    "\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-x\",\"content\":[],"
    "\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":3,"
    "\"output_tokens\":1}}}\n\n"
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
    "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
    "\"delta\":{\"type\":\"text_delta\",\"text\":\"hi\"}}\n\n"
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
    "\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":2}}\n\n"
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

/// A gateway with one account whose upstream is the peer.
class Host {
 public:
  explicit Host(const HttpPeer& peer) {
    const std::string config =
        "type: provider-account/anthropic\nname: main\nbase_url: http://127.0.0.1:" +
        std::to_string(peer.port()) +
        "\nauth_data: {type: api-key, api_key: sk-upstream}\nintegrations:\n"
        "  - {name: claude-x, model_id: claude-x, type: integration/model/anthropic, "
        "model_types: [chat]}\n---\ntype: user\nname: dev@corp.example\ntokens: [{env: TOKEN}]\n";
    REQUIRE(tg_curl_create(nullptr, &curl_, nullptr) == TG_OK);
    tg_gateway_options options = TG_GATEWAY_OPTIONS_INIT;
    options.lookup = [](int32_t, tg_bytes, tg_bytes* value, void*) -> int32_t {
      *value = bytes("client-token");
      return 1;
    };
    options.wake = tg_curl_wake;
    options.wake_user = curl_;
    tg_error* error = nullptr;
    const tg_status status = tg_gateway_create(bytes(config), &options, now(), &gateway_, &error);
    INFO(text_of(tg_error_message(error)));
    REQUIRE(status == TG_OK);
  }
  ~Host() {
    tg_gateway_free(gateway_);
    tg_curl_free(curl_);
  }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  const tg_curl* curl() const { return curl_; }

  /// An exchange whose request is complete.
  tg_exchange* request(const std::string& body, uint64_t token) const {
    tg_exchange_options options = TG_EXCHANGE_OPTIONS_INIT;
    options.wake_token = token;
    tg_exchange* exchange = nullptr;
    REQUIRE(tg_exchange_create(gateway_, &options, now(), &exchange, nullptr) == TG_OK);
    const tg_bytes headers[] = {bytes("x-api-key"),         bytes("client-token"),
                                bytes("content-type"),      bytes("application/json"),
                                bytes("anthropic-version"), bytes("2023-06-01")};
    REQUIRE(tg_exchange_client_head(exchange, bytes("POST"), bytes("/v1/messages"), headers, 3,
                                    now(), nullptr) == TG_OK);
    REQUIRE(tg_exchange_client_body(exchange, bytes(body), now(), nullptr) == TG_OK);
    REQUIRE(tg_exchange_client_end(exchange, now(), nullptr) == TG_OK);
    return exchange;
  }

 private:
  tg_curl* curl_ = nullptr;
  tg_gateway* gateway_ = nullptr;
};

struct Answer {
  uint32_t status = 0;
  std::string body;
  std::string record;
  int ended = -1;
  Signal done;
  tg_curl_client callbacks = TG_CURL_CLIENT_INIT;

  Answer() {
    callbacks.user = this;
    callbacks.on_head = [](const tg_action* action, void* user) -> int32_t {
      static_cast<Answer*>(user)->status = action->http_status;
      return TG_CURL_CLIENT_OK;
    };
    callbacks.on_body = [](tg_bytes piece, int32_t, void* user) -> int32_t {
      static_cast<Answer*>(user)->body += text_of(piece);
      return TG_CURL_CLIENT_OK;
    };
    callbacks.on_end = [](int32_t aborted, void* user) {
      static_cast<Answer*>(user)->ended = aborted;
    };
    callbacks.on_record = [](tg_bytes json, void* user) {
      static_cast<Answer*>(user)->record = text_of(json);
    };
    callbacks.on_done = [](tg_exchange*, void* user) { static_cast<Answer*>(user)->done.set(); };
  }
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;
};

std::string message(const std::string& text, bool stream) {
  return std::string(R"({"model":"main/claude-x","max_tokens":10,)") +
         (stream ? R"("stream":true,)" : "") + R"("messages":[{"role":"user","content":")" + text +
         R"("}]})";
}

/// Steps a loop without a thread, and waits as it says, until the answer is through.
void drive(tg_curl_loop* loop, Answer& answer) {
  const uint64_t end = now().mono_ns + 10'000'000'000U;
  while (now().mono_ns < end) {
    const uint64_t until = std::min(tg_curl_loop_step(loop), end);
    if (answer.done.wait(milliseconds(0))) return;
    const uint64_t mono = now().mono_ns;
    pollfd ready{tg_curl_loop_fd(loop), POLLIN, 0};
    poll(&ready, 1, until <= mono ? 0 : static_cast<int>((until - mono) / 1'000'000U) + 1);
  }
}

}  // namespace

TEST_CASE("core: a 60 KB request and its JSON answer through both libraries") {
  PeerRequest seen;
  HttpPeer peer([&](PeerConnection& connection) {
    PeerRequest request;
    while (connection.read_request(request)) {
      seen = request;
      connection.write(
          json_answer(R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-x",)"
                      R"("content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn",)"
                      R"("stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":2}})"));
    }
  });
  Host host(peer);
  const std::string text(60'000, 'x');
  for (uint64_t i = 1; i <= 3; ++i) {
    tg_exchange* exchange = host.request(message(text, false), i);
    Answer answer;
    answer.callbacks.wake_token = i;
    CHECK(tg_curl_run(host.curl(), exchange, &answer.callbacks, nullptr) == TG_OK);
    tg_exchange_free(exchange);
    CHECK(answer.status == 200);
    CHECK(answer.ended == 0);
    CHECK(answer.body.find("\"main/claude-x\"") != std::string::npos);
    CHECK(answer.record.find("msg_1") == std::string::npos);
    CHECK_FALSE(answer.record.empty());
    CHECK(seen.header("x-api-key") == "sk-upstream");
    CHECK_FALSE(seen.has("expect"));
    CHECK(seen.body.find(text) != std::string::npos);
    CHECK(seen.body.find("main/") == std::string::npos);
  }
  CHECK(peer.connections() == 1);
}

TEST_CASE("core: streams over a loop, whole and cut") {
  const bool hosted = GENERATE(false, true);
  for (const bool whole : {true, false}) {
    DYNAMIC_SECTION((whole ? "whole" : "cut") << (hosted ? ", hosted" : "")) {
      HttpPeer peer([&](PeerConnection& connection) {
        PeerRequest request;
        while (connection.read_request(request)) {
          const std::string events(kStream);
          const std::string head =
              "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: " +
              std::to_string(events.size()) + "\r\n\r\n";
          connection.write(head + events.substr(0, whole ? events.size() : 600));
          if (!whole) return;
        }
      });
      Host host(peer);
      tg_curl_loop* loop = nullptr;
      const auto create = hosted ? &tg_curl_loop_create_hosted : &tg_curl_loop_create;
      REQUIRE(create(host.curl(), &loop, nullptr) == TG_OK);
      tg_exchange* exchange = host.request(message("hello", true), 1);
      Answer answer;
      REQUIRE(tg_curl_loop_submit(loop, exchange, 1, &answer.callbacks, nullptr) == TG_OK);
      if (hosted) drive(loop, answer);
      CHECK(answer.done.wait());
      tg_curl_loop_free(loop);
      tg_exchange_free(exchange);
      CHECK(answer.status == 200);
      CHECK((answer.body.find("message_stop") != std::string::npos) == whole);
      CHECK((answer.body.find("event: error") != std::string::npos) == !whole);
      CHECK_FALSE(answer.record.empty());
    }
  }
}

TEST_CASE("core: an upstream that is away is answered, with the reason in the record") {
  // It takes connections and says nothing.
  HttpPeer peer([](PeerConnection&) {});
  Host host(peer);
  tg_exchange* exchange = host.request(message("hello", false), 1);
  Answer answer;
  CHECK(tg_curl_run(host.curl(), exchange, &answer.callbacks, nullptr) == TG_OK);
  tg_exchange_free(exchange);
  CHECK(answer.status >= 502);
  CHECK_FALSE(answer.record.empty());
}
