#include "drivers/curl/hub.hpp"

#include <atomic>
#include <chrono>
#include <deque>
#include <fstream>
#include <iostream>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/certificates.hpp"
#include "drivers/harness.hpp"
#include "support/catch.hpp"

using namespace tollgate::test;

namespace {

constexpr const char* kNginx = "/usr/sbin/nginx";

/// nginx with TLS and HTTP/2 in front of a clear-text server.
class Front {
 public:
  explicit Front(int upstream_port) : context_((files_.make("server"), files_.server("server"))) {
    {
      // A port that was free a moment ago.
      HttpPeer free_port([](PeerConnection&) {});
      port_ = free_port.port();
    }
    const std::string folder = files_.folder().string();
    std::ofstream(folder + "/nginx.conf")
        << "daemon off; master_process off; pid nginx.pid; error_log stderr crit;\n"
        << "events {}\nhttp {\n  access_log off;\n"
        << "  client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f;"
        << " uwsgi_temp_path u; scgi_temp_path s;\n"
        << "  client_max_body_size 32m;\n  server {\n    listen 127.0.0.1:" << port_
        << " ssl http2;\n    ssl_certificate server.pem; ssl_certificate_key server.key;\n"
        << "    location / { proxy_pass http://127.0.0.1:" << upstream_port
        << "; proxy_http_version 1.1; proxy_buffering off;"
        << " proxy_set_header x-front $server_protocol:$connection; }\n  }\n}\n";
    pid_ = fork();
    if (pid_ == 0) {
      execl(kNginx, kNginx, "-p", folder.c_str(), "-c", "nginx.conf", nullptr);
      _exit(127);
    }
  }
  ~Front() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;

  tg_exchange::Open open(std::string body) const {
    tg_exchange::Open open =
        post("https://localhost:" + std::to_string(port_) + "/", std::move(body));
    open.ca_file = files_.cert("server");
    return open;
  }

  /// Waits until it answers.
  bool ready(const Curl& curl) const {
    for (int i = 0; i < 100; ++i) {
      tg_exchange exchange(open("ready"));
      Client client;
      run(curl, exchange, client);
      if (client.status == 200) return true;
      std::this_thread::sleep_for(milliseconds(30));
    }
    return false;
  }

 private:
  Certificates files_;
  ServerContext context_;
  int port_ = 0;
  pid_t pid_ = -1;
};

bool nginx_missing() {
  if (access(kNginx, X_OK) == 0) return false;
  std::cout << "skipped: HTTP/2, no " << kNginx << "\n";
  return true;
}

}  // namespace

TEST_CASE("hub: requests of a loop share one HTTP/2 connection") {
  if (nginx_missing()) return;
  std::atomic<int> arrived{0};
  Signal all;
  std::mutex mutex;
  std::vector<std::string> fronts;
  HttpPeer peer([&](PeerConnection& connection) {
    PeerRequest request;
    while (connection.read_request(request)) {
      if (request.body != "ready") {
        {
          const std::lock_guard lock(mutex);
          fronts.push_back(request.header("x-front"));
        }
        if (++arrived == 5) all.set();
        if (!all.wait(milliseconds(3000))) return;
      }
      if (!connection.write(json_answer(request.body))) return;
    }
  });
  Front front(peer.port());
  Curl curl;
  REQUIRE(front.ready(curl));
  tg_curl_loop* loop = nullptr;
  REQUIRE(tg_curl_loop_create(curl.get(), &loop, nullptr) == TG_OK);
  std::deque<tg_exchange> exchanges;
  std::deque<Client> clients(5);
  for (size_t i = 0; i < 5; ++i) {
    const std::string body = std::to_string(i) + std::string(60'000, 'x');
    tg_exchange& exchange = exchanges.emplace_back(front.open(body));
    REQUIRE(tg_curl_loop_submit(loop, &exchange, i + 1, &clients[i].callbacks, nullptr) == TG_OK);
  }
  for (size_t i = 0; i < 5; ++i) {
    REQUIRE(clients[i].done.wait());
    CHECK(clients[i].status == 200);
    CHECK(clients[i].body == std::to_string(i) + std::string(60'000, 'x'));
    CHECK(exchanges[i].violations.empty());
  }
  tg_curl_loop_free(loop);
  REQUIRE(fronts.size() == 5);
  for (const std::string& seen : fronts)
    CHECK(seen == fronts.front());
  CHECK(fronts.front().starts_with("HTTP/2.0:"));
}

TEST_CASE("hub: a blocked client does not hold its neighbours on the same connection") {
  if (nginx_missing()) return;
  HttpPeer peer([](PeerConnection& connection) {
    PeerRequest request;
    while (connection.read_request(request)) {
      if (request.body != "flood") {
        if (!connection.write(json_answer(request.body))) return;
        continue;
      }
      connection.write("HTTP/1.1 200 OK\r\n\r\n");
      const std::string piece(64 * 1024, 'f');
      while (connection.write(piece)) {
      }
      return;
    }
  });
  Front front(peer.port());
  Curl curl;
  REQUIRE(front.ready(curl));
  tg_curl_loop* loop = nullptr;
  REQUIRE(tg_curl_loop_create(curl.get(), &loop, nullptr) == TG_OK);
  tg_exchange slow(front.open("flood"));
  Client slow_client;
  std::atomic<size_t> pieces{0};
  Signal first;
  slow_client.on_piece = [&](Client& self) {
    self.answer = TG_CURL_CLIENT_BLOCKED;
    pieces = self.pieces;
    first.set();
  };
  REQUIRE(tg_curl_loop_submit(loop, &slow, 1, &slow_client.callbacks, nullptr) == TG_OK);
  REQUIRE(first.wait());
  for (uint64_t i = 0; i < 10; ++i) {
    tg_exchange quick(front.open("quick"));
    Client client;
    REQUIRE(tg_curl_loop_submit(loop, &quick, 10 + i, &client.callbacks, nullptr) == TG_OK);
    const bool done = client.done.wait(milliseconds(2000));
    CHECK(done);
    if (!done) {
      tg_curl_loop_client_gone(loop, 10 + i);
      client.done.wait();
    }
    CHECK(client.body == "quick");
  }
  const auto until = std::chrono::steady_clock::now() + milliseconds(5000);
  while (pieces <= 5 && std::chrono::steady_clock::now() < until) {
    tg_curl_loop_unblock(loop, 1);
    std::this_thread::sleep_for(milliseconds(2));
  }
  tg_curl_loop_client_gone(loop, 1);
  CHECK(slow_client.done.wait());
  CHECK(slow_client.pieces > 5);
  CHECK(slow.violations.empty());
  tg_curl_loop_free(loop);
}

TEST_CASE("hub: a stream that was blocked for a while arrives whole") {
  if (nginx_missing()) return;
  const std::string whole(5'000'000, 'w');
  HttpPeer peer([&](PeerConnection& connection) {
    PeerRequest request;
    while (connection.read_request(request) && connection.write(json_answer(whole))) {
    }
  });
  Front front(peer.port());
  Curl curl;
  REQUIRE(front.ready(curl));
  tg_curl_loop* loop = nullptr;
  REQUIRE(tg_curl_loop_create(curl.get(), &loop, nullptr) == TG_OK);
  tg_exchange exchange(front.open("x"));
  Client client;
  std::atomic<int> blocks{0};
  client.on_piece = [&](Client& self) {
    const bool block = self.pieces % 20 == 1 && self.pieces < 200;
    self.answer = block ? TG_CURL_CLIENT_BLOCKED : TG_CURL_CLIENT_OK;
    if (block) ++blocks;
  };
  REQUIRE(tg_curl_loop_submit(loop, &exchange, 1, &client.callbacks, nullptr) == TG_OK);
  for (int i = 0; i < 500 && !client.done.wait(milliseconds(10)); ++i) {
    tg_curl_loop_unblock(loop, 1);
  }
  REQUIRE(client.done.wait(milliseconds(1)));
  CHECK(client.body == whole);
  CHECK(blocks > 5);
  CHECK(exchange.violations.empty());
  tg_curl_loop_free(loop);
}

TEST_CASE("hub: HTTP/2 in a run, one stream after another on one connection") {
  if (nginx_missing()) return;
  std::vector<std::string> fronts;
  HttpPeer peer([&](PeerConnection& connection) {
    PeerRequest request;
    while (connection.read_request(request)) {
      if (request.body.size() > 10) fronts.push_back(request.header("x-front"));
      if (!connection.write(json_answer(std::to_string(request.body.size())))) return;
    }
  });
  Front front(peer.port());
  Curl curl;
  REQUIRE(front.ready(curl));
  for (const size_t size : {size_t{60'000}, size_t{1'500'000}, size_t{60'000}}) {
    tg_exchange::Open open = front.open(std::string(size / 2, 'a'));
    open.spans.push_back(std::string(size / 2, 'b'));
    tg_exchange exchange(open);
    Client client;
    REQUIRE(run(curl, exchange, client) == TG_OK);
    CHECK(client.body == std::to_string(size));
    CHECK(exchange.log() == "sent 1, head 1 200, body 1, end 1");
  }
  REQUIRE(fronts.size() == 3);
  CHECK(fronts[0] == fronts[2]);
}
