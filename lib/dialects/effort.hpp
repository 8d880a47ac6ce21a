#pragma once

#include <string>

#include "dialects/dialect.hpp"

namespace tollgate::dialects {

/// How hard the client wants the model to think.
enum class ThinkingWish : uint8_t {
  kModelDefault,  ///< Adaptive, with nothing more said.
  kAsLowAsPossible,
  kEffort  ///< A named effort.
};

struct Wish {
  ThinkingWish kind = ThinkingWish::kModelDefault;
  std::string effort;         ///< kEffort: low, medium, high, xhigh, max.
  int64_t budget_tokens = 0;  ///< What it is in tokens, for upstreams that count; 0 when unknown.
};

/// Reads thinking and output_config.effort of a request; the stronger word wins.
Wish thinking_wish(const model::Request& request);

/// The value of `efforts` (lowest first) nearest to the wish and not above it, else the lowest;
/// empty when nothing is to be sent. Notes a value that had to change as clamped.
std::string effort_to_send(const Wish& wish, const std::vector<std::string>& efforts,
                           model::Losses& losses);

}  // namespace tollgate::dialects
