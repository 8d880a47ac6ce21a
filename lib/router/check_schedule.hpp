#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "base/time.hpp"

namespace tollgate::router {

/// When each account was last asked whether it answers at all. Bounded; safe from many threads.
class CheckSchedule {
 public:
  static constexpr size_t kAccountsMax = 4'096;

  /// True when this account is due; it then counts as asked now, so that nobody else asks beside.
  bool take(uint64_t account, uint64_t interval_ns, Time now);
  /// When it is due next: `now` when it has never been asked.
  uint64_t due_ns(uint64_t account, uint64_t interval_ns, Time now) const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<uint64_t, uint64_t> asked_ns_;
};

}  // namespace tollgate::router
