#include "dialects/anthropic_messages/request_peek.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "base/limits.hpp"
#include "dialects/carriage.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

/// Keys the gateway acts on: a second one could say something else to the upstream than to us.
constexpr std::array<std::string_view, 11> kGuardedKeys = {
    "model", "stream",       "max_tokens",    "tools",       "messages",          "thinking",
    "speed", "service_tier", "inference_geo", "mcp_servers", "context_management"};

constexpr int64_t kServerToolUsesMax = 1'000;

bool is_client_tool(std::string_view type) {
  for (const std::string_view family : {"bash_", "text_editor_", "computer_", "memory_"}) {
    if (type.starts_with(family)) return true;
  }
  return type == "custom";
}

/// The members of a block that tell something; keys the client gave twice count as they did first.
struct Block {
  std::string_view type;
  json::Value source;
  json::Value text;
  json::Value content;
  json::Value is_error;
  bool has_carriage = false;  ///< In one of the fields that upstreams give for themselves.
};

void keep_first(json::Value& kept, json::Value value) {
  if (!kept.exists()) kept = value;
}

/// As ==, but for a literal, whose few bytes are compared without a call.
template <size_t kSize>
bool is(std::string_view text, const char (&literal)[kSize]) {
  return text.size() == kSize - 1 && std::memcmp(text.data(), literal, kSize - 1) == 0;
}

bool is_carriage(json::Value value) {
  const std::string_view raw = value.raw();
  return raw.starts_with('"') && raw.substr(1).starts_with(kCarriagePrefix);
}

Block read_block(json::Value value) {
  Block block;
  json::Value type;
  for (const json::Member member : value.members()) {
    if (is(member.key, "type")) {
      keep_first(type, member.value);
    } else if (is(member.key, "source")) {
      keep_first(block.source, member.value);
    } else if (is(member.key, "text")) {
      keep_first(block.text, member.value);
    } else if (is(member.key, "content")) {
      keep_first(block.content, member.value);
    } else if (is(member.key, "is_error")) {
      keep_first(block.is_error, member.value);
    } else if (is(member.key, "signature") || is(member.key, "data")) {
      block.has_carriage = block.has_carriage || is_carriage(member.value);
    }
  }
  block.type = type.string_or("");
  return block;
}

/// What blocks of content tell. Blocks of a tool result are looked at too, but not what is inside
/// those: nothing deeper can be an image or document of its own.
void look_at_blocks(json::Value content, bool inside_result, model::RequestFacts& facts) {
  facts.text_bytes += content.string_size();
  for (const json::Value value : content.elements()) {
    const Block block = read_block(value);
    const std::string_view source = block.source["type"].string_or("");
    if (is(source, "url") || is(source, "file") || is(block.type, "container_upload")) {
      facts.has_remote_sources = true;
    }
    if (is(block.type, "text")) {
      facts.text_bytes += block.text.string_size();
    } else if (is(block.type, "image") || is(block.type, "document")) {
      (is(block.type, "image") ? facts.has_images : facts.has_documents) = true;
      facts.binary_bytes += block.source["data"].string_size();
    } else if (is(block.type, "thinking") || is(block.type, "redacted_thinking")) {
      facts.has_thinking_blocks = true;
      facts.has_carriage = facts.has_carriage || block.has_carriage;
    } else if (is(block.type, "tool_result") && !inside_result) {
      if (block.is_error.boolean() == true) ++facts.tool_error_count;
      look_at_blocks(block.content, true, facts);
    }
  }
}

Status read_messages(json::Value messages, model::RequestFacts& facts) {
  if (!messages.is_array()) return invalid("messages: Input should be a valid list", "messages");
  facts.message_count = static_cast<uint32_t>(messages.size());
  for (const json::Value message : messages.elements()) {
    const uint64_t before = facts.text_bytes;
    facts.tool_error_count = 0;  // Earlier results were told with the request before.
    look_at_blocks(message["content"], false, facts);
    facts.last_message_bytes = facts.text_bytes - before;
  }
  return Status();
}

Status read_tools(json::Value tools, model::RequestFacts& facts) {
  if (tools.is_null()) return Status();
  if (!tools.is_array()) return invalid("tools: Input should be a valid list", "tools");
  for (const json::Value tool : tools.elements()) {
    ++facts.tool_count;
    const std::string_view type = tool["type"].string_or("");
    if (type.empty() || type == "custom") continue;
    ++facts.fixed_tool_count;
    if (is_client_tool(type)) continue;
    ++facts.server_tool_count;
    if (type.starts_with("advisor_")) facts.has_advisor = true;
    const std::optional<int64_t> uses = tool["max_uses"].integer();
    if (uses && *uses >= 0) {
      facts.server_tool_uses += std::min<int64_t>(*uses, kServerToolUsesMax);
    } else {
      ++facts.unbounded_tool_count;
    }
  }
  return Status();
}

/// Servers of tools that the upstream calls by itself, as often as it likes.
void read_tool_servers(json::Value servers, model::RequestFacts& facts) {
  const auto count = static_cast<uint32_t>(servers.size());
  facts.server_tool_count += count;
  facts.unbounded_tool_count += count;
}

bool asks_for_compaction(json::Value context_management) {
  for (const json::Value edit : context_management["edits"].elements()) {
    if (edit["type"].string_or("").starts_with("compact")) return true;
  }
  return false;
}

Status read_model(json::Value value, model::RequestFacts& facts) {
  const std::optional<std::string_view> name = value.string();
  if (!name) return invalid("model: Input should be a valid string", "model");
  if (name->empty()) return invalid("model: String should have at least 1 character", "model");
  if (name->size() > limits::kModelNameBytesMax) {
    return invalid("model: String should have at most " +
                       std::to_string(limits::kModelNameBytesMax) + " bytes",
                   "model");
  }
  facts.model = *name;
  return Status();
}

Status read_stream(json::Value value, model::RequestFacts& facts) {
  if (value.is_null()) return Status();
  const std::optional<bool> stream = value.boolean();
  if (!stream) return invalid("stream: Input should be a valid boolean", "stream");
  facts.stream = *stream;
  return Status();
}

Status read_max_tokens(json::Value value, model::RequestFacts& facts) {
  facts.max_tokens = value.integer();
  if (!facts.max_tokens)
    return invalid("max_tokens: Input should be a valid integer", "max_tokens");
  if (*facts.max_tokens < 0) {
    return invalid("max_tokens: Input should be greater than or equal to 0", "max_tokens");
  }
  return Status();
}

bool is_set(json::Value value) {
  return value.exists() && !value.is_null();
}

void read_thinking(json::Value thinking, model::RequestFacts& facts) {
  const std::string_view type = thinking["type"].string_or("");
  facts.wants_thinking = !type.empty() && type != "disabled";
  facts.thinking_budget = thinking["budget_tokens"].integer();
}

Status read_member(std::string_view key, json::Value value, model::RequestFacts& facts) {
  if (key == "model") return read_model(value, facts);
  if (key == "stream") return read_stream(value, facts);
  if (key == "max_tokens") return read_max_tokens(value, facts);
  if (key == "tools") return read_tools(value, facts);
  if (key == "messages") return read_messages(value, facts);
  if (key == "thinking") read_thinking(value, facts);
  if (key == "metadata") facts.user_id = value["user_id"].string_or("");
  if (key == "speed") facts.speed = value.string_or("");
  if (key == "service_tier") facts.service_tier = value.string_or("");
  if (key == "inference_geo") facts.inference_geo = value.string_or("");
  if (key == "mcp_servers") read_tool_servers(value, facts);
  if (key == "context_management") facts.wants_compaction |= asks_for_compaction(value);
  if (key == "compaction" && is_set(value)) facts.wants_compaction = true;
  if (key == "output_config" && is_set(value["format"])) facts.wants_structured_output = true;
  if (key == "output_format" && is_set(value)) facts.wants_structured_output = true;
  return Status();
}

Status body_fault(const Status& fault) {
  if (fault.code() == Code::kNoMemory) return fault;
  return Status(fault.code(), "The request body is not valid JSON: " + fault.message());
}

Status check_required(Operation operation, bool has_messages, const model::RequestFacts& facts) {
  if (facts.model.empty()) return invalid("model: Field required", "model");
  if (operation == Operation::kGenerate && !facts.max_tokens) {
    return invalid("max_tokens: Field required", "max_tokens");
  }
  if (!has_messages) return invalid("messages: Field required", "messages");
  return Status();
}

}  // namespace

Result<PeekedRequest> peek_request(json::Document& document, std::string_view body,
                                   Operation operation) {
  // Marks may stand anywhere: they are looked for among the strings, and the text is not read
  // again.
  json::Mark hour{.text = "1h"};
  const Result<json::Value> parsed = document.parse_padded(body, &hour);
  if (!parsed.ok()) return body_fault(parsed.status());
  const json::Value root = parsed.value();
  if (!root.is_object()) return invalid("The request body should be a JSON object");

  PeekedRequest peeked;
  peeked.root = root;
  peeked.facts.body_bytes = body.size();
  std::array<bool, kGuardedKeys.size()> seen{};
  bool has_messages = false;
  std::string_view model;
  for (const json::Member member : root.members()) {
    for (size_t i = 0; i < kGuardedKeys.size(); ++i) {
      if (member.key != kGuardedKeys[i]) continue;
      if (seen[i]) {
        const std::string field(kGuardedKeys[i]);
        return invalid(field + ": Field given twice; a request may name it once", field);
      }
      seen[i] = true;
    }
    if (member.key == "messages") has_messages = true;
    if (member.key == "model") model = member.value.raw();
    Status read = read_member(member.key, member.value, peeked.facts);
    if (!read.ok()) return read;
  }
  Status complete = check_required(operation, has_messages, peeked.facts);
  if (!complete.ok()) return complete;

  peeked.facts.has_hour = hour.found;
  // The document looks at the body itself, so the model's name stands there.
  peeked.model = {static_cast<size_t>(model.data() - body.data()), model.size()};
  return peeked;
}

}  // namespace tollgate::dialects::anthropic_messages
