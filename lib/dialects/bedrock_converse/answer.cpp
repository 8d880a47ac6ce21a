#include "dialects/bedrock_converse/answer.hpp"

#include <optional>

#include "base/base64.hpp"
#include "dialects/carriage.hpp"
#include "json/writer.hpp"
#include "model/claude_model.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

struct ReasonName {
  std::string_view name;
  model::StopReason reason;
};

constexpr ReasonName kReasons[] = {
    {"end_turn", model::StopReason::kEndTurn},
    {"max_tokens", model::StopReason::kMaxTokens},
    {"stop_sequence", model::StopReason::kStopSequence},
    {"tool_use", model::StopReason::kToolUse},
    {"model_context_window_exceeded", model::StopReason::kContextWindow},
    {"guardrail_intervened", model::StopReason::kRefusal},
    {"content_filtered", model::StopReason::kRefusal},
    {"refusal", model::StopReason::kRefusal},
};

constexpr std::string_view kGuardrail = "A guardrail of Amazon Bedrock stopped this answer.";
constexpr std::string_view kRefused = "The model refused to go on.";
constexpr std::string_view kFiltered = "Amazon Bedrock's content filter stopped this answer.";

std::string sealed(const Translation& translation, std::string payload) {
  Carriage carriage;
  carriage.target = translation.target;
  carriage.credential_tag = translation.credential_tag;
  carriage.kind = "c";
  carriage.payload = std::move(payload);
  return seal_carriage(carriage);
}

void place(json::Writer& writer, std::string_view name, json::Value value) {
  writer.member(name, value.integer().value_or(0));
}

/// The texts cited, one behind the other.
std::string cited_text(json::Value citation) {
  std::string text;
  for (const json::Value part : citation["sourceContent"].elements())
    text += part["text"].string_or("");
  return text;
}

void document_location(json::Writer& writer, std::string_view type, json::Value location,
                       std::string_view title, std::string_view start, std::string_view end) {
  writer.member("type", type);
  place(writer, "document_index", location["documentIndex"]);
  writer.member("document_title", title);
  place(writer, start, location["start"]);
  place(writer, end, location["end"]);
}

}  // namespace

Ending read_ending(std::string_view stop_reason, json::Value fields, bool calls_tools) {
  Ending ending;
  ending.malformed = stop_reason == "malformed_tool_use" || stop_reason == "malformed_model_output";
  // A reason no client knows ends the turn like any other.
  ending.reason = model::StopReason::kEndTurn;
  for (const ReasonName& row : kReasons) {
    if (row.name == stop_reason) ending.reason = row.reason;
  }
  if (ending.reason == model::StopReason::kEndTurn && calls_tools) {
    ending.reason = model::StopReason::kToolUse;
  } else if (ending.reason == model::StopReason::kToolUse && !calls_tools) {
    ending.reason = model::StopReason::kEndTurn;
  }
  if (ending.reason == model::StopReason::kStopSequence) {
    const std::string_view plain = fields["stop_sequence"].string_or("");
    ending.stop_sequence = plain.empty() ? fields["delta"]["stop_sequence"].string_or("") : plain;
  }
  if (ending.reason == model::StopReason::kRefusal) {
    ending.details = refusal_details(stop_reason == "content_filtered" ? kFiltered
                                     : stop_reason == "refusal"        ? kRefused
                                                                       : kGuardrail);
  }
  return ending;
}

std::string refusal_details(std::string_view explanation) {
  std::string details;
  json::Writer writer(details);
  writer.begin_object().member("type", "refusal").key("category").null();
  writer.member("explanation", explanation).end_object();
  return details;
}

std::string guardrail_explanation(json::Value trace) {
  const std::string_view reason = trace["guardrail"]["actionReason"].string_or("");
  return reason.empty() ? std::string() : std::string(kGuardrail) + " " + std::string(reason);
}

std::string citation_json(json::Value citation) {
  const json::Value location = citation["location"];
  const std::string_view title = citation["title"].string_or("");
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  if (location["documentChar"].is_object()) {
    document_location(writer, "char_location", location["documentChar"], title, "start_char_index",
                      "end_char_index");
  } else if (location["documentPage"].is_object()) {
    document_location(writer, "page_location", location["documentPage"], title, "start_page_number",
                      "end_page_number");
  } else if (location["documentChunk"].is_object()) {
    document_location(writer, "content_block_location", location["documentChunk"], title,
                      "start_block_index", "end_block_index");
  } else if (location["searchResultLocation"].is_object()) {
    const json::Value at = location["searchResultLocation"];
    writer.member("type", "search_result_location");
    place(writer, "search_result_index", at["searchResultIndex"]);
    writer.member("source", citation["source"].string_or("")).member("title", title);
    place(writer, "start_block_index", at["start"]);
    place(writer, "end_block_index", at["end"]);
  } else if (location["web"].is_object()) {
    writer.member("type", "web_search_result_location");
    writer.member("url", location["web"]["url"].string_or(""));
    writer.member("title", title.empty() ? location["web"]["domain"].string_or("") : title);
    writer.member("encrypted_index", "");
  } else {
    return {};
  }
  writer.member("cited_text", cited_text(citation)).end_object();
  return out;
}

bool signs_reasoning(const Translation& translation) {
  return model::claude_model(translation.target_model).has_value();
}

std::string sealed_signature(const Translation& translation, std::string_view signature,
                             std::string_view hidden_text) {
  if (signs_reasoning(translation)) return std::string(signature);
  std::string payload;
  json::Writer writer(payload);
  if (!signature.empty()) writer.member("signature", signature);
  if (!hidden_text.empty()) writer.member("text", hidden_text);
  return sealed(translation, std::move(payload));
}

std::string redacted_data(const Translation& translation, std::string_view redacted_content) {
  if (signs_reasoning(translation)) {
    // The wire has the base64 of what Anthropic's own API calls data.
    std::optional<std::string> data = base64_decode(redacted_content);
    if (data) return std::move(*data);
  }
  std::string payload;
  json::Writer(payload).member("redacted", redacted_content);
  return sealed(translation, std::move(payload));
}

bool is_server_tool(json::Value tool_use) {
  return tool_use["type"].string_or("") == "server_tool_use";
}

}  // namespace tollgate::dialects::bedrock_converse
