#pragma once

// Accepting: cpp-httplib binds, listens and hands over sockets; a thread of ours serves each.

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "options.hpp"
#include "service.hpp"

namespace tollgate::server {

class Front {
 public:
  Front(Service& service, size_t threads_max);
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;
  ~Front();

  /// Binds and listens; port 0 takes a free one. On failure says why.
  bool bind(const ListenAddress& address, std::string& reason);
  int port() const;

  /// Serves on threads of its own from here on.
  void start();
  void set_threads_max(size_t threads_max);

  /// Accepts no more and ends the connections that are idle. False when some are still at work at
  /// the deadline: then the process can only be left.
  bool stop(std::chrono::steady_clock::time_point deadline);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace tollgate::server
