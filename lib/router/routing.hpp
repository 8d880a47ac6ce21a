#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "model/principal.hpp"
#include "router/catalog.hpp"
#include "router/status_codes.hpp"

// What a `routing_config` says, as values. docs/concepts/routing.md tells what it means.
namespace tollgate::router {

enum class Strategy : uint8_t { kWeight, kLatency, kPriority, kComplexity };
/// "weight-based-routing" and so on.
std::string_view strategy_name(Strategy strategy);

/// What a choice holds for: all requests of a conversation, or each request alone.
enum class Affinity : uint8_t { kConversation, kRequest };

enum class Tier : uint8_t { kSimple, kMedium, kComplex };
/// "simple", "medium", "complex".
std::string_view tier_name(Tier tier);

/// The same target again.
struct Retry {
  uint32_t attempts = 2;  ///< After the first call.
  uint64_t delay_ns = 100 * kMillisecond;
  StatusCodes on = default_codes();
  bool configured = false;  ///< A retry_config or retry_settings stands there.

  static StatusCodes default_codes() { return {429, 500, 502, 503, 529}; }
};

/// After which status another target is tried. 408 stands for a timeout of the gateway's own.
inline StatusCodes default_fallback_codes() {
  return {401, 403, 404, 408, 429, 500, 502, 503, 529};
}

/// Above these averages a target counts as unhealthy. 0: no bound.
struct SlaCutoff {
  uint64_t first_token_ns = 0;
  uint64_t output_token_ns = 0;

  bool any() const { return first_token_ns != 0 || output_token_ns != 0; }
};

/// Bounds of a target that protect what stands behind it. 0: none.
struct Protection {
  uint32_t concurrent_max = 0;
  uint32_t requests_per_minute = 0;
  uint64_t tokens_per_minute = 0;
  uint64_t wait_ns = 30 * kSecond;  ///< So long a request waits for room that nobody else has.

  bool any() const {
    return concurrent_max != 0 || requests_per_minute != 0 || tokens_per_minute != 0;
  }
};

/// One member of the request body that a target replaces; without a value it is removed.
struct OverrideParam {
  std::string key;
  std::optional<std::string> json;
};

struct HeadersOverride {
  std::vector<std::pair<std::string, std::string>> set;
  std::vector<std::string> remove;
};

/// One entry of `load_balance_targets`.
struct RouteTarget {
  Target target;
  uint64_t key = 0;  ///< hash_text of the target's name: who it is in the shared state.
  uint32_t weight = 0;
  uint32_t priority = 0;
  Tier tier = Tier::kSimple;
  bool fallback_candidate = true;
  Retry retry;
  StatusCodes fallback_on = default_fallback_codes();
  SlaCutoff sla;
  Protection protection;
  std::vector<OverrideParam> override_params;
  HeadersOverride headers;
  model::Metadata metadata_match;
  model::ModelFacts facts;             ///< Of the model behind it; what is unknown filters nothing.
  uint64_t first_byte_timeout_ns = 0;  ///< 0: the account's.
  uint64_t idle_timeout_ns = 0;        ///< 0: the account's.
};

/// What planning reads of a target. These stand side by side, since a plan looks at all targets of
/// a route and at little of each.
struct TargetBrief {
  int64_t context_window = 0;
  SlaCutoff sla;
  uint32_t weight = 0;
  uint32_t priority = 0;
  Tier tier = Tier::kSimple;
  uint8_t missing = 0;  ///< missing_in() of its model.
  bool fallback_candidate = true;
  bool matches_metadata = false;  ///< It has a metadata_match.
};

/// Where a part of a sticky session's key is read.
struct SessionIdentifier {
  enum class Source : uint8_t { kHeaders, kMetadata };
  Source source = Source::kHeaders;
  std::string key;
};

struct Sticky {
  uint64_t ttl_ns = 0;
  std::vector<SessionIdentifier> identifiers;
};

/// Scores from which a request counts as more than simple; see complexity.hpp for the score.
struct ComplexityThresholds {
  uint32_t medium = 20;
  uint32_t complex = 50;
};

/// A `routing_config`.
struct Routing {
  Strategy strategy = Strategy::kWeight;
  Affinity affinity = Affinity::kConversation;
  std::optional<Sticky> sticky;
  ComplexityThresholds thresholds;
  std::vector<RouteTarget> targets;
  uint64_t key = 0;                 ///< hash_text of the name it belongs to.
  std::vector<uint64_t> keys = {};  ///< RouteTarget::key of all targets, for prepare() to fill.
  std::vector<TargetBrief> briefs = {};  ///< The same.
};

/// Fills in what is derived. A plan can be made after it, and again after each change of targets.
void prepare(Routing& routing);

/// A name with targets behind it.
struct VirtualModel {
  std::string name;   ///< "group/name"; or a bare name without a slash.
  std::string slug;   ///< May be empty.
  std::string group;  ///< May be empty.
  std::string bare;   ///< The name behind the group.
  std::vector<std::string> model_types;
  Routing routing;
};

/// A rule of a `gateway-load-balancing-config`. Absent parts of `when` match everything.
struct RoutingRule {
  std::string id;
  std::vector<std::string> subjects;
  std::vector<std::string> models;
  model::Metadata metadata;
  Routing routing;
};

}  // namespace tollgate::router
