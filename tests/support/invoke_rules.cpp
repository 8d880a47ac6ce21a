#include "support/invoke_rules.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "json/reader.hpp"

namespace tollgate::test {
namespace {

using json::Value;

const std::set<std::string_view> kFields = {"anthropic_version",
                                            "anthropic_beta",
                                            "max_tokens",
                                            "messages",
                                            "system",
                                            "tools",
                                            "tool_choice",
                                            "thinking",
                                            "temperature",
                                            "top_p",
                                            "top_k",
                                            "stop_sequences",
                                            "output_config",
                                            "context_management",
                                            "metadata"};

const std::set<std::string_view> kBetas = {"computer-use-2024-10-22",
                                           "computer-use-2025-01-24",
                                           "context-1m-2025-08-07",
                                           "context-management-2025-06-27",
                                           "dev-full-thinking-2025-05-14",
                                           "effort-2025-11-24",
                                           "fine-grained-tool-streaming-2025-05-14",
                                           "interleaved-thinking-2025-05-14",
                                           "mcp-client-2025-04-04",
                                           "mcp-client-2025-11-20",
                                           "model-context-window-exceeded-2025-08-26",
                                           "output-128k-2025-02-19",
                                           "pdfs-2024-09-25",
                                           "search-results-2025-06-09",
                                           "token-counting-2024-11-01",
                                           "token-efficient-tools-2025-02-19",
                                           "tool-examples-2025-10-29",
                                           "tool-search-tool-2025-10-19",
                                           "web-search-2025-03-05"};

bool has_beta(Value root, std::string_view name) {
  for (const Value each : root["anthropic_beta"].elements()) {
    if (each.string_or("") == name) return true;
  }
  return false;
}

void check_tools(Value root, std::vector<std::string>& wrong) {
  for (const Value tool : root["tools"].elements()) {
    const std::string type(tool["type"].string_or("custom"));
    const bool search = type.rfind("tool_search_tool", 0) == 0;
    const bool known = type == "custom" || type.rfind("bash_", 0) == 0 ||
                       type.rfind("text_editor_", 0) == 0 || type.rfind("memory_", 0) == 0 ||
                       type.rfind("computer_", 0) == 0 ||
                       (search && has_beta(root, "tool-search-tool-2025-10-19"));
    if (!known) wrong.push_back("tools: Input tag '" + type + "' does not match");
    for (const json::Member member : tool.members()) {
      const bool allowed =
          (member.key == "defer_loading" && has_beta(root, "tool-search-tool-2025-10-19")) ||
          (member.key == "input_examples" && has_beta(root, "tool-examples-2025-10-29"));
      const bool special = member.key == "defer_loading" || member.key == "input_examples" ||
                           member.key == "eager_input_streaming" || member.key == "allowed_callers";
      if (special && !allowed) {
        wrong.push_back("tools." + std::string(member.key) + ": Extra inputs are not permitted");
      }
    }
  }
}

/// Shows every member, however deep. Arguments of calls are the client's own, and `look` may be
/// done with a member: it is true where what is inside is to be shown too.
template <typename Look>
void walk_members(Value root, Look look) {
  std::vector<Value> open = {root};
  while (!open.empty()) {
    const Value value = open.back();
    open.pop_back();
    for (const Value element : value.elements())
      open.push_back(element);
    for (const json::Member member : value.members()) {
      if (look(member) && member.key != "input") open.push_back(member.value);
    }
  }
}

void check_cache_control(Value root, std::vector<std::string>& wrong) {
  walk_members(root, [&](const json::Member& member) {
    if (member.key != "cache_control") return true;
    for (const json::Member inner : member.value.members()) {
      if (inner.key != "type" && inner.key != "ttl") {
        wrong.push_back("cache_control." + std::string(inner.key) +
                        ": Extra inputs are not permitted");
      }
    }
    return false;
  });
}

/// Pictures and documents come along: nothing is fetched.
void check_sources(Value messages, std::vector<std::string>& wrong) {
  walk_members(messages, [&](const json::Member& member) {
    const std::string type(member.key == "source" ? member.value["type"].string_or("") : "");
    if (type == "url" || type == "file") {
      wrong.push_back("source: Input tag '" + type + "' does not match 'base64'");
    }
    return true;
  });
}

}  // namespace

std::vector<std::string> invoke_violations(std::string_view body) {
  std::vector<std::string> wrong;
  json::Document document;
  const Result<Value> parsed = document.parse(body);
  if (!parsed.ok()) return {"no JSON: " + parsed.status().message()};
  const Value root = parsed.value();
  std::set<std::string_view> seen;
  for (const json::Member member : root.members()) {
    if (kFields.count(member.key) == 0) {
      wrong.push_back(std::string(member.key) + ": Extra inputs are not permitted");
    }
    if (!seen.insert(member.key).second) wrong.push_back("twice " + std::string(member.key));
  }
  if (root["anthropic_version"].string_or("") != "bedrock-2023-05-31") {
    wrong.push_back("anthropic_version: Field required");
  }
  if (!root["max_tokens"].integer()) wrong.push_back("max_tokens: Field required");
  if (root["messages"].size() == 0) wrong.push_back("messages: at least one message is required");
  for (const json::Member member : root["metadata"].members()) {
    if (member.key == "user_id") continue;
    wrong.push_back("metadata." + std::string(member.key) + ": Extra inputs are not permitted");
  }
  for (const Value each : root["anthropic_beta"].elements()) {
    if (kBetas.count(each.string_or("")) == 0) wrong.push_back("invalid beta flag");
  }
  if (root["context_management"].exists() && !has_beta(root, "context-management-2025-06-27")) {
    wrong.push_back("context_management: Extra inputs are not permitted");
  }
  check_tools(root, wrong);
  check_cache_control(root, wrong);
  check_sources(root["messages"], wrong);
  return wrong;
}

}  // namespace tollgate::test
