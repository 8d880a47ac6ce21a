#include "router/plan.hpp"

#include <algorithm>
#include <cmath>

#include "router/capability.hpp"
#include "router/complexity.hpp"
#include "router/hash.hpp"

namespace tollgate::router {
namespace {

constexpr int64_t kEpochMs = 600'000;  // A caller keeps its latency-based choice so long.
// Times of targets within this factor of the fastest one count as equal.
constexpr double kEqualFactor = 1.2;
// For comparing targets by one number: the time of an answer of so many tokens.
constexpr double kTypicalTokens = 100;

/// How a target is sorted: smaller parts first, from left to right.
struct Rank {
  bool unhealthy = false;
  uint32_t group = 0;      ///< Priority, or distance from the wanted tier.
  bool elsewhere = false;  ///< The conversation is pinned to another one.
  double draw = 0;
};

bool operator<(const Rank& a, const Rank& b) {
  if (a.unhealthy != b.unhealthy) return b.unhealthy;
  if (a.group != b.group) return a.group < b.group;
  if (a.elsewhere != b.elsewhere) return b.elsewhere;
  return a.draw < b.draw;
}

bool metadata_matches(const model::Metadata& wanted, const model::Metadata& metadata) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& pair) {
    return std::find(metadata.begin(), metadata.end(), pair) != metadata.end();
  });
}

Why why_of(Lack lack) {
  switch (lack) {
    case Lack::kImages:
      return Why::kImages;
    case Lack::kPdf:
      return Why::kPdf;
    case Lack::kTools:
      return Why::kTools;
    case Lack::kThinking:
      return Why::kThinking;
    case Lack::kStructuredOutput:
      return Why::kStructuredOutput;
    case Lack::kContext:
      return Why::kContext;
    case Lack::kNone:
      break;
  }
  return Why::kNone;
}

/// A draw in which the target with twice the weight wins twice as often: exponential waiting times.
/// The draw of a target does not depend on the others, so that one that comes or goes moves no more
/// than its own share.
double weighted_draw(uint64_t base, const RouteTarget& target, double weight) {
  const uint64_t bits = hash_pair(base, target.key) >> 11U;
  if (weight <= 0) return HUGE_VAL;
  const double uniform = (static_cast<double>(bits) + 1) / 9007199254740993.0;  // 2^53 + 1
  return -std::log(uniform) / weight;
}

uint64_t draw_base(const Routing& routing, const PlanRequest& request) {
  if (routing.strategy == Strategy::kLatency) {
    const auto epoch = static_cast<uint64_t>(request.now.wall_ms / kEpochMs);
    return hash_pair(hash_pair(request.caller, epoch), routing.key + request.seed);
  }
  const uint64_t spread = routing.key + request.seed;
  if (routing.sticky && request.session != 0) {
    // When a pin has run out, the next choice is a new one.
    const uint64_t ttl_ms = std::max<uint64_t>(routing.sticky->ttl_ns / kMillisecond, 1);
    return hash_pair(hash_pair(request.session, spread),
                     static_cast<uint64_t>(request.now.wall_ms) / ttl_ms);
  }
  if (routing.affinity == Affinity::kConversation && request.conversation != 0) {
    return hash_pair(request.conversation, spread);
  }
  return hash_pair(request.draw, spread);
}

double typical_ns(const Latency& latency) {
  return static_cast<double>(latency.first_token_ns) +
         kTypicalTokens * static_cast<double>(latency.output_token_ns);
}

/// Weights by speed: 1 for the fastest and all that are nearly as fast or not known yet.
std::vector<double> speed_weights(const Surroundings& around) {
  double fastest = HUGE_VAL;
  for (const TargetView& view : around.targets) {
    if (view.usual.samples >= Health::kSamplesMin)
      fastest = std::min(fastest, typical_ns(view.usual));
  }
  std::vector<double> weights(around.targets.size(), 1);
  for (size_t i = 0; i < weights.size(); ++i) {
    const TargetView& view = around.targets[i];
    const double own = typical_ns(view.usual);
    if (view.usual.samples < Health::kSamplesMin || own <= fastest * kEqualFactor) continue;
    const double share = fastest / own;
    weights[i] = share * share * share;
  }
  return weights;
}

/// Whether its averages are above what its sla_cutoff allows.
bool too_slow(const SlaCutoff& sla, const Latency& recent) {
  if (!sla.any() || recent.samples < Health::kSamplesMin) return false;
  return (sla.first_token_ns != 0 && recent.first_token_ns > sla.first_token_ns) ||
         (sla.output_token_ns != 0 && recent.output_token_ns > sla.output_token_ns);
}

/// A request whose own tier has no target goes to a stronger one before a weaker one.
uint32_t tier_distance(Tier wanted, Tier offered) {
  const auto want = static_cast<uint32_t>(wanted);
  const auto offer = static_cast<uint32_t>(offered);
  return offer >= want ? offer - want : 2 + want - offer;
}

uint32_t group_of(const Routing& routing, const RouteTarget& target, Tier tier) {
  if (routing.strategy == Strategy::kPriority) return target.priority;
  if (routing.strategy == Strategy::kComplexity) return tier_distance(tier, target.tier);
  return 0;
}

void filter(const Routing& routing, const PlanRequest& request, const std::vector<bool>& denied,
            std::vector<Planned>& order) {
  bool thinking_served = false;
  for (uint32_t i = 0; i < routing.targets.size(); ++i) {
    const RouteTarget& target = routing.targets[i];
    Planned planned{i, true, Why::kNone};
    if (i < denied.size() && denied[i]) {
      planned.why = Why::kNoAccess;
    } else if (!metadata_matches(target.metadata_match, request.metadata)) {
      planned.why = Why::kMetadata;
    } else {
      planned.why = why_of(lack_of(target.facts, request.facts));
      thinking_served = thinking_served || planned.why == Why::kNone;
    }
    planned.usable = planned.why == Why::kNone;
    order.push_back(planned);
  }
  if (thinking_served) return;
  // An answer without thinking is better than none.
  for (Planned& planned : order) {
    if (planned.why == Why::kThinking) planned = {planned.index, true, Why::kNone};
  }
}

struct Ranked {
  Planned planned;
  Rank rank;
};

Rank rank_of(const Routing& routing, const Surroundings& around, Tier tier, double draw,
             Planned& planned) {
  const RouteTarget& target = routing.targets[planned.index];
  const TargetView& view = around.targets[planned.index];
  Rank rank;
  rank.group = group_of(routing, target, tier);
  rank.elsewhere = !around.pin || around.pin->target != target.key;
  rank.draw = draw;
  if (!view.healthy) {
    rank.unhealthy = !view.probe;
    planned.why = view.probe               ? Why::kProbe
                  : view.cooled_until != 0 ? Why::kCooled
                                           : Why::kUnhealthy;
  } else if (too_slow(target.sla, view.recent)) {
    rank.unhealthy = true;
    planned.why = Why::kSlow;
  } else if (!rank.elsewhere) {
    planned.why = Why::kPinned;
  }
  return rank;
}

}  // namespace

uint64_t pin_key(const Routing& routing, const PlanRequest& request) {
  if (routing.sticky) {
    if (request.session != 0) return hash_pair(routing.key, request.session);
  }
  if (routing.affinity == Affinity::kRequest || request.conversation == 0) return 0;
  return hash_pair(request.conversation, routing.key);
}

Surroundings look_around(const State& state, const Routing& routing, uint64_t pin_key,
                         const PlanRequest& request) {
  Surroundings around;
  std::vector<uint64_t> keys;
  keys.reserve(routing.targets.size());
  around.targets.reserve(routing.targets.size());
  for (const RouteTarget& target : routing.targets)
    keys.push_back(target.key);
  state.health.views(keys, request.endpoint, request.now, around.targets);
  if (pin_key != 0) around.pin = state.affinity.find(pin_key, request.now);
  return around;
}

Plan plan(const Routing& routing, const PlanRequest& request, const Surroundings& around,
          const std::vector<bool>& denied) {
  Plan made;
  if (routing.strategy == Strategy::kComplexity) {
    made.score = complexity_score(request.facts);
    made.tier = tier_of(made.score, routing.thresholds);
    if (around.pin) made.tier = std::max(made.tier, around.pin->tier);
  }
  made.order.reserve(routing.targets.size());
  filter(routing, request, denied, made.order);
  std::vector<double> weights;
  if (routing.strategy == Strategy::kLatency) weights = speed_weights(around);
  const uint64_t base = draw_base(routing, request);
  std::vector<Ranked> ranked;
  ranked.reserve(made.order.size());
  for (Planned& planned : made.order) {
    if (!planned.usable) continue;
    const RouteTarget& target = routing.targets[planned.index];
    const double weight = routing.strategy == Strategy::kWeight    ? target.weight
                          : routing.strategy == Strategy::kLatency ? weights[planned.index]
                                                                   : 1;
    const double draw = weighted_draw(base, target, weight);
    const Rank rank = rank_of(routing, around, made.tier, draw, planned);
    ranked.push_back({planned, rank});
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const Ranked& a, const Ranked& b) { return a.rank < b.rank; });
  std::vector<Planned> skipped;
  for (const Planned& planned : made.order) {
    if (!planned.usable) skipped.push_back(planned);
  }
  made.order.clear();
  for (size_t i = 0; i < ranked.size(); ++i) {
    Planned planned = ranked[i].planned;
    if (i > 0 && !routing.targets[planned.index].fallback_candidate) {
      skipped.push_back({planned.index, false, Why::kNotFallback});
    } else {
      made.order.push_back(planned);
    }
  }
  made.order.insert(made.order.end(), skipped.begin(), skipped.end());
  return made;
}

std::string why_text(Why why, const RouteTarget& target, const TargetView& view, Time now) {
  switch (why) {
    case Why::kNone:
      return {};
    case Why::kNoAccess:
      return "no access";
    case Why::kMetadata: {
      std::string text = "metadata does not match";
      for (const auto& [key, value] : target.metadata_match)
        text += " " + key + "=" + value;
      return text;
    }
    case Why::kImages:
      return "no images";
    case Why::kPdf:
      return "no documents";
    case Why::kTools:
      return "no tools";
    case Why::kThinking:
      return "no thinking";
    case Why::kStructuredOutput:
      return "no structured output";
    case Why::kContext:
      return "context of " + std::to_string(target.facts.context_window) + " tokens is too small";
    case Why::kNotFallback:
      return "not a fallback candidate";
    case Why::kPinned:
      return "served this conversation before";
    case Why::kProbe:
      return "unhealthy, probed by this request";
    case Why::kCooled:
      return "asked not to be called for " +
             std::to_string((elapsed(now.mono_ns, view.cooled_until) + kSecond - 1) / kSecond) +
             " s more";
    case Why::kUnhealthy:
      return "unhealthy: " + std::to_string(view.failures) + " failures in 2 minutes";
    case Why::kSlow:
      return "slower than its sla_cutoff";
  }
  return {};
}

}  // namespace tollgate::router
