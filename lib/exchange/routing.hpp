#pragma once

#include <string>
#include <string_view>

#include "exchange/client_request.hpp"
#include "exchange/decision.hpp"

namespace tollgate::exchange {

/// Claude Code's session id, out of the JSON it puts into `metadata.user_id`; empty when there is
/// none.
std::string session_of_user(DocumentPool& documents, std::string_view user_id);

/// What a request's head says about where it goes. Its draw is left to the caller.
RoutingContext routing_context_of(const ClientRequest& request, const router::State& state,
                                  Time now);

/// The first rule that matches, or null; what was looked at is noted in the decision. `requested`
/// is the model's name as it was asked for, `full_name` what it is called in full.
const router::RoutingRule* matching_rule(const config::Configuration& configuration,
                                         const model::Principal& principal,
                                         std::string_view requested, std::string_view full_name,
                                         const RoutingContext& context, Decision& decision);

/// Puts a routing's targets into the decision as candidates, in the order in which they would be
/// tried, and refuses when there is none to try.
void follow_routing(const config::Configuration& configuration, const model::Principal& principal,
                    const model::RequestFacts& facts, const router::Routing& routing,
                    const RoutingContext& context, Decision& decision);

}  // namespace tollgate::exchange
