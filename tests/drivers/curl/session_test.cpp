#include <future>

#include "drivers/harness.hpp"
#include "support/catch.hpp"

using namespace tollgate::test;
using std::chrono::steady_clock;

namespace {

const std::string kStreamHead = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";

}  // namespace

TEST_CASE("session: a client that hangs up ends the run and its upstream within a second") {
  struct Row {
    const char* name;
    std::string answer;
  };
  const Row rows[] = {{"before the head", ""}, {"in the stream", kStreamHead + "data: x\n\n"}};
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      Signal arrived;
      Signal closed;
      HttpPeer peer(hang(row.answer, arrived, closed));
      Curl curl;
      Pair pair;
      tg_exchange exchange(post(peer.url()));
      Client client(pair.fd());
      auto running = std::async(std::launch::async, [&] { return run(curl, exchange, client); });
      REQUIRE(arrived.wait());
      std::this_thread::sleep_for(milliseconds(20));
      const auto start = steady_clock::now();
      pair.hang_up();
      CHECK(closed.wait(milliseconds(1000)));
      CHECK(running.get() == TG_OK);
      CHECK(steady_clock::now() - start < milliseconds(1000));
      CHECK(exchange.count("gone") == 1);
      CHECK(client.record == "{}");
    }
  }
}

TEST_CASE("session: a callback that says the client is gone is heeded once") {
  Signal arrived;
  Signal closed;
  HttpPeer peer(hang(kStreamHead + "data: x\n\n", arrived, closed));
  Curl curl;
  tg_exchange exchange(post(peer.url()));
  Client client;
  client.answer = TG_CURL_CLIENT_GONE;
  REQUIRE(run(curl, exchange, client) == TG_OK);
  CHECK(exchange.count("gone") == 1);
  CHECK(client.pieces == 0);
  CHECK(client.ended == -1);
  CHECK(closed.wait(milliseconds(1000)));
}

TEST_CASE("session: cancelling from within an answer closes the upstream") {
  Signal arrived;
  Signal closed;
  HttpPeer peer(hang(kStreamHead + "data: x\n\n", arrived, closed));
  Curl curl;
  tg_exchange exchange(post(peer.url()));
  exchange.script = [](tg_exchange& self, const tg_exchange::Event& event) {
    if (event.name != "body") return false;
    self.push(TG_ACTION_UPSTREAM_CANCEL, {}, 1);
    self.deadline_ns = mono_ns() + 300'000'000;
    self.script = [](tg_exchange& later, const tg_exchange::Event& tick) {
      if (tick.name == "tick") later.finish();
      return true;
    };
    return true;
  };
  Client client;
  REQUIRE(run(curl, exchange, client) == TG_OK);
  CHECK(closed.wait(milliseconds(1)));
  CHECK(exchange.log() == "sent 1, head 1 200, body 1, tick");
}

TEST_CASE("session: the deadline ticks, and a cancel then closes the upstream") {
  Signal arrived;
  Signal closed;
  HttpPeer peer(hang("", arrived, closed));
  Curl curl;
  tg_exchange exchange(post(peer.url()));
  exchange.deadline_ns = mono_ns() + 100'000'000;
  exchange.script = [](tg_exchange& self, const tg_exchange::Event& event) {
    if (event.name != "tick") return true;
    self.push(TG_ACTION_UPSTREAM_CANCEL, {}, 1);
    self.finish();
    return true;
  };
  Client client;
  const auto start = steady_clock::now();
  REQUIRE(run(curl, exchange, client) == TG_OK);
  CHECK(steady_clock::now() - start >= milliseconds(99));
  CHECK(exchange.count("tick") == 1);
  CHECK(closed.wait(milliseconds(1000)));
}

TEST_CASE("session: a wake ticks the run it belongs to") {
  struct Row {
    const char* name;
    uint64_t own;
    uint64_t woken;
    bool ticks;
  };
  const Row rows[] = {
      {"its token", 5, 5, true}, {"another's", 5, 6, false}, {"a run without a token", 0, 6, true}};
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      Curl curl;
      tg_exchange exchange;
      exchange.deadline_ns = mono_ns() + 400'000'000;
      exchange.script = [](tg_exchange& self, const tg_exchange::Event&) {
        self.finish();
        return true;
      };
      Client client;
      client.callbacks.wake_token = row.own;
      const auto start = steady_clock::now();
      auto running = std::async(std::launch::async, [&] { return run(curl, exchange, client); });
      std::this_thread::sleep_for(milliseconds(50));
      tg_curl_wake(row.woken, curl.get());
      CHECK(running.get() == TG_OK);
      CHECK((steady_clock::now() - start < milliseconds(300)) == row.ticks);
      CHECK(exchange.count("tick") == 1);
    }
  }
}

TEST_CASE("session: `more` says whether another action for the client follows") {
  tg_exchange exchange;
  exchange.push(TG_ACTION_CLIENT_HEAD, {}, 0, 200);
  exchange.push(TG_ACTION_CLIENT_BODY, "a");
  exchange.push(TG_ACTION_CLIENT_BODY, "b");
  exchange.push(TG_ACTION_CLIENT_END);
  exchange.finish();
  Curl curl;
  Client client;
  REQUIRE(run(curl, exchange, client) == TG_OK);
  CHECK(client.body == "ab");
  CHECK(client.more == "11");
}

TEST_CASE("session: an exchange without upstreams and callbacks runs to its end") {
  tg_exchange exchange;
  exchange.push(TG_ACTION_CLIENT_HEAD, {}, 0, 401);
  exchange.push(TG_ACTION_CLIENT_BODY, "no");
  exchange.push(TG_ACTION_CLIENT_END);
  exchange.push(77);  // A kind of a later version.
  exchange.finish();
  Curl curl;
  tg_curl_client none = TG_CURL_CLIENT_INIT;
  CHECK(tg_curl_run(curl.get(), &exchange, &none, nullptr) == TG_OK);
}
