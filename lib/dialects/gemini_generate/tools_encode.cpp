#include <algorithm>
#include <string>

#include "dialects/gemini_generate/parts.hpp"
#include "dialects/gemini_generate/schema_clean.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

using model::Tool;
using model::ToolChoice;
using model::ToolChoiceKind;

bool is_web_search(const Tool& tool) {
  return tool.type.starts_with("web_search");
}

/// Which tools become functions: at most as many as the server takes, those of the client's own
/// choice and of the conversation first.
std::vector<const Tool*> functions(const Encoding& encoding) {
  const model::Request& request = encoding.request;
  std::vector<const Tool*> all;
  for (const Tool& tool : encoding.tools) {
    if (tool.is_custom()) all.push_back(&tool);
  }
  const size_t most = encoding.translation.traits.tools_max;
  if (all.size() <= most) return all;
  std::vector<std::string_view> used;
  if (request.tool_choice) used.push_back(request.tool_choice->name);
  for (const model::Message& message : request.messages) {
    for (const model::Block& block : message.content) {
      if (block.kind == model::BlockKind::kToolUse) used.push_back(block.name);
    }
  }
  std::sort(used.begin(), used.end());
  const auto middle = std::stable_partition(all.begin(), all.end(), [&](const Tool* tool) {
    return std::binary_search(used.begin(), used.end(), std::string_view(tool->name));
  });
  static_cast<void>(middle);
  encoding.lose("tools " + std::to_string(all.size()) + " -> " + std::to_string(most));
  all.resize(most);
  return all;
}

void write_function(const Encoding& encoding, const Tool& tool, bool json_schema,
                    SchemaCleaner& cleaner, json::Writer& writer) {
  writer.begin_object();
  writer.member("name", encoding.translation.upstream_tool_name(tool.name));
  if (tool.has_description && !tool.description.empty()) {
    writer.member("description", tool.description);
  }
  if (!tool.input_schema.empty()) {
    std::string schema;
    if (cleaner.clean(tool.input_schema, schema)) {
      writer.raw_member(json_schema ? "parametersJsonSchema" : "parameters", schema);
    }
  }
  writer.end_object();
  if (tool.cache) encoding.lose("cache_control");
  if (tool.defer_loading) encoding.lose("tools.defer_loading");
  lose_members("tools.", tool.rest, encoding.translation.losses);
}

/// Tools that are not the client's own; false in `search` when none of them is a web search.
Status server_tools(const Encoding& encoding, bool has_functions, bool& search) {
  for (const Tool& tool : encoding.tools) {
    if (tool.is_custom()) continue;
    if (is_web_search(tool)) {
      if (has_functions) {
        return invalid("The tool " + tool.name + " (" + tool.type + ") and tools of your own " +
                       "cannot be sent to " + encoding.translation.target_model +
                       " in one request.");
      }
      search = true;
      if (tool.max_uses) encoding.lose("tools.max_uses");
      lose_members("tools.", tool.rest, encoding.translation.losses);
    } else if (tool.type.starts_with("tool_search_tool")) {
      // All tools are sent whole: there is nothing left to search for.
      encoding.lose("tool " + tool.type);
    } else {
      return invalid("The tool " + tool.name + " (" + tool.type + ") does not exist at " +
                     encoding.translation.target_model + ".");
    }
  }
  return Status();
}

bool any_strict(const std::vector<const Tool*>& tools) {
  return std::any_of(tools.begin(), tools.end(),
                     [](const Tool* tool) { return tool->strict == true; });
}

void write_choice(const Encoding& encoding, const std::vector<const Tool*>& tools,
                  json::Writer& writer) {
  const std::optional<ToolChoice>& choice = encoding.request.tool_choice;
  const ToolChoiceKind kind = choice ? choice->kind : ToolChoiceKind::kAuto;
  const bool known = kind != ToolChoiceKind::kTool ||
                     std::any_of(tools.begin(), tools.end(),
                                 [&](const Tool* tool) { return tool->name == choice->name; });
  if (!known) {
    encoding.lose("tool_choice (of a tool that is not there)");
    return;
  }
  std::string_view mode = "AUTO";
  if (kind == ToolChoiceKind::kAny || kind == ToolChoiceKind::kTool) mode = "ANY";
  if (kind == ToolChoiceKind::kNone) mode = "NONE";
  if (kind == ToolChoiceKind::kAuto && any_strict(tools)) mode = "VALIDATED";
  if (!choice && mode == "AUTO") return;
  writer.key("toolConfig").begin_object().key("functionCallingConfig").begin_object();
  writer.member("mode", mode);
  if (kind == ToolChoiceKind::kTool) {
    writer.key("allowedFunctionNames").begin_array();
    writer.string(encoding.translation.upstream_tool_name(choice->name)).end_array();
  }
  writer.end_object().end_object();
}

}  // namespace

Status encode_tools(const Encoding& encoding, json::Writer& writer) {
  const std::vector<const Tool*> own = functions(encoding);
  bool search = false;
  if (Status status = server_tools(encoding, !own.empty(), search); !status.ok()) return status;
  if (search) {
    writer.key("tools").begin_array().begin_object();
    writer.key("googleSearch").begin_object().end_object().end_object().end_array();
  }
  if (own.empty()) {
    if (encoding.request.tool_choice &&
        encoding.request.tool_choice->kind != ToolChoiceKind::kAuto) {
      encoding.lose("tool_choice");
    }
    return Status();
  }
  const bool json_schema = encoding.line.json_schemas && !encoding.refuses("parametersJsonSchema");
  SchemaRules rules;
  rules.json_schema = json_schema;
  rules.plain =
      model::find_lesson(encoding.translation.lessons, model::LessonKind::kPlainSchemas) != nullptr;
  SchemaCleaner cleaner(rules);
  writer.key("tools").begin_array().begin_object().key("functionDeclarations").begin_array();
  for (const Tool* tool : own)
    write_function(encoding, *tool, json_schema, cleaner, writer);
  writer.end_array().end_object().end_array();
  cleaner.note_losses(encoding.translation.losses);
  // Vertex's counter knows no toolConfig, and it makes no prompt.
  if (encoding.translation.operation != Operation::kCountTokens) {
    write_choice(encoding, own, writer);
  }
  return Status();
}

}  // namespace tollgate::dialects::gemini_generate
