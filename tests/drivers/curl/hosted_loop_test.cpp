#include <atomic>
#include <deque>
#include <poll.h>
#include <thread>

#include "drivers/harness.hpp"
#include "support/catch.hpp"

using namespace tollgate::test;
using std::chrono::steady_clock;

namespace {

int ms_until(uint64_t at_ns) {
  if (at_ns == TG_NO_DEADLINE) return -1;
  const uint64_t now = mono_ns();
  return at_ns <= now ? 0 : static_cast<int>((at_ns - now + 999'999) / 1'000'000);
}

/// A loop that the test's thread drives, as a host with poll() would.
class HostedLoop {
 public:
  explicit HostedLoop(const Curl& curl) {
    status_ = tg_curl_loop_create_hosted(curl.get(), &loop_, nullptr);
  }
  ~HostedLoop() { tg_curl_loop_free(loop_); }
  HostedLoop(const HostedLoop&) = delete;
  HostedLoop& operator=(const HostedLoop&) = delete;

  tg_curl_loop* get() const { return loop_; }
  tg_status status() const { return status_; }
  void free() { tg_curl_loop_free(std::exchange(loop_, nullptr)); }
  tg_status submit(tg_exchange& exchange, uint64_t token, Client& client) const {
    return tg_curl_loop_submit(loop_, &exchange, token, &client.callbacks, nullptr);
  }
  uint64_t step() const { return tg_curl_loop_step(loop_); }
  bool readable(int ms = 0) const {
    pollfd entry{tg_curl_loop_fd(loop_), POLLIN, 0};
    return poll(&entry, 1, ms) > 0;
  }

  /// Steps and waits exactly as the loop says, until `through` holds. A loop that sleeps on work
  /// does not get there.
  template <typename Through>
  bool drive(Through&& through, milliseconds longest = milliseconds(5000)) const {
    const auto end = steady_clock::now() + longest;
    while (true) {
      const uint64_t until = step();
      if (through()) return true;
      const auto left = std::chrono::duration_cast<milliseconds>(end - steady_clock::now()).count();
      if (left <= 0) return false;
      const int ms = ms_until(until);
      readable(ms < 0 || ms > left ? static_cast<int>(left) : ms);
    }
  }
  bool drive_to_end(Client& client, milliseconds longest = milliseconds(5000)) const {
    return drive([&] { return is_done(client); }, longest);
  }
  static bool is_done(Client& client) { return client.done.wait(milliseconds(0)); }

 private:
  tg_curl_loop* loop_ = nullptr;
  tg_status status_;
};

}  // namespace

TEST_CASE("hosted loop: the host's thread carries exchanges from end to end") {
  HttpPeer peer(echo);
  Curl curl;
  HostedLoop loop(curl);
  REQUIRE(loop.status() == TG_OK);
  CHECK(loop.step() == TG_NO_DEADLINE);
  CHECK_FALSE(loop.readable());
  for (uint64_t token = 1; token <= 20; ++token) {
    tg_exchange exchange(post(peer.url(), std::to_string(token)));
    Client client;
    std::thread::id called_on;
    client.on_piece = [&](Client&) { called_on = std::this_thread::get_id(); };
    REQUIRE(loop.submit(exchange, token, client) == TG_OK);
    REQUIRE(loop.drive_to_end(client));
    CHECK(client.body == std::to_string(token));
    CHECK(client.status == 200);
    CHECK(client.ended == 0);
    CHECK(called_on == std::this_thread::get_id());
    CHECK(exchange.violations.empty());
  }
  CHECK(peer.connections() == 1);
}

TEST_CASE("hosted loop: many exchanges at once") {
  HttpPeer peer(echo);
  Curl curl;
  HostedLoop loop(curl);
  std::deque<tg_exchange> exchanges;
  std::deque<Client> clients;
  for (uint64_t token = 1; token <= 50; ++token) {
    exchanges.emplace_back(post(peer.url(), std::to_string(token)));
    REQUIRE(loop.submit(exchanges.back(), token, clients.emplace_back()) == TG_OK);
  }
  for (uint64_t token = 1; token <= 50; ++token) {
    REQUIRE(loop.drive_to_end(clients[token - 1]));
    CHECK(clients[token - 1].body == std::to_string(token));
  }
}

TEST_CASE("hosted loop: only other threads and wakes between steps reach the descriptor") {
  HttpPeer peer(answer_each(json_answer("{}")));
  Curl curl;
  HostedLoop loop(curl);
  loop.step();
  tg_exchange waiting;
  Client client;
  waiting.script = end_on_tick;
  REQUIRE(loop.submit(waiting, 1, client) == TG_OK);
  tg_curl_loop_unblock(loop.get(), 1);
  tg_curl_loop_client_gone(loop.get(), 99);
  CHECK_FALSE(loop.readable());
  CHECK(loop.step() == TG_NO_DEADLINE);
  CHECK_FALSE(loop.readable());
  CHECK(waiting.log().empty());

  SECTION("a wake on the stepping thread, of which its host does not know") {
    tg_curl_wake(1, curl.get());
  }
  SECTION("a wake on another thread") {
    std::thread([&] { tg_curl_wake(1, curl.get()); }).join();
  }
  CHECK(loop.readable());
  loop.step();
  CHECK(HostedLoop::is_done(client));
  CHECK(waiting.count("tick") == 1);
  loop.step();
  CHECK_FALSE(loop.readable());
}

TEST_CASE("hosted loop: exchanges from another thread wake a host that waits") {
  HttpPeer peer(answer_each(json_answer("{}")));
  Curl curl;
  HostedLoop loop(curl);
  REQUIRE(loop.step() == TG_NO_DEADLINE);
  tg_exchange exchange(post(peer.url()));
  Client client;
  std::thread other([&] {
    std::this_thread::sleep_for(milliseconds(50));
    loop.submit(exchange, 1, client);
  });
  CHECK(loop.readable(5000));
  CHECK(loop.drive_to_end(client));
  other.join();
  CHECK(client.body == "{}");
}

TEST_CASE("hosted loop: nothing that other threads post while it steps is slept on") {
  Curl curl;
  HostedLoop loop(curl);
  constexpr size_t kThreads = 3;
  constexpr size_t kEach = 2000;
  std::atomic<size_t> done{0};
  std::atomic<size_t> slept{0};
  std::vector<std::thread> threads;
  for (size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = 0; i < kEach && slept == 0; ++i) {
        const uint64_t token = 1 + t * kEach + i;
        tg_exchange waiting;
        Client client;
        loop.submit(waiting, token, client);
        tg_curl_loop_client_gone(loop.get(), token);
        if (!client.done.wait(milliseconds(3000))) {
          ++slept;
          tg_curl_loop_unblock(loop.get(), token);  // Any post wakes it.
          client.done.wait();
        }
        ++done;
      }
      tg_curl_loop_unblock(loop.get(), 0);  // The test looks whether it is through.
    });
  }
  const bool through =
      loop.drive([&] { return done == kThreads * kEach || slept > 0; }, milliseconds(60'000));
  loop.free();
  for (std::thread& thread : threads)
    thread.join();
  CHECK(through);
  CHECK(slept == 0);
  CHECK(done == kThreads * kEach);
}

TEST_CASE("hosted loop: a blocked client holds its upstream until it is unblocked") {
  HttpPeer peer(answer_each(json_answer("hello")));
  Curl curl;
  HostedLoop loop(curl);
  tg_exchange exchange(post(peer.url()));
  Client client;
  client.answer = TG_CURL_CLIENT_BLOCKED;
  REQUIRE(loop.submit(exchange, 7, client) == TG_OK);
  // The head blocks, then the body.
  REQUIRE(loop.drive([&] { return exchange.count("blocked") == 1; }));
  CHECK_FALSE(loop.drive_to_end(client, milliseconds(100)));
  CHECK(client.body.empty());
  tg_curl_loop_unblock(loop.get(), 7);
  REQUIRE(loop.drive([&] { return exchange.count("blocked") == 2; }));
  CHECK_FALSE(loop.drive_to_end(client, milliseconds(100)));
  CHECK(client.body == "hello");
  SECTION("on the stepping thread") {
    tg_curl_loop_unblock(loop.get(), 7);
  }
  SECTION("on another thread") {
    std::thread([&] { tg_curl_loop_unblock(loop.get(), 7); }).join();
  }
  REQUIRE(loop.drive_to_end(client));
  CHECK(client.ended == 0);
  CHECK(exchange.log() ==
        "sent 1, head 1 200, blocked, unblocked, body 1, blocked, unblocked, end 1");
  CHECK(exchange.violations.empty());
}

TEST_CASE("hosted loop: an unblock from within a callback is seen to in the same drive") {
  HttpPeer peer(answer_each(json_answer("hello")));
  Curl curl;
  HostedLoop loop(curl);
  tg_exchange exchange(post(peer.url()));
  Client client;
  client.on_piece = [&](Client& self) {
    self.answer = TG_CURL_CLIENT_BLOCKED;
    tg_curl_loop_unblock(loop.get(), 7);
  };
  REQUIRE(loop.submit(exchange, 7, client) == TG_OK);
  REQUIRE(loop.drive_to_end(client));
  CHECK(exchange.count("unblocked") == 1);
  CHECK(client.ended == 0);
}

TEST_CASE("hosted loop: a client that goes ends its upstream") {
  Signal arrived;
  Signal closed;
  HttpPeer peer(hang("HTTP/1.1 200 OK\r\n\r\nhello", arrived, closed, milliseconds(3000)));
  Curl curl;
  HostedLoop loop(curl);
  Pair pair;
  const bool watched = GENERATE(true, false);
  tg_exchange exchange(post(peer.url()));
  Client client(watched ? pair.fd() : -1);
  REQUIRE(loop.submit(exchange, 1, client) == TG_OK);
  REQUIRE(loop.drive([&] { return client.pieces > 0; }));
  if (watched) {
    pair.hang_up();
  } else {
    tg_curl_loop_client_gone(loop.get(), 1);
  }
  REQUIRE(loop.drive_to_end(client));
  CHECK(exchange.count("gone") == 1);
  CHECK(client.ended == -1);
  CHECK(closed.wait(milliseconds(1000)));
}

TEST_CASE("hosted loop: a step says when the earliest deadline is") {
  Curl curl;
  HostedLoop loop(curl);
  tg_exchange late;
  tg_exchange early;
  late.script = early.script = end_on_tick;
  const uint64_t now = mono_ns();
  late.deadline_ns = now + 120'000'000U;
  early.deadline_ns = now + 60'000'000U;
  Client one;
  Client two;
  REQUIRE(loop.submit(late, 1, one) == TG_OK);
  CHECK(loop.step() == late.deadline_ns);
  REQUIRE(loop.submit(early, 2, two) == TG_OK);
  CHECK(loop.step() == early.deadline_ns);
  CHECK(loop.drive_to_end(two));
  CHECK(mono_ns() >= early.deadline_ns);
  CHECK_FALSE(HostedLoop::is_done(one));
  CHECK(loop.step() == late.deadline_ns);
  CHECK(loop.drive_to_end(one));
  CHECK(mono_ns() >= late.deadline_ns);
  CHECK(loop.step() == TG_NO_DEADLINE);
}

TEST_CASE("hosted loop: freeing it hands every exchange back") {
  Signal arrived;
  Signal closed;
  HttpPeer peer(hang("HTTP/1.1 200 OK\r\n\r\nhello", arrived, closed, milliseconds(3000)));
  Curl curl;
  HostedLoop loop(curl);
  tg_exchange streaming(post(peer.url()));
  tg_exchange waiting;
  tg_exchange not_begun(post(peer.url()));
  Client one;
  Client two;
  Client three;
  REQUIRE(loop.submit(streaming, 1, one) == TG_OK);
  REQUIRE(loop.submit(waiting, 2, two) == TG_OK);
  REQUIRE(loop.drive([&] { return one.pieces > 0; }));
  REQUIRE(loop.submit(not_begun, 3, three) == TG_OK);
  loop.free();
  for (Client* client : {&one, &two, &three})
    CHECK(HostedLoop::is_done(*client));
  CHECK(streaming.count("gone") == 1);
  CHECK(waiting.count("gone") == 1);
  CHECK(not_begun.count("gone") == 1);
  CHECK(closed.wait(milliseconds(1000)));
}

TEST_CASE("hosted loop: exchanges come and go from on_done, and none when it is being freed") {
  HttpPeer peer(answer_each(json_answer("{}")));
  struct Chain {
    tg_curl_loop* loop;
    std::string url;
    std::deque<tg_exchange> exchanges;
    tg_curl_client client = TG_CURL_CLIENT_INIT;
    tg_status last = TG_OK;
    size_t done = 0;
  } chain;
  Curl curl;
  HostedLoop loop(curl);
  chain.loop = loop.get();
  chain.url = peer.url();
  chain.client.user = &chain;
  chain.client.on_done = [](tg_exchange*, void* user) {
    auto* self = static_cast<Chain*>(user);
    ++self->done;
    const uint64_t token = self->exchanges.size() + 1;
    tg_exchange& next = self->exchanges.emplace_back(post(self->url));
    self->last = tg_curl_loop_submit(self->loop, &next, token, &self->client, nullptr);
  };
  chain.client.on_done(nullptr, &chain);
  REQUIRE(loop.drive([&] { return chain.done >= 20; }));
  CHECK(chain.last == TG_OK);
  CHECK(peer.connections() == 1);
  loop.free();
  CHECK(chain.last == TG_E_STATE);
  CHECK(chain.done == chain.exchanges.size());
}

TEST_CASE("hosted loop: the limit of idle connections does not count those in use") {
  constexpr size_t kAtOnce = 8;
  std::atomic<size_t> closed{0};
  HttpPeer peer([&](PeerConnection& connection) {
    PeerRequest request;
    while (connection.read_request(request)) {
      std::this_thread::sleep_for(milliseconds(5));  // All of a wave are under way together.
      if (!connection.write(json_answer("{}"))) break;
    }
    ++closed;
  });
  tg_curl_options options = TG_CURL_OPTIONS_INIT;
  options.idle_connections_max = 2;
  struct Chain {
    tg_curl_loop* loop = nullptr;
    std::string url;
    std::deque<tg_exchange> exchanges;
    tg_curl_client client = TG_CURL_CLIENT_INIT;
    size_t done = 0;
    void next() {
      const uint64_t token = exchanges.size() + 1;
      tg_exchange& exchange = exchanges.emplace_back(post(url));
      tg_curl_loop_submit(loop, &exchange, token, &client, nullptr);
    }
  } chain;
  Curl curl(options);
  HostedLoop loop(curl);
  chain.loop = loop.get();
  chain.url = peer.url();
  chain.client.user = &chain;
  chain.client.on_done = [](tg_exchange*, void* user) {
    auto* self = static_cast<Chain*>(user);
    ++self->done;
    if (self->exchanges.size() < 10 * kAtOnce) self->next();
  };
  for (size_t i = 0; i < kAtOnce; ++i)
    chain.next();
  REQUIRE(loop.drive([&] { return chain.done == 10 * kAtOnce; }));
  CHECK(peer.connections() == kAtOnce);
  // With one request at a time, each lets go of one connection that is too many.
  for (uint64_t token = 1; token <= kAtOnce; ++token) {
    tg_exchange exchange(post(peer.url()));
    Client client;
    REQUIRE(loop.submit(exchange, token, client) == TG_OK);
    REQUIRE(loop.drive_to_end(client));
  }
  CHECK(peer.connections() == kAtOnce);
  const auto until = steady_clock::now() + milliseconds(3000);
  while (closed < kAtOnce - 3 && steady_clock::now() < until)
    std::this_thread::sleep_for(milliseconds(5));
  CHECK(closed >= kAtOnce - 3);
}

TEST_CASE("hosted loop: a server that closes an idle connection does not keep the loop awake") {
  HttpPeer peer([](PeerConnection& connection) {
    PeerRequest request;
    if (connection.read_request(request)) connection.write(json_answer("{}"));
  });
  Curl curl;
  HostedLoop loop(curl);
  for (uint64_t token = 1; token <= 3; ++token) {
    tg_exchange exchange(post(peer.url()));
    Client client;
    REQUIRE(loop.submit(exchange, token, client) == TG_OK);
    REQUIRE(loop.drive_to_end(client));
    CHECK(client.body == "{}");
    CHECK(client.ended == 0);
    // The end may still be on its way.
    if (loop.readable(1000)) loop.step();
    CHECK_FALSE(loop.readable());
  }
  CHECK(peer.connections() == 3);
}

TEST_CASE("hosted loop: a loop with a thread has no descriptor and no steps") {
  Curl curl;
  tg_curl_loop* loop = nullptr;
  REQUIRE(tg_curl_loop_create(curl.get(), &loop, nullptr) == TG_OK);
  CHECK(tg_curl_loop_fd(loop) == -1);
  CHECK(tg_curl_loop_step(loop) == TG_NO_DEADLINE);
  tg_curl_loop_free(loop);
  CHECK(tg_curl_loop_fd(nullptr) == -1);
  CHECK(tg_curl_loop_step(nullptr) == TG_NO_DEADLINE);
  CHECK(tg_curl_loop_create_hosted(nullptr, &loop, nullptr) == TG_E_INVALID);
  CHECK(loop == nullptr);
}

TEST_CASE("hosted loop: a step within a step does nothing") {
  HttpPeer peer(answer_each(json_answer("{}")));
  Curl curl;
  HostedLoop loop(curl);
  tg_exchange exchange(post(peer.url()));
  Client client;
  client.on_piece = [&](Client&) { CHECK(loop.step() == 0); };
  REQUIRE(loop.submit(exchange, 1, client) == TG_OK);
  REQUIRE(loop.drive_to_end(client));
  CHECK(client.pieces == 1);
  CHECK(exchange.violations.empty());
}
