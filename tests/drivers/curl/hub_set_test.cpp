#include "drivers/curl/hub_set.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include "support/catch.hpp"

using namespace tollgate::curl_driver;

namespace {

tg_bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

tg_action to(std::string_view url) {
  tg_action action = TG_ACTION_INIT;
  action.kind = TG_ACTION_UPSTREAM_OPEN;
  action.method = bytes_of("GET");
  action.url = bytes_of(url);
  return action;
}

class NoSink final : public TransferSink {
 public:
  void on_sent(Transfer&) override {}
  Verdict on_head(Transfer&, uint32_t, const std::vector<tg_bytes>&) override {
    return Verdict::kStop;
  }
  Verdict on_body(Transfer&, tg_bytes) override { return Verdict::kStop; }
  void on_finished(Transfer&, CURLcode) override {}
};

/// A set and transfers in it that were begun and never get to connecting.
struct Set {
  struct Running {
    Hub* hub;
    std::unique_ptr<Transfer> transfer;
  };

  int epoll = epoll_create1(EPOLL_CLOEXEC);
  Driver driver{Settings{}};
  SocketTable sockets{epoll};
  HubSet hubs{driver, sockets};
  NoSink sink;
  std::vector<Running> running;

  Set() = default;
  ~Set() {
    while (!running.empty())
      end(running.size() - 1);
    hubs.clear();
    close(epoll);
  }
  Set(const Set&) = delete;
  Set& operator=(const Set&) = delete;

  Hub* begin(const tg_action& action) {
    Outcome why;
    Hub* hub = hubs.get(action, why);
    REQUIRE(hub != nullptr);
    std::unique_ptr<Transfer> transfer = hub->start(action, sink, why);
    REQUIRE(transfer != nullptr);
    running.push_back({hub, std::move(transfer)});
    return hub;
  }
  void end(size_t which) {
    Running ended = std::move(running[which]);
    running.erase(running.begin() + static_cast<std::ptrdiff_t>(which));
    ended.hub->stop(*ended.transfer);
    ended.transfer->finish(CURLE_ABORTED_BY_CALLBACK);
    ended.hub->give(std::move(ended.transfer));
  }
};

}  // namespace

TEST_CASE("hub set: one hub for each profile") {
  Set set;
  Outcome why;
  Hub* plain = set.hubs.get(to("http://127.0.0.1:1/"), why);
  REQUIRE(plain != nullptr);
  CHECK(set.hubs.get(to("http://127.0.0.1:2/other"), why) == plain);
  tg_action guarded = to("http://127.0.0.1:1/");
  guarded.flags = TG_FLAG_DENY_PRIVATE;
  CHECK(set.hubs.get(guarded, why) != plain);
  CHECK(set.hubs.all().size() == 2);
}

TEST_CASE("hub set: without roots there is no hub, and nothing of it is kept") {
  Set set;
  tg_action action = to("https://localhost:1/");
  action.ca_file = bytes_of("/nowhere/ca.pem");
  Outcome why;
  CHECK(set.hubs.get(action, why) == nullptr);
  CHECK(why.failed);
  CHECK(why.failure == TG_FAILURE_TLS);
  CHECK(set.hubs.all().empty());
}

TEST_CASE("hub set: transfers beyond what one hub is quick with go to another") {
  Set set;
  const tg_action action = to("http://127.0.0.1:1/");
  const auto most = static_cast<size_t>(HubSet::kActiveMax);
  Hub* first = set.begin(action);
  for (size_t i = 1; i < most; ++i)
    REQUIRE(set.begin(action) == first);
  Hub* second = set.begin(action);
  CHECK(second != first);
  CHECK(set.hubs.all().size() == 2);
  // As soon as the first has room it is taken again.
  set.end(0);
  CHECK(set.begin(action) == first);
  CHECK(set.begin(action) == second);

  // The second goes when it has nothing to do, but not while the load may come back at once.
  const auto end_all_of = [&](const Hub* hub, size_t left) {
    for (size_t i = set.running.size(); i-- > 0 && static_cast<size_t>(hub->active()) > left;) {
      if (set.running[i].hub == hub) set.end(i);
    }
  };
  end_all_of(second, 0);
  end_all_of(first, most - 1);
  CHECK(set.begin(action) == first);
  CHECK(set.hubs.all().size() == 2);
  end_all_of(first, most / 4);
  CHECK(set.begin(action) == first);
  CHECK(set.hubs.all().size() == 1);
}

TEST_CASE("hub set: hubs of many profiles that have nothing to do are let go") {
  Set set;
  Hub* busy = set.begin(to("http://127.0.0.1:1/"));
  Outcome why;
  for (int i = 0; i < 600; ++i) {
    const std::string proxy = "http://127.0.0.1:" + std::to_string(i + 1);
    tg_action action = to("http://127.0.0.1:1/");
    action.proxy = bytes_of(proxy);
    REQUIRE(set.hubs.get(action, why) != nullptr);
    REQUIRE(set.hubs.all().size() <= 256);
  }
  CHECK(set.hubs.get(to("http://127.0.0.1:1/"), why) == busy);
}
