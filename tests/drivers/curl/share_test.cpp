#include "drivers/curl/share.hpp"

#include <thread>

#include "drivers/certificates.hpp"
#include "drivers/harness.hpp"
#include "support/catch.hpp"

using namespace tollgate::test;

TEST_CASE("share: a new handle resumes the TLS session of an old one") {
  Certificates files;
  files.make("server");
  const ServerContext context = files.server("server");
  // Each answer ends its connection, so every request connects anew.
  HttpPeer peer(
      [&](PeerConnection& connection) {
        PeerRequest request;
        if (!connection.read_request(request)) return;
        connection.write("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}");
      },
      context.get());
  // No handle is kept, so only the share can carry a session over.
  tg_curl_options options = TG_CURL_OPTIONS_INIT;
  options.idle_handles_max = 1;
  Curl curl(options);
  tg_exchange::Open open = post(peer.url());
  open.ca_file = files.cert("server");
  HttpPeer other(answer_each(json_answer("{}")));
  for (int i = 0; i < 3; ++i) {
    tg_exchange exchange(open);
    Client client;
    REQUIRE(run(curl, exchange, client) == TG_OK);
    CHECK(client.body == "{}");
    tg_exchange pusher(post(other.url()));
    REQUIRE(run(curl, pusher, client) == TG_OK);
  }
  CHECK(peer.connections() == 3);
  CHECK(SSL_CTX_sess_hits(context.get()) >= 1);
}

TEST_CASE("share: many threads use one at once") {
  Certificates files;
  files.make("server");
  const ServerContext context = files.server("server");
  HttpPeer peer(answer_each("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}"),
                context.get());
  Curl curl;
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5; ++i) {
        tg_exchange::Open open = post(peer.url());
        open.ca_file = files.cert("server");
        tg_exchange exchange(open);
        Client client;
        if (run(curl, exchange, client) == TG_OK && client.body == "{}") ++good;
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  CHECK(good == 20);
}
