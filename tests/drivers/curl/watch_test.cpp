#include "drivers/curl/watch.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/catch.hpp"

using namespace tollgate::curl_driver;

namespace {

bool readable(const Watch& watch) {
  pollfd entry{watch.fd(), POLLIN, 0};
  return poll(&entry, 1, 0) == 1;
}

struct Client {
  Client() { REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0); }
  ~Client() {
    close(ends[0]);
    leave();
  }
  void leave() {
    if (ends[1] >= 0) close(ends[1]);
    ends[1] = -1;
  }
  int ends[2];
};

}  // namespace

TEST_CASE("watch: a call is seen once") {
  const std::unique_ptr<Watch> watch = Watch::create();
  CHECK_FALSE(readable(*watch));
  watch->waker().wake();
  CHECK(readable(*watch));
  const Watch::Seen seen = watch->look();
  CHECK(seen.woken);
  CHECK_FALSE(seen.client_gone);
  CHECK_FALSE(readable(*watch));
  CHECK_FALSE(watch->look().woken);
}

TEST_CASE("watch: a client that leaves is seen as long as it is watched, one that sends is not") {
  Client client;
  const std::unique_ptr<Watch> watch = Watch::create();
  watch->set_client(client.ends[0]);
  REQUIRE(write(client.ends[1], "x", 1) == 1);
  CHECK_FALSE(readable(*watch));
  client.leave();
  CHECK(readable(*watch));
  CHECK(watch->look().client_gone);
  watch->waker().wake();
  const Watch::Seen both = watch->look();
  CHECK(both.client_gone);
  CHECK(both.woken);
  watch->set_client(-1);
  CHECK_FALSE(readable(*watch));
}

TEST_CASE("watch: a client takes the place of another") {
  Client first;
  Client second;
  const std::unique_ptr<Watch> watch = Watch::create();
  watch->set_client(first.ends[0]);
  watch->set_client(second.ends[0]);
  first.leave();
  CHECK_FALSE(readable(*watch));
  second.leave();
  CHECK(watch->look().client_gone);
}

TEST_CASE("watch: a client that cannot be watched is no client") {
  const std::unique_ptr<Watch> watch = Watch::create();
  watch->set_client(1'000'000);
  CHECK_FALSE(readable(*watch));
  watch->set_client(-1);
}

TEST_CASE("watch: the pool gives back what it got, without an old call or client") {
  Client client;
  WatchPool pool;
  std::unique_ptr<Watch> watch = pool.take();
  const Watch* raw = watch.get();
  watch->set_client(client.ends[0]);
  client.leave();
  watch->waker().wake();
  pool.give(std::move(watch));
  watch = pool.take();
  CHECK(watch.get() == raw);
  CHECK_FALSE(readable(*watch));
}
