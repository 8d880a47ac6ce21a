#include "drivers/curl/profile.hpp"

#include "drivers/certificates.hpp"
#include "drivers/curl/driver.hpp"
#include "drivers/harness.hpp"
#include "support/catch.hpp"

using namespace tollgate::test;

namespace {

/// How one request ends: "200", or "failed N".
std::string outcome(const Curl& curl, tg_exchange::Open open) {
  tg_exchange exchange(std::move(open));
  Client client;
  REQUIRE(run(curl, exchange, client) == TG_OK);
  const tg_exchange::Event* failed = exchange.find("failed");
  return failed != nullptr ? "failed " + std::to_string(failed->status)
                           : std::to_string(client.status);
}

std::string failed(tg_failure failure) {
  return "failed " + std::to_string(failure);
}

}  // namespace

TEST_CASE("profile: private addresses are denied, also where a connection is already open") {
  HttpPeer peer(answer_each(json_answer("{}")));
  const std::string port = std::to_string(peer.port());
  for (const std::string& host : {std::string("127.0.0.1"), std::string("localhost")}) {
    Curl curl;
    tg_exchange::Open open = post("http://" + host + ":" + port + "/");
    CHECK(outcome(curl, open) == "200");
    open.flags = TG_FLAG_DENY_PRIVATE;
    CHECK(outcome(curl, open) == failed(TG_FAILURE_DENIED));
    open.flags = 0;
    CHECK(outcome(curl, open) == "200");
  }
  CHECK(peer.connections() == 2);
}

TEST_CASE("profile: behind a proxy the target's own name is judged, not the proxy's address") {
  HttpPeer proxy(answer_each(json_answer("{}")));
  Curl curl;
  tg_exchange::Open open = post("http://10.0.0.1/");
  open.proxy = proxy.url();
  open.flags = TG_FLAG_DENY_PRIVATE;
  CHECK(outcome(curl, open) == failed(TG_FAILURE_DENIED));
  open.url = "http://api.invalid/";
  CHECK(outcome(curl, open) == "200");
}

TEST_CASE("profile: servers are verified by name and by the roots of the action") {
  Certificates files;
  files.make("server");
  files.make("other");
  files.make("elsewhere", "elsewhere.example");
  const ServerContext context = files.server("server");
  const ServerContext misnamed = files.server("elsewhere");
  HttpPeer peer(answer_each(json_answer("{}")), context.get());
  HttpPeer stranger(answer_each(json_answer("{}")), misnamed.get());
  struct Row {
    const char* name;
    std::string url;
    std::string ca_file;
    uint32_t flags;
    std::string expected;
  };
  const Row rows[] = {
      {"its own roots", peer.url(), files.cert("server"), 0, "200"},
      {"the system's roots", peer.url(), "", 0, failed(TG_FAILURE_TLS)},
      {"other roots", peer.url(), files.cert("other"), 0, failed(TG_FAILURE_TLS)},
      {"no such file", peer.url(), files.cert("absent"), 0, failed(TG_FAILURE_TLS)},
      {"unverified", peer.url(), "", TG_FLAG_TLS_UNVERIFIED, "200"},
      {"another name", stranger.url(), files.cert("elsewhere"), 0, failed(TG_FAILURE_TLS)},
      {"another name, unverified", stranger.url(), "", TG_FLAG_TLS_UNVERIFIED, "200"},
      {"its own roots again", peer.url(), files.cert("server"), 0, "200"},
      {"other roots again", peer.url(), files.cert("other"), 0, failed(TG_FAILURE_TLS)},
  };
  // One driver for all: neither a connection nor a session of one row may serve another.
  Curl curl;
  for (const Row& row : rows) {
    CAPTURE(row.name);
    tg_exchange::Open open = post(row.url);
    open.ca_file = row.ca_file;
    open.flags = row.flags;
    CHECK(outcome(curl, open) == row.expected);
  }
}

TEST_CASE("profile: handles of one CA file share its store") {
  Certificates files;
  files.make("server");
  const ServerContext context = files.server("server");
  Signal both;
  std::atomic<int> arrived{0};
  HttpPeer peer(
      [&](PeerConnection& connection) {
        PeerRequest request;
        if (!connection.read_request(request)) return;
        if (++arrived == 2) both.set();
        both.wait();
        connection.write(json_answer("{}"));
      },
      context.get());
  Curl curl;
  tg_exchange::Open open = post(peer.url());
  open.ca_file = files.cert("server");
  tg_exchange exchange(open);
  exchange.open(open, 2);
  size_t ended = 0;
  exchange.script = [&](tg_exchange& self, const tg_exchange::Event& event) {
    if (event.name == "end" && ++ended == 2) self.finish();
    return true;
  };
  Client client;
  REQUIRE(run(curl, exchange, client) == TG_OK);
  CHECK(peer.connections() == 2);
  CHECK(curl.get()->driver->trust.loads() == 1);
}

TEST_CASE("profile: client certificates") {
  Certificates files;
  files.make("server");
  files.make("client");
  const ServerContext context = files.server("server", "client");
  HttpPeer peer(answer_each(json_answer("{}")), context.get());
  Curl curl;
  tg_exchange::Open open = post(peer.url());
  open.ca_file = files.cert("server");
  CHECK(outcome(curl, open).starts_with("failed"));
  open.client_cert_file = files.cert("client");
  open.client_key_file = files.key("client");
  CHECK(outcome(curl, open) == "200");
  open.client_key_file = files.key("absent");
  CHECK(outcome(curl, open) == failed(TG_FAILURE_TLS));
}
