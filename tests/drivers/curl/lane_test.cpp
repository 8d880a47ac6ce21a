#include "drivers/curl/lane.hpp"

#include <curl/curl.h>

#include "drivers/curl/host.hpp"
#include "support/catch.hpp"

using namespace tollgate::curl_driver;

namespace {

std::unique_ptr<Lane> make(const std::string& key) {
  static const Settings settings;
  static TrustStores stores;
  tg_action action = TG_ACTION_INIT;
  action.url = bytes("http://a.example/");
  return Lane::create(key, std::make_shared<const Profile>(action, settings, stores), settings);
}

std::string key_of(const char* url, uint32_t flags = 0) {
  tg_action action = TG_ACTION_INIT;
  action.url = bytes(url);
  action.flags = flags;
  return Lane::key_of(action);
}

}  // namespace

TEST_CASE("lane: the pool gives the newest of a key and drops the oldest of all") {
  LanePool pool(3);
  std::unique_ptr<Lane> lanes[4];
  const char* keys[] = {"a", "a", "b", "a"};
  const Lane* raw[4];
  for (size_t i = 0; i < 4; ++i) {
    lanes[i] = make(keys[i]);
    raw[i] = lanes[i].get();
  }
  for (std::unique_ptr<Lane>& lane : lanes)
    pool.give(std::move(lane));
  CHECK(pool.size() == 3);
  CHECK(pool.take("a").get() == raw[3]);
  CHECK(pool.take("a").get() == raw[1]);
  CHECK(pool.take("a") == nullptr);
  CHECK(pool.take("c") == nullptr);
  CHECK(pool.take("b").get() == raw[2]);
  CHECK(pool.size() == 0);
}

TEST_CASE("lane: keys tell origins and profiles apart, not paths") {
  CHECK(key_of("http://a.example/x?y") == key_of("http://a.example/z"));
  CHECK(key_of("http://a.example?y") == key_of("http://a.example"));
  CHECK(key_of("http://a.example/") != key_of("https://a.example/"));
  CHECK(key_of("http://a.example/") != key_of("http://a.example:81/"));
  CHECK(key_of("http://a.example/") != key_of("http://b.example/"));
  CHECK(key_of("http://a.example/") != key_of("http://a.example/", TG_FLAG_DENY_PRIVATE));
  CHECK(key_of("https://a.example/") != key_of("https://a.example/", TG_FLAG_TLS_UNVERIFIED));
  CHECK(key_of("http://a.example/") == key_of("http://a.example/", TG_FLAG_AUXILIARY));
}
