#include <cstring>
#include <fstream>
#include <string>

#include "drivers/certificates.hpp"
#include "drivers/harness.hpp"
#include "support/catch.hpp"

using namespace tollgate::test;

namespace {

tg_bytes bytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

TEST_CASE("curl: a CA file that cannot be read is named in the error") {
  tg_curl_options options = TG_CURL_OPTIONS_INIT;
  const std::string path = "/nonexistent/roots.pem";
  options.ca_file = bytes(path);
  Curl curl(options);
  CHECK(curl.status() == TG_E_INVALID);
  CHECK(curl.get() == nullptr);
  REQUIRE(curl.error() != nullptr);
  CHECK(curl.error()->message.find(path) != std::string::npos);
}

TEST_CASE("curl: structs of other versions") {
  struct Later {
    tg_curl_options options = TG_CURL_OPTIONS_INIT;
    uint64_t unknown = 0;
  } later;
  later.options.struct_size = sizeof later;
  tg_curl* curl = nullptr;
  CHECK(tg_curl_create(&later.options, &curl, nullptr) == TG_OK);
  tg_curl_free(curl);
  later.unknown = 1;
  CHECK(tg_curl_create(&later.options, &curl, nullptr) == TG_E_ABI);
  CHECK(curl == nullptr);
  tg_curl_options options = TG_CURL_OPTIONS_INIT;
  options.struct_size = 0;
  CHECK(tg_curl_create(&options, &curl, nullptr) == TG_E_ABI);
  options = TG_CURL_OPTIONS_INIT;
  options.reserved_flags = 1;
  CHECK(tg_curl_create(&options, &curl, nullptr) == TG_E_INVALID);
  for (tg_bytes tg_curl_options::*text : {&tg_curl_options::ca_file, &tg_curl_options::proxy}) {
    options = TG_CURL_OPTIONS_INIT;
    options.*text = {nullptr, 5};
    CHECK(tg_curl_create(&options, &curl, nullptr) == TG_E_INVALID);
  }
}

TEST_CASE("curl: a client of an earlier version runs without the newer fields") {
  Curl curl;
  tg_exchange exchange;
  exchange.push(TG_ACTION_CLIENT_BODY, "x");
  exchange.finish();
  Client client;
  client.callbacks.struct_size = offsetof(tg_curl_client, wake_token);
  client.callbacks.wake_token = 99;
  REQUIRE(run(curl, exchange, client) == TG_OK);
  CHECK(client.body == "x");
}

TEST_CASE("curl: NULL arguments") {
  Curl curl;
  tg_exchange exchange;
  Client client;
  tg_curl_loop* loop = nullptr;
  CHECK(tg_curl_create(nullptr, nullptr, nullptr) == TG_E_INVALID);
  CHECK(tg_curl_run(nullptr, &exchange, &client.callbacks, nullptr) == TG_E_INVALID);
  CHECK(tg_curl_run(curl.get(), nullptr, &client.callbacks, nullptr) == TG_E_INVALID);
  CHECK(tg_curl_run(curl.get(), &exchange, nullptr, nullptr) == TG_E_INVALID);
  CHECK(tg_curl_loop_create(nullptr, &loop, nullptr) == TG_E_INVALID);
  CHECK(tg_curl_loop_create(curl.get(), nullptr, nullptr) == TG_E_INVALID);
  CHECK(tg_curl_loop_submit(nullptr, &exchange, 1, &client.callbacks, nullptr) == TG_E_INVALID);
  tg_curl_wake(1, nullptr);
  tg_curl_loop_unblock(nullptr, 1);
  tg_curl_loop_client_gone(nullptr, 1);
  tg_curl_loop_free(nullptr);
  tg_curl_free(nullptr);
}

TEST_CASE("curl: the options' proxy and CA file are the default of actions") {
  Certificates files;
  files.make("server");
  const ServerContext context = files.server("server");
  HttpPeer peer(answer_each(json_answer("{}")), context.get());
  tg_curl_options options = TG_CURL_OPTIONS_INIT;
  const std::string ca_file = files.cert("server");
  options.ca_file = bytes(ca_file);
  Curl trusting(options);
  tg_exchange good(post(peer.url()));
  Client client;
  REQUIRE(run(trusting, good, client) == TG_OK);
  CHECK(client.body == "{}");

  PeerRequest seen;
  HttpPeer proxy([&](PeerConnection& connection) {
    if (connection.read_request(seen)) connection.write(json_answer("{}"));
  });
  options = TG_CURL_OPTIONS_INIT;
  const std::string proxy_url = proxy.url();
  options.proxy = bytes(proxy_url);
  Curl proxied(options);
  tg_exchange through(post("http://api.invalid/v1"));
  REQUIRE(run(proxied, through, client) == TG_OK);
  CHECK(seen.line() == "POST http://api.invalid/v1 HTTP/1.1");
}
