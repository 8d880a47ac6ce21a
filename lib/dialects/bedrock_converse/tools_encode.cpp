// toolConfig, and which tools go elsewhere.

#include <algorithm>
#include <array>
#include <string>

#include "dialects/bedrock_converse/encoding.hpp"
#include "dialects/bedrock_converse/lessons.hpp"
#include "json/reader.hpp"
#include "json/splice.hpp"
#include "json/walk.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

using model::Tool;
using model::ToolChoiceKind;

constexpr std::string_view kPlaceholder = "no_tool_available";
constexpr std::string_view kEmptySchema = R"({"type":"object","properties":{}})";

/// Kinds whose schema Claude knows by itself.
constexpr std::array<std::string_view, 4> kNative = {"bash_", "text_editor_", "computer_",
                                                     "memory_"};

bool is_native(const Tool& tool) {
  return std::any_of(kNative.begin(), kNative.end(),
                     [&](std::string_view kind) { return tool.type.starts_with(kind); });
}

bool has_tool_history(const model::Request& request) {
  for (const model::Message& message : request.messages) {
    for (const model::Block& block : message.content) {
      if (block.kind == model::BlockKind::kToolUse || block.kind == model::BlockKind::kToolResult) {
        return true;
      }
    }
  }
  return false;
}

Status cannot_serve(const Tool& tool, const Encoding& encoding) {
  return invalid("The tool \"" + (tool.name.empty() ? tool.type : tool.name) + "\" (" + tool.type +
                 ") runs at Anthropic only; the model " + encoding.translation.target_model +
                 " behind Amazon Bedrock's Converse has nothing like it. Leave it out, or choose "
                 "another model.");
}

/// An object schema at the root is what Converse asks for; the rest is the client's own.
void encode_schema(Encoding& encoding, const Tool& tool) {
  const auto type = json::find_span(tool.input_schema, {"type"});
  if (type && tool.input_schema.compare(type->offset, type->size, R"("object")") == 0) {
    encoding.writer.key("inputSchema").begin_object().raw_member("json", tool.input_schema);
    encoding.writer.end_object();
    return;
  }
  json::Document document;
  const Result<json::Value> schema = document.parse(tool.input_schema);
  encoding.writer.key("inputSchema").begin_object().key("json");
  if (!schema.ok() || !schema.value().is_object()) {
    if (!tool.input_schema.empty()) encoding.drop("tools.input_schema (no object)");
    encoding.writer.raw(kEmptySchema).end_object();
    return;
  }
  if (schema.value()["type"].string_or("") == "object") {
    encoding.writer.raw(tool.input_schema).end_object();
    return;
  }
  encoding.writer.begin_object().member("type", "object");
  for (json::MemberWalk walk(schema.value(), tool.input_schema); walk.next();) {
    if (walk.key() != "type") encoding.writer.raw_members(walk.whole());
  }
  encoding.writer.end_object().end_object();
}

void encode_spec(Encoding& encoding, const Tool& tool) {
  const std::string_view name = encoding.translation.upstream_tool_name(tool.name);
  encoding.writer.begin_object().key("toolSpec").begin_object().member("name", name);
  encoding.writer.member("description",
                         tool.description.empty() ? name : std::string_view(tool.description));
  encode_schema(encoding, tool);
  if (tool.strict == true && encoding.is_claude() && encoding.claude->takes_schemas()) {
    encoding.writer.member("strict", true);
  } else if (tool.strict == true) {
    encoding.drop("tools.strict");
  }
  encoding.writer.end_object().end_object();
  if (tool.cache) encoding.cache_point(*tool.cache, true);
  if (tool.defer_loading) encoding.drop("tools.defer_loading");
  if (tool.rest.empty()) return;
  json::Document document;
  const std::string rest = "{" + tool.rest + "}";
  const Result<json::Value> members = document.parse(rest);
  if (!members.ok()) return;
  for (const json::Member member : members.value().members())
    encoding.drop("tools." + std::string(member.key));
}

void encode_choice(Encoding& encoding, const ToolPlan& plan) {
  if (!encoding.request.tool_choice || plan.placeholder || plan.specs.empty()) return;
  const model::ToolChoice& choice = *encoding.request.tool_choice;
  const bool forced = choice.kind == ToolChoiceKind::kAny || choice.kind == ToolChoiceKind::kTool;
  // Claude is told beside, with the switch for parallel calls.
  if (encoding.is_claude() && choice.disable_parallel) return;
  if (choice.kind == ToolChoiceKind::kNone) {
    // The conversation has calls, so that the tools must stay.
    encoding.translation.losses.add(model::LossKind::kClamped, "tool_choice none -> auto");
    return;
  }
  if (!forced) return;  // Auto is what no choice means.
  const bool refused = is_refused(encoding.translation.lessons, "toolChoice");
  if (!encoding.family.tool_choice || refused) {
    encoding.translation.losses.add(model::LossKind::kClamped, "tool_choice -> auto");
    return;
  }
  encoding.writer.key("toolChoice").begin_object();
  if (choice.kind == ToolChoiceKind::kAny) {
    encoding.writer.key("any").begin_object().end_object();
  } else {
    encoding.writer.key("tool").begin_object();
    encoding.writer.member("name", encoding.translation.upstream_tool_name(choice.name));
    encoding.writer.end_object();
  }
  encoding.writer.end_object();
}

}  // namespace

Result<ToolPlan> plan_tools(Encoding& encoding) {
  ToolPlan plan;
  const model::Request& request = encoding.request;
  const bool history = has_tool_history(request);
  const bool none = request.tool_choice && request.tool_choice->kind == ToolChoiceKind::kNone;
  if (none && !history) {
    if (!request.tools.empty()) encoding.drop("tools (tool_choice none)");
    return plan;
  }
  for (const Tool& tool : request.tools) {
    if (tool.is_custom()) {
      plan.specs.push_back(&tool);
    } else if (is_native(tool) && encoding.is_claude()) {
      plan.native.push_back(&tool);
    } else if (tool.type.starts_with("tool_search_tool")) {
      // There is nothing to search: every tool is sent.
      encoding.drop("tools." + tool.type);
    } else if (tool.type.starts_with("web_search") && encoding.family.grounding) {
      plan.grounding = true;
      encoding.translation.losses.add(model::LossKind::kRenamed,
                                      "tool " + tool.type + " -> nova_grounding");
    } else {
      return cannot_serve(tool, encoding);
    }
  }
  plan.placeholder = plan.specs.empty() && !plan.grounding && history && plan.native.empty();
  encoding.translation.single_tool_call =
      request.tool_choice && request.tool_choice->disable_parallel && !encoding.is_claude();
  return plan;
}

void encode_tools(Encoding& encoding, const ToolPlan& plan) {
  // Claude's own kinds alone need no toolConfig, unless the conversation has calls.
  const bool placeholder =
      plan.placeholder || (plan.specs.empty() && !plan.grounding && !plan.native.empty() &&
                           has_tool_history(encoding.request));
  if (plan.specs.empty() && !plan.grounding && !placeholder) return;
  encoding.writer.key("toolConfig").begin_object().key("tools").begin_array();
  for (const Tool* tool : plan.specs)
    encode_spec(encoding, *tool);
  if (plan.grounding) {
    encoding.writer.begin_object().key("systemTool").begin_object();
    encoding.writer.member("name", "nova_grounding").end_object().end_object();
  }
  if (placeholder) {
    encoding.writer.begin_object().key("toolSpec").begin_object();
    encoding.writer.member("name", kPlaceholder);
    encoding.writer.member("description", "There is no tool at this point. Do not call this one.");
    encoding.writer.key("inputSchema").begin_object().raw_member("json", kEmptySchema).end_object();
    encoding.writer.end_object().end_object();
  }
  encoding.writer.end_array();
  encode_choice(encoding, plan);
  encoding.writer.end_object();
}

}  // namespace tollgate::dialects::bedrock_converse
