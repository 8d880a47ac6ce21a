#include "exchange/overrides.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/anthropic_messages/request_peek.hpp"
#include "exchange/cost_bound.hpp"
#include "exchange/member_edits.hpp"
#include "model/request_facts.hpp"

namespace tollgate::exchange {
namespace {

using providers::MemberEdit;
using Edits = std::vector<MemberEdit>;
using Names = std::vector<std::string_view>;

constexpr std::string_view kOldName = "max_tokens";
constexpr std::string_view kChatName = "max_completion_tokens";

bool is_in(const Names& names, std::string_view key) {
  return std::find(names.begin(), names.end(), key) != names.end();
}

/// Members whose meaning every encoder knows to say in its own words. Not here: what names
/// something of one provider's (service_tier, metadata).
const Names& asked_members(const dialects::Dialect& client) {
  static const Names messages = {"system",         "tools",         "tool_choice",
                                 "thinking",       "output_config", "output_format",
                                 "temperature",    "top_p",         "top_k",
                                 "stop_sequences", "speed",         "context_management"};
  static const Names chat = {
      "tools",           "tool_choice",      "temperature",        "top_p", "top_k", "stop",
      "response_format", "reasoning_effort", "parallel_tool_calls"};
  static const Names responses = {"tools", "tool_choice", "temperature", "top_p",
                                  "text",  "reasoning",   "instructions"};
  if (client.name() == "openai_chat") return chat;
  return client.name() == "openai_responses" ? responses : messages;
}

/// Under which name this body has the answer's maximum, or should have it.
std::string_view output_name(const dialects::Dialect& client, std::string_view body,
                             std::string_view written) {
  if (client.name() == "openai_responses") return "max_output_tokens";
  if (client.name() != "openai_chat") return kOldName;
  const std::vector<std::string> keys = member_keys(body);
  for (const std::string_view name : {kChatName, kOldName}) {
    if (std::find(keys.begin(), keys.end(), name) != keys.end()) return name;
  }
  return written == kOldName ? kOldName : kChatName;
}

void add_output(const MemberEdit& edit, const dialects::Dialect& client, std::string_view name,
                Edits& out) {
  out.push_back({std::string(name), edit.value});
  // Both names beside each other are refused by who serves this dialect.
  if (client.name() != "openai_chat") return;
  out.push_back({std::string(name == kChatName ? kOldName : kChatName), std::nullopt});
}

/// What a counter of tokens takes besides the conversation.
bool is_counted(std::string_view key) {
  static const Names counted = {
      "system",        "tools",         "tool_choice", "thinking",
      "output_config", "output_format", "mcp_servers", "context_management"};
  return is_in(counted, key);
}

bool is_structured(const MemberEdit& edit) {
  return edit.value && (edit.value->starts_with('{') || edit.value->starts_with('['));
}

}  // namespace

Overrides overrides_of_translated(const Edits& edits, const dialects::Dialect& client) {
  Overrides overrides;
  for (const MemberEdit& edit : edits) {
    if (names_output(edit.key)) {
      const std::string_view name =
          client.name() == "openai_chat" ? kChatName : output_name(client, {}, {});
      add_output(edit, client, name, overrides.asked);
    } else {
      (is_in(asked_members(client), edit.key) ? overrides.asked : overrides.sent).push_back(edit);
    }
  }
  return overrides;
}

Edits overrides_of_passing(const Edits& edits, const dialects::Dialect& client,
                           std::string_view body, dialects::Operation operation) {
  Edits out;
  for (const MemberEdit& edit : edits) {
    const bool counts = operation == dialects::Operation::kCountTokens;
    if (counts && edit.value && !is_counted(edit.key)) continue;
    if (names_output(edit.key)) {
      add_output(edit, client, output_name(client, body, edit.key), out);
    } else {
      out.push_back(edit);
    }
  }
  return out;
}

std::optional<model::RequestFacts> facts_with(const Edits& edits, const dialects::Dialect& client,
                                              std::string_view body, DocumentPool& documents) {
  if (std::none_of(edits.begin(), edits.end(), is_structured)) return std::nullopt;
  std::string changed =
      with_edits(body, overrides_of_passing(edits, client, body, dialects::Operation::kGenerate));
  const size_t size = changed.size();
  if (&client != &dialects::anthropic_messages::dialect()) {
    const Result<model::Request> decoded = client.decode_request(changed);
    if (!decoded.ok()) return std::nullopt;
    model::RequestFacts facts = model::facts_of(decoded.value());
    facts.body_bytes = size;
    return facts;
  }
  changed.append(json::kPadding, '\0');
  const DocumentPool::Loan document = documents.borrow();
  Result<dialects::anthropic_messages::PeekedRequest> peeked =
      dialects::anthropic_messages::peek_request(
          *document, std::string_view(changed).substr(0, size), dialects::Operation::kGenerate);
  if (!peeked.ok()) return std::nullopt;
  model::RequestFacts facts = std::move(peeked.value().facts);
  facts.body_bytes = size;
  return facts;
}

}  // namespace tollgate::exchange
