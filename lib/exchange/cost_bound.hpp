#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "model/model_facts.hpp"
#include "model/request.hpp"
#include "pricing/price.hpp"
#include "providers/provider.hpp"

namespace tollgate::exchange {

/// How often the upstream's own tools are taken to run where the request sets no bound.
inline constexpr int64_t kUnboundedToolUses = 10;
/// Tokens that one run of them is taken to bring into the prompt.
inline constexpr int64_t kToolResultTokens = 20'000;
/// Output of a request that names no maximum for a model whose own is not known.
inline constexpr int64_t kOutputTokensUnknown = 128'000;

/// What bounds the cost of one attempt.
struct BoundInput {
  const model::RequestFacts& facts;
  std::string_view body;
  const model::ModelFacts& model;
  int64_t media_tokens = -1;  ///< Bound of a prompt with media; negative: there is none.
  bool long_context = false;  ///< A beta may have widened the model's window.
  const std::vector<providers::MemberEdit>& edits;  ///< What the route changes in the body.
};

/// Whether this member of a body is the maximum of its answer's tokens, in some dialect.
bool names_output(std::string_view key);

/// Whether counting bytes bounds the prompt: no media, nothing that only the upstream sees.
bool bytes_bound_prompt(const model::RequestFacts& facts);

/// The most that an attempt may use. Sound as docs/concepts/budgets.md says: a token is at least
/// one byte, the prompt is read again for each run of a tool of the upstream's own.
pricing::Demand demand_of(const BoundInput& input);

/// Whether an answer grows before the gateway's eyes, so that what it costs can be reserved on the
/// way: a stream without runs of the upstream's own.
bool may_estimate(const model::RequestFacts& facts);

/// Output that an estimate begins with, and by which it grows.
inline constexpr int64_t kEstimateSliceTokens = 4'096;

/// What an attempt probably uses at first: three bytes of the prompt are taken for a token, and the
/// output for one slice.
pricing::Demand expected_demand(const pricing::Demand& bound, const model::RequestFacts& facts);

/// The least output a cap may leave: enough to think as long as was asked for, and to say
/// something.
int64_t output_floor(const model::RequestFacts& facts, int64_t min_output_tokens);

}  // namespace tollgate::exchange
