#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/calendar.hpp"
#include "base/time.hpp"
#include "ledger/charge.hpp"
#include "policy/notification.hpp"

namespace tollgate::exchange {

/// One notification that is due: a counter of a budget has passed a threshold.
struct Alert {
  std::shared_ptr<const policy::Notification> receiver;
  std::string budget;
  std::string mark;    ///< Names the counter of one that makes it go out once.
  std::string entity;  ///< Whose counter of the budget.
  int32_t threshold = 0;
  Period period = Period::kDay;
  Window window;
  std::string body;
  uint32_t tries = 0;
  uint64_t due_ns = 0;

  /// A limit of one in the window of the budget. Whoever is granted it, over all processes that
  /// share a store, delivers; once it is settled nobody does again.
  ledger::Charge charge() const;
};

/// Notifications that wait for an exchange to deliver them. Shared by all; safe from many threads,
/// bounded: what comes above is dropped and counted.
class AlertBook {
 public:
  static constexpr size_t kWaitingMax = 1'024;
  static constexpr size_t kKnownMax = 65'536;

  struct Counts {
    uint64_t delivered = 0;
    uint64_t retried = 0;
    uint64_t failed = 0;   ///< Given up.
    uint64_t dropped = 0;  ///< There was no room for them.
  };

  /// True when this one has not been noted in this window: the caller then fills in an alert and
  /// puts it. What is forgotten for lack of room is still told once, by its mark in the ledger.
  bool is_new(std::string_view mark, std::string_view entity, const Window& window,
              int64_t wall_ms);
  /// Has it delivered; also again, later, after a try that failed.
  void put(Alert alert);
  /// The next one that is due.
  std::optional<Alert> take(Time now);
  /// True when take() may give something, looked at without the lock.
  bool waits() const { return waiting_count_.load(std::memory_order_relaxed) != 0; }

  void count_delivered();
  void count_retry();
  void count_failure();
  Counts counts() const;

 private:
  mutable std::mutex mutex_;
  std::deque<Alert> waiting_;
  std::unordered_map<std::string, int64_t> known_;  ///< The end of the window it was noted in.
  Counts counts_;
  std::atomic<size_t> waiting_count_{0};
};

}  // namespace tollgate::exchange
