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

/// How a target is sorted: by `order`, then by the draw. The order has, from its highest bit on:
/// unhealthy, the group (its priority, or how far it is from the wanted tier), and whether the
/// conversation is pinned to another target.
struct Ranked {
  uint64_t order = 0;
  double draw = 0;
  uint32_t index = 0;
  Why why = Why::kNone;
};

bool comes_before(const Ranked& a, const Ranked& b) {
  if (a.order != b.order) return a.order < b.order;
  return a.draw < b.draw;
}

/// Stable, and quicker than a general sort for as few as a route has.
void sort_ranked(std::vector<Ranked>& ranked) {
  if (ranked.size() > 32) {
    std::stable_sort(ranked.begin(), ranked.end(), comes_before);
    return;
  }
  for (size_t i = 1; i < ranked.size(); ++i) {
    const Ranked moved = ranked[i];
    size_t at = i;
    for (; at > 0 && comes_before(moved, ranked[at - 1]); --at)
      ranked[at] = ranked[at - 1];
    ranked[at] = moved;
  }
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
double weighted_draw(uint64_t base, uint64_t target, double weight) {
  const uint64_t bits = hash_pair(base, target) >> 11U;
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

uint32_t group_of(const Routing& routing, const TargetBrief& target, Tier tier) {
  if (routing.strategy == Strategy::kPriority) return target.priority;
  if (routing.strategy == Strategy::kComplexity) return tier_distance(tier, target.tier);
  return 0;
}

/// Says of every target whether it can serve; how many can.
size_t filter(const Routing& routing, const PlanRequest& request, const std::vector<bool>& denied,
              std::vector<Planned>& order) {
  const Needs needs = needs_of(request.facts);
  size_t usable = 0;
  bool thinking_lacks = false;
  for (uint32_t i = 0; i < routing.briefs.size(); ++i) {
    const TargetBrief& target = routing.briefs[i];
    Planned planned{i, true, Why::kNone};
    if (i < denied.size() && denied[i]) {
      planned.why = Why::kNoAccess;
    } else if (target.matches_metadata &&
               !metadata_matches(routing.targets[i].metadata_match, request.metadata)) {
      planned.why = Why::kMetadata;
    } else {
      planned.why = why_of(lack_of(target.missing, target.context_window, needs));
      thinking_lacks = thinking_lacks || planned.why == Why::kThinking;
    }
    planned.usable = planned.why == Why::kNone;
    usable += planned.usable ? 1 : 0;
    order.push_back(planned);
  }
  if (usable != 0 || !thinking_lacks) return usable;
  // An answer without thinking is better than none.
  for (Planned& planned : order) {
    if (planned.why != Why::kThinking) continue;
    planned = {planned.index, true, Why::kNone};
    ++usable;
  }
  return usable;
}

Ranked rank_of(const Routing& routing, const Surroundings& around, Tier tier, uint32_t index) {
  const TargetBrief& target = routing.briefs[index];
  const TargetView& view = around.targets[index];
  const bool elsewhere = !around.pin || around.pin->target != routing.keys[index];
  bool unhealthy = false;
  Ranked ranked;
  ranked.index = index;
  if (!view.healthy) {
    unhealthy = !view.probe;
    ranked.why = view.probe ? Why::kProbe : view.cooled_until != 0 ? Why::kCooled : Why::kUnhealthy;
  } else if (too_slow(target.sla, view.recent)) {
    unhealthy = true;
    ranked.why = Why::kSlow;
  } else if (!elsewhere) {
    ranked.why = Why::kPinned;
  }
  ranked.order = (uint64_t{unhealthy} << 63U) | (uint64_t{group_of(routing, target, tier)} << 1U) |
                 uint64_t{elsewhere};
  return ranked;
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
  state.health.views(routing.keys, request.endpoint, request.now, around.targets);
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
  made.order.reserve(routing.briefs.size());
  std::vector<Ranked> ranked;
  ranked.reserve(filter(routing, request, denied, made.order));
  std::vector<double> weights;
  if (routing.strategy == Strategy::kLatency) weights = speed_weights(around);
  const uint64_t base = draw_base(routing, request);
  for (const Planned& planned : made.order) {
    if (!planned.usable) continue;
    const double weight = routing.strategy == Strategy::kWeight
                              ? routing.briefs[planned.index].weight
                          : routing.strategy == Strategy::kLatency ? weights[planned.index]
                                                                   : 1;
    Ranked one = rank_of(routing, around, made.tier, planned.index);
    one.draw = weighted_draw(base, routing.keys[planned.index], weight);
    ranked.push_back(one);
  }
  sort_ranked(ranked);
  if (ranked.size() < made.order.size()) {
    // Those that cannot serve go behind, in their order.
    std::stable_partition(made.order.begin(), made.order.end(),
                          [](const Planned& planned) { return planned.usable; });
  }
  size_t at = 0;
  for (size_t i = 0; i < ranked.size(); ++i) {
    const Ranked& one = ranked[i];
    if (i == 0 || routing.briefs[one.index].fallback_candidate) {
      made.order[at++] = {one.index, true, one.why};
    }
  }
  if (at == ranked.size()) return made;
  for (size_t i = 1; i < ranked.size(); ++i) {
    if (routing.briefs[ranked[i].index].fallback_candidate) continue;
    // They stand behind the others that cannot serve.
    made.order.erase(made.order.begin() + static_cast<std::ptrdiff_t>(at));
    made.order.push_back({ranked[i].index, false, Why::kNotFallback});
  }
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
