#include "router/health.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "router/hash.hpp"

namespace tollgate::router {
namespace {

uint64_t key_of(uint64_t target, EndpointClass endpoint) {
  return hash_pair(target, static_cast<uint64_t>(endpoint));
}

uint32_t microseconds(uint64_t span_ns) {
  // 0 stands for "no sample"; a target that is faster than a microsecond is as fast as one.
  const uint64_t us = std::max<uint64_t>(span_ns / kMicrosecond, 1);
  return static_cast<uint32_t>(std::min<uint64_t>(us, std::numeric_limits<uint32_t>::max()));
}

struct Sums {
  uint64_t first = 0;
  uint64_t first_count = 0;
  uint64_t output = 0;
  uint64_t output_count = 0;
  uint32_t samples = 0;

  void add(uint32_t first_us, uint32_t output_us) {
    ++samples;
    first += first_us;
    first_count += first_us != 0 ? 1 : 0;
    output += output_us;
    output_count += output_us != 0 ? 1 : 0;
  }
  Latency average() const {
    return {samples, first_count == 0 ? 0 : first * kMicrosecond / first_count,
            output_count == 0 ? 0 : output * kMicrosecond / output_count};
  }
};

}  // namespace

Health::Entry* Health::find(uint64_t key) const {
  if (entries_.empty()) return nullptr;
  for (size_t slot = slot_of(key);; slot = (slot + 1) & (entries_.size() - 1)) {
    Entry& entry = entries_[slot];
    if (entry.history == kNowhere) return nullptr;
    if (entry.key == key) return &entry;
  }
}

Health::Entry& Health::put(uint64_t key, uint32_t history) {
  size_t slot = slot_of(key);
  while (entries_[slot].history != kNowhere)
    slot = (slot + 1) & (entries_.size() - 1);
  entries_[slot].key = key;
  entries_[slot].history = history;
  return entries_[slot];
}

void Health::rehash(size_t slots) {
  std::vector<Entry> old(slots);
  old.swap(entries_);
  for (const Entry& entry : old) {
    if (entry.history != kNowhere) put(entry.key, entry.history) = entry;
  }
}

/// A wildcard account lets clients name as many targets as they like: what was quiet for long has
/// nothing to say any more.
void Health::forget_quiet(Time now) {
  std::vector<Entry> entries(entries_.size());
  std::vector<History> histories;
  entries.swap(entries_);
  for (const Entry& entry : entries) {
    if (entry.history == kNowhere) continue;
    History& history = histories_[entry.history];
    if (elapsed(history.last_used_ns, now.mono_ns) > kLatencyWindowNs) continue;
    Entry& kept = put(entry.key, entry.history);
    kept = entry;
    kept.history = static_cast<uint32_t>(histories.size());
    histories.push_back(std::move(history));
  }
  histories_ = std::move(histories);
}

Health::Entry* Health::find_or_add(uint64_t key, Time now) {
  if (Entry* found = find(key)) return found;
  if (histories_.size() >= kTargetsMax) {
    forget_quiet(now);
    if (histories_.size() >= kTargetsMax) return nullptr;
  }
  if (2 * (histories_.size() + 1) > entries_.size()) {
    rehash(std::max<size_t>(64, 2 * entries_.size()));
  }
  histories_.emplace_back();
  return &put(key, static_cast<uint32_t>(histories_.size() - 1));
}

uint32_t Health::failures_in_window(const History& history, uint64_t now_ns) {
  uint32_t count = 0;
  const size_t kept = std::min(history.failure_count, kFailures);
  for (size_t i = 0; i < kept; ++i) {
    if (elapsed(history.failures[i], now_ns) < kWindowNs) ++count;
  }
  return count;
}

void Health::average(const History& history, uint64_t now_ns, Entry& entry) {
  Sums recent;
  Sums usual;
  entry.averages_until = kNoDeadline;
  for (const Sample& sample : history.samples) {
    const uint64_t age = elapsed(sample.at_ns, now_ns);
    if (age >= kLatencyWindowNs) continue;
    usual.add(sample.first_token_us, sample.output_token_us);
    uint64_t window = kLatencyWindowNs;
    if (age < kSlaWindowNs) {
      recent.add(sample.first_token_us, sample.output_token_us);
      window = kSlaWindowNs;
    }
    entry.averages_until = std::min(entry.averages_until, deadline_after(sample.at_ns, window));
  }
  const Latency of_recent = recent.average();
  const Latency of_usual = usual.average();
  entry.recent_samples = of_recent.samples;
  entry.recent_first_ns = of_recent.first_token_ns;
  entry.recent_output_ns = of_recent.output_token_ns;
  entry.usual_samples = of_usual.samples;
  entry.usual_first_ns = of_usual.first_token_ns;
  entry.usual_output_ns = of_usual.output_token_ns;
}

void Health::report(uint64_t target, EndpointClass endpoint, const TargetReport& report, Time now) {
  const std::lock_guard lock(mutex_);
  Entry* entry = find_or_add(key_of(target, endpoint), now);
  if (entry == nullptr) return;
  History& history = histories_[entry->history];
  history.last_used_ns = now.mono_ns;
  if (report.outcome == Outcome::kNeutral) return;
  if (report.outcome == Outcome::kFailed) {
    entry->troubled = true;
    history.failures[history.failure_count++ % kFailures] = now.mono_ns;
    history.last_failure_ns = now.mono_ns;
    const uint64_t asked = std::min(report.retry_after_ns, kCooledMaxNs);
    if (asked != 0) {
      // A later answer that asks for less does not shorten what an earlier one asked for.
      history.cooled_until = std::max(history.cooled_until, deadline_after(now.mono_ns, asked));
    }
  } else if (report.opened_ns >= history.last_failure_ns &&
             failures_in_window(history, now.mono_ns) >= kFailuresMax) {
    // It was taken for unhealthy, was tried all the same, and works.
    history.failure_count = 0;
    history.cooled_until = 0;
    entry->troubled = false;
  }
  if (!report.first_token_ns && !report.output_token_ns) return;
  const Sample sample{now.mono_ns, report.first_token_ns ? microseconds(*report.first_token_ns) : 0,
                      report.output_token_ns ? microseconds(*report.output_token_ns) : 0};
  if (history.samples.size() < kSamples) {
    history.samples.push_back(sample);
  } else {
    history.samples[history.next_sample++ % kSamples] = sample;
  }
  average(history, now.mono_ns, *entry);
}

TargetView Health::view_of(Entry& entry, Time now) const {
  if (now.mono_ns >= entry.averages_until) average(histories_[entry.history], now.mono_ns, entry);
  TargetView view;
  view.recent = {entry.recent_samples, entry.recent_first_ns, entry.recent_output_ns};
  view.usual = {entry.usual_samples, entry.usual_first_ns, entry.usual_output_ns};
  if (!entry.troubled) return view;
  const History& history = histories_[entry.history];
  view.failures = failures_in_window(history, now.mono_ns);
  const bool cooled = now.mono_ns < history.cooled_until;
  // What has lasted its time needs no second look.
  if (view.failures == 0 && !cooled) entry.troubled = false;
  if (cooled) view.cooled_until = history.cooled_until;
  view.healthy = !cooled && view.failures < kFailuresMax;
  const uint64_t last_seen = std::max(history.last_failure_ns, history.probe_ns);
  view.probe =
      !view.healthy && !cooled &&
      (elapsed(last_seen, now.mono_ns) >= kProbeAfterNs || history.reachable_ns > last_seen);
  return view;
}

TargetView Health::view(uint64_t target, EndpointClass endpoint, Time now) const {
  const std::lock_guard lock(mutex_);
  Entry* entry = find(key_of(target, endpoint));
  return entry == nullptr ? TargetView{} : view_of(*entry, now);
}

void Health::views(const std::vector<uint64_t>& targets, EndpointClass endpoint, Time now,
                   std::vector<TargetView>& out) const {
  const std::lock_guard lock(mutex_);
  out.reserve(out.size() + targets.size());
  if (entries_.empty()) {
    out.resize(out.size() + targets.size());
    return;
  }
  // All lines are asked for before the first one is needed, so that they come side by side.
  for (const uint64_t target : targets)
    __builtin_prefetch(&entries_[slot_of(key_of(target, endpoint))]);
  for (const uint64_t target : targets) {
    Entry* entry = find(key_of(target, endpoint));
    out.push_back(entry == nullptr ? TargetView{} : view_of(*entry, now));
  }
}

void Health::begin_probe(uint64_t target, EndpointClass endpoint, Time now) {
  const std::lock_guard lock(mutex_);
  const Entry* entry = find(key_of(target, endpoint));
  if (entry != nullptr) histories_[entry->history].probe_ns = now.mono_ns;
}

void Health::note_reachable(uint64_t target, EndpointClass endpoint, Time now) {
  const std::lock_guard lock(mutex_);
  const Entry* entry = find(key_of(target, endpoint));
  if (entry != nullptr) histories_[entry->history].reachable_ns = now.mono_ns;
}

}  // namespace tollgate::router
