// The server's front over real sockets: framing, limits, keeping connections.

#include <atomic>
#include <memory>
#include <thread>

#include "server_process.hpp"
#include "support/catch.hpp"
#include "support/http_peer.hpp"

using namespace tollgate::test;

namespace {

std::string with_token(std::string_view start, std::string_view fields = {}) {
  return std::string(start) + " HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer " +
         std::string(kToken) + "\r\n" + std::string(fields) + "\r\n";
}

}  // namespace

TEST_CASE("requests are answered and the connection is kept", "[server]") {
  HttpPeer upstream(answer_each(json_answer(kJsonMessage)));
  ServerProcess server(test_config(upstream.port()));
  REQUIRE(server.port() > 0);
  Client client(server.port());

  for (int i = 0; i < 20; ++i) {
    const Reply reply = client.ask(message_request(message_body()));
    CHECK(reply.status == 200);
    CHECK(reply.body == kJsonMessage);
    CHECK_FALSE(reply.header("request-id").empty());
    CHECK(reply.header("connection").empty());
  }
  CHECK(upstream.connections() == 1);

  SECTION("two requests in one packet get two answers") {
    const std::string one = message_request(message_body());
    client.send(one + one + one.substr(0, 40));
    CHECK(client.read().status == 200);
    CHECK(client.read().status == 200);
    client.send(one.substr(40));
    CHECK(client.read().status == 200);
  }
  SECTION("HEAD has no body and GET after it is whole") {
    client.send(with_token("HEAD /"));
    const Reply head = client.read(seconds(10), true);
    CHECK(head.status > 0);
    const Reply reply = client.ask(with_token("GET /v1/models"));
    CHECK(reply.status == 200);
    CHECK(reply.body.find(kModel) != std::string::npos);
  }
  SECTION("close is honoured") {
    const Reply reply = client.ask(message_request(message_body(), "Connection: close\r\n"));
    CHECK(reply.status == 200);
    CHECK(reply.header("connection") == "close");
    CHECK(client.ended(seconds(1)));
  }
  SECTION("a body in chunks is taken") {
    const std::string body = message_body();
    std::string request = with_token("POST /v1/messages", "Transfer-Encoding: chunked\r\n");
    for (const char c : body)
      request += chunk(std::string(1, c));
    CHECK(client.ask(request + "0\r\n\r\n").status == 200);
    CHECK(client.ask(message_request(body)).status == 200);
  }
  SECTION("100-continue is answered with 100, then with the answer") {
    const std::string request = message_request(message_body(), "Expect: 100-continue\r\n");
    const size_t head = request.find("\r\n\r\n") + 4;
    client.send(request.substr(0, head));
    CHECK(client.read().status == 100);
    CHECK(client.ask(request.substr(head)).status == 200);
  }
  SECTION("100-continue of a stranger is refused without its body") {
    Client stranger(server.port());
    stranger.send(
        "POST /v1/messages HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer wrong\r\n"
        "Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n");
    CHECK(stranger.read().status == 401);
  }
  SECTION("HTTP/1.0 gets an answer that ends with the connection") {
    Client old(server.port());
    const std::string body = message_body();
    old.send("POST /v1/messages HTTP/1.0\r\nAuthorization: Bearer " + std::string(kToken) +
             "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    const Reply reply = old.read();
    CHECK(reply.status == 200);
    CHECK(reply.body == kJsonMessage);
    CHECK(old.ended(seconds(1)));
  }
}

TEST_CASE("clients that send many requests at once do not hold up others", "[server]") {
  ServerProcess server(test_config(9, "threads: 1"));
  REQUIRE(server.port() > 0);
  const std::string one = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
  std::string many;
  for (int i = 0; i < 2000; ++i)
    many += one;
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  std::vector<std::unique_ptr<Client>> greedy;
  for (int i = 0; i < 6; ++i) {
    Client& client = *greedy.emplace_back(std::make_unique<Client>(server.port()));
    threads.emplace_back([&] {
      while (!stop && client.send(many)) {
      }
    });
    threads.emplace_back([&] {
      while (!stop)
        client.discard(seconds(1));
    });
  }
  std::this_thread::sleep_for(milliseconds(500));
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i) {
    Client modest(server.port());
    CHECK(modest.ask(one).status == 200);
  }
  CHECK(std::chrono::steady_clock::now() - start < milliseconds(1500));
  stop = true;
  for (const auto& client : greedy)
    client->half_close();
  for (std::thread& thread : threads)
    thread.join();
}

TEST_CASE("what could be smuggled is refused and the connection ends", "[server]") {
  HttpPeer upstream(answer_each(json_answer(kJsonMessage)));
  ServerProcess server(test_config(upstream.port()));
  struct Row {
    const char* name;
    std::string request;
    int status;
  };
  const auto post = [](std::string_view fields) {
    return with_token("POST /v1/messages", fields) + "0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n";
  };
  const Row rows[] = {
      {"length and encoding", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"two lengths", post("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
      {"a plus", post("Content-Length: +5\r\n"), 400},
      {"a space before the colon", post("Content-Length : 5\r\n"), 400},
      {"NUL", post(std::string_view("x: a\0b\r\n", 8)), 400},
      {"bare line feeds", "GET / HTTP/1.1\nHost: a\n\n", 400},
      {"a bare line feed in a field", post("x: a\ny: b\r\n"), 400},
      {"a lone CR", post("x: a\ry: b\r\n"), 400},
      {"a folded field", post("x: a\r\n b\r\n"), 400},
      {"gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {"bad chunks",
       with_token("POST /v1/messages", "Transfer-Encoding: chunked\r\n") + "+5\r\nhello\r\n", 400},
      {"not HTTP", "\x16\x03\x01\x02 binary \r\n\r\n", 400},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Client client(server.port());
    const Reply reply = client.ask(row.request);
    CHECK(reply.status == row.status);
    CHECK(reply.body.find(R"("type":"error")") != std::string::npos);
    CHECK_FALSE(reply.header("request-id").empty());
    CHECK(client.read_until("HTTP/1.1", milliseconds(50)).empty());
    CHECK(client.ended(seconds(3)));
  }
  CHECK(upstream.connections() == 0);
}

TEST_CASE("heads and bodies that are too large are refused", "[server]") {
  HttpPeer upstream(answer_each(json_answer(kJsonMessage)));
  ServerProcess server(test_config(upstream.port()));

  SECTION("a head over 64 KB is 431, also without an end") {
    Client client(server.port());
    client.send(with_token("GET /v1/models", "x: " + std::string(70'000, 'a') + "\r\n"));
    CHECK(client.read().status == 431);
    Client endless(server.port());
    endless.send("GET / HTTP/1.1\r\nx: " + std::string(70'000, 'a'));
    CHECK(endless.read().status == 431);
  }
  SECTION("more than 200 fields are 431") {
    std::string fields;
    for (int i = 0; i < 250; ++i)
      fields += "x-" + std::to_string(i) + ": 1\r\n";
    Client client(server.port());
    CHECK(client.ask(with_token("GET /v1/models", fields)).status == 431);
  }
  SECTION("a head below the limits is served") {
    Client client(server.port());
    const Reply reply =
        client.ask(with_token("GET /v1/models", "x: " + std::string(60'000, 'a') + "\r\n"));
    INFO(reply.body);
    CHECK(reply.status > 0);
    CHECK(reply.status != 408);
  }
  SECTION("an announced body over 32 MiB is 413 before it is read") {
    Client client(server.port());
    client.send(with_token("POST /v1/messages", "Content-Length: 40000000\r\n"));
    const Reply reply = client.read();
    CHECK(reply.status == 413);
    CHECK(reply.body.find("32 MB") != std::string::npos);
    CHECK(reply.body.find("request_too_large") != std::string::npos);
  }
  SECTION("a client that sends all of it before it reads still sees the answer") {
    Client client(server.port());
    client.send(with_token("POST /v1/messages", "Content-Length: 40000000\r\n"));
    const std::string megabyte(1'000'000, 'a');
    for (int i = 0; i < 40; ++i)
      REQUIRE(client.send(megabyte));
    CHECK(client.read().status == 413);
  }
  SECTION("a chunked body is cut off at 32 MiB") {
    Client client(server.port());
    client.send(with_token("POST /v1/messages", "Transfer-Encoding: chunked\r\n"));
    const std::string megabyte = chunk(std::string(1 << 20, 'a'));
    for (int i = 0; i < 33; ++i)
      client.send(megabyte);
    CHECK(client.read().status == 413);
  }
  SECTION("a body just below the limit passes") {
    std::string body = message_body();
    body.pop_back();
    body += R"(,"filler":")" + std::string(31 << 20, 'a') + "\"}";
    Client client(server.port());
    CHECK(client.ask(message_request(body), seconds(30)).status == 200);
  }
}

TEST_CASE("slow and half-open clients time out", "[server][slow]") {
  HttpPeer upstream(answer_each(json_answer(kJsonMessage)));
  ServerProcess server(test_config(upstream.port()));
  Client silent(server.port());
  Client dripping(server.port());
  Client lazy(server.port());
  const std::string unfinished = message_request(message_body());
  lazy.send(unfinished.substr(0, unfinished.size() - 5));
  const auto start = std::chrono::steady_clock::now();
  // One byte a second would keep a server alive that only looks at the last byte.
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\nx: ";
  for (int i = 0; i < 12; ++i) {
    dripping.send(
        std::string(1, i < static_cast<int>(head.size()) ? head[static_cast<size_t>(i)] : 'a'));
    std::this_thread::sleep_for(milliseconds(900));
  }
  CHECK(dripping.read(seconds(2)).status == 408);
  CHECK(silent.ended(seconds(2)));
  CHECK(std::chrono::steady_clock::now() - start < seconds(14));
  // Nobody else is hindered meanwhile.
  Client other(server.port());
  CHECK(other.ask(message_request(message_body())).status == 200);
  // An announced body that does not come: 30 seconds.
  CHECK(lazy.read(seconds(25)).status == 408);
}
