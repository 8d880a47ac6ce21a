#include "drivers/curl/multi.hpp"

#include <map>
#include <poll.h>

#include "drivers/curl/host.hpp"
#include "drivers/curl/waker.hpp"
#include "support/catch.hpp"
#include "support/http_peer.hpp"

using namespace tollgate::curl_driver;
using namespace tollgate::test;

namespace {

struct Watched final : SocketWatcher {
  void watch(curl_socket_t socket, short events) override {
    if (events == 0) {
      sockets.erase(socket);
    } else {
      sockets[socket] = events;
    }
  }
  std::map<curl_socket_t, short> sockets;
};

size_t discard(char*, size_t size, size_t count, void*) {
  return size * count;
}

}  // namespace

TEST_CASE("multi: a transfer driven by what poll says") {
  HttpPeer peer(answer_each(json_answer("hello")));
  Watched watched;
  const std::unique_ptr<Multi> multi = Multi::create(watched);
  REQUIRE(multi != nullptr);
  CHECK(multi->timer_ns() == UINT64_MAX);
  CURL* easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_URL, peer.url().c_str());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &discard);
  for (int round = 0; round < 2; ++round) {
    REQUIRE(multi->add(easy));
    CHECK_FALSE(multi->add(easy));
    CHECK(multi->timer_ns() == 0);
    CURLcode code = CURLE_AGAIN;
    CURL* finished = nullptr;
    for (int i = 0; i < 1000 && finished == nullptr; ++i) {
      if (multi->timer_ns() <= read_mono_ns()) multi->on_timer();
      if (!watched.sockets.empty()) {
        pollfd entry{watched.sockets.begin()->first, watched.sockets.begin()->second, 0};
        if (poll(&entry, 1, 10) == 1) {
          multi->on_ready(entry.fd, static_cast<uint32_t>(entry.revents));
        }
      }
      finished = multi->next_finished(code);
    }
    CHECK(finished == easy);
    CHECK(code == CURLE_OK);
    CHECK(multi->next_finished(code) == nullptr);
    multi->remove(easy);
    CHECK(watched.sockets.empty());
  }
  CHECK(peer.connections() == 1);
  curl_easy_cleanup(easy);
}

TEST_CASE("multi: a thread waits for a transfer and a descriptor at once") {
  HttpPeer peer(answer_each(json_answer("hello")));
  const std::unique_ptr<WaitingMulti> multi = WaitingMulti::create(2);
  const std::unique_ptr<Waker> waker = Waker::create();
  REQUIRE(multi != nullptr);
  CHECK_FALSE(multi->wait(waker->fd(), 0));
  CURL* easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_URL, peer.url().c_str());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &discard);
  for (int round = 0; round < 2; ++round) {
    REQUIRE(multi->add(easy));
    CHECK_FALSE(multi->add(easy));
    CURLcode code = CURLE_AGAIN;
    CURL* finished = nullptr;
    const uint64_t begun = read_mono_ns();
    for (int i = 0; i < 1000 && finished == nullptr; ++i) {
      multi->perform();
      finished = multi->next_finished(code);
      if (finished == nullptr) CHECK_FALSE(multi->wait(waker->fd(), 10'000));
    }
    // It waited for the socket, not for the time to pass.
    CHECK(read_mono_ns() - begun < 9'000'000'000U);
    CHECK(finished == easy);
    CHECK(code == CURLE_OK);
    CHECK(multi->next_finished(code) == nullptr);
    multi->remove(easy);
  }
  CHECK(peer.connections() == 1);
  waker->wake();
  CHECK(multi->wait(waker->fd(), -1));
  CHECK(waker->take());
  CHECK_FALSE(multi->wait(waker->fd(), 0));
  curl_easy_cleanup(easy);
}
