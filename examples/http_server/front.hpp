#pragma once

// Accepting: one thread takes connections and deals them out to the event loops.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "event_loop.hpp"
#include "options.hpp"
#include "service.hpp"

namespace tollgate::server {

class Front {
 public:
  explicit Front(Service& service) : service_(service) {}
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;
  ~Front();

  /// Binds and listens; port 0 takes a free one. On failure says why.
  bool bind(const ListenAddress& address, std::string& reason);
  int port() const { return port_; }

  /// Serves from here on, on so many threads of its own; 0: one for each core. On failure says why.
  bool start(size_t threads, std::string& reason);

  /// Ends the connections that wait for a request, and every other one after its answer.
  void dismiss_idle();
  /// Breaks the connections that are at work, as if their clients had gone.
  void break_busy();
  /// Connections that are at work.
  size_t busy() const;

  /// Accepts no more, waits for answers that are on their way until the deadline, and ends.
  void stop(std::chrono::steady_clock::time_point deadline);

 private:
  void accept_all();
  void take(int fd, std::string address);
  size_t open() const;

  Service& service_;
  int listener_ = -1;
  int port_ = 0;
  size_t connections_max_ = 0;
  std::atomic<bool> stopping_{false};
  std::vector<std::unique_ptr<EventLoop>> loops_;
  std::thread accepting_;
};

}  // namespace tollgate::server
