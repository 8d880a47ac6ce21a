#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tollgate/action.h"

namespace tollgate::curl_driver {

/// A time at which something is due. Lies within what it belongs to; must not move while it is set.
struct Timer {
  static constexpr size_t kNowhere = SIZE_MAX;

  uint64_t at_ns = TG_NO_DEADLINE;
  size_t place = kNowhere;  ///< The heap's own.
};

/// Timers by when they are due. One that is taken back leaves nothing behind: most deadlines of an
/// exchange are minutes away when it is done, and a busy loop would keep millions of them.
class TimerHeap {
 public:
  /// Sets a timer or moves it. May throw bad_alloc when it was not set.
  void set(Timer& timer, uint64_t at_ns);
  /// Takes a timer back; does nothing when it is not set.
  void remove(Timer& timer) noexcept;
  /// The timer that is due first; null when there is none.
  Timer* first() const { return heap_.empty() ? nullptr : heap_.front(); }
  size_t size() const { return heap_.size(); }

 private:
  void put(Timer& timer, size_t place);
  void rise(Timer& timer);
  void sink(Timer& timer);

  std::vector<Timer*> heap_;
};

}  // namespace tollgate::curl_driver
