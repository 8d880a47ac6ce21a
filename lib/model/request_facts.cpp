#include "model/request_facts.hpp"

namespace tollgate::model {
namespace {

void note_block(const Block& block, RequestFacts& facts) {
  if (block.kind == BlockKind::kText) facts.text_bytes += block.text.size();
  facts.has_images = facts.has_images || block.kind == BlockKind::kImage;
  facts.has_documents = facts.has_documents || block.kind == BlockKind::kDocument;
  facts.has_thinking_blocks = facts.has_thinking_blocks || block.kind == BlockKind::kThinking ||
                              block.kind == BlockKind::kRedactedThinking;
  if (block.source && block.source->kind == SourceKind::kBase64) {
    facts.binary_bytes += block.source->data.size();
  }
  if (block.kind == BlockKind::kToolResult && block.is_error) ++facts.tool_error_count;
}

void note_blocks(const std::vector<Block>& blocks, RequestFacts& facts) {
  for (const Block& block : blocks) {
    note_block(block, facts);
    // Results hold pictures and files, and nothing that holds more.
    for (const Block& inner : block.content)
      note_block(inner, facts);
  }
}

void note_messages(const std::vector<Message>& messages, RequestFacts& facts) {
  for (const Message& message : messages) {
    const uint64_t before = facts.text_bytes;
    facts.tool_error_count = 0;  // Earlier results were told with the request before.
    note_blocks(message.content, facts);
    facts.last_message_bytes = facts.text_bytes - before;
  }
}

}  // namespace

RequestFacts facts_of(const Request& request) {
  RequestFacts facts;
  facts.model = request.model;
  facts.stream = request.stream;
  facts.max_tokens = request.max_tokens;
  facts.thinking_budget = request.thinking.budget_tokens;
  facts.user_id = request.user_id;
  facts.speed = request.speed;
  facts.message_count = static_cast<uint32_t>(request.messages.size());
  facts.tool_count = static_cast<uint32_t>(request.tools.size());
  for (const Tool& tool : request.tools) {
    if (tool.is_custom()) continue;
    ++facts.fixed_tool_count;
    if (!tool.input_schema.empty()) continue;
    ++facts.server_tool_count;
    if (tool.max_uses) {
      facts.server_tool_uses += *tool.max_uses;
    } else {
      ++facts.unbounded_tool_count;
    }
  }
  note_messages(request.messages, facts);
  facts.wants_thinking = request.thinking.kind != ThinkingKind::kUnset &&
                         request.thinking.kind != ThinkingKind::kDisabled;
  facts.service_tier = request.service_tier;
  facts.wants_structured_output = !request.output_schema.empty();
  return facts;
}

}  // namespace tollgate::model
