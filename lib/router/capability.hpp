#pragma once

#include <cstdint>

#include "model/model_facts.hpp"
#include "model/request.hpp"

namespace tollgate::router {

/// What a request needs and a model does not have.
enum class Lack : uint8_t { kNone, kImages, kPdf, kTools, kThinking, kStructuredOutput, kContext };

/// Tokens that the request's text has at least: what is surely too long is not sent.
int64_t least_tokens(const model::RequestFacts& request);

/// Features as bits, one for each Lack but kNone and kContext.
using Features = uint8_t;
constexpr Features feature(Lack lack) {
  return static_cast<Features>(1U << static_cast<uint8_t>(lack));
}

/// What a request cannot do without.
struct Needs {
  Features features = 0;
  int64_t tokens = 0;
};
Needs needs_of(const model::RequestFacts& request);

/// What a model is known not to have; what is unknown counts as there.
Features missing_in(const model::ModelFacts& facts);

/// The first thing that is known to be missing. A window of 0 is not known.
Lack lack_of(Features missing, int64_t context_window, const Needs& needs);
Lack lack_of(const model::ModelFacts& facts, const model::RequestFacts& request);

}  // namespace tollgate::router
