#include "dialects/anthropic_messages/blocks.hpp"
#include "dialects/anthropic_messages/names.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

using model::Block;
using model::BlockKind;

std::string_view type_of(const Block& block) {
  return block.type.empty() ? wire_name(kBlocks, block.kind) : std::string_view(block.type);
}

void encode_content(const Block& block, json::Writer& writer) {
  if (block.content_is_text && block.content.size() == 1) {
    writer.member("content", block.content[0].text);
  } else if (!block.content.empty()) {
    encode_blocks(block.content, writer.key("content"));
  }
}

void encode_source(const Block& block, json::Writer& writer) {
  if (!block.source) return;
  const model::Source& source = *block.source;
  writer.key("source").begin_object();
  writer.member("type", wire_name(kSources, source.kind));
  if (!source.media_type.empty()) writer.member("media_type", source.media_type);
  if (source.kind == model::SourceKind::kContent) {
    encode_content(block, writer);
  } else {
    writer.member(wire_name(kSourceData, source.kind), source.data);
  }
  writer.raw_members(source.rest);
  writer.end_object();
}

void encode_citations(const Block& block, json::Writer& writer) {
  if (!block.citations.empty()) writer.raw_member("citations", block.citations);
}

void encode_members(const Block& block, json::Writer& writer) {
  switch (block.kind) {
    case BlockKind::kText:
      writer.member("text", block.text);
      encode_citations(block, writer);
      break;
    case BlockKind::kImage:
      encode_source(block, writer);
      break;
    case BlockKind::kDocument:
      encode_source(block, writer);
      if (!block.text.empty()) writer.member("title", block.text);
      encode_citations(block, writer);
      break;
    case BlockKind::kSearchResult:
      if (block.source) writer.member("source", block.source->data);
      writer.member("title", block.text);
      encode_content(block, writer);
      encode_citations(block, writer);
      break;
    case BlockKind::kThinking:
      writer.member("thinking", block.text);
      writer.member("signature", block.signature);
      break;
    case BlockKind::kRedactedThinking:
      writer.member("data", block.text);
      break;
    case BlockKind::kToolUse:
    case BlockKind::kServerToolUse:
      writer.member("id", block.id);
      writer.member("name", block.name);
      writer.raw_member("input", block.input.empty() ? "{}" : std::string_view(block.input));
      break;
    case BlockKind::kToolResult:
      writer.member("tool_use_id", block.id);
      encode_content(block, writer);
      if (block.is_error) writer.member("is_error", true);
      break;
    case BlockKind::kToolReference:
      writer.member("tool_name", block.name);
      break;
    case BlockKind::kServerToolResult:
      writer.member("tool_use_id", block.id);
      if (!block.input.empty()) writer.raw_member("content", block.input);
      break;
    case BlockKind::kOther:
      break;
  }
}

}  // namespace

void encode_block(const Block& block, json::Writer& writer) {
  writer.begin_object();
  writer.member("type", type_of(block));
  encode_members(block, writer);
  if (block.cache) {
    writer.key("cache_control").begin_object().member("type", "ephemeral");
    if (!block.cache->ttl.empty()) writer.member("ttl", block.cache->ttl);
    writer.raw_members(block.cache->rest);
    writer.end_object();
  }
  writer.raw_members(block.rest);
  writer.end_object();
}

void encode_blocks(const std::vector<Block>& blocks, json::Writer& writer) {
  writer.begin_array();
  for (const Block& block : blocks)
    encode_block(block, writer);
  writer.end_array();
}

}  // namespace tollgate::dialects::anthropic_messages
