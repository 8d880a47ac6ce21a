#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/money.hpp"
#include "record/logging.hpp"
#include "record/record.hpp"

namespace tollgate::record {

/// Counters and histograms of all exchanges, for Prometheus. Safe from many threads. The number of
/// label sets is bounded by limits::kMetricSeriesMax; what comes above is counted under "other".
class Metrics {
 public:
  /// Adds one finished exchange; `metadata_keys` become labels.
  void add(const Record& record, const std::vector<std::string>& metadata_keys);

  /// Prometheus text format, in a fixed order. `open_exchanges` is a gauge of the gateway's.
  std::string to_text(uint64_t open_exchanges) const;

  static constexpr std::array<uint32_t, 14> kBucketBoundsMs = {
      5, 10, 25, 50, 100, 250, 500, 1'000, 2'500, 5'000, 10'000, 30'000, 60'000, 300'000};

  struct Histogram {
    std::array<uint64_t, kBucketBoundsMs.size()> buckets{};  ///< Each for itself, not cumulative.
    uint64_t count = 0;
    uint64_t sum_us = 0;

    void add(uint64_t duration_ns);
  };
  struct Series {
    uint64_t requests = 0;
    uint64_t input_tokens = 0;
    uint64_t output_tokens = 0;
    uint64_t cache_read_tokens = 0;
    uint64_t cache_write_tokens = 0;
    NanoUsd cost;
    uint64_t output_us = 0;  ///< From the first content to the end, of answers with both.
    Histogram duration;
    Histogram first_token;
  };

 private:
  void count_signal(const Record& record, std::string_view target, std::string_view signal,
                    uint64_t count, const std::vector<std::string>& metadata_keys);
  void count_signals(const Record& record, const std::vector<std::string>& metadata_keys);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Series> series_;      ///< By label text.
  std::unordered_map<std::string, uint64_t> failures_;  ///< Failed attempts, by label text.
  std::unordered_map<std::string, uint64_t> signals_;   ///< Of quality, by label text.
  std::unordered_map<std::string, uint64_t> ratings_;   ///< Sums of them, by label text.
};

}  // namespace tollgate::record
