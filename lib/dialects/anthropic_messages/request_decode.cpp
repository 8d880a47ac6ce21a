#include <utility>

#include "dialects/anthropic_messages/blocks.hpp"
#include "dialects/anthropic_messages/names.hpp"
#include "dialects/anthropic_messages/parts.hpp"
#include "json/walk.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

using model::Request;

bool string_to(std::string& to, json::Value value) {
  if (!value.is_string()) return false;
  to = value.string_or("");
  return true;
}

/// Empty texts stay raw: in the model they are absence.
bool text_to(std::string& to, json::Value value) {
  return string_to(to, value) && !to.empty();
}

template <typename T>
bool value_to(std::optional<T>& to, std::optional<T> value) {
  if (!value) return false;
  to = value;
  return true;
}

bool raw_object_to(std::string& to, const json::MemberWalk& member) {
  if (!member.value().is_object()) return false;
  to = member.text();
  return true;
}

/// A string, or a list of blocks.
Status decode_content(json::Value value, std::string_view text, bool& is_text,
                      std::vector<model::Block>& blocks) {
  blocks.clear();
  is_text = value.is_string();
  if (is_text) {
    model::Block only;
    only.text = value.string_or("");
    blocks.push_back(std::move(only));
    return Status();
  }
  if (!value.is_array()) return invalid("Input should be a valid string or list");
  return decode_blocks(value, text, blocks);
}

Status decode_message(json::Value value, std::string_view text, model::Message& message) {
  if (!value.is_object()) return invalid("Input should be an object");
  const json::Value role = value["role"];
  if (!role.exists()) return invalid("Field required", "role");
  if (!value["content"].exists()) return invalid("Field required", "content");
  for (json::MemberWalk walk(value, text); walk.next();) {
    if (walk.key() == "role") {
      const std::string_view name = walk.value().string_or("");
      message.role = value_of(kRoles, name, model::Role::kUser);
      if (wire_name(kRoles, message.role) != name) {
        return invalid("Input should be 'user', 'assistant' or 'system'", "role");
      }
    } else if (walk.key() == "content") {
      const Status status =
          decode_content(walk.value(), walk.text(), message.content_is_text, message.content);
      if (!status.ok()) return at_path("content", status);
    } else {
      json::append_member(message.rest, walk.whole());
    }
  }
  return Status();
}

Status decode_messages(json::Value value, std::string_view text, Request& request) {
  if (!value.is_array()) return invalid("Input should be a valid list");
  request.messages.clear();
  request.messages.reserve(value.size());
  for (json::ElementWalk walk(value, text); walk.next();) {
    model::Message message;
    const Status status = decode_message(walk.value(), walk.text(), message);
    if (!status.ok()) return at_path(std::to_string(request.messages.size()), status);
    request.messages.push_back(std::move(message));
  }
  return Status();
}

bool take_cache(std::optional<model::CacheMark>& cache, const json::MemberWalk& member) {
  if (member.value()["type"].string_or("") != "ephemeral") return false;
  model::CacheMark mark;
  for (json::MemberWalk walk(member.value(), member.text()); walk.next();) {
    if (walk.key() == "type") continue;
    if (walk.key() == "ttl" && text_to(mark.ttl, walk.value())) continue;
    json::append_member(mark.rest, walk.whole());
  }
  cache = std::move(mark);
  return true;
}

bool take_tool_member(const json::MemberWalk& member, model::Tool& tool) {
  const std::string_view key = member.key();
  const json::Value value = member.value();
  if (key == "name") return text_to(tool.name, value);
  if (key == "type") return text_to(tool.type, value);
  if (key == "input_schema") return raw_object_to(tool.input_schema, member);
  if (key == "strict") return value_to(tool.strict, value.boolean());
  if (key == "max_uses") return value_to(tool.max_uses, value.integer());
  if (key == "cache_control") return take_cache(tool.cache, member);
  if (key == "description") {
    tool.has_description = string_to(tool.description, value);
    return tool.has_description;
  }
  if (key == "defer_loading" && value.boolean() == true) {
    tool.defer_loading = true;
    return true;
  }
  return false;
}

Status decode_tools(json::Value value, std::string_view text, Request& request) {
  if (!value.is_array()) return invalid("Input should be a valid list");
  request.tools.clear();
  for (json::ElementWalk walk(value, text); walk.next();) {
    if (!walk.value().is_object()) {
      return invalid("Input should be an object", std::to_string(request.tools.size()));
    }
    model::Tool tool;
    for (json::MemberWalk members(walk.value(), walk.text()); members.next();) {
      if (!take_tool_member(members, tool)) json::append_member(tool.rest, members.whole());
    }
    request.tools.push_back(std::move(tool));
  }
  return Status();
}

bool take_tool_choice(const json::MemberWalk& member, Request& request) {
  const std::string_view type = member.value()["type"].string_or("");
  model::ToolChoice choice;
  choice.kind = value_of(kToolChoices, type, model::ToolChoiceKind::kAuto);
  if (type.empty() || wire_name(kToolChoices, choice.kind) != type) return false;
  for (json::MemberWalk walk(member.value(), member.text()); walk.next();) {
    if (walk.key() == "type") continue;
    if (walk.key() == "name" && text_to(choice.name, walk.value())) continue;
    if (walk.key() == "disable_parallel_tool_use" && walk.value().boolean() == true) {
      choice.disable_parallel = true;
    } else {
      json::append_member(choice.rest, walk.whole());
    }
  }
  request.tool_choice = std::move(choice);
  return true;
}

bool take_thinking(const json::MemberWalk& member, Request& request) {
  model::Thinking thinking;
  thinking.kind =
      value_of(kThinkings, member.value()["type"].string_or(""), model::ThinkingKind::kUnset);
  if (thinking.kind == model::ThinkingKind::kUnset) return false;
  for (json::MemberWalk walk(member.value(), member.text()); walk.next();) {
    const std::string_view key = walk.key();
    if (key == "type") continue;
    if (key == "budget_tokens" && value_to(thinking.budget_tokens, walk.value().integer()))
      continue;
    if (key == "display" && text_to(thinking.display, walk.value())) continue;
    json::append_member(thinking.rest, walk.whole());
  }
  request.thinking = std::move(thinking);
  return true;
}

/// {"type":"json_schema","schema":{…}} and nothing else.
bool take_format(const json::MemberWalk& member, Request& request) {
  if (member.value().size() != 2 || member.value()["type"].string_or("") != "json_schema") {
    return false;
  }
  for (json::MemberWalk walk(member.value(), member.text()); walk.next();) {
    if (walk.key() == "schema") return raw_object_to(request.output_schema, walk);
  }
  return false;
}

bool take_output_config(const json::MemberWalk& member, Request& request) {
  if (member.value().size() == 0) return false;
  for (json::MemberWalk walk(member.value(), member.text()); walk.next();) {
    if (walk.key() == "effort" && text_to(request.effort, walk.value())) continue;
    if (walk.key() == "format" && take_format(walk, request)) continue;
    json::append_member(request.output_config_rest, walk.whole());
  }
  return true;
}

bool take_metadata(const json::MemberWalk& member, Request& request) {
  if (member.value().size() == 0) return false;
  for (json::MemberWalk walk(member.value(), member.text()); walk.next();) {
    if (walk.key() == "user_id" && text_to(request.user_id, walk.value())) continue;
    json::append_member(request.metadata_rest, walk.whole());
  }
  return true;
}

bool take_stop_sequences(json::Value value, Request& request) {
  if (value.size() == 0) return false;
  std::vector<std::string> sequences;
  for (const json::Value element : value.elements()) {
    if (!element.is_string()) return false;
    sequences.emplace_back(element.string_or(""));
  }
  request.stop_sequences = std::move(sequences);
  return !request.stop_sequences.empty();
}

bool take_system(const json::MemberWalk& member, Request& request, Status& status) {
  if (!member.value().is_string() && member.value().size() == 0) return false;
  status = decode_content(member.value(), member.text(), request.system_is_text, request.system);
  return true;
}

/// Takes what the model has a place for; false: the member stays raw.
bool take_member(const json::MemberWalk& member, Request& request, Status& status) {
  const std::string_view key = member.key();
  const json::Value value = member.value();
  if (key == "model") return string_to(request.model, value);
  if (key == "max_tokens") return value_to(request.max_tokens, value.integer());
  if (key == "system") return take_system(member, request, status);
  if (key == "tool_choice") return take_tool_choice(member, request);
  if (key == "thinking") return take_thinking(member, request);
  if (key == "output_config") return take_output_config(member, request);
  // The former place of output_config.format; both at once is the API's error to tell.
  if (key == "output_format") return request.output_schema.empty() && take_format(member, request);
  if (key == "temperature") return value_to(request.temperature, value.number());
  if (key == "top_p") return value_to(request.top_p, value.number());
  if (key == "top_k") return value_to(request.top_k, value.integer());
  if (key == "stop_sequences") return take_stop_sequences(value, request);
  if (key == "metadata") return take_metadata(member, request);
  if (key == "service_tier") return text_to(request.service_tier, value);
  if (key == "speed") return text_to(request.speed, value);
  if (key == "context_management") return raw_object_to(request.context_management, member);
  if (key == "stream") {
    // An explicit false is not kept: the gateway may have to ask for a stream.
    request.stream = value.boolean().value_or(false);
    return value.boolean().has_value() || value.is_null();
  }
  if (key == "messages") {
    status = decode_messages(value, member.text(), request);
    return true;
  }
  if (key == "tools" && value.size() > 0) {
    status = decode_tools(value, member.text(), request);
    return true;
  }
  return false;
}

}  // namespace

Result<model::Request> decode_request(json::Value root, std::string_view body) {
  if (!root.is_object()) return invalid("The request body should be a JSON object");
  for (const std::string_view field : {"model", "messages"}) {
    if (root[field].exists()) continue;
    return invalid(std::string(field) + ": Field required", std::string(field));
  }
  Request request;
  for (json::MemberWalk walk(root, body); walk.next();) {
    Status status;
    if (!take_member(walk, request, status)) json::append_member(request.rest, walk.whole());
    if (status.ok()) continue;
    const Status full = at_path(walk.key(), status);
    return Status(full.code(), full.path() + ": " + full.message(), full.path());
  }
  if (request.model.empty()) return invalid("model: Input should be a valid string", "model");
  return request;
}

}  // namespace tollgate::dialects::anthropic_messages
