#include "dialects/client_tools.hpp"

#include <string>

namespace tollgate::dialects {
namespace {

// clang-format off
constexpr ClientTool kClientTools[] = {
    {"bash_", "Run a command in a persistent bash session.",
     R"({"type":"object","properties":{"command":{"type":"string","description":"The command to run."},"restart":{"type":"boolean","description":"Restart the session instead."}}})"},
    {"text_editor_", "View, create and edit files.",
     R"({"type":"object","properties":{"command":{"type":"string","enum":["view","create","str_replace","insert"]},"path":{"type":"string","description":"Absolute path of a file or folder."},"view_range":{"type":"array","items":{"type":"integer"},"description":"view: first and last line."},"file_text":{"type":"string","description":"create: the whole text."},"old_str":{"type":"string","description":"str_replace: the text to find, once."},"new_str":{"type":"string","description":"str_replace: what replaces it."},"insert_line":{"type":"integer","description":"insert: the line behind which it goes."},"insert_text":{"type":"string","description":"insert: the text."}},"required":["command","path"]})"},
    {"memory_", "Keep notes in files below /memories, over conversations.",
     R"({"type":"object","properties":{"command":{"type":"string","enum":["view","create","str_replace","insert","delete","rename"]},"path":{"type":"string","description":"Path of a file or folder below /memories; for all commands but rename."},"view_range":{"type":"array","items":{"type":"integer"},"description":"view: first and last line."},"file_text":{"type":"string","description":"create: the whole text."},"old_str":{"type":"string","description":"str_replace: the text to find, once."},"new_str":{"type":"string","description":"str_replace: what replaces it."},"insert_line":{"type":"integer","description":"insert: the line behind which it goes."},"insert_text":{"type":"string","description":"insert: the text."},"old_path":{"type":"string","description":"rename: from."},"new_path":{"type":"string","description":"rename: to."}},"required":["command"]})"},
};
// clang-format on

}  // namespace

const ClientTool* known_client_tool(const model::Tool& tool) {
  for (const ClientTool& row : kClientTools) {
    if (tool.type.starts_with(row.type_prefix)) return &row;
  }
  return nullptr;
}

void describe_client_tools(model::Request& request, model::Losses& losses) {
  for (model::Tool& tool : request.tools) {
    const ClientTool* known = tool.is_custom() ? nullptr : known_client_tool(tool);
    if (known == nullptr) continue;
    losses.add(model::LossKind::kRenamed, "tool " + tool.type + " -> a function");
    tool.type.clear();
    if (tool.input_schema.empty()) tool.input_schema = known->schema;
    if (tool.description.empty()) tool.description = known->description;
    tool.has_description = true;
  }
}

}  // namespace tollgate::dialects
