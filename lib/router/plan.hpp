#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "model/principal.hpp"
#include "model/request.hpp"
#include "router/routing.hpp"
#include "router/state.hpp"

namespace tollgate::router {

/// Why a target stands where it stands.
enum class Why : uint8_t {
  kNone,
  // It is not tried:
  kNoAccess,
  kMetadata,
  kImages,
  kPdf,
  kTools,
  kThinking,
  kStructuredOutput,
  kContext,
  kNotFallback,
  // It is tried:
  kPinned,
  kProbe,
  kCooled,
  kUnhealthy,
  kSlow
};

/// One target in a plan.
struct Planned {
  uint32_t index = 0;  ///< Into Routing::targets.
  bool usable = true;
  Why why = Why::kNone;
};

/// Who asks, as a plan needs to know it.
struct PlanRequest {
  const model::RequestFacts& facts;
  const model::Metadata& metadata;
  uint64_t conversation = 0;  ///< Session and agent as one number; 0: none is known.
  uint64_t session = 0;       ///< Of sticky_routing's identifiers; 0: none was sent.
  uint64_t caller = 0;        ///< Of the principal.
  uint64_t draw = 0;          ///< A number of this request alone.
  uint64_t seed = 0;          ///< Mixed into every draw; 0 in service, so that replicas agree.
  EndpointClass endpoint = EndpointClass::kMessages;
  Time now;
};

/// What the shared state says about the targets of one routing, at one moment.
struct Surroundings {
  std::vector<TargetView> targets;  ///< In the order of Routing::targets.
  std::optional<Pin> pin;
};

/// Under which the choice for this request is kept; 0 when it is not kept.
uint64_t pin_key(const Routing& routing, const PlanRequest& request);

/// Reads the shared state. The one impure step of planning.
Surroundings look_around(const State& state, const Routing& routing, uint64_t pin_key,
                         const PlanRequest& request);

struct Plan {
  std::vector<Planned> order;  ///< Those to be tried first, in order; then those that are not.
  Tier tier = Tier::kSimple;   ///< kComplexity: the request's, which a conversation never lowers.
  uint32_t score = 0;          ///< kComplexity.
};

/// Orders the targets of a routing for one request. Pure: the same arguments give the same plan.
/// `denied` says by index which targets the principal may not use; it may be empty.
Plan plan(const Routing& routing, const PlanRequest& request, const Surroundings& around,
          const std::vector<bool>& denied);

/// A few words for people; empty for kNone.
std::string why_text(Why why, const RouteTarget& target, const TargetView& view, Time now);

}  // namespace tollgate::router
