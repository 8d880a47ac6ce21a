// What stands beside messages and tools.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "dialects/bedrock_converse/encoding.hpp"
#include "dialects/bedrock_converse/lessons.hpp"
#include "dialects/effort.hpp"
#include "json/reader.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

using model::LossKind;
using model::ThinkingKind;

constexpr int64_t kBudgetMin = 1024;
constexpr int64_t kBudgetDefault = 8192;
constexpr size_t kMetadataBytesMax = 256;

void number(json::Writer& writer, std::string_view name, double value) {
  // JSON has no word for what is not finite.
  if (!std::isfinite(value)) return;
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  writer.raw_member(name, {digits.data(), static_cast<size_t>(end - digits.data())});
}

std::string clamped(std::string_view what, int64_t from, int64_t to) {
  return std::string(what) + " " + std::to_string(from) + " -> " + std::to_string(to);
}

std::optional<int64_t> max_tokens(Encoding& encoding) {
  const std::optional<int64_t> wish = encoding.request.max_tokens;
  if (!wish) return std::nullopt;
  const model::ModelFacts& facts = encoding.translation.facts;
  int64_t tokens = std::max({*wish, facts.output_tokens_min, int64_t{1}});
  if (facts.output_tokens_max > 0) tokens = std::min(tokens, facts.output_tokens_max);
  const std::string* told =
      find_lesson(encoding.translation.lessons, model::LessonKind::kOutputMax);
  int64_t most = 0;
  if (told != nullptr) std::from_chars(told->data(), told->data() + told->size(), most);
  if (most > 0) tokens = std::min(tokens, most);
  if (tokens != *wish) {
    encoding.translation.losses.add(LossKind::kClamped, clamped("max_tokens", *wish, tokens));
  }
  return tokens;
}

/// True, and noted, when the upstream taught that it does not take the field.
bool refused(Encoding& encoding, std::string_view field) {
  if (!is_refused(encoding.translation.lessons, field)) return false;
  encoding.drop(std::string(field));
  return true;
}

/// Some stop here, at the upstream; the rest is watched for on the way back.
std::vector<std::string> stop_sequences(Encoding& encoding) {
  const std::vector<std::string>& all = encoding.request.stop_sequences;
  const bool none = !encoding.translation.facts.takes_stop ||
                    is_refused(encoding.translation.lessons, "stopSequences");
  const size_t most = none ? 0 : encoding.family.stop_sequences_max;
  const size_t kept = std::min(all.size(), most);
  std::vector<std::string> here;
  for (size_t i = 0; i < all.size(); ++i) {
    const bool blank = all[i].find_first_not_of(" \t\r\n") == std::string::npos;
    if (here.size() < kept && !blank) {
      here.push_back(all[i]);
    } else {
      encoding.translation.stop_sequences.push_back(all[i]);
    }
  }
  return here;
}

/// A tool loop whose turn has no reasoning before its calls: thinking with a budget is refused.
bool loop_without_reasoning(const Encoding& encoding) {
  const std::vector<model::Message>& messages = encoding.request.messages;
  if (messages.size() < 2 || messages.back().content.empty() ||
      messages.back().content.front().kind != model::BlockKind::kToolResult) {
    return false;
  }
  const model::Message& turn = messages[messages.size() - 2];
  return turn.content.empty() || !replays(encoding, turn.content.front());
}

/// What the families without Claude's `thinking` have for it.
void encode_foreign_effort(Encoding& encoding, json::Writer& writer) {
  const Wish wish = thinking_wish(encoding.request);
  const bool wanted = encoding.translation.thinking_wanted;
  model::Losses& losses = encoding.translation.losses;
  switch (encoding.family.kind) {
    case FamilyKind::kGptOss: {
      const std::string effort = effort_to_send(wish, {"low", "medium", "high"}, losses);
      if (!effort.empty()) writer.member("reasoning_effort", effort);
      return;
    }
    case FamilyKind::kNova2: {
      // The highest of the three takes no bound of tokens, which nobody could pay for.
      std::string effort;
      if (wish.kind == ThinkingWish::kEffort) {
        effort = effort_to_send(wish, {"low", "medium"}, losses);
      } else if (wanted) {
        effort = "medium";
      }
      if (effort.empty()) return;
      writer.key("reasoningConfig").begin_object().member("type", "enabled");
      writer.member("maxReasoningEffort", effort).end_object();
      return;
    }
    case FamilyKind::kQwen:
      if (wish.kind != ThinkingWish::kEffort) return;
      if (effort_to_send(wish, {"low", "medium", "high"}, losses) == "high") {
        writer.member("reasoning_config", "high");
      } else {
        encoding.drop("output_config.effort " + wish.effort);
      }
      return;
    default:
      if (!encoding.request.effort.empty()) {
        encoding.drop("output_config.effort " + encoding.request.effort);
      }
  }
}

void encode_thinking(const model::Thinking& thinking, json::Writer& writer) {
  if (thinking.kind == ThinkingKind::kUnset) return;
  writer.key("thinking").begin_object();
  switch (thinking.kind) {
    case ThinkingKind::kAdaptive:
      writer.member("type", "adaptive");
      break;
    case ThinkingKind::kEnabled:
      writer.member("type", "enabled");
      break;
    case ThinkingKind::kBetweenTools:
      writer.member("type", "between_tools");
      break;
    default:
      writer.member("type", "disabled");
  }
  if (thinking.budget_tokens) writer.member("budget_tokens", *thinking.budget_tokens);
  if (!thinking.display.empty()) writer.member("display", thinking.display);
  writer.raw_members(thinking.rest).end_object();
}

void encode_native_tools(Encoding& encoding, const ToolPlan& plan, json::Writer& writer) {
  if (plan.native.empty()) return;
  writer.key("tools").begin_array();
  for (const model::Tool* tool : plan.native) {
    writer.begin_object().member("type", tool->type).member("name", tool->name);
    writer.raw_members(tool->rest).end_object();
    if (tool->cache) encoding.drop("tools.cache_control");
  }
  writer.end_array();
}

void encode_claude_choice(const Encoding& encoding, const ToolPlan& plan, json::Writer& writer) {
  const std::optional<model::ToolChoice>& choice = encoding.request.tool_choice;
  if (!choice || !choice->disable_parallel || plan.specs.empty()) return;
  if (choice->kind == model::ToolChoiceKind::kNone) return;
  writer.key("tool_choice").begin_object();
  if (choice->kind == model::ToolChoiceKind::kTool) {
    writer.member("type", "tool");
    writer.member("name", encoding.translation.upstream_tool_name(choice->name));
  } else {
    writer.member("type", choice->kind == model::ToolChoiceKind::kAny ? "any" : "auto");
  }
  writer.member("disable_parallel_tool_use", true).end_object();
}

void encode_claude_effort(Encoding& encoding, json::Writer& writer) {
  if (encoding.request.effort.empty()) return;
  std::string effort = encoding.request.effort;
  const std::vector<std::string>& known = encoding.translation.facts.efforts;
  if (!encoding.claude->takes_effort()) {
    encoding.drop("output_config.effort " + effort);
    return;
  }
  if (!known.empty()) {
    effort = effort_to_send(thinking_wish(encoding.request), known, encoding.translation.losses);
  }
  if (effort.empty()) return;
  writer.key("output_config").begin_object().member("effort", effort).end_object();
}

bool has_beta(const Encoding& encoding, std::string_view name) {
  return std::find(encoding.betas.begin(), encoding.betas.end(), name) != encoding.betas.end();
}

void encode_claude_fields(Encoding& encoding, const ToolPlan& plan, json::Writer& writer) {
  if (!refused(encoding, "thinking")) encode_thinking(encoding.thinking, writer);
  if (!refused(encoding, "output_config")) encode_claude_effort(encoding, writer);
  encode_claude_choice(encoding, plan, writer);
  encode_native_tools(encoding, plan, writer);
  const std::string& management = encoding.request.context_management;
  if (!management.empty() && has_beta(encoding, "context-management-2025-06-27") &&
      !refused(encoding, "context_management")) {
    writer.raw_member("context_management", management);
  } else if (!management.empty()) {
    encoding.drop("context_management");
  }
  if (encoding.betas.empty()) return;
  writer.key("anthropic_beta").begin_array();
  for (const std::string& beta : encoding.betas)
    writer.string(beta);
  writer.end_array();
}

void encode_top_k(Encoding& encoding, json::Writer& writer) {
  if (!encoding.request.top_k || !encoding.translation.facts.takes_sampling) return;
  if (refused(encoding, "top_k")) return;
  switch (encoding.family.top_k) {
    case TopK::kPlain:
      writer.member("top_k", *encoding.request.top_k);
      return;
    case TopK::kNova:
      writer.key("inferenceConfig").begin_object();
      writer.member("topK", *encoding.request.top_k).end_object();
      return;
    case TopK::kNone:
      encoding.drop("top_k");
  }
}

bool is_metadata_value(std::string_view text) {
  constexpr std::string_view kMarks = " :_@$#=/+,.-";
  return !text.empty() && text.size() <= kMetadataBytesMax &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  kMarks.find(c) != std::string_view::npos;
         });
}

void drop_members(Encoding& encoding, std::string_view of, const std::string& members) {
  if (members.empty()) return;
  json::Document document;
  const std::string text = "{" + members + "}";
  const Result<json::Value> parsed = document.parse(text);
  if (!parsed.ok()) return;
  for (const json::Member member : parsed.value().members()) {
    if (member.key != "cache_control") encoding.drop(std::string(of) + std::string(member.key));
  }
}

}  // namespace

void fit_thinking(Encoding& encoding) {
  encoding.thinking = encoding.request.thinking;
  if (!encoding.is_claude()) return;
  const model::ClaudeModel& claude = *encoding.claude;
  model::Thinking& thinking = encoding.thinking;
  const auto change = [&](std::string_view from, std::string_view to) {
    encoding.translation.losses.add(LossKind::kClamped,
                                    "thinking " + std::string(from) + " -> " + std::string(to));
  };
  const auto leave_out = [&](std::string_view from) {
    change(from, "the model's own");
    thinking = model::Thinking();
  };
  if (thinking.kind == ThinkingKind::kDisabled && !claude.can_stop_thinking()) {
    leave_out("disabled");
  }
  if (thinking.kind == ThinkingKind::kBetweenTools && !claude.takes_between_tools()) {
    leave_out("between_tools");
  }
  if (thinking.kind == ThinkingKind::kEnabled && !claude.takes_budget()) {
    if (claude.takes_adaptive()) {
      change("enabled", "adaptive");
      thinking.kind = ThinkingKind::kAdaptive;
      thinking.budget_tokens.reset();
    } else {
      leave_out("enabled");
    }
  }
  if (thinking.kind == ThinkingKind::kAdaptive && !claude.takes_adaptive()) {
    const int64_t most = encoding.request.max_tokens.value_or(0) - 1;
    const Wish wish = thinking_wish(encoding.request);
    const int64_t budget = wish.budget_tokens > 0 ? wish.budget_tokens : kBudgetDefault;
    if (!claude.takes_budget() || most < kBudgetMin) {
      leave_out("adaptive");
    } else {
      change("adaptive", "enabled");
      thinking.kind = ThinkingKind::kEnabled;
      thinking.budget_tokens = std::clamp(budget, kBudgetMin, most);
    }
  }
  if (thinking.kind == ThinkingKind::kEnabled && loop_without_reasoning(encoding)) {
    leave_out("enabled");
  }
}

void encode_inference(Encoding& encoding) {
  const model::Request& request = encoding.request;
  const std::optional<int64_t> tokens = max_tokens(encoding);
  const std::vector<std::string> stops = stop_sequences(encoding);
  const bool sampling = encoding.translation.facts.takes_sampling;
  if (!sampling) {
    if (request.temperature) encoding.drop("temperature");
    if (request.top_p) encoding.drop("top_p");
    if (request.top_k) encoding.drop("top_k");
  }
  const bool temperature = sampling && request.temperature && !refused(encoding, "temperature");
  const bool top_p = sampling && request.top_p && !refused(encoding, "topP");
  if (!tokens && stops.empty() && !temperature && !top_p) return;
  json::Writer& writer = encoding.writer;
  writer.key("inferenceConfig").begin_object();
  if (tokens) writer.member("maxTokens", *tokens);
  if (temperature) number(writer, "temperature", *request.temperature);
  if (top_p) number(writer, "topP", *request.top_p);
  if (!stops.empty()) {
    writer.key("stopSequences").begin_array();
    for (const std::string& stop : stops)
      writer.string(stop);
    writer.end_array();
  }
  writer.end_object();
  if (!stops.empty() && encoding.is_claude()) {
    // The answer says then which of them it was.
    writer.key("additionalModelResponseFieldPaths").begin_array();
    writer.string(request.stream ? "/delta/stop_sequence" : "/stop_sequence").end_array();
  }
}

void encode_additional_fields(Encoding& encoding, const ToolPlan& plan) {
  std::string fields;
  json::Writer writer(fields);
  writer.begin_object();
  encode_top_k(encoding, writer);
  if (encoding.is_claude()) {
    encode_claude_fields(encoding, plan, writer);
  } else {
    encode_foreign_effort(encoding, writer);
    if (!encoding.request.context_management.empty()) encoding.drop("context_management");
  }
  writer.end_object();
  if (fields != "{}") encoding.writer.raw_member("additionalModelRequestFields", fields);
}

void encode_output(Encoding& encoding) {
  const std::string& schema = encoding.request.output_schema;
  const bool unknown = encoding.translation.facts.structured_output == false ||
                       (encoding.is_claude() && !encoding.claude->takes_schemas());
  if (!schema.empty() && unknown) encoding.drop("output_config.format");
  if (!schema.empty() && !unknown) {
    json::Writer& writer = encoding.writer;
    writer.key("outputConfig").begin_object().key("textFormat").begin_object();
    writer.member("type", "json_schema").key("structure").begin_object();
    writer.key("jsonSchema").begin_object();
    writer.member("schema", schema).member("name", "answer");
    writer.end_object().end_object().end_object().end_object();
  }
  if (is_metadata_value(encoding.request.user_id)) {
    encoding.writer.key("requestMetadata").begin_object();
    encoding.writer.member("user_id", encoding.request.user_id).end_object();
  } else if (!encoding.request.user_id.empty()) {
    encoding.drop("metadata.user_id");
  }
}

void note_unsupported(Encoding& encoding) {
  const model::Request& request = encoding.request;
  drop_members(encoding, "", request.rest);
  drop_members(encoding, "metadata.", request.metadata_rest);
  drop_members(encoding, "output_config.", request.output_config_rest);
  if (!request.service_tier.empty() && request.service_tier != "auto") {
    encoding.drop("service_tier " + request.service_tier);
  }
  if (!request.speed.empty() && request.speed != "standard") {
    encoding.drop("speed " + request.speed);
  }
  if (request.tool_choice) drop_members(encoding, "tool_choice.", request.tool_choice->rest);
}

}  // namespace tollgate::dialects::bedrock_converse
