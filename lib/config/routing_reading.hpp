#pragma once

#include <string_view>

#include "config/draft.hpp"
#include "config/reading.hpp"

namespace tollgate::config {

enum class RoutingPlace : uint8_t { kVirtualModel, kRule };

/// Takes the keys of a `routing_config` from a mapping that may have others.
RoutingDraft read_routing(StrictMapping& mapping, RoutingPlace place);

/// Takes `routing_config` itself, which must be there.
RoutingDraft read_routing_config(StrictMapping& holder);

/// String pairs, as `metadata_match` and `when.metadata` have them.
model::Metadata read_pairs(Reading& reading, const Value& value);

/// Takes `max_concurrent_requests`, `requests_per_minute`, `tokens_per_minute`, `queue_seconds`.
router::Protection read_protection(StrictMapping& holder);

/// Takes `routing_config` and `slug` of an account's model: requests for it are routed then, and
/// the model itself may be one of the targets.
void read_routed_integration(StrictMapping& mapping, const AccountDraft& account,
                             const IntegrationDraft& integration, Draft& draft);

}  // namespace tollgate::config
