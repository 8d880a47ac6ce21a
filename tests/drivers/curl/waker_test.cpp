#include "drivers/curl/waker.hpp"

#include <poll.h>
#include <thread>

#include "support/catch.hpp"

using namespace tollgate::curl_driver;

namespace {

bool readable(const Waker& waker) {
  pollfd entry{waker.fd(), POLLIN, 0};
  return poll(&entry, 1, 0) == 1;
}

struct Counter final : WakeTarget {
  void on_wake(uint64_t) noexcept override { ++calls; }
  int calls = 0;
};

}  // namespace

TEST_CASE("waker: wakes count once until they are taken") {
  const std::unique_ptr<Waker> waker = Waker::create();
  REQUIRE(waker != nullptr);
  CHECK_FALSE(readable(*waker));
  waker->wake();
  waker->wake();
  CHECK(readable(*waker));
  CHECK(waker->take());
  CHECK_FALSE(readable(*waker));
  CHECK_FALSE(waker->take());
}

TEST_CASE("waker: no wake is lost between threads") {
  const std::unique_ptr<Waker> waker = Waker::create();
  std::atomic<int> given{0};
  std::atomic<int> seen{0};
  std::thread other([&] {
    for (int i = 1; i <= 2000; ++i) {
      given = i;
      waker->wake();
    }
  });
  while (seen < 2000) {
    pollfd entry{waker->fd(), POLLIN, 0};
    if (poll(&entry, 1, 5000) != 1) break;
    if (waker->take()) seen = given.load();
  }
  other.join();
  CHECK(seen == 2000);
}

TEST_CASE("waker: the registry finds by token, and everybody without one") {
  WakeRegistry registry;
  Counter one;
  Counter two;
  Counter any;
  registry.add(1, one);
  registry.add(2, two);
  registry.add(kAnyToken, any);
  registry.wake(1);
  registry.wake(3);
  CHECK(one.calls == 1);
  CHECK(two.calls == 0);
  CHECK(any.calls == 2);
  registry.remove(1, two);
  registry.remove(2, two);
  registry.wake(1);
  registry.wake(2);
  CHECK(one.calls == 2);
  CHECK(two.calls == 0);
}

TEST_CASE("waker: a wake that came too early is given to who comes, once") {
  WakeRegistry registry;
  Counter first;
  Counter second;
  Counter other;
  registry.wake(7);
  registry.wake(7);
  registry.add(8, other);
  CHECK(other.calls == 0);
  registry.add(7, first);
  CHECK(first.calls == 1);
  registry.remove(7, first);
  registry.add(7, second);
  // Two were missed, and a wake more does no harm; what is long ago is forgotten.
  CHECK(second.calls == 1);
  registry.remove(7, second);
  registry.wake(7);
  for (uint64_t token = 1'000; token < 1'256; ++token)
    registry.wake(token);
  Counter third;
  registry.add(7, third);
  CHECK(third.calls == 0);
}
