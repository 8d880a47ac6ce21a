#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "record/logging.hpp"
#include "record/record.hpp"

namespace tollgate::record {

/// Counters and histograms of all exchanges, for Prometheus. Safe from many threads. The number of
/// series is bounded by limits::kMetricSeriesMax; what comes above is counted under "other".
class Metrics {
 public:
  /// Adds one finished exchange; `metadata_keys` become labels.
  void add(const Record& record, const std::vector<std::string>& metadata_keys);

  /// Prometheus text format. `open_exchanges` is a gauge of the gateway's.
  std::string to_text(uint64_t open_exchanges) const;

 private:
  static constexpr size_t kBucketCount = 14;
  struct Histogram {
    std::array<uint64_t, kBucketCount> buckets{};
    uint64_t count = 0;
    double sum_ms = 0;
  };
  struct Series {
    uint64_t requests = 0;
    uint64_t failures = 0;
    uint64_t input_tokens = 0;
    uint64_t output_tokens = 0;
    uint64_t cache_read_tokens = 0;
    uint64_t cache_write_tokens = 0;
    int64_t cost_nano_usd = 0;
    Histogram duration;
    Histogram first_token;
  };

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Series> series_;  ///< By its label text.
};

}  // namespace tollgate::record
