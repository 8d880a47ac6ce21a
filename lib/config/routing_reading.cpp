#include "config/routing_reading.hpp"

#include <algorithm>
#include <utility>

#include "config/target_reading.hpp"

namespace tollgate::config {
namespace {

constexpr size_t kTargetsMax = 256;
constexpr int64_t kTtlSecondsMax = 30 * 24 * 3'600;
constexpr size_t kIdentifiersMax = 16;

std::optional<router::Sticky> read_sticky(StrictMapping& mapping, router::Strategy strategy) {
  Reading& reading = mapping.reading();
  const std::optional<Value> value = mapping.take("sticky_routing");
  if (!value) return std::nullopt;
  if (strategy != router::Strategy::kWeight) {
    reading.report.error(value->place(), "goes with weight-based-routing only");
  }
  StrictMapping sticky(reading, *value);
  router::Sticky out;
  sticky.require("ttl_seconds");
  out.ttl_ns = static_cast<uint64_t>(sticky.integer("ttl_seconds", 1, 1, kTtlSecondsMax)) * kSecond;
  const std::optional<Value> list = sticky.require("session_identifiers");
  for (const Value& item : list ? read_list(reading, *list) : std::vector<Value>{}) {
    StrictMapping one(reading, item);
    router::SessionIdentifier identifier;
    const std::optional<size_t> source = one.choice("source", {"headers", "metadata"});
    if (source == 1) identifier.source = router::SessionIdentifier::Source::kMetadata;
    identifier.key = one.require_string("key").value_or("");
    one.done();
    out.identifiers.push_back(std::move(identifier));
  }
  sticky.done();
  if (list && (out.identifiers.empty() || out.identifiers.size() > kIdentifiersMax)) {
    reading.report.error(list->place(), "must have 1 to 16 entries");
  }
  return out;
}

void read_thresholds(StrictMapping& mapping, router::Strategy strategy,
                     router::ComplexityThresholds& out) {
  const std::optional<Value> value = mapping.take("complexity_thresholds");
  if (!value) return;
  if (strategy != router::Strategy::kComplexity) {
    mapping.reading().report.error(value->place(), "goes with complexity-based-routing only");
  }
  StrictMapping thresholds(mapping.reading(), *value);
  out.medium = static_cast<uint32_t>(thresholds.integer("medium", out.medium, 0, 101));
  out.complex = static_cast<uint32_t>(thresholds.integer("complex", out.complex, 0, 101));
  thresholds.done();
  if (out.medium > out.complex) {
    mapping.reading().report.error(value->place(), "medium must not be above complex");
  }
}

void check_weights(Reading& reading, const Value& list, const RoutingDraft& draft) {
  uint64_t sum = 0;
  for (const TargetDraft& target : draft.targets)
    sum += target.target.weight;
  if (sum == 0) {
    reading.report.error(list.place(), "all weights are 0: no target would be chosen");
  } else if (sum != 100) {
    reading.report.warning(list.place(), "the weights add up to " + std::to_string(sum) +
                                             ", not 100: they are taken as proportions");
  }
}

void check_tiers(Reading& reading, const RoutingDraft& draft) {
  for (size_t i = 0; i < draft.targets.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (draft.targets[i].name != draft.targets[j].name) continue;
      if (draft.targets[i].target.tier == draft.targets[j].target.tier) continue;
      reading.report.error(draft.targets[i].place, "this model serves another tier already");
    }
  }
}

void check_primaries(Reading& reading, const Value& list, const RoutingDraft& draft) {
  const bool all_primary =
      std::none_of(draft.targets.begin(), draft.targets.end(),
                   [](const TargetDraft& target) { return target.target.fallback_candidate; });
  if (draft.targets.size() > 1 && all_primary) {
    reading.report.warning(list.place(),
                           "no target is a fallback_candidate: when the chosen one fails, the "
                           "request fails");
  }
}

}  // namespace

model::Metadata read_pairs(Reading& reading, const Value& value) {
  model::Metadata pairs;
  for (const Entry& entry : read_entries(reading, value)) {
    std::optional<std::string> text = read_string(reading, entry.value);
    if (text) pairs.emplace_back(entry.key, std::move(*text));
  }
  return pairs;
}

RoutingDraft read_routing(StrictMapping& mapping, RoutingPlace place) {
  Reading& reading = mapping.reading();
  RoutingDraft draft;
  router::Routing& routing = draft.routing;
  draft.place = mapping.where().place();
  constexpr router::Strategy kStrategies[] = {router::Strategy::kWeight, router::Strategy::kLatency,
                                              router::Strategy::kPriority,
                                              router::Strategy::kComplexity};
  std::vector<std::string_view> names;
  for (const router::Strategy strategy : kStrategies)
    names.push_back(router::strategy_name(strategy));
  const std::optional<size_t> type = mapping.choice("type", names);
  if (type) routing.strategy = kStrategies[*type];
  if (place == RoutingPlace::kRule && routing.strategy == router::Strategy::kComplexity) {
    reading.report.error(mapping.take("type")->place(),
                         "complexity-based-routing is for virtual models only");
  }
  if (mapping.take("affinity")) {
    if (mapping.choice("affinity", {"conversation", "request"}) == 1) {
      routing.affinity = router::Affinity::kRequest;
    }
  }
  routing.sticky = read_sticky(mapping, routing.strategy);
  read_thresholds(mapping, routing.strategy, routing.thresholds);
  const std::optional<Value> list = mapping.require("load_balance_targets");
  if (!list) return draft;
  for (const Value& item : read_list(reading, *list))
    draft.targets.push_back(read_target(reading, item, routing.strategy));
  if (list->node->kind == NodeKind::kSequence && draft.targets.empty()) {
    reading.report.error(list->place(), "must have at least one target");
    return draft;
  }
  if (draft.targets.size() > kTargetsMax) {
    reading.report.error(list->place(), "more than " + std::to_string(kTargetsMax) + " targets");
  }
  if (type && routing.strategy == router::Strategy::kWeight) check_weights(reading, *list, draft);
  if (routing.strategy == router::Strategy::kComplexity) check_tiers(reading, draft);
  check_primaries(reading, *list, draft);
  return draft;
}

RoutingDraft read_routing_config(StrictMapping& holder) {
  const std::optional<Value> value = holder.require("routing_config");
  if (!value) return {};
  StrictMapping mapping(holder.reading(), *value);
  if (!mapping.valid()) return {};
  RoutingDraft draft = read_routing(mapping, RoutingPlace::kVirtualModel);
  mapping.done();
  return draft;
}

router::Protection read_protection(StrictMapping& holder) {
  constexpr int64_t kCallsMax = 1'000'000;
  constexpr int64_t kTokensMax = 1'000'000'000'000;
  router::Protection bounds;
  bounds.concurrent_max =
      static_cast<uint32_t>(holder.integer("max_concurrent_requests", 0, 1, kCallsMax));
  bounds.requests_per_minute =
      static_cast<uint32_t>(holder.integer("requests_per_minute", 0, 1, kCallsMax));
  bounds.tokens_per_minute =
      static_cast<uint64_t>(holder.integer("tokens_per_minute", 0, 1, kTokensMax));
  const std::optional<Value> wait = holder.take("queue_seconds");
  if (!wait) return bounds;
  const std::optional<int64_t> seconds = read_integer(holder.reading(), *wait, 0, 600);
  bounds.wait_ns = static_cast<uint64_t>(seconds.value_or(0)) * kSecond;
  if (!bounds.any()) {
    holder.reading().report.warning(wait->place(),
                                    "has an effect only beside max_concurrent_requests, "
                                    "requests_per_minute or tokens_per_minute");
  }
  return bounds;
}

}  // namespace tollgate::config
