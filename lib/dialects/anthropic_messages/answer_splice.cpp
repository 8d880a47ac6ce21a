#include "dialects/anthropic_messages/answer_splice.hpp"

#include <vector>

#include "dialects/anthropic_messages/names.hpp"
#include "json/splice.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

std::optional<std::string> text_of(json::Value value) {
  const std::optional<std::string_view> text = value.string();
  if (!text) return std::nullopt;
  return std::string(*text);
}

void read_cache_split(json::Value split, std::optional<int64_t>& five_minutes,
                      std::optional<int64_t>& one_hour) {
  five_minutes = split["ephemeral_5m_input_tokens"].integer();
  one_hour = split["ephemeral_1h_input_tokens"].integer();
}

model::UsageIteration read_iteration(json::Value value) {
  model::UsageIteration iteration;
  iteration.type = value["type"].string_or("");
  iteration.model = value["model"].string_or("");
  model::UsagePatch patch;
  patch.input = value["input_tokens"].integer();
  patch.output = value["output_tokens"].integer();
  patch.cache_read = value["cache_read_input_tokens"].integer();
  patch.cache_write = value["cache_creation_input_tokens"].integer();
  read_cache_split(value["cache_creation"], patch.cache_write_5m, patch.cache_write_1h);
  model::Usage merged;
  model::merge(merged, patch);
  iteration.tokens = merged.tokens;
  return iteration;
}

// An answer has a handful of steps; a list beyond this bound is no honest answer.
constexpr size_t kIterationsMax = 1024;

std::vector<model::UsageIteration> read_iterations(json::Value list) {
  std::vector<model::UsageIteration> iterations;
  for (const json::Value value : list.elements()) {
    if (iterations.size() == kIterationsMax) break;
    iterations.push_back(read_iteration(value));
  }
  return iterations;
}

}  // namespace

model::UsagePatch read_usage(json::Value usage) {
  model::UsagePatch patch;
  for (const json::Member member : usage.members()) {
    const std::string_view key = member.key;
    const json::Value value = member.value;
    if (key == "input_tokens") {
      patch.input = value.integer();
    } else if (key == "output_tokens") {
      patch.output = value.integer();
    } else if (key == "cache_read_input_tokens") {
      patch.cache_read = value.integer();
    } else if (key == "cache_creation_input_tokens") {
      patch.cache_write = value.integer();
    } else if (key == "cache_creation") {
      read_cache_split(value, patch.cache_write_5m, patch.cache_write_1h);
    } else if (key == "output_tokens_details") {
      patch.reasoning = value["thinking_tokens"].integer();
    } else if (key == "server_tool_use") {
      patch.web_searches = value["web_search_requests"].integer();
      patch.web_fetches = value["web_fetch_requests"].integer();
    } else if (key == "speed") {
      if (value.is_string()) patch.fast = value.string_or("") == "fast";
    } else if (key == "service_tier") {
      patch.service_tier = text_of(value);
    } else if (key == "inference_geo") {
      patch.inference_geo = text_of(value);
    } else if (key == "iterations") {
      if (value.is_array()) patch.iterations = read_iterations(value);
    }
  }
  return patch;
}

Result<AnswerFacts> splice_answer(json::Document& document, std::string& body,
                                  std::string_view client_model) {
  const Result<json::Value> parsed = document.parse(body);
  if (!parsed.ok()) {
    return Status(parsed.status().code(),
                  "the upstream's answer is not valid JSON: " + parsed.status().message());
  }
  const json::Value answer = parsed.value();
  if (!answer.is_object() || answer["type"].string_or("") != "message") {
    return invalid("the upstream's answer is not a message");
  }
  AnswerFacts facts;
  model::merge(facts.usage, read_usage(answer["usage"]));
  facts.stop_reason = answer["stop_reason"].string_or("");
  facts.upstream_model = answer["model"].string_or("");

  if (answer["model"].is_string() && facts.upstream_model != client_model) {
    const std::optional<json::Span> span = json::find_span(body, {"model"});
    if (!span) return Status(Code::kInternal, "the answer's model was not found again");
    std::string name;
    json::append_string(name, client_model);
    body.replace(span->offset, span->size, name);
  }
  return facts;
}

model::Failure read_error(json::Value error, uint32_t status) {
  const std::string_view type = error["type"].string_or("");
  model::Failure failure;
  failure.status = status != 0 ? status : status_of_error_type(type);
  if (failure.status == 0) failure.status = 500;
  const ErrorName* named = find_error_by_type(type);
  failure.kind = named != nullptr ? named->kind : kind_of_status(failure.status);
  failure.message = error["message"].string_or("");
  return failure;
}

std::string_view error_type(const model::Failure& failure) {
  for (const ErrorName& row : kErrors) {
    if (row.kind == failure.kind) return row.wire;
  }
  return "api_error";
}

uint32_t status_of_error_type(std::string_view type) {
  const ErrorName* named = find_error_by_type(type);
  return named != nullptr ? named->status : 0;
}

}  // namespace tollgate::dialects::anthropic_messages
