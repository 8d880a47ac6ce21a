#include <atomic>
#include <deque>
#include <thread>

#include "drivers/harness.hpp"
#include "support/catch.hpp"

using namespace tollgate::test;
using std::chrono::steady_clock;

namespace {

/// A loop for one test.
class Loop {
 public:
  explicit Loop(const Curl& curl) { status_ = tg_curl_loop_create(curl.get(), &loop_, nullptr); }
  ~Loop() { tg_curl_loop_free(loop_); }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  tg_curl_loop* get() const { return loop_; }
  tg_status status() const { return status_; }
  void free() { tg_curl_loop_free(std::exchange(loop_, nullptr)); }
  tg_status submit(tg_exchange& exchange, uint64_t token, Client& client) const {
    return tg_curl_loop_submit(loop_, &exchange, token, &client.callbacks, nullptr);
  }

 private:
  tg_curl_loop* loop_ = nullptr;
  tg_status status_;
};

/// Writes without end until the other side closes; says how much got away.
HttpPeer::Script flood(std::atomic<size_t>& sent, Signal& closed) {
  return [&](PeerConnection& connection) {
    PeerRequest request;
    if (!connection.read_request(request)) return;
    connection.write("HTTP/1.1 200 OK\r\n\r\n");
    const std::string piece(64 * 1024, 'f');
    while (connection.write(piece))
      sent += piece.size();
    closed.set();
  };
}

}  // namespace

TEST_CASE("loop: serves many exchanges from many threads on few connections") {
  HttpPeer peer(echo);
  Curl curl;
  Loop loop(curl);
  REQUIRE(loop.status() == TG_OK);
  constexpr size_t kThreads = 4;
  constexpr size_t kEach = 50;
  std::atomic<size_t> good{0};
  std::vector<std::thread> threads;
  for (size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = 0; i < kEach; ++i) {
        const uint64_t token = 1 + t * kEach + i;
        tg_exchange exchange(post(peer.url(), std::to_string(token)));
        Client client;
        if (loop.submit(exchange, token, client) != TG_OK || !client.done.wait()) return;
        const bool whole = client.body == std::to_string(token) && client.ended == 0;
        if (whole && exchange.violations.empty()) ++good;
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  CHECK(good == kThreads * kEach);
  CHECK(peer.connections() <= kThreads);
}

TEST_CASE("loop: requests to a clear-text server do not wait for each other") {
  std::atomic<int> arrived{0};
  Signal both;
  HttpPeer peer([&](PeerConnection& connection) {
    PeerRequest request;
    if (!connection.read_request(request)) return;
    if (++arrived == 2) both.set();
    if (both.wait(milliseconds(3000))) connection.write(json_answer("{}"));
  });
  Curl curl;
  Loop loop(curl);
  tg_exchange first(post(peer.url()));
  tg_exchange second(post(peer.url()));
  Client one;
  Client two;
  loop.submit(first, 1, one);
  loop.submit(second, 2, two);
  REQUIRE(one.done.wait());
  REQUIRE(two.done.wait());
  CHECK(one.body == "{}");
  CHECK(two.body == "{}");
}

TEST_CASE("loop: a blocked client holds its upstream and nobody else's") {
  std::atomic<size_t> sent{0};
  Signal closed;
  HttpPeer peer(flood(sent, closed));
  HttpPeer other(answer_each(json_answer("{}")));
  Curl curl;
  Loop loop(curl);
  tg_exchange exchange(post(peer.url()));
  Client client;
  Signal first;
  client.on_piece = [&](Client& self) {
    self.answer = TG_CURL_CLIENT_BLOCKED;
    first.set();
  };
  REQUIRE(loop.submit(exchange, 1, client) == TG_OK);
  REQUIRE(first.wait());
  std::this_thread::sleep_for(milliseconds(200));
  const size_t held = sent;
  std::this_thread::sleep_for(milliseconds(200));
  CHECK(sent == held);

  tg_exchange quick(post(other.url()));
  Client neighbour;
  REQUIRE(loop.submit(quick, 2, neighbour) == TG_OK);
  REQUIRE(neighbour.done.wait());
  CHECK(neighbour.body == "{}");

  for (int i = 0; i < 20; ++i) {
    tg_curl_loop_unblock(loop.get(), 1);
    std::this_thread::sleep_for(milliseconds(5));
  }
  tg_curl_loop_client_gone(loop.get(), 1);
  REQUIRE(client.done.wait());
  CHECK(closed.wait(milliseconds(1000)));
  CHECK(client.pieces > 5);
  CHECK(exchange.count("blocked") == client.pieces);
  CHECK(exchange.violations.empty());
}

TEST_CASE("loop: an answer that ends while its client is blocked ends after it") {
  HttpPeer peer(answer_each(json_answer("hello")));
  Curl curl;
  Loop loop(curl);
  tg_exchange exchange(post(peer.url()));
  Client client;
  client.answer = TG_CURL_CLIENT_BLOCKED;
  REQUIRE(loop.submit(exchange, 7, client) == TG_OK);
  // The head blocks, then the body: each needs a release.
  const auto until = steady_clock::now() + milliseconds(5000);
  while (!client.done.wait(milliseconds(5)) && steady_clock::now() < until) {
    tg_curl_loop_unblock(loop.get(), 7);
  }
  REQUIRE(client.done.wait(milliseconds(1)));
  CHECK(client.body == "hello");
  CHECK(client.ended == 0);
  CHECK(exchange.count("blocked") == 2);
  CHECK(exchange.log() ==
        "sent 1, head 1 200, blocked, unblocked, body 1, blocked, unblocked, end 1");
  CHECK(exchange.violations.empty());
}

TEST_CASE("loop: a client that hangs up ends its upstream within a second") {
  for (const bool before_head : {true, false}) {
    DYNAMIC_SECTION((before_head ? "before the head" : "in the stream")) {
      Signal arrived;
      Signal closed;
      HttpPeer peer([&](PeerConnection& connection) {
        PeerRequest request;
        if (!connection.read_request(request)) return;
        if (!before_head) connection.write("HTTP/1.1 200 OK\r\n\r\nhello");
        arrived.set();
        if (connection.wait_closed(milliseconds(3000))) closed.set();
      });
      Curl curl;
      Loop loop(curl);
      Pair pair;
      tg_exchange exchange(post(peer.url()));
      Client client(pair.fd());
      REQUIRE(loop.submit(exchange, 1, client) == TG_OK);
      REQUIRE(arrived.wait());
      std::this_thread::sleep_for(milliseconds(20));
      pair.hang_up();
      CHECK(closed.wait(milliseconds(1000)));
      REQUIRE(client.done.wait());
      CHECK(exchange.count("gone") == 1);
      CHECK(client.record == "{}");
      CHECK(client.ended == -1);
    }
  }
}

TEST_CASE("loop: wakes and deadlines tick the exchange they belong to") {
  Curl curl;
  Loop loop(curl);
  tg_exchange woken;
  tg_exchange timed;
  woken.script = timed.script = end_on_tick;
  timed.deadline_ns = mono_ns() + 100'000'000U;
  Client one;
  Client two;
  REQUIRE(loop.submit(woken, 11, one) == TG_OK);
  REQUIRE(loop.submit(timed, 12, two) == TG_OK);
  REQUIRE(two.done.wait());
  CHECK(woken.count("tick") == 0);
  tg_curl_wake(99, curl.get());
  CHECK_FALSE(one.done.wait(milliseconds(50)));
  tg_curl_wake(11, curl.get());
  REQUIRE(one.done.wait());
  CHECK(woken.count("tick") == 1);
}

TEST_CASE("loop: freeing it ends every exchange and its upstream") {
  Signal arrived;
  Signal closed;
  HttpPeer peer(hang("HTTP/1.1 200 OK\r\n\r\nhello", arrived, closed, milliseconds(3000)));
  Curl curl;
  Loop loop(curl);
  tg_exchange streaming(post(peer.url()));
  tg_exchange waiting;
  Client one;
  Client two;
  Signal started;
  one.on_piece = [&](Client&) { started.set(); };
  REQUIRE(loop.submit(streaming, 1, one) == TG_OK);
  REQUIRE(loop.submit(waiting, 2, two) == TG_OK);
  REQUIRE(started.wait());
  loop.free();
  CHECK(one.done.wait(milliseconds(1)));
  CHECK(two.done.wait(milliseconds(1)));
  CHECK(streaming.count("gone") == 1);
  CHECK(waiting.count("gone") == 1);
  CHECK(closed.wait(milliseconds(1000)));
}

TEST_CASE("loop: an exchange that fails is handed back cut") {
  HttpPeer peer(answer_each("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello"));
  Curl curl;
  Loop loop(curl);
  tg_exchange exchange(post(peer.url()));
  exchange.script = [](tg_exchange& self, const tg_exchange::Event& event) {
    if (event.name == "body") self.broken = TG_E_NOMEM;
    return false;
  };
  Client client;
  REQUIRE(loop.submit(exchange, 1, client) == TG_OK);
  REQUIRE(client.done.wait());
  CHECK(client.ended == 1);
}

TEST_CASE("loop: exchanges come and go from on_done") {
  HttpPeer peer(answer_each(json_answer("{}")));
  Curl curl;
  Loop loop(curl);
  struct Chain {
    tg_curl_loop* loop;
    std::string url;
    std::deque<tg_exchange> exchanges;
    tg_curl_client client = TG_CURL_CLIENT_INIT;
    Signal end;
  } chain;
  chain.loop = loop.get();
  chain.url = peer.url();
  chain.client.user = &chain;
  chain.client.on_done = [](tg_exchange*, void* user) {
    auto* self = static_cast<Chain*>(user);
    if (self->exchanges.size() == 20) {
      self->end.set();
      return;
    }
    const uint64_t token = self->exchanges.size() + 1;
    tg_exchange& next = self->exchanges.emplace_back(post(self->url));
    tg_curl_loop_submit(self->loop, &next, token, &self->client, nullptr);
  };
  chain.client.on_done(nullptr, &chain);
  REQUIRE(chain.end.wait());
  for (const tg_exchange& exchange : chain.exchanges)
    CHECK(exchange.count("end") == 1);
  CHECK(peer.connections() == 1);
}
