#include "exchange/cost_bound.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/find_text.hpp"

namespace tollgate::exchange {
namespace {

// What upstreams write into a prompt beside the request's own bytes.
constexpr int64_t kAnyToolsTokens = 1'000;
constexpr int64_t kFixedToolTokens = 1'500;
constexpr int64_t kThinkingRoom = 1'024;

std::optional<int64_t> number_of(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The value that a route's edits give a member, or what the client wrote.
std::optional<int64_t> output_asked_for(const BoundInput& input) {
  std::optional<int64_t> asked = input.facts.max_tokens;
  for (const providers::MemberEdit& edit : input.edits) {
    if (names_output(edit.key)) asked = edit.value ? number_of(*edit.value) : std::nullopt;
    // The maximum of these dialects is inside, and what the route writes there replaces it.
    if (edit.key == "generationConfig" || edit.key == "inferenceConfig") asked = std::nullopt;
  }
  return asked;
}

bool is_set_to(const BoundInput& input, std::string_view key, std::string_view asked,
               std::string_view value) {
  const std::string quoted = "\"" + std::string(value) + "\"";
  bool set = asked == value;
  for (const providers::MemberEdit& edit : input.edits) {
    if (edit.key == key) set = edit.value && *edit.value == quoted;
  }
  return set;
}

/// Whether some cache mark may ask for an hour, in any spelling of "1h".
bool may_write_hour_cache(std::string_view body) {
  if (find_text(body, "1h\"") != std::string_view::npos) return true;
  constexpr std::string_view kEscape = "\\u00";
  size_t at = find_text(body, kEscape);
  for (; at != std::string_view::npos; at = find_text(body, kEscape, at + kEscape.size())) {
    const std::string_view digits = body.substr(at + kEscape.size(), 2);
    if (digits == "31" || digits == "68") return true;
  }
  return false;
}

int64_t prompt_once(const BoundInput& input) {
  const model::RequestFacts& facts = input.facts;
  int64_t tokens = static_cast<int64_t>(facts.body_bytes);
  if (facts.tool_count > 0) tokens += kAnyToolsTokens;
  tokens += kFixedToolTokens * static_cast<int64_t>(facts.fixed_tool_count);
  if (input.media_tokens >= 0) tokens = input.media_tokens;
  // What the route writes is read too.
  for (const providers::MemberEdit& edit : input.edits)
    tokens += edit.value ? static_cast<int64_t>(edit.value->size()) : 0;
  if (input.model.context_window > 0 && !input.long_context) {
    tokens = std::min(tokens, input.model.context_window);
  }
  return tokens;
}

}  // namespace

bool names_output(std::string_view key) {
  return key == "max_tokens" || key == "max_completion_tokens" || key == "max_output_tokens";
}

bool bytes_bound_prompt(const model::RequestFacts& facts) {
  return !facts.has_images && !facts.has_documents && !facts.has_remote_sources;
}

pricing::Demand demand_of(const BoundInput& input) {
  const model::RequestFacts& facts = input.facts;
  pricing::Demand demand;
  demand.output_tokens = output_asked_for(input).value_or(
      input.model.output_tokens_max > 0 ? input.model.output_tokens_max : kOutputTokensUnknown);
  // Some upstreams want a least of it, and the translation obeys.
  demand.output_tokens = std::max(demand.output_tokens, input.model.output_tokens_min);
  const int64_t once = prompt_once(input);
  const int64_t uses = facts.server_tool_uses +
                       kUnboundedToolUses * static_cast<int64_t>(facts.unbounded_tool_count);
  demand.prompt_tokens = once * (1 + uses) + uses * kToolResultTokens;
  demand.web_searches = facts.server_tool_count > 0 ? uses : 0;
  if (facts.wants_compaction) {
    demand.prompt_tokens += once;
    demand.output_tokens *= 2;
  }
  demand.hour_cache =
      facts.has_hour.value_or(false) || (!facts.has_hour && may_write_hour_cache(input.body));
  for (const providers::MemberEdit& edit : input.edits)
    demand.hour_cache = demand.hour_cache || (edit.value && may_write_hour_cache(*edit.value));
  demand.fast = is_set_to(input, "speed", facts.speed, "fast");
  demand.us = is_set_to(input, "inference_geo", facts.inference_geo, "us");
  demand.priority = is_set_to(input, "service_tier", facts.service_tier, "priority");
  return demand;
}

bool may_estimate(const model::RequestFacts& facts) {
  return facts.stream && bytes_bound_prompt(facts) && facts.server_tool_count == 0 &&
         !facts.has_advisor && !facts.wants_compaction;
}

pricing::Demand expected_demand(const pricing::Demand& bound, const model::RequestFacts& facts) {
  constexpr int64_t kBytesPerToken = 3;
  pricing::Demand expected = bound;
  const int64_t tokens = static_cast<int64_t>(facts.body_bytes) / kBytesPerToken +
                         (facts.tool_count > 0 ? kAnyToolsTokens : 0);
  expected.prompt_tokens = std::min(bound.prompt_tokens, tokens);
  expected.output_tokens = std::min(bound.output_tokens, kEstimateSliceTokens);
  return expected;
}

int64_t output_floor(const model::RequestFacts& facts, int64_t min_output_tokens) {
  return std::max(min_output_tokens, facts.thinking_budget.value_or(0) + kThinkingRoom);
}

}  // namespace tollgate::exchange
