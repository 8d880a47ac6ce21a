#include "dialects/anthropic_messages/usage_rest.hpp"

#include "dialects/anthropic_messages/answer_splice.hpp"
#include "dialects/anthropic_messages/names.hpp"
#include "json/walk.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

bool is_counter(std::string_view key) {
  return key == "input_tokens" || key == "output_tokens" || key == "cache_read_input_tokens" ||
         key == "cache_creation_input_tokens";
}

/// Whether encode_usage() writes this member. The four counters are always ours: null or odd
/// values say nothing, and a second one must not stand beside what we write.
bool is_written(std::string_view key, const model::UsagePatch& patch) {
  if (is_counter(key)) return true;
  if (key == "cache_creation") return patch.cache_write_5m || patch.cache_write_1h;
  if (key == "output_tokens_details") return patch.reasoning.has_value();
  if (key == "server_tool_use") return patch.web_searches || patch.web_fetches;
  if (key == "service_tier") return patch.service_tier.has_value();
  if (key == "inference_geo") return patch.inference_geo.has_value();
  if (key == "speed") return patch.fast.has_value();
  if (key == "iterations") return patch.iterations.has_value();
  return false;
}

std::string iteration_rest(json::Value value, std::string_view text,
                           const model::UsageIteration& iteration) {
  const bool has_split =
      iteration.tokens.cache_write_5m != 0 || iteration.tokens.cache_write_1h != 0;
  std::string rest;
  for (json::MemberWalk walk(value, text); walk.next();) {
    const std::string_view key = walk.key();
    const bool written = is_counter(key) || key == "type" ||
                         (key == "model" && !iteration.model.empty()) ||
                         (key == "cache_creation" && has_split);
    if (!written) json::append_member(rest, walk.whole());
  }
  return rest;
}

}  // namespace

std::string usage_rest(json::Value usage, std::string_view text, const model::UsagePatch& patch) {
  std::string rest;
  for (json::MemberWalk walk(usage, text); walk.next();) {
    if (!is_written(walk.key(), patch)) json::append_member(rest, walk.whole());
  }
  return rest;
}

std::string usage_rest(std::string_view members, const model::UsagePatch& patch) {
  if (members.empty()) return {};
  const std::string object = "{" + std::string(members) + "}";
  json::Document document;
  const Result<json::Value> parsed = document.parse(object);
  return parsed.ok() ? usage_rest(parsed.value(), object, patch) : std::string();
}

model::UsagePatch read_usage_whole(json::Value usage, std::string_view text) {
  model::UsagePatch patch = read_usage(usage);
  if (!patch.iterations) return patch;
  for (json::MemberWalk walk(usage, text); walk.next();) {
    if (walk.key() != "iterations") continue;
    size_t index = 0;
    for (json::ElementWalk steps(walk.value(), walk.text());
         steps.next() && index < patch.iterations->size(); ++index) {
      model::UsageIteration& iteration = (*patch.iterations)[index];
      iteration.rest = iteration_rest(steps.value(), steps.text(), iteration);
    }
  }
  return patch;
}

void read_stop_reason(json::Value value, model::StopReason& reason, std::string& name) {
  name.clear();
  reason = model::StopReason::kUnset;
  if (!value.is_string()) return;
  reason = value_of(kStopReasons, value.string_or(""), model::StopReason::kOther);
  if (reason == model::StopReason::kOther) name = value.string_or("");
}

}  // namespace tollgate::dialects::anthropic_messages
