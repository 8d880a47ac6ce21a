#include "router/affinity.hpp"

#include <utility>

namespace tollgate::router {

std::optional<Pin> AffinityMap::find(uint64_t key, Time now) const {
  const std::lock_guard lock(mutex_);
  for (const auto* generation : {&young_, &old_}) {
    const auto found = generation->find(key);
    if (found == generation->end()) continue;
    if (now.mono_ns >= found->second.expires_ns) return std::nullopt;
    return found->second;
  }
  return std::nullopt;
}

void AffinityMap::put(uint64_t key, const Pin& pin) {
  const std::lock_guard lock(mutex_);
  if (young_.size() >= kPinsMax / 2 && !young_.contains(key)) {
    old_ = std::exchange(young_, {});
  }
  young_[key] = pin;
}

size_t AffinityMap::size() const {
  const std::lock_guard lock(mutex_);
  return young_.size() + old_.size();
}

}  // namespace tollgate::router
