#pragma once

#include <cstdint>

#include "model/request.hpp"
#include "router/routing.hpp"

namespace tollgate::router {

/// How demanding a request looks, 0 to 100, by what is cheap to see of it:
///
/// | for | points |
/// | --- | --- |
/// | the last message | 1 for every 100 bytes, at most 25 |
/// | the conversation's text | 1 for every 4,000 bytes, at most 25 |
/// | earlier turns | 1 for every 4 messages, at most 15 |
/// | tools | 1 for every 4, at most 10 |
/// | thinking asked for | 10 |
/// | images or documents | 10 |
/// | a schema for the answer | 5 |
uint32_t complexity_score(const model::RequestFacts& facts);

Tier tier_of(uint32_t score, const ComplexityThresholds& thresholds);

}  // namespace tollgate::router
