#include "bench/in_memory_host.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "bench/claude_code_request.hpp"

namespace tollgate::bench {
namespace {

constexpr std::string_view kConfig = R"(
type: provider-account/anthropic
name: anthropic-main
base_url: http://127.0.0.1:9101
auth_data: {type: api-key, api_key: upstream-key}
integrations:
  - name: claude-sonnet-4-5
    model_id: claude-sonnet-4-5-20250929
    type: integration/model/anthropic
    model_types: [chat]
    cost: {metric: per_1000_tokens, value: {input: 0.003, output: 0.015}}
---
type: provider-account/self-hosted-model
name: own
base_url: http://127.0.0.1:9102/v1
integrations: [{name: qwen, model_id: qwen}]
---
type: user
name: dev-1@corp.example
# SHA-256 of bench-token
tokens: [{sha256: 7137e16f75a1d75b6fd65930672814806cdc1a0d6e0aa38611afc996a402258b}]
---
type: team
name: platform
members: [dev-1@corp.example]
)";

constexpr std::string_view kStart =
    "event: message_start\n"
    R"(data: {"type":"message_start","message":{"model":"claude-sonnet-4-5-20250929",)"
    R"("id":"msg_bench","type":"message","role":"assistant","content":[],"stop_reason":null,)"
    R"("stop_sequence":null,"usage":{"input_tokens":15000,"cache_creation_input_tokens":0,)"
    R"("cache_read_input_tokens":12000,"output_tokens":4}}})"
    "\n\nevent: content_block_start\n"
    R"(data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"
    "\n\n";

constexpr std::string_view kEnd =
    "event: content_block_stop\n"
    R"(data: {"type":"content_block_stop","index":0})"
    "\n\nevent: message_delta\n"
    R"(data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},)"
    R"("usage":{"input_tokens":15000,"cache_creation_input_tokens":0,)"
    R"("cache_read_input_tokens":12000,"output_tokens":512}})"
    "\n\nevent: message_stop\n"
    R"(data: {"type":"message_stop"})"
    "\n\n";

constexpr std::string_view kChatEvent =
    R"(data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"qwen","choices":[)"
    R"({"index":0,"delta":{"content":"some eight words of text that a model made"},)"
    R"("finish_reason":null}]})"
    "\n\n";

constexpr std::string_view kChatEnd =
    R"(data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"qwen","choices":[)"
    R"({"index":0,"delta":{},"finish_reason":"stop"}]})"
    "\n\n"
    R"(data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"qwen","choices":[],)"
    R"("usage":{"prompt_tokens":15000,"completion_tokens":512,"total_tokens":15512}})"
    "\n\ndata: [DONE]\n\n";

tg_bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

void must(tg_status status, const char* what) {
  if (status == TG_OK) return;
  std::fprintf(stderr, "%s: status %d\n", what, static_cast<int>(status));
  std::exit(1);
}

}  // namespace

InMemoryHost::InMemoryHost(size_t body_bytes, Upstream upstream)
    : chat_(upstream == Upstream::kChat),
      body_(claude_code_request(chat_ ? "own/qwen" : "anthropic-main/claude-sonnet-4-5", true,
                                body_bytes)),
      event_(chat_
                 ? kChatEvent
                 : "event: content_block_delta\n"
                   R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta",)"
                   R"("text":"some eight words of text that a model made"}})"
                   "\n\n"),
      header_text_(claude_code_headers("bench-token")) {
  for (const auto& [name, value] : header_text_) {
    headers_.push_back(bytes_of(name));
    headers_.push_back(bytes_of(value));
  }
  tg_gateway_options options = TG_GATEWAY_OPTIONS_INIT;
  options.seed_low = 1;
  tg_error* error = nullptr;
  const tg_status status = tg_gateway_create(bytes_of(kConfig), &options, now(), &gateway_, &error);
  if (error != nullptr) {
    const tg_bytes message = tg_error_message(error);
    std::fprintf(stderr, "%.*s\n", static_cast<int>(message.size),
                 reinterpret_cast<const char*>(message.data));
    tg_error_free(error);
  }
  must(status, "tg_gateway_create");
}

InMemoryHost::~InMemoryHost() {
  tg_exchange_free(exchange_);
  tg_gateway_free(gateway_);
}

void InMemoryHost::request() {
  seen_ = Seen{};
  must(tg_exchange_create(gateway_, nullptr, now(), &exchange_, nullptr), "tg_exchange_create");
  must(tg_exchange_client_head(exchange_, bytes_of("POST"), bytes_of("/v1/messages?beta=true"),
                               headers_.data(), static_cast<uint32_t>(headers_.size() / 2), now(),
                               nullptr),
       "tg_exchange_client_head");
  uint8_t* room = nullptr;
  size_t capacity = 0;
  must(tg_exchange_body_buffer(exchange_, body_.size(), &room, &capacity, nullptr),
       "tg_exchange_body_buffer");
  if (capacity < body_.size()) must(TG_E_LIMIT, "tg_exchange_body_buffer");
  std::memcpy(room, body_.data(), body_.size());
  must(tg_exchange_client_body(exchange_, {room, body_.size()}, now(), nullptr),
       "tg_exchange_client_body");
  must(tg_exchange_client_end(exchange_, now(), nullptr), "tg_exchange_client_end");
  pull();
}

void InMemoryHost::begin_answer() {
  const tg_bytes head[] = {bytes_of("content-type"), bytes_of("text/event-stream; charset=utf-8"),
                           bytes_of("request-id"),   bytes_of("req_bench"),
                           bytes_of("date"),         bytes_of("Sun, 22 Nov 2026 00:00:00 GMT")};
  must(tg_exchange_upstream_sent(exchange_, attempt_, now(), nullptr), "tg_exchange_upstream_sent");
  must(tg_exchange_upstream_head(exchange_, attempt_, 200, head, 3, now(), nullptr),
       "tg_exchange_upstream_head");
  pull();
  // The first text makes the answer begin.
  feed(chat_ ? kChatEvent : kStart);
}

void InMemoryHost::event() {
  feed(event_);
}

void InMemoryHost::finish() {
  feed(chat_ ? kChatEnd : kEnd);
  must(tg_exchange_upstream_end(exchange_, attempt_, now(), nullptr), "tg_exchange_upstream_end");
  pull();
  tg_exchange_free(exchange_);
  exchange_ = nullptr;
}

void InMemoryHost::feed(std::string_view bytes) {
  must(tg_exchange_upstream_body(exchange_, attempt_, bytes_of(bytes), now(), nullptr),
       "tg_exchange_upstream_body");
  pull();
}

void InMemoryHost::pull() {
  tg_action action = TG_ACTION_INIT;
  while (true) {
    must(tg_exchange_next_action(exchange_, &action, nullptr), "tg_exchange_next_action");
    switch (action.kind) {
      case TG_ACTION_UPSTREAM_OPEN:
        attempt_ = action.upstream;
        seen_.upstream_headers = action.header_count;
        for (uint32_t i = 0; i < action.body_span_count; ++i)
          seen_.upstream_body_bytes += action.body_spans[i].size;
        break;
      case TG_ACTION_CLIENT_HEAD:
        seen_.client_status = action.http_status;
        break;
      case TG_ACTION_CLIENT_BODY:
        seen_.client_bytes += action.body.size;
        break;
      case TG_ACTION_RECORD:
        seen_.record_bytes = action.body.size;
        break;
      case TG_ACTION_DONE:
        seen_.done = true;
        return;
      case TG_ACTION_WAIT:
        return;
      default:
        break;
    }
  }
}

tg_time InMemoryHost::now() {
  clock_ns_ += 1000;
  return {clock_ns_, 1'795'000'000'000 + static_cast<int64_t>(clock_ns_ / 1'000'000)};
}

}  // namespace tollgate::bench
