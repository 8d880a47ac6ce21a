#pragma once

// A conversation that no longer fits into a model's context. Every server says so in words of its
// own; clients compact the conversation when they read Anthropic's.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/failure.hpp"

namespace tollgate::dialects {

/// The numbers an upstream told; those it did not tell are absent.
struct ContextOverflow {
  std::optional<int64_t> tokens;   ///< Of the prompt (or of prompt and answer).
  std::optional<int64_t> maximum;  ///< What would fit.
  std::optional<int64_t> input;    ///< Of the prompt alone, where the answer's are told apart.
  std::optional<int64_t> output;   ///< Asked for.
  std::optional<int64_t> beyond;   ///< How many are too many.
  bool input_is_minimum = false;   ///< The server stopped counting.
};

/// Nothing when the text is about something else, rates among it.
std::optional<ContextOverflow> find_context_overflow(std::string_view text);

/// "prompt is too long: N tokens > M maximum"; where only the answer is too long by exact numbers,
/// "input length and `max_tokens` exceed context limit: I + O > L, …". Unknown numbers are taken
/// from `estimate` (tokens of the prompt) and `window` (of the model), each 0 when unknown; nothing
/// where too little is known.
std::string context_overflow_message(const ContextOverflow& overflow, int64_t estimate,
                                     int64_t window);

/// A 400 for an overflow. Without numbers the message is "prompt is too long: " and `said`, until
/// complete_context_overflow() knows more.
model::Failure context_overflow_failure(const ContextOverflow& overflow, std::string_view said);

/// Puts numbers into a failure of context_overflow_failure() that has none; others stay.
void complete_context_overflow(model::Failure& failure, int64_t estimate, int64_t window);

}  // namespace tollgate::dialects
