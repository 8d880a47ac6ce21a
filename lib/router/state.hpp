#pragma once

#include "router/affinity.hpp"
#include "router/check_schedule.hpp"
#include "router/health.hpp"
#include "router/retry_ratio.hpp"

namespace tollgate::router {

/// What is learnt while requests run. One for a gateway, kept over reloads of its configuration;
/// everything in it is bounded and safe from many threads.
struct State {
  Health health;
  AffinityMap affinity;
  RetryRatio retries;
  CheckSchedule checks;
};

}  // namespace tollgate::router
