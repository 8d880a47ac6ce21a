#include "dialects/tool_names.hpp"

#include <algorithm>
#include <functional>
#include <string>

#include "base/sha256.hpp"

namespace tollgate::dialects {
namespace {

constexpr size_t kHashDigits = 8;
constexpr size_t kIdBytesMin = 6;
constexpr size_t kIdBytesMax = 64;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_plain(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool takes(const ToolNameRules& rules, char c) {
  return is_plain(c) || (rules.dots_and_colons && (c == '.' || c == ':'));
}

bool begins_well(const ToolNameRules& rules, std::string_view name) {
  return !rules.starts_with_letter || is_letter(name.front()) || name.front() == '_';
}

bool takes(const ToolNameRules& rules, std::string_view name) {
  return !name.empty() && name.size() <= rules.bytes_max && begins_well(rules, name) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return takes(rules, c); });
}

/// "long_name…_1a2b3c4d". A second attempt hashes another text.
std::string shortened(const ToolNameRules& rules, std::string_view name, uint32_t attempt) {
  std::string hashed(name);
  if (attempt > 0) hashed += "#" + std::to_string(attempt);
  const Result<Sha256> digest = sha256(hashed);
  const std::string digits =
      digest.ok() ? to_hex(digest.value()) : std::to_string(std::hash<std::string>{}(hashed));
  std::string out;
  if (!name.empty() && !begins_well(rules, name)) out += '_';
  const size_t keep = rules.bytes_max > kHashDigits + 1 ? rules.bytes_max - kHashDigits - 1 : 0;
  for (const char c : name) {
    if (out.size() >= keep) break;
    out += takes(rules, c) ? c : '_';
  }
  return out + "_" + digits.substr(0, kHashDigits);
}

/// Every place of a request that names a tool the client runs.
template <typename Visit>
void each_name(const model::Request& request, const Visit& visit) {
  for (const model::Tool& tool : request.tools)
    visit(std::string_view(tool.name));
  if (request.tool_choice && request.tool_choice->kind == model::ToolChoiceKind::kTool) {
    visit(std::string_view(request.tool_choice->name));
  }
  for (const model::Message& message : request.messages) {
    for (const model::Block& block : message.content) {
      if (block.kind == model::BlockKind::kToolUse) visit(std::string_view(block.name));
      if (block.kind != model::BlockKind::kToolResult) continue;
      for (const model::Block& inner : block.content) {
        if (inner.kind == model::BlockKind::kToolReference) visit(std::string_view(inner.name));
      }
    }
  }
}

bool is_taken(const model::Request& request, const Translation& translation,
              std::string_view name) {
  bool taken = false;
  each_name(request, [&](std::string_view other) { taken = taken || other == name; });
  for (const auto& [client, upstream] : translation.tool_names)
    taken = taken || upstream == name;
  return taken;
}

}  // namespace

void map_tool_names(const model::Request& request, const ToolNameRules& rules,
                    Translation& translation) {
  each_name(request, [&](std::string_view name) {
    if (takes(rules, name) || translation.upstream_tool_name(name) != name) return;
    std::string replacement = shortened(rules, name, 0);
    for (uint32_t attempt = 1; is_taken(request, translation, replacement); ++attempt)
      replacement = shortened(rules, name, attempt);
    translation.losses.add(model::LossKind::kRenamed,
                           "tool " + std::string(name) + " -> " + replacement);
    translation.tool_names.emplace_back(std::string(name), std::move(replacement));
  });
  for (const model::Tool& tool : request.tools)
    translation.declared_tools.push_back(tool.name);
  for (const model::Message& message : request.messages) {
    for (const model::Block& block : message.content) {
      if (block.kind == model::BlockKind::kToolUse) {
        translation.used_tool_ids.push_back(std::hash<std::string_view>{}(block.id));
      }
    }
  }
}

std::string client_tool_id(std::string_view upstream, std::vector<std::string>& seen,
                           Translation& translation) {
  const auto& used = translation.used_tool_ids;
  const bool usable =
      upstream.size() >= kIdBytesMin && upstream.size() <= kIdBytesMax &&
      std::all_of(upstream.begin(), upstream.end(), is_plain) &&
      std::find(seen.begin(), seen.end(), upstream) == seen.end() &&
      std::find(used.begin(), used.end(), std::hash<std::string_view>{}(upstream)) == used.end();
  seen.push_back(usable ? std::string(upstream) : translation.make_id("toolu_"));
  return seen.back();
}

}  // namespace tollgate::dialects
