#include "exchange/explain_body.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/anthropic_messages/request_peek.hpp"
#include "model/request_facts.hpp"

namespace tollgate::exchange {
namespace {

/// Members that Chat Completions has and Messages does not.
constexpr std::array<std::string_view, 16> kChatMembers = {"max_completion_tokens",
                                                           "frequency_penalty",
                                                           "function_call",
                                                           "functions",
                                                           "logit_bias",
                                                           "logprobs",
                                                           "modalities",
                                                           "n",
                                                           "parallel_tool_calls",
                                                           "presence_penalty",
                                                           "prediction",
                                                           "reasoning_effort",
                                                           "response_format",
                                                           "seed",
                                                           "stop",
                                                           "stream_options"};
constexpr std::array<std::string_view, 4> kChatParts = {"image_url", "input_audio", "file",
                                                        "refusal"};

bool is_chat_message(json::Value message) {
  const std::string_view role = message["role"].string_or("");
  if (role == "system" || role == "developer" || role == "tool" || role == "function") return true;
  if (message["tool_calls"].exists()) return true;
  for (const json::Value part : message["content"].elements()) {
    const std::string_view type = part["type"].string_or("");
    if (std::find(kChatParts.begin(), kChatParts.end(), type) != kChatParts.end()) return true;
  }
  return false;
}

bool is_chat(json::Value root) {
  for (const json::Member member : root.members()) {
    if (std::find(kChatMembers.begin(), kChatMembers.end(), member.key) != kChatMembers.end()) {
      return true;
    }
  }
  for (const json::Value tool : root["tools"].elements()) {
    if (tool["function"].exists()) return true;
  }
  for (const json::Value message : root["messages"].elements()) {
    if (is_chat_message(message)) return true;
  }
  return false;
}

}  // namespace

std::string_view path_of_body(std::string_view body, DocumentPool& documents) {
  const DocumentPool::Loan document = documents.borrow();
  const Result<json::Value> root = (*document).parse(body);
  if (!root.ok() || !root.value().is_object()) return "/v1/messages";
  if (!root.value()["messages"].exists() && root.value()["input"].exists()) return "/v1/responses";
  return is_chat(root.value()) ? "/v1/chat/completions" : "/v1/messages";
}

Result<model::RequestFacts> read_facts(const ClientRequest& request, std::string_view body,
                                       DocumentPool& documents,
                                       std::optional<model::Request>& decoded) {
  if (request.dialect != &dialects::anthropic_messages::dialect()) {
    Result<model::Request> read = request.dialect->decode_request(body);
    if (!read.ok()) return read.status();
    decoded = std::move(read.value());
    model::RequestFacts facts = model::facts_of(*decoded);
    facts.body_bytes = body.size();
    return facts;
  }
  std::string padded(body);
  padded.append(json::kPadding, '\0');
  const DocumentPool::Loan document = documents.borrow();
  Result<dialects::anthropic_messages::PeekedRequest> peeked =
      dialects::anthropic_messages::peek_request(*document,
                                                 std::string_view(padded).substr(0, body.size()),
                                                 dialects::Operation::kGenerate);
  if (!peeked.ok()) return peeked.status();
  model::RequestFacts facts = std::move(peeked.value().facts);
  facts.body_bytes = body.size();
  return facts;
}

}  // namespace tollgate::exchange
