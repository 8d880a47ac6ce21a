#pragma once

#include <array>
#include <cstdint>
#include <mutex>

#include "base/time.hpp"

namespace tollgate::router {

/// Bounds retries over all requests of the last minute, so that a provider in trouble does not get
/// a multiple of its traffic, and the client's own retries are not multiplied. Safe from many
/// threads.
class RetryRatio {
 public:
  static constexpr uint64_t kRetriesPercent = 20;
  /// So many a minute are free: a gateway with little traffic could never retry otherwise.
  static constexpr uint64_t kRetriesFree = 10;

  void note_request(Time now);
  /// Counts a retry; false, and nothing is counted, when the minute has no room for it.
  bool take(Time now);

 private:
  static constexpr uint64_t kBucketNs = 10 * kSecond;
  static constexpr size_t kBuckets = 6;
  struct Bucket {
    uint64_t number = 0;
    uint64_t requests = 0;
    uint64_t retries = 0;
  };

  Bucket& bucket_at(Time now);

  std::mutex mutex_;
  std::array<Bucket, kBuckets> buckets_{};
};

}  // namespace tollgate::router
