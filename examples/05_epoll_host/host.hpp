#pragma once

// What connections and transfers share: the gateway, epoll, libcurl, deadlines, work for later.

#include <cerrno>
#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <sys/epoll.h>
#include <unordered_map>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include "tollgate/tollgate.h"

#include "request_head.hpp"

namespace epoll_host {

constexpr uint64_t kSecond = 1'000'000'000;

inline tg_time now() {
  timespec mono{};
  timespec wall{};
  clock_gettime(CLOCK_MONOTONIC, &mono);
  clock_gettime(CLOCK_REALTIME, &wall);
  return {static_cast<uint64_t>(mono.tv_sec) * kSecond + static_cast<uint64_t>(mono.tv_nsec),
          static_cast<int64_t>(wall.tv_sec) * 1000 + wall.tv_nsec / 1'000'000};
}

inline bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

struct Connection;
struct Transfer;

/// What an epoll event is about: the listener, the waker, a socket of libcurl's, or (any other
/// number) the connection with that id. Numbers instead of pointers: an event that was fetched
/// before its connection went finds nothing.
constexpr uint64_t kListener = 0;
constexpr uint64_t kWaker = 1;
constexpr uint64_t kCurlSocket = uint64_t{1} << 63U;

struct Host {
  tg_gateway* gateway = nullptr;
  tg_waker* waker = nullptr;
  int listener = -1;
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  CURLM* multi = curl_multi_init();
  uint64_t curl_timer_ns = TG_NO_DEADLINE;
  std::vector<char> scratch = std::vector<char>(kHeadBytesMax + 32 * 1024);
  std::vector<CURL*> idle_handles;
  uint64_t last_id = kWaker;
  std::unordered_map<uint64_t, std::unique_ptr<Connection>> connections;
  std::set<std::pair<uint64_t, uint64_t>> deadlines;  ///< When, and whose.
  /// libcurl may not be entered from its own callbacks, and actions come out there too; nor may a
  /// connection go while one of its functions runs. What must wait for that waits here.
  std::vector<std::function<void()>> later;

  void watch(int fd, uint32_t events, uint64_t tag, int operation = EPOLL_CTL_ADD) const {
    epoll_event event{};
    event.events = events;
    event.data.u64 = tag;
    epoll_ctl(epoll, operation, fd, &event);
  }
  void accept_all();
  void on_event(const epoll_event& event);
  void settle();
  void fire_deadlines();
  void run();
};

}  // namespace epoll_host
