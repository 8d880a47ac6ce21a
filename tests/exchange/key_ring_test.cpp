#include "exchange/key_ring.hpp"

#include "support/catch.hpp"

using namespace tollgate;

TEST_CASE("keys are kept by their address, the newest counts") {
  exchange::KeyRing ring;
  CHECK(ring.find("https://a/keys").keys == nullptr);
  const auto first = std::make_shared<const std::vector<identity::PublicKey>>(1);
  const auto second = std::make_shared<const std::vector<identity::PublicKey>>(2);
  ring.put("https://a/keys", first, {5, 0});
  ring.put("https://a/keys", second, {9, 0});
  CHECK(ring.find("https://a/keys").keys->size() == 2);
  CHECK(ring.find("https://a/keys").fetched_ns == 9);
  CHECK(ring.find("https://b/keys").keys == nullptr);
}
