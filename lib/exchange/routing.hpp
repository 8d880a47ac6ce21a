#pragma once

#include <string_view>

#include "exchange/decision.hpp"

namespace tollgate::exchange {

/// The first rule that matches, or null. `full_name` is what the requested model is called in full.
const router::RoutingRule* matching_rule(const config::Configuration& configuration,
                                         const model::Principal& principal,
                                         const model::RequestFacts& facts,
                                         std::string_view full_name, const RoutingContext& context);

/// Puts a routing's targets into the decision as candidates, in the order in which they would be
/// tried, and refuses when there is none to try.
void follow_routing(const config::Configuration& configuration, const model::Principal& principal,
                    const model::RequestFacts& facts, const router::Routing& routing,
                    const RoutingContext& context, Decision& decision);

}  // namespace tollgate::exchange
