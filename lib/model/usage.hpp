#pragma once

// model/ is the hub: what a request, an answer and a stream mean, in no dialect's words but near to
// Anthropic Messages, which is a subset of it. Plain values. May include base/.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tollgate::model {

/// Tokens of one billed step, in counters that do not overlap; the prompt is the sum of the first
/// four.
struct Tokens {
  int64_t input = 0;  ///< Neither read from nor written to a cache.
  int64_t cache_read = 0;
  int64_t cache_write_5m = 0;
  int64_t cache_write_1h = 0;
  int64_t output = 0;  ///< Reasoning included.

  int64_t prompt() const { return input + cache_read + cache_write_5m + cache_write_1h; }
  friend bool operator==(const Tokens&, const Tokens&) = default;
};

/// A step billed beside or instead of the top-level counters (usage.iterations).
struct UsageIteration {
  std::string type;   ///< message, fallback_message, compaction, advisor_message…
  std::string model;  ///< Empty: the answer's model.
  Tokens tokens;
  std::string rest;  ///< Unknown members, raw, without braces.

  friend bool operator==(const UsageIteration&, const UsageIteration&) = default;
};

/// What an answer used.
struct Usage {
  Tokens tokens;
  int64_t reasoning = 0;  ///< Part of tokens.output.
  int64_t web_searches = 0;
  int64_t web_fetches = 0;
  bool fast = false;       ///< usage.speed was "fast".
  bool estimated = false;  ///< Some counter is our estimate.
  std::string service_tier;
  std::string inference_geo;
  std::vector<UsageIteration> iterations;

  friend bool operator==(const Usage&, const Usage&) = default;
};

/// What one wire event says of usage. Absent members say nothing.
struct UsagePatch {
  std::optional<int64_t> input;
  std::optional<int64_t> cache_read;
  std::optional<int64_t> cache_write;  ///< Total of both lives.
  std::optional<int64_t> cache_write_5m;
  std::optional<int64_t> cache_write_1h;
  std::optional<int64_t> output;
  std::optional<int64_t> reasoning;
  std::optional<int64_t> web_searches;
  std::optional<int64_t> web_fetches;
  std::optional<bool> fast;
  std::optional<std::string> service_tier;
  std::optional<std::string> inference_geo;
  std::optional<std::vector<UsageIteration>> iterations;

  friend bool operator==(const UsagePatch&, const UsagePatch&) = default;
};

/// Overwrites what the patch names: values are cumulative, never increments. A total of cache
/// writes without a split counts as 5-minute writes, or rescales a split that was told before.
void merge(Usage& usage, const UsagePatch& patch);

/// Negative and absurd counters (above 10^9) are clamped, so that money stays exact.
inline constexpr int64_t kTokensMax = 1'000'000'000;

}  // namespace tollgate::model
