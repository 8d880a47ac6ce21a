#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/time.hpp"
#include "router/routing.hpp"

namespace tollgate::router {

/// Where a conversation or a sticky session was served last.
struct Pin {
  uint64_t target = 0;  ///< RouteTarget::key.
  uint64_t expires_ns = 0;
  Tier tier = Tier::kSimple;
  int64_t cached_tokens = 0;  ///< What the provider's prompt cache holds of it.
};

/// Who was served where, for as long as it matters. Bounded: of two generations the older one is
/// forgotten when the younger is full. Safe from many threads.
class AffinityMap {
 public:
  static constexpr size_t kPinsMax = 100'000;
  /// A provider keeps a prompt for five minutes since its last use, or an hour when asked to.
  static constexpr uint64_t kCacheNs = 300 * kSecond;
  static constexpr uint64_t kLongCacheNs = 3600 * kSecond;

  std::optional<Pin> find(uint64_t key, Time now) const;
  void put(uint64_t key, const Pin& pin);
  size_t size() const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<uint64_t, Pin> young_;
  std::unordered_map<uint64_t, Pin> old_;
};

}  // namespace tollgate::router
