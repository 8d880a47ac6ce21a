#include <algorithm>
#include <utility>

#include "dialects/openai_members.hpp"
#include "dialects/openai_responses/client_names.hpp"
#include "dialects/openai_responses/input_decode.hpp"
#include "dialects/openai_responses/parts.hpp"
#include "json/walk.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

using model::Request;
using model::ThinkingKind;
using model::Tool;
using model::ToolChoiceKind;

constexpr std::string_view kFreeformSchema =
    R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"]})";
constexpr std::string_view kNoParameters = R"({"type":"object","properties":{}})";

/// Members that ask for what the gateway does not keep or do.
struct Refusal {
  std::string_view member;
  std::string_view text;
};

constexpr Refusal kRefusals[] = {
    {"previous_response_id",
     "previous_response_id is not available here: nothing is stored. Send the whole conversation "
     "as input."},
    {"conversation",
     "conversation is not available here: nothing is stored. Send the whole conversation as "
     "input."},
    {"prompt", "prompt templates are not available here: send instructions and input."},
};

std::string text_of(const json::MemberWalk& member) {
  return std::string(member.value().string_or(""));
}

void take_function(const json::MemberWalk& member, Tool& tool) {
  if (member.key() == "name") tool.name = text_of(member);
  if (member.key() == "description" && member.value().is_string()) {
    tool.description = text_of(member);
    tool.has_description = true;
  }
  if (member.key() == "parameters" && member.value().is_object()) tool.input_schema = member.text();
  if (member.key() == "strict" && member.value().boolean() == true) tool.strict = true;
}

/// The tool is told what text it takes by words: only its own upstream knows grammars.
void make_freeform(json::Value value, Tool& tool) {
  tool.name += kFreeformSuffix;
  tool.input_schema = kFreeformSchema;
  tool.has_description = true;
  const std::string_view grammar = value["format"]["definition"].string_or("");
  if (grammar.empty()) return;
  tool.description += "\n\nThe member input holds text of this grammar (";
  tool.description += value["format"]["syntax"].string_or("lark");
  tool.description += "):\n";
  tool.description += grammar;
}

void lose(Request& request, std::string what) {
  request.losses.add(model::LossKind::kDropped, std::move(what));
}

void take_tool(json::Value value, std::string_view text, Request& request) {
  const std::string_view type = value["type"].string_or("function");
  Tool tool;
  if (type == "function" || type == "custom") {
    for (json::MemberWalk walk(value, text); walk.next();)
      take_function(walk, tool);
    if (tool.input_schema.empty()) tool.input_schema = kNoParameters;
    if (type == "custom") make_freeform(value, tool);
  } else if (type.starts_with("web_search")) {
    tool.type = "web_search_20250305";
    tool.name = "web_search";
    if (const auto allowed = json::find_span(text, {"filters", "allowed_domains"})) {
      const std::string_view list = text.substr(allowed->offset, allowed->size);
      if (value["filters"]["allowed_domains"].size() > 0) {
        tool.rest.append("\"allowed_domains\":").append(list);
      }
    }
    if (value["user_location"].is_object()) {
      const auto place = json::find_span(text, {"user_location"});
      if (place) {
        if (!tool.rest.empty()) tool.rest += ',';
        tool.rest.append("\"user_location\":").append(text.substr(place->offset, place->size));
      }
    }
  } else {
    // Tools that OpenAI itself runs; a model that is not told of them does without.
    lose(request, "tools (" + std::string(type) + ")");
    return;
  }
  if (!tool.name.empty()) request.tools.push_back(std::move(tool));
}

void take_tool_choice(json::Value value, Request& request) {
  model::ToolChoice choice;
  const std::string_view type = value["type"].string_or("");
  const std::string_view word = value.is_string()         ? value.string_or("")
                                : type == "allowed_tools" ? value["mode"].string_or("")
                                                          : type;
  if (word == "required") {
    choice.kind = ToolChoiceKind::kAny;
  } else if (word == "none") {
    choice.kind = ToolChoiceKind::kNone;
  } else if (word == "function" || word == "custom") {
    choice.kind = ToolChoiceKind::kTool;
    choice.name = value["name"].string_or("");
    if (word == "custom") choice.name += kFreeformSuffix;
  } else if (word.starts_with("web_search")) {
    choice.kind = ToolChoiceKind::kTool;
    choice.name = "web_search";
  } else if (word != "auto") {
    return;
  }
  request.tool_choice = std::move(choice);
}

/// Of the tools only these may be called.
void keep_allowed(json::Value allowed, Request& request) {
  if (!allowed.is_array() || allowed.size() == 0) return;
  std::erase_if(request.tools, [&](const Tool& tool) {
    for (const json::Value each : allowed.elements()) {
      const std::string_view type = each["type"].string_or("function");
      std::string name(type.starts_with("web_search") ? "web_search" : each["name"].string_or(""));
      if (type == "custom") name += kFreeformSuffix;
      if (name == tool.name) return false;
    }
    lose(request, "tools: " + tool.name + " (not allowed)");
    return true;
  });
}

void take_reasoning(json::Value value, Request& request) {
  const std::string_view effort = value["effort"].string_or("");
  if (effort == "none") {
    request.thinking.kind = ThinkingKind::kDisabled;
    return;
  }
  if (effort.empty() && value["summary"].string_or("").empty()) return;
  request.thinking.kind = ThinkingKind::kAdaptive;
  request.effort = effort == "minimal" ? "low" : effort;
  request.thinking.display = value["summary"].is_string() ? "summarized" : "omitted";
}

void take_format(json::Value text, std::string_view json, Request& request) {
  if (!text["verbosity"].string_or("").empty()) lose(request, "text.verbosity");
  const std::string_view type = text["format"]["type"].string_or("text");
  if (type != "json_schema" || !text["format"]["schema"].is_object()) {
    if (type != "text") lose(request, "text.format (" + std::string(type) + ")");
    return;
  }
  if (const auto span = json::find_span(json, {"format", "schema"})) {
    request.output_schema = json.substr(span->offset, span->size);
  }
}

/// Members that the hub has no place for. What asks for nothing, or for what is so anyway, is none.
bool is_lost(std::string_view key, json::Value value) {
  if (value.is_null()) return false;
  if (key == "metadata") return value.size() > 0;
  if (key == "store") return value.boolean() == true;
  if (key == "truncation") return value.string_or("disabled") != "disabled";
  if (key == "service_tier") {
    const std::string_view tier = value.string_or("auto");
    return tier != "auto" && tier != "default";
  }
  if (key == "top_logprobs") return value.integer().value_or(0) > 0;
  constexpr std::string_view kHeeded[] = {
      "model",        "input",      "instructions",      "max_output_tokens",
      "stream",       "tools",      "temperature",       "top_p",
      "reasoning",    "text",       "tool_choice",       "parallel_tool_calls",
      "user",         "background", "safety_identifier", "previous_response_id",
      "conversation", "prompt",     "stream_options",    "prompt_cache_key",
      "include"};
  return std::find(std::begin(kHeeded), std::end(kHeeded), key) == std::end(kHeeded);
}

Status take_member(const json::MemberWalk& member, Request& request, InputReader& input) {
  const std::string_view key = member.key();
  const json::Value value = member.value();
  if (is_lost(key, value)) lose(request, std::string(key));
  if (key == "model") request.model = value.string_or("");
  if (key == "max_output_tokens") request.max_tokens = value.integer();
  if (key == "stream") request.stream = value.boolean().value_or(false);
  if (key == "temperature") request.temperature = value.number();
  if (key == "top_p") request.top_p = value.number();
  if (key == "reasoning") take_reasoning(value, request);
  if (key == "text") take_format(value, member.text(), request);
  if (key == "tool_choice") take_tool_choice(value, request);
  if (key == "safety_identifier" && value.is_string()) request.user_id = text_of(member);
  if (key == "user" && value.is_string() && request.user_id.empty()) {
    request.user_id = text_of(member);
  }
  if (key == "service_tier" && value.string_or("") == "default") {
    request.service_tier = "standard_only";
  }
  if (key == "tools") {
    for (json::ElementWalk walk(value, member.text()); walk.next();)
      take_tool(walk.value(), walk.text(), request);
  }
  if (key == "background" && value.boolean() == true) {
    return invalid("background is not available here: nothing is stored.", "background");
  }
  for (const Refusal& row : kRefusals) {
    if (key == row.member && !value.is_null()) {
      return invalid(std::string(row.text), std::string(key));
    }
  }
  if (key == "input") return input.read(value, member.text());
  return Status();
}

}  // namespace

Result<Request> decode_request(json::Value root, std::string_view body) {
  if (!root.is_object()) return invalid("The request body should be a JSON object");
  if (const auto twice = repeated_member(
          root, {"model", "input", "instructions", "stream", "max_output_tokens", "tools"})) {
    return invalid("Parameter given twice: '" + std::string(*twice) + "'.", std::string(*twice));
  }
  if (root["model"].string_or("").empty()) {
    return invalid("Missing required parameter: 'model'.", "model");
  }
  if (!root["input"].is_string() && !root["input"].is_array()) {
    return invalid("Missing required parameter: 'input'.", "input");
  }
  Request request;
  if (const std::string_view text = root["instructions"].string_or(""); !text.empty()) {
    model::Block block;
    block.text = text;
    request.system.push_back(std::move(block));
  }
  InputReader input(request);
  for (json::MemberWalk walk(root, body); walk.next();) {
    if (Status status = take_member(walk, request, input); !status.ok()) return status;
  }
  if (root["tool_choice"]["type"].string_or("") == "allowed_tools") {
    keep_allowed(root["tool_choice"]["tools"], request);
  }
  if (request.tools.empty()) {
    // A choice among nothing.
    request.tool_choice.reset();
  } else if (root["parallel_tool_calls"].boolean() == false) {
    if (!request.tool_choice) request.tool_choice.emplace();
    request.tool_choice->disable_parallel = request.tool_choice->kind != ToolChoiceKind::kNone;
  }
  return request;
}

}  // namespace tollgate::dialects::openai_responses
