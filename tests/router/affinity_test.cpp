#include "router/affinity.hpp"

#include "support/catch.hpp"

namespace tollgate::router {
namespace {

TEST_CASE("a pin holds until it expires, and the last one counts") {
  AffinityMap map;
  map.put(1, {7, 100, Tier::kMedium, 42});
  REQUIRE(map.find(1, {99, 0}));
  CHECK(map.find(1, {99, 0})->target == 7);
  CHECK(map.find(1, {99, 0})->cached_tokens == 42);
  CHECK_FALSE(map.find(1, {100, 0}));
  CHECK_FALSE(map.find(2, {1, 0}));
  map.put(1, {8, 200, Tier::kSimple, 0});
  CHECK(map.find(1, {150, 0})->target == 8);
}

TEST_CASE("pins are bounded, and the oldest go first") {
  AffinityMap map;
  for (uint64_t key = 0; key < 3 * AffinityMap::kPinsMax; ++key)
    map.put(key, {key, kNoDeadline, Tier::kSimple, 0});
  CHECK(map.size() <= AffinityMap::kPinsMax);
  CHECK_FALSE(map.find(0, {1, 0}));
  CHECK(map.find(3 * AffinityMap::kPinsMax - 1, {1, 0}));
}

}  // namespace
}  // namespace tollgate::router
