#include "drivers/curl/request.hpp"

#include <memory>

#include "drivers/curl/host.hpp"
#include "drivers/harness.hpp"
#include "support/catch.hpp"

using namespace tollgate::curl_driver;
using namespace tollgate::test;

namespace {

struct Wanted {
  tg_action action = TG_ACTION_INIT;
  std::vector<tg_bytes> headers;

  explicit Wanted(std::string_view url) {
    action.url = bytes(url);
    action.method = bytes("POST");
  }
  void header(std::string_view name, std::string_view value) {
    headers.push_back(bytes(name));
    headers.push_back(bytes(value));
    action.headers = headers.data();
    action.header_count = static_cast<uint32_t>(headers.size() / 2);
  }
};

}  // namespace

TEST_CASE("request: bounds") {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(),
                                                                 &curl_easy_cleanup);
  Request request;
  const std::string long_url = "http://a.example/" + std::string(20'000, 'a');
  CHECK_FALSE(request.apply(easy.get(), Wanted(long_url).action).empty());
  Wanted large("http://a.example/");
  const std::string value(100'000, 'v');
  large.header("a", value);
  large.header("b", value);
  CHECK(request.apply(easy.get(), large.action).empty());
  large.header("c", value);
  CHECK_FALSE(request.apply(easy.get(), large.action).empty());
  request.clear(easy.get());
}

TEST_CASE("request: a body in many spans is sent again whole after a rewind") {
  // The first connection dies when the second request has partly gone out over it.
  std::vector<PeerRequest> seen;
  HttpPeer peer([&](PeerConnection& connection) {
    PeerRequest request;
    if (!connection.read_request(request)) return;
    seen.push_back(request);
    connection.write(json_answer("{}"));
    if (connection.number() == 0) {
      std::this_thread::sleep_for(milliseconds(150));
      connection.reset();
    }
  });
  Curl curl;
  tg_exchange::Open open = post(peer.url());
  open.spans = {std::string(700'000, 'a'), "", std::string(1, 'b'), std::string(4'000'000, 'c')};
  const std::string whole = open.spans[0] + open.spans[2] + open.spans[3];
  for (int i = 0; i < 2; ++i) {
    tg_exchange exchange(open);
    Client client;
    REQUIRE(run(curl, exchange, client) == TG_OK);
    CHECK(exchange.log() == "sent 1, head 1 200, body 1, end 1");
  }
  REQUIRE(seen.size() == 2);
  CHECK(seen[1].body == whole);
  CHECK(peer.connections() == 2);
}
