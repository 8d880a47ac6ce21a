#include "drivers/curl/transfer.hpp"

#include <cstdlib>
#include <cstring>
#include <sys/resource.h>

#include "drivers/curl/host.hpp"
#include "drivers/curl/lane.hpp"
#include "drivers/harness.hpp"
#include "support/catch.hpp"

using namespace tollgate::curl_driver;
using namespace tollgate::test;

namespace {

/// libcurl's allocations of this thread fail from here on when it reaches 0; negative: never.
thread_local long allocations_left = -1;

bool refuse() {
  if (allocations_left < 0) return false;
  if (allocations_left == 0) return true;
  --allocations_left;
  return false;
}

void* hooked_malloc(size_t size) {
  return refuse() ? nullptr : std::malloc(size);
}
void* hooked_calloc(size_t count, size_t size) {
  return refuse() ? nullptr : std::calloc(count, size);
}
void* hooked_realloc(void* old, size_t size) {
  return refuse() ? nullptr : std::realloc(old, size);
}
char* hooked_strdup(const char* text) {
  return refuse() ? nullptr : strdup(text);
}

// libcurl takes its allocator with its first start, so before main().
const CURLcode kHooked = curl_global_init_mem(CURL_GLOBAL_DEFAULT, hooked_malloc, std::free,
                                              hooked_realloc, hooked_strdup, hooked_calloc);

const tg_exchange::Event* failure_of(const Curl& curl, tg_exchange& exchange) {
  Client client;
  REQUIRE(run(curl, exchange, client) == TG_OK);
  return exchange.find("failed", 1);
}

}  // namespace

TEST_CASE("transfer: without memory for libcurl the attempt fails as the host's fault") {
  REQUIRE(kHooked == CURLE_OK);
  HttpPeer peer(answer_each(json_answer("{}")));
  Curl curl;
  tg_exchange exchange(post(peer.url()));
  allocations_left = 0;
  const tg_exchange::Event* failed = failure_of(curl, exchange);
  allocations_left = -1;
  REQUIRE(failed != nullptr);
  CHECK(failed->status == TG_FAILURE_HOST);
}

// Only as far as the request is handed to libcurl: within a transfer libcurl 7.88 itself does not
// survive every refused allocation.
TEST_CASE("transfer: memory that runs out while a handle is readied is reported") {
  const Settings settings;
  TrustStores stores;
  struct Sink final : TransferSink {
    void on_sent(Transfer&) override {}
    Verdict on_head(Transfer&, uint32_t, const std::vector<tg_bytes>&) override {
      return Verdict::kGoOn;
    }
    Verdict on_body(Transfer&, tg_bytes) override { return Verdict::kGoOn; }
    void on_finished(Transfer&, CURLcode) override {}
  } sink;
  tg_action action = TG_ACTION_INIT;
  action.url = bytes("http://a.example/v1/messages");
  action.method = bytes("PUT");
  int without_lane = 0;
  int without_request = 0;
  bool whole = false;
  for (long n = 0; n < 2000 && !whole; ++n) {
    const auto profile = std::make_shared<const Profile>(action, settings, stores);
    allocations_left = n;
    const std::unique_ptr<Lane> lane = Lane::create("a", profile, settings);
    Outcome outcome;
    if (lane != nullptr) outcome = lane->transfer().begin(action, profile, false, sink);
    allocations_left = -1;
    without_lane += lane == nullptr ? 1 : 0;
    without_request += outcome.failed ? 1 : 0;
    if (outcome.failed) REQUIRE(outcome.failure == TG_FAILURE_HOST);
    whole = lane != nullptr && !outcome.failed;
  }
  CHECK(whole);
  CHECK(without_lane > 5);
  CHECK(without_request > 2);
}

TEST_CASE("transfer: without descriptors the attempt fails as the host's fault") {
  HttpPeer peer(answer_each(json_answer("{}")));
  Curl curl;
  tg_exchange warm(post(peer.url()));
  REQUIRE(failure_of(curl, warm) == nullptr);
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit none{3, before.rlim_max};
  // The pooled handle is there, its connection is asked away: a socket is what is missing.
  tg_exchange::Open elsewhere = post("http://127.0.0.1:9/");
  {
    tg_exchange handle(elsewhere);
    failure_of(curl, handle);
  }
  tg_exchange exchange(elsewhere);
  setrlimit(RLIMIT_NOFILE, &none);
  const tg_exchange::Event* failed = failure_of(curl, exchange);
  setrlimit(RLIMIT_NOFILE, &before);
  REQUIRE(failed != nullptr);
  CHECK(failed->status == TG_FAILURE_HOST);
}

TEST_CASE("transfer: what a proxy refuses is the proxy's failure, without its answer") {
  HttpPeer proxy([](PeerConnection& connection) {
    PeerRequest request;
    if (!connection.read_request(request)) return;
    connection.write("HTTP/1.1 403 Forbidden\r\nx-proxy: 1\r\ncontent-length: 2\r\n\r\nno");
  });
  Curl curl;
  tg_exchange::Open open = post("https://api.invalid/");
  open.proxy = proxy.url();
  tg_exchange refused(open);
  const tg_exchange::Event* failed = failure_of(curl, refused);
  REQUIRE(failed != nullptr);
  CHECK(failed->status == TG_FAILURE_PROXY);
  CHECK(refused.events.size() == 1);

  open.proxy = "http://127.0.0.1:9";
  tg_exchange away(open);
  failed = failure_of(curl, away);
  REQUIRE(failed != nullptr);
  CHECK(failed->status == TG_FAILURE_PROXY);
}

TEST_CASE("transfer: details name no part of the request") {
  Curl curl;
  tg_exchange::Open open = post("http://key-in-host.invalid/v1?key=sk-canary");
  open.headers.emplace_back("x-api-key", "sk-canary");
  tg_exchange exchange(open);
  const tg_exchange::Event* failed = failure_of(curl, exchange);
  REQUIRE(failed != nullptr);
  CHECK(failed->text.find("canary") == std::string::npos);
  CHECK(failed->text.find("key-in-host") == std::string::npos);
}
