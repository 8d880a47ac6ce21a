#include "router/health.hpp"

#include <algorithm>
#include <limits>

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

Health::TargetState* Health::state_of(uint64_t key, Time now) {
  const auto found = targets_.find(key);
  if (found != targets_.end()) return &found->second;
  if (targets_.size() >= kTargetsMax) {
    // A wildcard account lets clients name as many targets as they like: what was quiet for long
    // has nothing to say any more.
    std::erase_if(targets_, [&](const auto& entry) {
      return elapsed(entry.second.last_used_ns, now.mono_ns) > kLatencyWindowNs;
    });
    if (targets_.size() >= kTargetsMax) return nullptr;
  }
  return &targets_[key];
}

uint32_t Health::failures_in_window(const TargetState& state, uint64_t now_ns) {
  uint32_t count = 0;
  const size_t kept = std::min(state.failure_count, kFailures);
  for (size_t i = 0; i < kept; ++i) {
    if (elapsed(state.failures[i], now_ns) < kWindowNs) ++count;
  }
  return count;
}

void Health::average(TargetState& state, uint64_t now_ns) {
  Sums recent;
  Sums usual;
  state.averages_until = kNoDeadline;
  for (const Sample& sample : state.samples) {
    const uint64_t age = elapsed(sample.at_ns, now_ns);
    if (age >= kLatencyWindowNs) continue;
    usual.add(sample.first_token_us, sample.output_token_us);
    uint64_t window = kLatencyWindowNs;
    if (age < kSlaWindowNs) {
      recent.add(sample.first_token_us, sample.output_token_us);
      window = kSlaWindowNs;
    }
    state.averages_until = std::min(state.averages_until, deadline_after(sample.at_ns, window));
  }
  state.recent = recent.average();
  state.usual = usual.average();
}

void Health::report(uint64_t target, EndpointClass endpoint, const TargetReport& report, Time now) {
  const std::lock_guard lock(mutex_);
  TargetState* state = state_of(key_of(target, endpoint), now);
  if (state == nullptr) return;
  state->last_used_ns = now.mono_ns;
  if (report.outcome == Outcome::kNeutral) return;
  if (report.outcome == Outcome::kFailed) {
    state->failures[state->failure_count++ % kFailures] = now.mono_ns;
    state->last_failure_ns = now.mono_ns;
    const uint64_t asked = std::min(report.retry_after_ns, kCooledMaxNs);
    if (asked != 0) {
      // A later answer that asks for less does not shorten what an earlier one asked for.
      state->cooled_until = std::max(state->cooled_until, deadline_after(now.mono_ns, asked));
    }
  } else if (report.opened_ns >= state->last_failure_ns &&
             failures_in_window(*state, now.mono_ns) >= kFailuresMax) {
    // It was taken for unhealthy, was tried all the same, and works.
    state->failure_count = 0;
    state->cooled_until = 0;
  }
  if (!report.first_token_ns && !report.output_token_ns) return;
  const Sample sample{now.mono_ns, report.first_token_ns ? microseconds(*report.first_token_ns) : 0,
                      report.output_token_ns ? microseconds(*report.output_token_ns) : 0};
  if (state->samples.size() < kSamples) {
    state->samples.push_back(sample);
  } else {
    state->samples[state->next_sample++ % kSamples] = sample;
  }
  average(*state, now.mono_ns);
}

TargetView Health::view_of(TargetState& state, Time now) {
  if (now.mono_ns >= state.averages_until) average(state, now.mono_ns);
  TargetView view;
  view.recent = state.recent;
  view.usual = state.usual;
  if (state.failure_count == 0 && state.cooled_until == 0) return view;
  view.failures = failures_in_window(state, now.mono_ns);
  const bool cooled = now.mono_ns < state.cooled_until;
  if (cooled) view.cooled_until = state.cooled_until;
  view.healthy = !cooled && view.failures < kFailuresMax;
  view.probe =
      !view.healthy && !cooled &&
      elapsed(std::max(state.last_failure_ns, state.probe_ns), now.mono_ns) >= kProbeAfterNs;
  return view;
}

TargetView Health::view(uint64_t target, EndpointClass endpoint, Time now) const {
  const std::lock_guard lock(mutex_);
  const auto found = targets_.find(key_of(target, endpoint));
  return found == targets_.end() ? TargetView{} : view_of(found->second, now);
}

void Health::views(const std::vector<uint64_t>& targets, EndpointClass endpoint, Time now,
                   std::vector<TargetView>& out) const {
  const std::lock_guard lock(mutex_);
  for (const uint64_t target : targets) {
    const auto found = targets_.empty() ? targets_.end() : targets_.find(key_of(target, endpoint));
    out.push_back(found == targets_.end() ? TargetView{} : view_of(found->second, now));
  }
}

void Health::begin_probe(uint64_t target, EndpointClass endpoint, Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = targets_.find(key_of(target, endpoint));
  if (found != targets_.end()) found->second.probe_ns = now.mono_ns;
}

}  // namespace tollgate::router
