#include "router/retry_ratio.hpp"

#include <algorithm>

namespace tollgate::router {

RetryRatio::Bucket& RetryRatio::bucket_at(Time now) {
  const uint64_t number = now.mono_ns / kBucketNs;
  Bucket& bucket = buckets_[number % kBuckets];
  if (bucket.number != number) bucket = {number, 0, 0};
  return bucket;
}

void RetryRatio::note_request(Time now) {
  const std::lock_guard lock(mutex_);
  ++bucket_at(now).requests;
}

bool RetryRatio::take(Time now) {
  const std::lock_guard lock(mutex_);
  Bucket& current = bucket_at(now);
  uint64_t requests = 0;
  uint64_t retries = 0;
  for (const Bucket& bucket : buckets_) {
    if (bucket.number + kBuckets <= current.number || bucket.number > current.number) continue;
    requests += bucket.requests;
    retries += bucket.retries;
  }
  if (retries >= std::max(kRetriesFree, requests * kRetriesPercent / 100)) return false;
  ++current.retries;
  return true;
}

}  // namespace tollgate::router
