#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::model {

/// What is known of one model: data, which configuration and an upstream's own 400 may correct.
/// Absent members are unknown, and what is unknown is sent as the client wrote it.
struct ModelFacts {
  int64_t context_window = 0;     ///< Tokens of prompt and answer; 0: unknown.
  int64_t output_tokens_max = 0;  ///< 0: unknown.
  int64_t output_tokens_min = 1;  ///< Smaller wishes are raised to it.
  std::optional<bool> images;
  std::optional<bool> pdf;
  std::optional<bool> tools;
  std::optional<bool> thinking;
  std::optional<bool> structured_output;
  bool takes_sampling = true;         ///< temperature, top_p, top_k.
  bool takes_stop = true;             ///< Stop sequences.
  bool takes_parallel_switch = true;  ///< parallel_tool_calls and its like.
  std::vector<std::string> efforts;   ///< Values it takes, lowest first; empty: no such field.
  bool thinks_unasked = false;        ///< Reasons by default when nothing is said.
  std::string token_field;            ///< Chat: "max_tokens" or "max_completion_tokens".
  std::string api;                    ///< The dialect it must be spoken to in; empty: any.
  std::string system_role;            ///< Chat: "system", "developer", "user", "prepend"; or empty.
  std::string think_tags;             ///< Chat: "close_only": answers begin inside their reasoning.

  friend bool operator==(const ModelFacts&, const ModelFacts&) = default;
};

/// What a configuration says of a model. Present members replace the known facts.
struct FactOverrides {
  std::optional<int64_t> context_window;
  std::optional<int64_t> output_tokens_max;
  std::optional<int64_t> output_tokens_min;
  std::optional<bool> images;
  std::optional<bool> pdf;
  std::optional<bool> tools;
  std::optional<bool> thinking;
  std::optional<bool> structured_output;
  std::optional<bool> takes_sampling;
  std::optional<bool> takes_stop;
  std::optional<bool> takes_parallel_switch;
  std::optional<std::vector<std::string>> efforts;
  std::optional<bool> thinks_unasked;
  std::optional<std::string> token_field;
  std::optional<std::string> system_role;
  std::optional<std::string> think_tags;

  friend bool operator==(const FactOverrides&, const FactOverrides&) = default;
};

void apply(const FactOverrides& overrides, ModelFacts& facts);

/// The facts of the first row of the built-in table whose provider and pattern match; `provider` is
/// an account type without "provider-account/". Facts of a model nobody knows are all unknown.
ModelFacts known_facts(std::string_view provider, std::string_view model_id);

/// known_facts().api alone, for whoever asks for it with every call.
std::string_view known_api(std::string_view provider, std::string_view model_id);

}  // namespace tollgate::model
