// Fails the n-th allocation for n = 1, 2, 3… until the run succeeds, over the C interface. A
// program of its own, since it replaces operator new. Nothing may leak, crash or give another
// status than TG_E_NOMEM; the gateway must serve again when memory is back.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <new>
#include <string>
#include <string_view>

#include "tollgate/tollgate.h"

namespace {

// -1: none fails. Counted down by each allocation; at 0 it fails, and all after it as well when
// `fail_on` says so.
std::atomic<int64_t> countdown{-1};
std::atomic<bool> fail_on{false};
std::atomic<int64_t> live{0};

bool fails_now() {
  const int64_t left = countdown.load();
  if (left < 0) return false;
  if (left == 0) {
    if (!fail_on.load()) countdown.store(-1);
    return true;
  }
  countdown.store(left - 1);
  return false;
}

void* allocate(std::size_t size, std::size_t alignment) {
  if (fails_now()) return nullptr;
  const std::size_t rounded =
      (std::max<std::size_t>(size, 1) + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, rounded);
  if (memory != nullptr) live.fetch_add(1);
  return memory;
}

void* allocate_or_throw(std::size_t size, std::size_t alignment) {
  void* memory = allocate(size, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void release(void* memory) noexcept {
  if (memory == nullptr) return;
  live.fetch_sub(1);
  std::free(memory);
}

constexpr std::size_t kPlain = alignof(std::max_align_t);

}  // namespace

void* operator new(std::size_t size) {
  return allocate_or_throw(size, kPlain);
}
void* operator new[](std::size_t size) {
  return allocate_or_throw(size, kPlain);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return allocate(size, kPlain);
}
void* operator new[](std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return allocate(size, kPlain);
}
void operator delete(void* memory) noexcept {
  release(memory);
}
void operator delete[](void* memory) noexcept {
  release(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
  release(memory);
}
void operator delete[](void* memory, std::size_t /*size*/) noexcept {
  release(memory);
}
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept {
  release(memory);
}
void operator delete[](void* memory, std::align_val_t /*alignment*/) noexcept {
  release(memory);
}
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
  release(memory);
}
void operator delete[](void* memory, std::size_t /*size*/, std::align_val_t /*align*/) noexcept {
  release(memory);
}
void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept {
  release(memory);
}
void operator delete[](void* memory, const std::nothrow_t& /*tag*/) noexcept {
  release(memory);
}

namespace {

constexpr tg_time kNow = {1'000'000'000, 1'795'338'000'000};
constexpr int64_t kSweepMax = 100'000;

constexpr std::string_view kConfig = R"(
type: provider-account/anthropic
name: main
base_url: http://127.0.0.1:9
auth_data: {type: api-key, api_key: upstream-key}
integrations:
  - name: claude
    model_id: claude-of-this-year
    type: integration/model/anthropic
    model_types: [chat]
    cost: {metric: per_1000_tokens, value: {input: 0.003, output: 0.015}}
---
type: user
name: ada
tokens: [{env: TOKEN_OF_ADA}]
)";
constexpr std::string_view kRequest =
    R"({"model":"claude","max_tokens":9,"messages":[{"role":"user","content":"a prompt"}],"stream":true})";
constexpr std::string_view kAnswer[] = {
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":"
    "\"message\",\"role\":\"assistant\",\"model\":\"claude-of-this-year\",\"content\":[],"
    "\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}}\n\n",
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
    "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
    "\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\n",
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"};

tg_bytes bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

void require(bool holds, const char* what, int64_t n) {
  if (holds) return;
  countdown.store(-1);
  std::fprintf(stderr, "allocation %lld: %s\n", static_cast<long long>(n), what);
  std::exit(1);
}

int32_t look_up(int32_t /*kind*/, tg_bytes /*name*/, tg_bytes* value, void* /*user*/) {
  *value = bytes("token-of-ada");
  return 1;
}

tg_status create_gateway(tg_gateway** gateway, tg_error** error) {
  tg_gateway_options options = TG_GATEWAY_OPTIONS_INIT;
  options.lookup = look_up;
  return tg_gateway_create(bytes(kConfig), &options, kNow, gateway, error);
}

tg_status pump(tg_exchange* exchange, int32_t& kind) {
  tg_action action = TG_ACTION_INIT;
  do {
    const tg_status status = tg_exchange_next_action(exchange, &action, nullptr);
    if (status != TG_OK) return status;
  } while (action.kind != TG_ACTION_WAIT && action.kind != TG_ACTION_DONE);
  kind = action.kind;
  return TG_OK;
}

/// One exchange to its end, or to the first call that fails.
tg_status feed_exchange(tg_exchange* exchange, int32_t& kind) {
  const tg_bytes request_headers[] = {bytes("authorization"), bytes("Bearer token-of-ada"),
                                      bytes("user-agent"), bytes("a-client-with-a-long-name/1.0")};
  const tg_bytes answer_headers[] = {bytes("content-type"), bytes("text/event-stream"),
                                     bytes("request-id"), bytes("req_of_the_upstream_itself")};
  tg_status status = tg_exchange_client_head(exchange, bytes("POST"), bytes("/v1/messages"),
                                             request_headers, 2, kNow, nullptr);
  if (status == TG_OK) status = tg_exchange_client_body(exchange, bytes(kRequest), kNow, nullptr);
  if (status == TG_OK) status = tg_exchange_client_end(exchange, kNow, nullptr);
  if (status == TG_OK) status = pump(exchange, kind);
  if (status == TG_OK) {
    status = tg_exchange_upstream_head(exchange, 1, 200, answer_headers, 2, kNow, nullptr);
  }
  for (const std::string_view chunk : kAnswer) {
    if (status == TG_OK) {
      status = tg_exchange_upstream_body(exchange, 1, bytes(chunk), kNow, nullptr);
    }
    if (status == TG_OK) status = pump(exchange, kind);
  }
  if (status == TG_OK) status = tg_exchange_upstream_end(exchange, 1, kNow, nullptr);
  if (status == TG_OK) status = pump(exchange, kind);
  return status;
}

/// True when the n-th allocation was never reached.
bool exchange_with_failure(const tg_gateway* gateway, int64_t n, bool forever) {
  tg_exchange* exchange = nullptr;
  int32_t kind = TG_ACTION_WAIT;
  fail_on.store(forever);
  countdown.store(n);
  tg_status status = tg_exchange_create(gateway, nullptr, kNow, &exchange, nullptr);
  const bool made = status == TG_OK;
  require(made == (exchange != nullptr), "a status and a handle that disagree", n);
  if (made) status = feed_exchange(exchange, kind);
  const bool reached = countdown.load() <= 0;
  require(status == TG_OK || status == TG_E_NOMEM, "another status than TG_E_NOMEM", n);
  require(reached || status == TG_OK, "a failure without a cause", n);
  if (made && status == TG_E_NOMEM) {
    require(tg_exchange_tick(exchange, kNow, nullptr) != TG_OK, "a spent exchange goes on", n);
  }
  tg_exchange_free(exchange);
  countdown.store(-1);
  require(tg_gateway_open_exchanges(gateway) == 0, "an exchange is counted as open", n);
  return !reached;
}

void check_serves(const tg_gateway* gateway, int64_t n) {
  tg_exchange* exchange = nullptr;
  int32_t kind = TG_ACTION_WAIT;
  require(tg_exchange_create(gateway, nullptr, kNow, &exchange, nullptr) == TG_OK, "no exchange",
          n);
  require(feed_exchange(exchange, kind) == TG_OK, "the next exchange fails", n);
  require(kind == TG_ACTION_DONE, "the next exchange does not end", n);
  tg_exchange_free(exchange);
}

int64_t sweep_exchange(bool forever) {
  int64_t n = 0;
  for (bool whole = false; !whole; ++n) {
    require(n < kSweepMax, "the sweep has no end", n);
    // A gateway of its own for each n, so that a leak shows and no pool hides an allocation.
    const int64_t before = live.load();
    tg_gateway* gateway = nullptr;
    require(create_gateway(&gateway, nullptr) == TG_OK, "no gateway", n);
    whole = exchange_with_failure(gateway, n, forever);
    check_serves(gateway, n);
    tg_gateway_free(gateway);
    require(live.load() == before, "memory is lost", n);
  }
  return n;
}

int64_t sweep_gateway(bool forever) {
  int64_t n = 0;
  for (bool whole = false; !whole; ++n) {
    require(n < kSweepMax, "the sweep has no end", n);
    const int64_t before = live.load();
    tg_gateway* gateway = nullptr;
    tg_error* error = nullptr;
    fail_on.store(forever);
    countdown.store(n);
    const tg_status status = create_gateway(&gateway, &error);
    whole = countdown.load() > 0;
    countdown.store(-1);
    require(status == TG_OK || status == TG_E_NOMEM, "another status than TG_E_NOMEM", n);
    require((status == TG_OK) == (gateway != nullptr), "a status and a handle that disagree", n);
    require(error == nullptr, "an error object although memory is out", n);
    tg_gateway_free(gateway);
    require(live.load() == before, "memory is lost", n);
  }
  return n;
}

}  // namespace

int main() {
  // What the standard library and the parsers keep for ever is allocated here.
  tg_gateway* warm = nullptr;
  require(create_gateway(&warm, nullptr) == TG_OK, "no gateway", -1);
  check_serves(warm, -1);
  tg_gateway_free(warm);
  for (const bool forever : {false, true}) {
    const char* how = forever ? "this and all later ones fail" : "one fails";
    std::printf("exchange, %s: %lld allocations\n", how,
                static_cast<long long>(sweep_exchange(forever)));
    std::printf("gateway, %s: %lld allocations\n", how,
                static_cast<long long>(sweep_gateway(forever)));
  }
  return 0;
}
