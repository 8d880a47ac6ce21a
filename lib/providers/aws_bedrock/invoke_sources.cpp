#include "providers/aws_bedrock/invoke_sources.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tollgate::providers::aws_bedrock {
namespace {

/// A list of blocks that has still to be looked at.
struct Pending {
  json::Value content;
  uint32_t depth = 0;
};

/// Deeper than content can nest: a document inside a tool result.
constexpr uint32_t kDepthMax = 4;

bool is_elsewhere(json::Value block) {
  const std::string_view source = block["source"]["type"].string_or("");
  return source == "url" || source == "file" || block["type"].string_or("") == "container_upload";
}

bool all_here(json::Value content) {
  std::vector<Pending> pending = {{content, 0}};
  while (!pending.empty()) {
    const Pending now = pending.back();
    pending.pop_back();
    for (const json::Value block : now.content.elements()) {
      if (is_elsewhere(block)) return false;
      if (now.depth >= kDepthMax) continue;
      const json::Value inner = block["content"];
      const json::Value document = block["source"]["content"];
      if (inner.is_array()) pending.push_back({inner, now.depth + 1});
      if (document.is_array()) pending.push_back({document, now.depth + 1});
    }
  }
  return true;
}

}  // namespace

Status check_invoke_sources(json::Value messages) {
  size_t at = 0;
  for (const json::Value message : messages.elements()) {
    if (!all_here(message["content"])) {
      const std::string path = "messages." + std::to_string(at);
      return invalid(path +
                         ": Images and documents for Amazon Bedrock must be sent as base64: it "
                         "fetches no URLs or files.",
                     path);
    }
    ++at;
  }
  return Status();
}

}  // namespace tollgate::providers::aws_bedrock
