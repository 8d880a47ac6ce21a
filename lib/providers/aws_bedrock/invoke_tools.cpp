#include "providers/aws_bedrock/invoke_tools.hpp"

#include <algorithm>

#include "json/reader.hpp"
#include "json/walk.hpp"
#include "json/writer.hpp"

namespace tollgate::providers::aws_bedrock {
namespace {

/// A tool's member that Bedrock takes only with a beta, or never.
struct ToolMember {
  std::string_view name;
  std::string_view beta;  ///< Empty: never.
};

constexpr ToolMember kMembers[] = {
    {"defer_loading", "tool-search-tool-2025-10-19"},
    {"input_examples", "tool-examples-2025-10-29"},
    {"eager_input_streaming", {}},
    {"allowed_callers", {}},
};

/// Kinds whose schema the model knows, which the client runs.
constexpr std::string_view kClientKinds[] = {"custom", "bash_", "text_editor_", "computer_",
                                             "memory_"};

bool has(const std::vector<std::string>& betas, std::string_view beta) {
  return std::find(betas.begin(), betas.end(), beta) != betas.end();
}

bool is_taken(std::string_view member, const std::vector<std::string>& betas) {
  for (const ToolMember& row : kMembers) {
    if (row.name == member) return !row.beta.empty() && has(betas, row.beta);
  }
  return true;
}

bool client_runs(std::string_view type) {
  return type.empty() || std::any_of(std::begin(kClientKinds), std::end(kClientKinds),
                                     [&](std::string_view kind) { return type.starts_with(kind); });
}

}  // namespace

Status invoke_tools(std::string_view tools, const std::vector<std::string>& betas, std::string& out,
                    model::Losses& losses) {
  json::Document document;
  const Result<json::Value> parsed = document.parse(tools);
  if (!parsed.ok() || !parsed.value().is_array()) return Status();  // The upstream says what it is.
  bool changed = false;
  json::Writer writer(out);
  writer.begin_array();
  for (json::ElementWalk each(parsed.value(), tools); each.next();) {
    const std::string_view type = each.value()["type"].string_or("");
    if (type.starts_with("tool_search_tool") && !has(betas, "tool-search-tool-2025-10-19")) {
      losses.add(model::LossKind::kDropped, "tools." + std::string(type));
      changed = true;
      continue;
    }
    if (!client_runs(type) && !type.starts_with("tool_search_tool")) {
      return invalid("Amazon Bedrock has nothing like the tool \"" + std::string(type) +
                     "\", which runs at Anthropic only. Leave it out, or choose a model of "
                     "another provider.");
    }
    writer.begin_object();
    for (json::MemberWalk walk(each.value(), each.text()); walk.next();) {
      if (is_taken(walk.key(), betas)) {
        writer.raw_members(walk.whole());
        continue;
      }
      losses.add(model::LossKind::kDropped, "tools." + std::string(walk.key()));
      changed = true;
    }
    writer.end_object();
  }
  writer.end_array();
  if (!changed) out.clear();
  return Status();
}

}  // namespace tollgate::providers::aws_bedrock
