#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "drivers/curl/waker.hpp"

namespace tollgate::curl_driver {

/// A waker and a client's socket behind one descriptor, which is readable when somebody has called
/// or the client has gone. libcurl can wait for such a descriptor together with its own sockets;
/// for a socket whose peer leaves it cannot.
class Watch {
 public:
  /// Null when no descriptor is left.
  static std::unique_ptr<Watch> create();
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  Waker& waker() { return *waker_; }
  int fd() const { return epoll_; }

  /// The client that is watched from now on; negative for none.
  void set_client(int fd) noexcept;

  struct Seen {
    bool woken = false;
    bool client_gone = false;
  };
  Seen look() noexcept;

 private:
  explicit Watch(int epoll) : epoll_(epoll) {}
  bool add(int fd, uint32_t events) const noexcept;

  int epoll_;
  int client_ = -1;
  std::unique_ptr<Waker> waker_;
};

/// Idle watches: two pairs of descriptor calls a request is what this saves.
class WatchPool {
 public:
  std::unique_ptr<Watch> take();
  void give(std::unique_ptr<Watch> watch) noexcept;

 private:
  static constexpr size_t kIdleMax = 1024;

  std::mutex mutex_;
  std::vector<std::unique_ptr<Watch>> idle_;
};

}  // namespace tollgate::curl_driver
