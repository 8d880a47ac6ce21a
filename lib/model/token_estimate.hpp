#pragma once

#include <cstdint>
#include <string_view>

#include "model/request.hpp"

namespace tollgate::model {

/// Whose tokenizer counts. The weights of each were fitted to measured counts; see
/// docs/internals/token-estimates.md.
enum class Tokenizer : uint8_t {
  kOpenAi,      ///< GPT-4o and later.
  kOpen,        ///< Everyone else's: Gemini, Grok, Qwen, Llama, DeepSeek…
  kClaude,      ///< Up to Opus 4.6, Sonnet 4.6, Haiku 4.5.
  kLaterClaude  ///< Since then: about 30 % more tokens.
};

/// By the model's id alone: "gpt-5.6", "openai/gpt-5.6" and "azure/gpt-5.6-x" are one.
Tokenizer tokenizer_of(std::string_view model_id);

/// How many tokens a prompt is, without its tokenizer.
struct InputTokens {
  int64_t likely = 1;  ///< For judging whether it fits.
  /// For whoever must not be told too little: not below the truth for any text that was measured,
  /// and at most twice it.
  int64_t high = 1;
  /// For money: no tokenizer makes more tokens of a text than it has bytes.
  int64_t bound = 1;
  /// False when the bound leans on a custom: pages of a PDF, files and URLs that only the upstream
  /// sees.
  bool bound_is_sound = true;
};

InputTokens estimate_input_tokens(const Request& request, std::string_view model_id);

/// The same of a text alone.
InputTokens estimate_text_tokens(std::string_view text, Tokenizer tokenizer);

}  // namespace tollgate::model
