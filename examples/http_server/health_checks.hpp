#pragma once

// Asks the gateway to check the upstreams that want it (`health_check`), on a thread of its own: a
// request like any other, which any host can make as well.

#include <condition_variable>
#include <mutex>
#include <thread>

#include "service.hpp"

namespace tollgate::server {

class HealthChecks {
 public:
  HealthChecks() = default;
  HealthChecks(const HealthChecks&) = delete;
  HealthChecks& operator=(const HealthChecks&) = delete;
  ~HealthChecks() { stop(); }

  /// False when the system gives no socket pair. The service outlives the thread.
  bool start(const Service& service);
  /// The configuration has changed.
  void wake();
  /// Breaks a check that is under way and ends the thread.
  void stop();

 private:
  void work();
  /// Seconds until the next one is due.
  int64_t check_once();

  const Service* service_ = nullptr;
  int ends_[2] = {-1, -1};  ///< The driver sees the first one hang up when the second is closed.
  std::mutex mutex_;
  std::condition_variable condition_;
  bool woken_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tollgate::server
