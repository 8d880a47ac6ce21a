#include "drivers/curl/socket_table.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "drivers/curl/hub.hpp"
#include "support/catch.hpp"

using namespace tollgate::curl_driver;

namespace {

/// A table, its epoll, a hub, and a connected socket that libcurl could have opened.
struct Table {
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  SocketTable table{epoll};
  Settings settings;
  TrustStores stores;
  tg_action action = TG_ACTION_INIT;
  std::unique_ptr<Hub> hub =
      Hub::create(std::make_shared<const Profile>(action, settings, stores), settings, table);
  int fds[2] = {-1, -1};

  Table() {
    REQUIRE(hub != nullptr);
    connect();
  }
  ~Table() {
    close(fds[0]);
    close(fds[1]);
    hub.reset();
    close(epoll);
  }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  void connect() { REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0); }
  void make_readable() const { REQUIRE(write(fds[1], "x", 1) == 1); }
  bool reports() const {
    epoll_event event{};
    return epoll_wait(epoll, &event, 1, 0) == 1 && event.data.u64 == static_cast<uint64_t>(fds[0]);
  }
  bool holds() const {
    epoll_event event{};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &event) != 0) return errno == EEXIST;
    epoll_ctl(epoll, EPOLL_CTL_DEL, fds[0], &event);
    return false;
  }
};

}  // namespace

TEST_CASE("socket table: a connection stays in the epoll between its requests") {
  Table t;
  REQUIRE(t.table.on_open(t.fds[0]));
  CHECK_FALSE(t.holds());
  t.table.watch(*t.hub, t.fds[0], POLLIN);
  CHECK(t.holds());
  t.table.watch(*t.hub, t.fds[0], 0);
  CHECK(t.holds());
  t.table.watch(*t.hub, t.fds[0], POLLIN);
  t.make_readable();
  CHECK(t.reports());
  CHECK(t.table.take_ready(t.fds[0]) == t.hub.get());
  CHECK(t.holds());
}

TEST_CASE("socket table: an idle connection that is ready is left alone until it is wanted") {
  Table t;
  REQUIRE(t.table.on_open(t.fds[0]));
  t.table.watch(*t.hub, t.fds[0], POLLIN);
  t.table.watch(*t.hub, t.fds[0], 0);
  t.make_readable();
  CHECK(t.reports());
  CHECK(t.table.take_ready(t.fds[0]) == nullptr);
  CHECK_FALSE(t.reports());
  CHECK(t.table.take_ready(t.fds[0]) == nullptr);
  t.table.watch(*t.hub, t.fds[0], POLLIN);
  CHECK(t.reports());
  CHECK(t.table.take_ready(t.fds[0]) == t.hub.get());
  // It is still one of those that stay.
  t.table.watch(*t.hub, t.fds[0], 0);
  CHECK(t.holds());
}

TEST_CASE("socket table: what could be ready all the time does not stay") {
  Table t;
  REQUIRE(t.table.on_open(t.fds[0]));
  t.table.watch(*t.hub, t.fds[0], POLLIN | POLLOUT);
  CHECK(t.reports());
  t.table.watch(*t.hub, t.fds[0], 0);
  CHECK_FALSE(t.holds());
  t.table.watch(*t.hub, t.fds[0], POLLOUT);
  CHECK(t.reports());
  t.table.watch(*t.hub, t.fds[0], POLLIN);
  CHECK_FALSE(t.reports());
  CHECK(t.holds());
}

TEST_CASE("socket table: a socket whose end is not told does not stay") {
  Table t;
  t.table.watch(*t.hub, t.fds[0], POLLIN);
  CHECK(t.holds());
  CHECK(t.table.take_ready(t.fds[0]) == t.hub.get());
  t.table.watch(*t.hub, t.fds[0], 0);
  CHECK_FALSE(t.holds());
  CHECK(t.table.take_ready(t.fds[0]) == nullptr);
}

TEST_CASE("socket table: a closed socket is out, also when a child still has it") {
  Table t;
  REQUIRE(t.table.on_open(t.fds[0]));
  t.table.watch(*t.hub, t.fds[0], POLLIN);
  t.make_readable();
  const int childs = dup(t.fds[0]);
  t.table.on_close(t.fds[0]);
  close(t.fds[0]);
  CHECK_FALSE(t.reports());
  CHECK(t.table.take_ready(t.fds[0]) == nullptr);
  close(childs);
  close(t.fds[1]);
  t.connect();
}

TEST_CASE("socket table: a number that comes back is another socket") {
  Table t;
  REQUIRE(t.table.on_open(t.fds[0]));
  t.table.watch(*t.hub, t.fds[0], POLLIN);
  const int number = t.fds[0];
  close(t.fds[0]);
  close(t.fds[1]);
  t.connect();
  REQUIRE(t.fds[0] == number);
  REQUIRE(t.table.on_open(number));
  t.make_readable();
  CHECK_FALSE(t.reports());
  t.table.watch(*t.hub, number, POLLIN);
  CHECK(t.reports());
}

TEST_CASE("socket table: numbers that it never saw are nobody's") {
  Table t;
  CHECK(t.table.take_ready(1000) == nullptr);
  t.table.watch(*t.hub, 1000, 0);
  t.table.on_close(1000);
}
