#include "router/check_schedule.hpp"

namespace tollgate::router {

bool CheckSchedule::take(uint64_t account, uint64_t interval_ns, Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = asked_ns_.find(account);
  if (found != asked_ns_.end()) {
    if (elapsed(found->second, now.mono_ns) < interval_ns) return false;
    found->second = now.mono_ns;
    return true;
  }
  // Accounts come and go with reloads; those of today are soon back.
  if (asked_ns_.size() >= kAccountsMax) asked_ns_.clear();
  asked_ns_.emplace(account, now.mono_ns);
  return true;
}

uint64_t CheckSchedule::due_ns(uint64_t account, uint64_t interval_ns, Time now) const {
  const std::lock_guard lock(mutex_);
  const auto found = asked_ns_.find(account);
  return found == asked_ns_.end() ? now.mono_ns : deadline_after(found->second, interval_ns);
}

}  // namespace tollgate::router
