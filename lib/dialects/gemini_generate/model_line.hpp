#pragma once

// What a Gemini model takes, read off its name. What configuration or the upstream's own 400 says
// of a model counts more; that is looked at where it is used.

#include <array>
#include <cstdint>
#include <string_view>

namespace tollgate::dialects::gemini_generate {

/// How a model is told how hard to think.
enum class ThinkingControl : uint8_t {
  kNone,    ///< Not at all: a thinkingConfig is refused.
  kBudget,  ///< thinkingBudget, in tokens.
  kLevel    ///< thinkingLevel.
};

/// One line of models.
struct ModelLine {
  ThinkingControl thinking = ThinkingControl::kNone;
  int64_t budget_min = 0;  ///< kBudget.
  int64_t budget_max = 0;
  bool can_rest = false;                     ///< kBudget: 0 switches thinking off.
  std::array<std::string_view, 4> levels{};  ///< kLevel: lowest first, as effort names.
  bool json_schemas = false;                 ///< parametersJsonSchema, responseJsonSchema.
  bool media_in_results = false;             ///< functionResponse.parts.
  bool wants_signatures = false;             ///< Calls of the current turn must be signed.
  bool schema_beside_tools = false;          ///< Structured output together with functions.
  int64_t output_tokens_max = 0;             ///< 0: unknown.
  int64_t output_tokens_max_whole = 0;       ///< The same for answers that do not stream.
};

/// By the model's id, with or without a path in front. A name that says no generation ("-latest",
/// a tuned model) counts as the third, whose ways later ones share.
ModelLine model_line(std::string_view model_id);

}  // namespace tollgate::dialects::gemini_generate
