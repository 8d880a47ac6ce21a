#pragma once

#include <cstdint>

#include "model/model_facts.hpp"
#include "model/request.hpp"

namespace tollgate::router {

/// What a request needs and a model does not have.
enum class Lack : uint8_t { kNone, kImages, kPdf, kTools, kThinking, kStructuredOutput, kContext };

/// Tokens that the request's text has at least: what is surely too long is not sent.
int64_t least_tokens(const model::RequestFacts& request);

/// The first thing that is known to be missing; what is unknown counts as there.
Lack lack_of(const model::ModelFacts& facts, const model::RequestFacts& request);

}  // namespace tollgate::router
