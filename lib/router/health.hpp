#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"

namespace tollgate::router {

/// What is called at a target; a fault of one says nothing about the other.
enum class EndpointClass : uint8_t { kMessages, kCountTokens };

enum class Outcome : uint8_t {
  kServed,
  kFailed,  ///< By a fault of the target. What the client did wrong is kNeutral.
  kNeutral
};

/// What the end of an attempt says about its target.
struct TargetReport {
  Outcome outcome = Outcome::kNeutral;
  uint64_t opened_ns = 0;
  uint64_t retry_after_ns = 0;  ///< The target asked to be left alone for so long.
  std::optional<uint64_t> first_token_ns;
  std::optional<uint64_t> output_token_ns;  ///< Time per output token.
};

/// Averages over a window; 0 where there are no samples.
struct Latency {
  uint32_t samples = 0;
  uint64_t first_token_ns = 0;
  uint64_t output_token_ns = 0;
};

/// A target's state at one moment.
struct TargetView {
  bool healthy = true;
  bool probe = false;         ///< Not healthy, and one request may find out whether it is again.
  uint32_t failures = 0;      ///< In the window.
  uint64_t cooled_until = 0;  ///< Monotonic; 0 when no retry-after is running.
  Latency recent;             ///< Over kSlaWindowNs.
  Latency usual;              ///< Over kLatencyWindowNs.
};

/// How all targets have been doing: a rolling window of failures and samples for each. Shared by
/// all exchanges, bounded, safe from many threads.
class Health {
 public:
  static constexpr uint64_t kWindowNs = 120 * kSecond;
  static constexpr uint32_t kFailuresMax = 2;  ///< So many in the window make a target unhealthy.
  static constexpr uint64_t kProbeAfterNs = 15 * kSecond;  ///< Since the last failure or probe.
  static constexpr uint64_t kCooledMaxNs = 3600 * kSecond;
  static constexpr uint64_t kSlaWindowNs = 180 * kSecond;
  static constexpr uint64_t kLatencyWindowNs = 1200 * kSecond;
  static constexpr uint32_t kSamplesMin = 3;
  static constexpr size_t kTargetsMax = 16'384;

  void report(uint64_t target, EndpointClass endpoint, const TargetReport& report, Time now);
  TargetView view(uint64_t target, EndpointClass endpoint, Time now) const;
  /// The views of many targets under one lock, appended to `out` in the same order.
  void views(const std::vector<uint64_t>& targets, EndpointClass endpoint, Time now,
             std::vector<TargetView>& out) const;
  /// Notes that a probe is under way, so that no second one goes out beside it.
  void begin_probe(uint64_t target, EndpointClass endpoint, Time now);
  /// Something answers there again: where the target is unhealthy, the next request probes it.
  void note_reachable(uint64_t target, EndpointClass endpoint, Time now);

 private:
  struct Sample {
    uint64_t at_ns = 0;
    uint32_t first_token_us = 0;
    uint32_t output_token_us = 0;
  };
  static constexpr size_t kSamples = 100;
  static constexpr size_t kFailures = 8;
  static constexpr uint32_t kNowhere = UINT32_MAX;

  /// What every plan reads of a target, in one cache line: a table of them is searched for each
  /// target of a route, and memory is what that takes its time for.
  struct alignas(64) Entry {
    uint64_t key = 0;
    uint64_t averages_until = kNoDeadline;  ///< The averages change by themselves then.
    uint64_t recent_first_ns = 0;
    uint64_t recent_output_ns = 0;
    uint64_t usual_first_ns = 0;
    uint64_t usual_output_ns = 0;
    uint32_t recent_samples = 0;
    uint32_t usual_samples = 0;
    uint32_t history = kNowhere;  ///< Into histories_; kNowhere: nobody is here.
    bool troubled = false;        ///< The history may make it unhealthy.
  };

  /// The rest, for who reports and for targets in trouble.
  struct History {
    std::array<uint64_t, kFailures> failures{};
    size_t failure_count = 0;  ///< Ever; the ring holds the last ones.
    uint64_t last_failure_ns = 0;
    uint64_t cooled_until = 0;
    uint64_t probe_ns = 0;
    uint64_t reachable_ns = 0;
    uint64_t last_used_ns = 0;
    uint64_t key = 0;
    std::vector<Sample> samples;
    size_t next_sample = 0;
  };

  size_t slot_of(uint64_t key) const { return static_cast<size_t>(key) & (entries_.size() - 1); }
  Entry* find(uint64_t key) const;
  Entry* find_or_add(uint64_t key, Time now);
  void forget_quiet(Time now);
  void rehash(size_t slots);
  Entry& put(uint64_t key, uint32_t history);
  static uint32_t failures_in_window(const History& history, uint64_t now_ns);
  static void average(const History& history, uint64_t now_ns, Entry& entry);
  TargetView view_of(Entry& entry, Time now) const;

  mutable std::mutex mutex_;
  mutable std::vector<Entry> entries_;  ///< Open addressing; a power of two, at most half full.
  std::vector<History> histories_;
};

}  // namespace tollgate::router
