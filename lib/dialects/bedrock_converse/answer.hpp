#pragma once

// What a whole answer and a stream have in common on their way back.

#include <string>
#include <string_view>
#include <vector>

#include "dialects/dialect.hpp"
#include "json/reader.hpp"
#include "model/response.hpp"

namespace tollgate::dialects::bedrock_converse {

/// stop_details of a refusal.
std::string refusal_details(std::string_view explanation);

/// How an answer ended, and what the client is told of it.
struct Ending {
  model::StopReason reason = model::StopReason::kUnset;
  std::string stop_sequence;  ///< kStopSequence, where it was told.
  std::string details;        ///< Raw JSON, empty when there are none.
  bool malformed = false;     ///< The model wrote what is no answer.
};

/// `fields` are additionalModelResponseFields. Reasons that contradict the content are mended: some
/// models say end_turn and call tools.
Ending read_ending(std::string_view stop_reason, json::Value fields, bool calls_tools);

/// Writes the ending into an answer or a message_delta. `stop_found` is a stop sequence that was
/// watched for here, `explanation` a guardrail's; each may be empty.
template <typename To>
void apply(Ending ending, const std::string& stop_found, const std::string& explanation, To& to) {
  if (!stop_found.empty()) {
    ending.reason = model::StopReason::kStopSequence;
    ending.stop_sequence = stop_found;
    ending.details.clear();
  }
  if (ending.reason == model::StopReason::kRefusal && !explanation.empty()) {
    ending.details = refusal_details(explanation);
  }
  to.stop_reason = ending.reason;
  to.has_stop_sequence = !ending.stop_sequence.empty();
  to.stop_sequence = std::move(ending.stop_sequence);
  to.stop_details = std::move(ending.details);
}

/// What a guardrail's trace tells; empty when it tells nothing.
std::string guardrail_explanation(json::Value trace);

/// A citation of Converse's as Anthropic's raw JSON; empty when its location is of no known kind.
std::string citation_json(json::Value citation);

/// True when the model signs its reasoning itself (Claude), and hides it when it is asked to.
bool signs_reasoning(const Translation& translation);
/// The opaque field of a thinking block (or of a redacted one): Claude's own as it is, another
/// model's sealed.
std::string sealed_signature(const Translation& translation, std::string_view signature,
                             std::string_view hidden_text);
std::string redacted_data(const Translation& translation, std::string_view redacted_content);

/// True for calls that the model's own server has made already.
bool is_server_tool(json::Value tool_use);

}  // namespace tollgate::dialects::bedrock_converse
