#include <optional>
#include <utility>

#include "dialects/openai_chat/message_decode.hpp"
#include "dialects/openai_chat/parts.hpp"
#include "dialects/openai_members.hpp"
#include "json/walk.hpp"

namespace tollgate::dialects::openai_chat {
namespace {

using model::Request;

std::string text_value(json::Value value) {
  return std::string(value.string_or(""));
}

Status at(std::string_view path, std::string_view message) {
  return invalid(std::string(path) + ": " + std::string(message), std::string(path));
}

Status decode_tool(json::Value value, std::string_view json, const std::string& path,
                   Request& request) {
  const json::Value function = value["function"];
  if (value["type"].string_or("function") != "function" || !function.is_object()) {
    return at(path, "only tools of type 'function' are available here");
  }
  model::Tool tool;
  tool.name = text_value(function["name"]);
  if (tool.name.empty()) return at(path + ".function.name", "Field required");
  tool.has_description = function["description"].is_string();
  tool.description = text_value(function["description"]);
  tool.strict = function["strict"].boolean();
  if (function["parameters"].is_object()) {
    const auto span = json::find_span(json, {"function", "parameters"});
    if (span) tool.input_schema = json.substr(span->offset, span->size);
  }
  if (tool.input_schema.empty()) tool.input_schema = R"({"type":"object","properties":{}})";
  request.tools.push_back(std::move(tool));
  return Status();
}

Status decode_tools(json::Value value, std::string_view json, Request& request) {
  if (!value.is_array()) return at("tools", "expected a list");
  size_t index = 0;
  for (json::ElementWalk walk(value, json); walk.next();) {
    const std::string path = "tools[" + std::to_string(index++) + "]";
    if (Status status = decode_tool(walk.value(), walk.text(), path, request); !status.ok()) {
      return status;
    }
  }
  return Status();
}

Status decode_tool_choice(json::Value value, Request& request) {
  model::ToolChoice choice;
  const json::Value allowed = value["allowed_tools"];
  const std::string_view word =
      allowed.is_object() ? allowed["mode"].string_or("auto") : value.string_or("");
  if (word == "none") {
    choice.kind = model::ToolChoiceKind::kNone;
  } else if (word == "required") {
    choice.kind = model::ToolChoiceKind::kAny;
  } else if (value["function"]["name"].is_string()) {
    choice.kind = model::ToolChoiceKind::kTool;
    choice.name = text_value(value["function"]["name"]);
  } else if (word != "auto") {
    return at("tool_choice", "expected 'none', 'auto', 'required' or a function");
  }
  request.tool_choice = std::move(choice);
  return Status();
}

/// Of the tools only these may be called.
void keep_allowed(json::Value allowed, Request& request) {
  if (!allowed.is_array() || allowed.size() == 0) return;
  std::erase_if(request.tools, [&](const model::Tool& tool) {
    for (const json::Value each : allowed.elements()) {
      if (each["function"]["name"].string_or("") == tool.name) return false;
    }
    request.losses.add(model::LossKind::kDropped, "tools: " + tool.name + " (not allowed)");
    return true;
  });
}

Status decode_stop(json::Value value, Request& request) {
  if (value.is_string()) {
    request.stop_sequences.push_back(text_value(value));
    return Status();
  }
  for (const json::Value each : value.elements()) {
    if (!each.is_string()) return at("stop", "expected a string or a list of strings");
    request.stop_sequences.push_back(text_value(each));
  }
  return Status();
}

/// What the schema of an answer is; a wish for any JSON is this dialect's own.
Status decode_response_format(const json::MemberWalk& member, Request& request) {
  const json::Value value = member.value();
  const std::string_view type = value["type"].string_or("");
  if (type == "text") return Status();
  if (type != "json_schema") {
    json::append_member(request.dialect_rest, member.whole());
    return Status();
  }
  const auto span = json::find_span(member.text(), {"json_schema", "schema"});
  if (!span || !value["json_schema"]["schema"].is_object()) {
    return at("response_format.json_schema.schema", "Field required");
  }
  request.output_schema = member.text().substr(span->offset, span->size);
  return Status();
}

void decode_effort(std::string_view effort, Request& request) {
  if (effort.empty()) return;
  if (effort == "none") {
    request.thinking.kind = model::ThinkingKind::kDisabled;
    return;
  }
  // Who asks for effort wants the reasoning told, as far as this dialect can.
  request.thinking.kind = model::ThinkingKind::kAdaptive;
  request.effort = effort == "minimal" ? "low" : effort;
}

/// Takes a member with a plain value; false when it is none of these.
bool take_plain(const json::MemberWalk& member, Request& request) {
  const std::string_view key = member.key();
  const json::Value value = member.value();
  if (key == "model") {
    request.model = text_value(value);
  } else if (key == "max_completion_tokens" ||
             (key == "max_tokens" && !request.max_tokens.has_value())) {
    if (value.integer()) request.max_tokens = value.integer();
  } else if (key == "max_tokens") {
    // The newer name has told it.
  } else if (key == "stream") {
    request.stream = value.boolean().value_or(false);
  } else if (key == "stream_options") {
    request.stream_usage = value["include_usage"].boolean().value_or(false);
  } else if (key == "temperature") {
    request.temperature = value.number();
  } else if (key == "top_p") {
    request.top_p = value.number();
  } else if (key == "top_k") {
    request.top_k = value.integer();
  } else if (key == "reasoning_effort") {
    decode_effort(value.string_or(""), request);
  } else if (key == "reasoning" && value.is_object()) {
    // As OpenRouter's clients spell it.
    decode_effort(value["enabled"].boolean() == false ? "none" : value["effort"].string_or(""),
                  request);
  } else if (key == "safety_identifier" || (key == "user" && request.user_id.empty())) {
    request.user_id = text_value(value);
  } else if (key == "service_tier" && value.string_or("") == "default") {
    request.service_tier = "standard_only";
  } else {
    return key == "user" || (key == "service_tier" && value.string_or("auto") == "auto") ||
           key == "messages" || key == "store";
  }
  return true;
}

Status refuse(const json::MemberWalk& member) {
  const std::string_view key = member.key();
  const json::Value value = member.value();
  if (key == "n" && value.integer().value_or(1) != 1)
    return at("n", "only one choice is available");
  if ((key == "functions" || key == "function_call") && !value.is_null()) {
    return at(key, "not available here: use tools and tool_choice");
  }
  if (key == "modalities") {
    for (const json::Value each : value.elements()) {
      if (each.string_or("") != "text") return at("modalities", "only text is available");
    }
  }
  return Status();
}

Status take_member(const json::MemberWalk& member, Request& request, bool& one_call) {
  const std::string_view key = member.key();
  const json::Value value = member.value();
  if (value.is_null() || take_plain(member, request)) return Status();
  if (key == "tools") return decode_tools(value, member.text(), request);
  if (key == "tool_choice") return decode_tool_choice(value, request);
  if (key == "stop") return decode_stop(value, request);
  if (key == "response_format") return decode_response_format(member, request);
  if (key == "parallel_tool_calls") {
    one_call = value.boolean() == false;
    return Status();
  }
  if (Status status = refuse(member); !status.ok()) return status;
  json::append_member(request.dialect_rest, member.whole());
  return Status();
}

}  // namespace

Result<Request> decode_request(json::Value root, std::string_view body) {
  if (!root.is_object()) return invalid("The request body should be a JSON object");
  if (const auto twice = repeated_member(root, {"model", "messages", "stream", "stream_options",
                                                "max_tokens", "max_completion_tokens", "tools"})) {
    return at(*twice, "Field given twice; a request may name it once");
  }
  if (root["model"].string_or("").empty()) return at("model", "Field required");
  if (!root["messages"].is_array()) return at("messages", "Field required");
  Request request;
  bool one_call = false;
  for (json::MemberWalk walk(root, body); walk.next();) {
    if (Status status = take_member(walk, request, one_call); !status.ok()) return status;
  }
  if (one_call && !request.tools.empty()) {
    if (!request.tool_choice) request.tool_choice = model::ToolChoice();
    request.tool_choice->disable_parallel = true;
  }
  keep_allowed(root["tool_choice"]["allowed_tools"]["tools"], request);
  if (request.tools.empty()) request.tool_choice.reset();
  if (Status status = decode_messages(root["messages"], request); !status.ok()) return status;
  return request;
}

}  // namespace tollgate::dialects::openai_chat
