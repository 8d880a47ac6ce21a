#include "dialects/anthropic_messages/blocks.hpp"
#include "dialects/anthropic_messages/names.hpp"
#include "dialects/anthropic_messages/parts.hpp"
#include "dialects/anthropic_messages/usage_rest.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

void counter(json::Writer& writer, std::string_view name, std::optional<int64_t> value) {
  if (value) writer.member(name, *value);
}

void encode_split(std::optional<int64_t> five_minutes, std::optional<int64_t> one_hour,
                  json::Writer& writer) {
  if (!five_minutes && !one_hour) return;
  writer.key("cache_creation").begin_object();
  counter(writer, "ephemeral_5m_input_tokens", five_minutes);
  counter(writer, "ephemeral_1h_input_tokens", one_hour);
  writer.end_object();
}

void encode_iterations(const std::vector<model::UsageIteration>& iterations, json::Writer& writer) {
  writer.key("iterations").begin_array();
  for (const model::UsageIteration& iteration : iterations) {
    const model::Tokens& tokens = iteration.tokens;
    writer.begin_object().member("type", iteration.type);
    if (!iteration.model.empty()) writer.member("model", iteration.model);
    writer.member("input_tokens", tokens.input);
    writer.member("output_tokens", tokens.output);
    writer.member("cache_read_input_tokens", tokens.cache_read);
    writer.member("cache_creation_input_tokens", tokens.cache_write_5m + tokens.cache_write_1h);
    if (tokens.cache_write_5m != 0 || tokens.cache_write_1h != 0) {
      encode_split(tokens.cache_write_5m, tokens.cache_write_1h, writer);
    }
    writer.raw_members(iteration.rest).end_object();
  }
  writer.end_array();
}

/// A text of nothing says nothing, and sent back it makes every later turn fail.
bool says_nothing(const model::Block& block) {
  return block.kind == model::BlockKind::kText && block.text.empty() && block.citations.empty() &&
         block.rest.empty();
}

}  // namespace

void encode_usage(const model::UsagePatch& usage, std::string_view rest, json::Writer& writer) {
  writer.begin_object();
  counter(writer, "input_tokens", usage.input);
  counter(writer, "cache_creation_input_tokens", usage.cache_write);
  counter(writer, "cache_read_input_tokens", usage.cache_read);
  encode_split(usage.cache_write_5m, usage.cache_write_1h, writer);
  counter(writer, "output_tokens", usage.output);
  if (usage.reasoning) {
    writer.key("output_tokens_details").begin_object();
    writer.member("thinking_tokens", *usage.reasoning).end_object();
  }
  if (usage.web_searches || usage.web_fetches) {
    writer.key("server_tool_use").begin_object();
    counter(writer, "web_search_requests", usage.web_searches);
    counter(writer, "web_fetch_requests", usage.web_fetches);
    writer.end_object();
  }
  if (usage.service_tier) writer.member("service_tier", *usage.service_tier);
  if (usage.inference_geo) writer.member("inference_geo", *usage.inference_geo);
  if (usage.fast) writer.member("speed", *usage.fast ? "fast" : "standard");
  if (usage.iterations) encode_iterations(*usage.iterations, writer);
  writer.raw_members(usage_rest(rest, usage));
  writer.end_object();
}

model::UsagePatch patch_of(const model::Usage& usage) {
  model::UsagePatch patch;
  const model::Tokens& tokens = usage.tokens;
  patch.input = tokens.input;
  patch.cache_read = tokens.cache_read;
  patch.cache_write = tokens.cache_write_5m + tokens.cache_write_1h;
  if (*patch.cache_write != 0) {
    patch.cache_write_5m = tokens.cache_write_5m;
    patch.cache_write_1h = tokens.cache_write_1h;
  }
  patch.output = tokens.output;
  if (usage.reasoning != 0) patch.reasoning = usage.reasoning;
  if (usage.web_searches != 0 || usage.web_fetches != 0) {
    patch.web_searches = usage.web_searches;
    patch.web_fetches = usage.web_fetches;
  }
  if (!usage.service_tier.empty()) patch.service_tier = usage.service_tier;
  if (!usage.inference_geo.empty()) patch.inference_geo = usage.inference_geo;
  if (usage.fast) patch.fast = true;
  if (!usage.iterations.empty()) patch.iterations = usage.iterations;
  return patch;
}

void encode_stop_reason(model::StopReason reason, std::string_view name, json::Writer& writer) {
  if (reason == model::StopReason::kUnset) {
    writer.null();
  } else {
    writer.string(reason == model::StopReason::kOther ? name : wire_name(kStopReasons, reason));
  }
}

int64_t told_input(const model::Usage& usage, const Translation& translation) {
  if (usage.tokens.prompt() > 0) return usage.tokens.input;
  return translation.input_tokens_estimate > 0 ? translation.input_tokens_estimate : 1;
}

void encode_response(const model::Response& response, Translation& translation, std::string& out) {
  json::Writer writer(out);
  writer.begin_object();
  writer.member("id", response.id.empty() ? translation.make_id("msg_") : response.id);
  writer.member("type", "message").member("role", "assistant");
  writer.member("model",
                translation.requested_model.empty() ? response.model : translation.requested_model);
  writer.key("content").begin_array();
  for (const model::Block& block : response.content) {
    if (!says_nothing(block)) encode_block(block, writer);
  }
  writer.end_array();
  encode_stop_reason(response.stop_reason, response.stop_reason_name, writer.key("stop_reason"));
  writer.key("stop_sequence");
  if (response.has_stop_sequence) {
    writer.string(response.stop_sequence);
  } else {
    writer.null();
  }
  if (!response.stop_details.empty()) writer.raw_member("stop_details", response.stop_details);
  model::UsagePatch usage = patch_of(response.usage);
  usage.input = told_input(response.usage, translation);
  encode_usage(usage, response.usage_rest, writer.key("usage"));
  writer.raw_members(response.rest).end_object();
}

}  // namespace tollgate::dialects::anthropic_messages
