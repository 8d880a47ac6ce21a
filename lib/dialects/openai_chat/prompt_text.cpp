#include "dialects/openai_chat/prompt_text.hpp"

#include <algorithm>
#include <string_view>

namespace tollgate::dialects::openai_chat {
namespace {

using model::Block;
using model::BlockKind;

constexpr size_t kImageTokens = 1'600;
constexpr size_t kPageTokens = 3'000;
constexpr size_t kPageBytes = 50'000;  ///< Of base64; smaller than most.
constexpr size_t kPagesMax = 1'000;

void open(std::string& out, std::string_view role) {
  out.append("<|im_start|>").append(role).append("\n");
}

void close(std::string& out) {
  out.append("<|im_end|>\n");
}

/// A word that every tokenizer has whole.
void add_words(std::string& out, size_t count) {
  constexpr std::string_view kWord = " the";
  out.reserve(out.size() + count * kWord.size());
  for (size_t i = 0; i < count; ++i)
    out += kWord;
}

void add_file(std::string& out, const Block& block) {
  const size_t bytes = block.source ? block.source->data.size() : 0;
  const size_t pages = std::min(bytes / kPageBytes + 1, kPagesMax);
  add_words(out, block.kind == BlockKind::kImage ? kImageTokens : pages * kPageTokens);
}

void add_block(std::string& out, const Block& block) {
  const bool file = block.source && (block.source->kind == model::SourceKind::kBase64 ||
                                     block.source->kind == model::SourceKind::kUrl);
  if (block.kind == BlockKind::kImage || (block.kind == BlockKind::kDocument && file)) {
    add_file(out, block);
  } else if (block.kind == BlockKind::kDocument && block.source) {
    out.append(block.text).append("\n").append(block.source->data);
  } else if (block.kind == BlockKind::kToolUse) {
    out.append(R"(<tool_call>{"name": ")").append(block.name).append(R"(", "arguments": )");
    out.append(block.input).append("}</tool_call>\n");
  } else if (block.kind != BlockKind::kRedactedThinking) {
    out.append(block.text).append("\n");
  }
}

void add_blocks(std::string& out, const std::vector<Block>& blocks) {
  for (const Block& block : blocks) {
    if (block.kind == BlockKind::kToolResult) out += "<tool_response>\n";
    if (block.kind != BlockKind::kToolResult) add_block(out, block);
    for (const Block& inner : block.content) {
      add_block(out, inner);
      for (const Block& part : inner.content)
        add_block(out, part);
    }
    if (block.kind == BlockKind::kToolResult) out += "</tool_response>\n";
  }
}

std::string_view name_of(model::Role role) {
  switch (role) {
    case model::Role::kAssistant:
      return "assistant";
    case model::Role::kSystem:
      return "system";
    case model::Role::kUser:
      break;
  }
  return "user";
}

}  // namespace

std::string prompt_text(const model::Request& request, const OpenaiTools& tools) {
  std::string out;
  if (!request.system.empty() || !tools.functions.empty() || !tools.system_text.empty()) {
    open(out, "system");
    add_blocks(out, request.system);
    out += tools.system_text;
    if (!tools.functions.empty()) {
      // Templates tell the model in some such words how to call.
      out +=
          "\n\n# Tools\n\nYou may call one or more functions to assist with the user query. The "
          "functions are within <tools></tools> tags:\n<tools>\n";
    }
    for (const OpenaiTool& tool : tools.functions) {
      out.append(R"({"type": "function", "function": {"name": ")").append(tool.name);
      out.append(R"(", "description": ")").append(tool.description).append(R"(", "parameters": )");
      out.append(tool.parameters).append("}}\n");
    }
    if (!tools.functions.empty()) {
      out +=
          "</tools>\n\nFor each function call, return a json object with function name and "
          "arguments within <tool_call></tool_call> tags:\n<tool_call>\n{\"name\": "
          "<function-name>, \"arguments\": <args-json-object>}\n</tool_call>";
    }
    close(out);
  }
  for (const model::Message& message : request.messages) {
    open(out, name_of(message.role));
    add_blocks(out, message.content);
    close(out);
  }
  open(out, "assistant");
  return out;
}

}  // namespace tollgate::dialects::openai_chat
