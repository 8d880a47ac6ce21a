#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "dialects/anthropic_messages/blocks.hpp"
#include "dialects/anthropic_messages/names.hpp"
#include "dialects/anthropic_messages/parts.hpp"
#include "dialects/anthropic_messages/thinking_fit.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

using model::Request;

void number(json::Writer& writer, std::string_view name, std::optional<double> value) {
  // JSON has no word for what is not finite.
  if (!value || !std::isfinite(*value)) return;
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), *value).ptr;
  writer.raw_member(name, {digits.data(), static_cast<size_t>(end - digits.data())});
}

void integer(json::Writer& writer, std::string_view name, std::optional<int64_t> value) {
  if (value) writer.member(name, *value);
}

void text(json::Writer& writer, std::string_view name, const std::string& value) {
  if (!value.empty()) writer.member(name, value);
}

void raw(json::Writer& writer, std::string_view name, const std::string& json) {
  if (!json.empty()) writer.raw_member(name, json);
}

/// Other dialects may leave the bound away; this one must have it to generate.
std::optional<int64_t> max_tokens(const Request& request, const Translation& translation) {
  constexpr int64_t kUnknownModelsCanWrite = 4096;
  if (request.max_tokens || translation.operation != Operation::kGenerate) {
    return request.max_tokens;
  }
  return translation.facts.output_tokens_max > 0 ? translation.facts.output_tokens_max
                                                 : kUnknownModelsCanWrite;
}

void encode_content(const std::vector<model::Block>& blocks, bool is_text, json::Writer& writer) {
  if (is_text && blocks.size() == 1) {
    writer.string(blocks[0].text);
  } else {
    encode_blocks(blocks, writer);
  }
}

/// A message without what another upstream thought, which would be refused.
model::Message without_foreign_thinking(const model::Message& message) {
  model::Message kept;
  kept.role = message.role;
  kept.content_is_text = message.content_is_text;
  kept.rest = message.rest;
  for (const model::Block& block : message.content) {
    if (!is_foreign_thinking(block)) kept.content.push_back(block);
  }
  return kept;
}

void encode_message(const model::Message& message, json::Writer& writer) {
  writer.begin_object().member("role", wire_name(kRoles, message.role));
  encode_content(message.content, message.content_is_text, writer.key("content"));
  writer.raw_members(message.rest).end_object();
}

void encode_messages(const Request& request, Translation& translation, json::Writer& writer) {
  writer.key("messages").begin_array();
  for (const model::Message& message : request.messages) {
    if (std::none_of(message.content.begin(), message.content.end(), is_foreign_thinking)) {
      encode_message(message, writer);
      continue;
    }
    translation.losses.add(model::LossKind::kDropped, "thinking (of another upstream)");
    const model::Message kept = without_foreign_thinking(message);
    // A turn that only thought says nothing, and a turn of nothing is refused.
    if (!kept.content.empty()) encode_message(kept, writer);
  }
  writer.end_array();
}

void encode_tool(const model::Tool& tool, json::Writer& writer) {
  writer.begin_object();
  text(writer, "type", tool.type);
  text(writer, "name", tool.name);
  if (tool.has_description) writer.member("description", tool.description);
  raw(writer, "input_schema", tool.input_schema);
  if (tool.strict) writer.member("strict", *tool.strict);
  if (tool.defer_loading) writer.member("defer_loading", true);
  integer(writer, "max_uses", tool.max_uses);
  if (tool.cache) {
    writer.key("cache_control").begin_object().member("type", "ephemeral");
    text(writer, "ttl", tool.cache->ttl);
    writer.raw_members(tool.cache->rest).end_object();
  }
  writer.raw_members(tool.rest).end_object();
}

void encode_tools(const Request& request, json::Writer& writer) {
  if (!request.tools.empty()) {
    writer.key("tools").begin_array();
    for (const model::Tool& tool : request.tools)
      encode_tool(tool, writer);
    writer.end_array();
  }
  if (!request.tool_choice) return;
  const model::ToolChoice& choice = *request.tool_choice;
  writer.key("tool_choice").begin_object();
  writer.member("type", wire_name(kToolChoices, choice.kind));
  text(writer, "name", choice.name);
  if (choice.disable_parallel) writer.member("disable_parallel_tool_use", true);
  writer.raw_members(choice.rest).end_object();
}

void encode_thinking(const model::Thinking& thinking, json::Writer& writer) {
  if (thinking.kind == model::ThinkingKind::kUnset) return;
  writer.key("thinking").begin_object();
  writer.member("type", wire_name(kThinkings, thinking.kind));
  integer(writer, "budget_tokens", thinking.budget_tokens);
  text(writer, "display", thinking.display);
  writer.raw_members(thinking.rest).end_object();
}

void encode_output_config(const Request& request, const std::string& effort, json::Writer& writer) {
  if (effort.empty() && request.output_schema.empty() && request.output_config_rest.empty()) {
    return;
  }
  writer.key("output_config").begin_object();
  text(writer, "effort", effort);
  if (!request.output_schema.empty()) {
    writer.key("format").begin_object().member("type", "json_schema");
    writer.raw_member("schema", request.output_schema).end_object();
  }
  writer.raw_members(request.output_config_rest).end_object();
}

void encode_sampling(const Request& request, Translation& translation, json::Writer& writer) {
  if (!translation.facts.takes_sampling) {
    const bool asked = request.temperature || request.top_p || request.top_k;
    if (asked) translation.losses.add(model::LossKind::kDropped, "temperature, top_p, top_k");
    return;
  }
  // Other dialects go to 2.
  constexpr double kTemperatureMax = 1;
  if (request.temperature.value_or(0) > kTemperatureMax) {
    translation.losses.add(model::LossKind::kClamped, "temperature -> 1");
    number(writer, "temperature", kTemperatureMax);
  } else {
    number(writer, "temperature", request.temperature);
  }
  number(writer, "top_p", request.top_p);
  integer(writer, "top_k", request.top_k);
}

void encode_metadata(const Request& request, json::Writer& writer) {
  if (request.user_id.empty() && request.metadata_rest.empty()) return;
  writer.key("metadata").begin_object();
  text(writer, "user_id", request.user_id);
  writer.raw_members(request.metadata_rest).end_object();
}

}  // namespace

void encode_request(const Request& request, Translation& translation, std::string& out) {
  const FittedThinking fitted = fit_thinking(request, translation);
  json::Writer writer(out);
  writer.begin_object();
  writer.member("model",
                translation.target_model.empty() ? request.model : translation.target_model);
  integer(writer, "max_tokens", max_tokens(request, translation));
  if (request.stream) writer.member("stream", true);
  // Tools, system, messages: the order in which the prompt cache reads them.
  encode_tools(request, writer);
  if (!request.system.empty()) {
    encode_content(request.system, request.system_is_text, writer.key("system"));
  }
  encode_messages(request, translation, writer);
  encode_thinking(fitted.thinking, writer);
  encode_output_config(request, fitted.effort, writer);
  encode_sampling(request, translation, writer);
  if (!request.stop_sequences.empty()) {
    writer.key("stop_sequences").begin_array();
    for (const std::string& sequence : request.stop_sequences)
      writer.string(sequence);
    writer.end_array();
  }
  encode_metadata(request, writer);
  text(writer, "service_tier", request.service_tier);
  text(writer, "speed", request.speed);
  if (fitted.context_management) {
    raw(writer, "context_management", request.context_management);
  }
  writer.raw_members(request.rest).end_object();
}

}  // namespace tollgate::dialects::anthropic_messages
