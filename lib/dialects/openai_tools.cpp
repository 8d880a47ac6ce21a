#include "dialects/openai_tools.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <unordered_set>

#include "dialects/client_tools.hpp"
#include "json/reader.hpp"

namespace tollgate::dialects {
namespace {

using model::LossKind;
using model::Tool;

constexpr std::string_view kClientTools[] = {"bash_", "text_editor_", "memory_", "computer_"};

bool is_client_tool(const Tool& tool) {
  return tool.is_custom() || !tool.input_schema.empty() ||
         std::any_of(std::begin(kClientTools), std::end(kClientTools),
                     [&](std::string_view prefix) { return tool.type.starts_with(prefix); });
}

std::string not_available(const Tool& tool) {
  return "Tool type '" + tool.type + "' is not available on this model.";
}

bool is_chosen(const model::Request& request, const Tool& tool) {
  return request.tool_choice && request.tool_choice->kind == model::ToolChoiceKind::kTool &&
         request.tool_choice->name == tool.name;
}

/// Which tools go out: pointers into the request.
struct Selection {
  std::vector<const Tool*> functions;
  const Tool* web_search = nullptr;
};

/// What stands beside a tool and no upstream of this family knows.
void note_losses(const Tool& tool, model::Losses& losses) {
  if (tool.cache) losses.add(LossKind::kDropped, "cache_control");
  if (tool.rest.empty()) return;
  json::Document document;
  const auto members = document.parse("{" + tool.rest + "}");
  if (!members.ok()) return;
  for (const json::Member member : members.value().members())
    losses.add(LossKind::kDropped, "tools: " + std::string(member.key));
}

Status select(const model::Request& request, Translation& translation, bool can_search,
              Selection& selection) {
  for (const Tool& tool : request.tools) {
    if (is_client_tool(tool)) {
      if (!tool.is_custom() && tool.input_schema.empty() && known_client_tool(tool) == nullptr) {
        return invalid(not_available(tool));
      }
      note_losses(tool, translation.losses);
      selection.functions.push_back(&tool);
    } else if (tool.type.starts_with("web_search_") && can_search &&
               translation.traits.web_search) {
      selection.web_search = &tool;
    } else if (is_chosen(request, tool) || request.tools.size() == 1) {
      return invalid(not_available(tool));
    } else {
      translation.losses.add(LossKind::kDropped, "tools: " + tool.type);
    }
  }
  return Status();
}

/// Names that a result of the history brought up.
std::unordered_set<std::string_view> referenced_tools(const model::Request& request) {
  std::unordered_set<std::string_view> names;
  for (const model::Message& message : request.messages) {
    for (const model::Block& block : message.content) {
      if (block.kind == model::BlockKind::kToolUse) names.insert(block.name);
      if (block.kind == model::BlockKind::kToolReference) names.insert(block.name);
      for (const model::Block& inner : block.content) {
        if (inner.kind == model::BlockKind::kToolReference) names.insert(inner.name);
      }
    }
  }
  return names;
}

Status keep_few_enough(const model::Request& request, Translation& translation,
                       Selection& selection) {
  std::vector<const Tool*>& functions = selection.functions;
  // The search is a tool among the others.
  const size_t besides = selection.web_search != nullptr ? 1 : 0;
  if (translation.traits.tools_max <= besides) return Status();
  const size_t tools_max = translation.traits.tools_max - besides;
  if (functions.size() <= tools_max) return Status();
  const auto referenced = referenced_tools(request);
  std::erase_if(functions, [&](const Tool* tool) {
    if (!tool->defer_loading || referenced.contains(tool->name) || is_chosen(request, *tool)) {
      return false;
    }
    translation.losses.add(LossKind::kDropped, "tools: " + tool->name + " (deferred)");
    return true;
  });
  if (functions.size() <= tools_max) return Status();
  return invalid("This upstream accepts at most " + std::to_string(tools_max + besides) +
                 " tools; the request has " + std::to_string(functions.size() + besides) +
                 ". Disable some MCP servers.");
}

/// The longest beginning of at most `characters`, ended at a sentence where one ends late enough.
std::string_view cut_description(std::string_view text, size_t characters) {
  size_t size = 0;
  for (size_t count = 0; size < text.size(); ++size) {
    const bool begins = (static_cast<unsigned char>(text[size]) & 0xC0U) != 0x80U;
    if (begins && count++ == characters) break;
  }
  const std::string_view head = text.substr(0, size);
  const size_t sentence = head.find_last_of(".\n");
  if (sentence != std::string_view::npos && sentence > size / 2)
    return head.substr(0, sentence + 1);
  return head;
}

size_t characters_in(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::optional<size_t> description_max(const Translation& translation) {
  const std::string* said =
      model::find_lesson(translation.lessons, model::LessonKind::kDescriptionMax);
  if (said == nullptr) return std::nullopt;
  size_t characters = 0;
  std::from_chars(said->data(), said->data() + said->size(), characters);
  return characters > 0 ? std::optional<size_t>(characters) : std::nullopt;
}

}  // namespace

Result<OpenaiTools> openai_tools(const model::Request& request, Translation& translation,
                                 bool can_search) {
  Selection selection;
  if (Status status = select(request, translation, can_search, selection); !status.ok()) {
    return status;
  }
  if (Status status = keep_few_enough(request, translation, selection); !status.ok()) {
    return status;
  }
  OpenaiTools tools;
  tools.web_search = selection.web_search;
  tools.functions.reserve(selection.functions.size());
  const std::optional<size_t> longest = description_max(translation);
  OpenaiSchemaRules rules;
  rules.additional_properties = translation.traits.additional_properties;
  rules.inline_refs = translation.traits.inline_refs;
  rules.plain =
      model::find_lesson(translation.lessons, model::LessonKind::kPlainSchemas) != nullptr;
  for (const Tool* tool : selection.functions) {
    const ClientTool* known = tool->input_schema.empty() ? known_client_tool(*tool) : nullptr;
    OpenaiTool out;
    out.name = translation.upstream_tool_name(tool->name);
    out.description = tool->description;
    if (known != nullptr && out.description.empty()) out.description = known->description;
    out.parameters = openai_parameters(
        known != nullptr ? known->schema : std::string_view(tool->input_schema), rules);
    if (tool->strict.value_or(false)) {
      out.strict = translation.traits.strict_tools && is_strict_clean(out.parameters);
      if (!out.strict)
        translation.losses.add(LossKind::kDropped, "tools: " + tool->name + " strict");
    }
    if (longest && characters_in(out.description) > *longest) {
      tools.system_text.append(tools.system_text.empty() ? "" : "\n\n");
      tools.system_text.append("## Tool: ").append(out.name).append("\n").append(out.description);
      out.description = cut_description(out.description, *longest);
      translation.losses.add(LossKind::kReordered,
                             "tools: " + tool->name + " description -> system");
    }
    tools.functions.push_back(std::move(out));
  }
  return tools;
}

}  // namespace tollgate::dialects
