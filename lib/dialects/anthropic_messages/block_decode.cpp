#include <string>
#include <utility>

#include "dialects/anthropic_messages/blocks.hpp"
#include "dialects/anthropic_messages/names.hpp"
#include "json/walk.hpp"
#include "model/tool_input.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

using model::Block;
using model::BlockKind;

/// Results hold documents, which hold content of their own. What is nested deeper than the API
/// knows stays raw, so that no text decides how deep we go.
constexpr uint32_t kNestingMax = 4;

Status decode_at(json::Value value, std::string_view text, uint32_t depth, Block& block);

Status decode_all(json::Value array, std::string_view text, uint32_t depth,
                  std::vector<Block>& blocks) {
  for (json::ElementWalk walk(array, text); walk.next();) {
    Block block;
    const Status status = decode_at(walk.value(), walk.text(), depth, block);
    if (!status.ok()) return at_path(std::to_string(blocks.size()), status);
    blocks.push_back(std::move(block));
  }
  return Status();
}

/// One member at a time; a reader answers false for what it does not know or cannot hold.
class BlockReader {
 public:
  BlockReader(Block& block, uint32_t depth) : block_(block), depth_(depth) {}

  bool take(const json::MemberWalk& member);
  const Status& status() const { return status_; }

 private:
  bool take_text(const json::MemberWalk& member);
  bool take_document(const json::MemberWalk& member);
  bool take_search_result(const json::MemberWalk& member);
  bool take_tool_use(const json::MemberWalk& member);
  bool take_tool_result(const json::MemberWalk& member);
  bool take_cache(const json::MemberWalk& member);
  bool take_source(const json::MemberWalk& member);
  bool take_content(json::Value value, std::string_view text);

  static bool string_to(std::string& to, json::Value value) {
    if (!value.is_string()) return false;
    to = value.string_or("");
    return true;
  }

  Block& block_;
  uint32_t depth_;
  Status status_;
};

bool BlockReader::take(const json::MemberWalk& member) {
  const std::string_view key = member.key();
  if (key == "type") return true;
  if (block_.kind == BlockKind::kOther) return false;
  if (key == "cache_control") return take_cache(member);
  switch (block_.kind) {
    case BlockKind::kText:
      return take_text(member);
    case BlockKind::kImage:
      return key == "source" && take_source(member);
    case BlockKind::kDocument:
      return take_document(member);
    case BlockKind::kSearchResult:
      return take_search_result(member);
    case BlockKind::kThinking:
      if (key == "thinking") return string_to(block_.text, member.value());
      return key == "signature" && string_to(block_.signature, member.value());
    case BlockKind::kRedactedThinking:
      return key == "data" && string_to(block_.text, member.value());
    case BlockKind::kToolUse:
    case BlockKind::kServerToolUse:
      return take_tool_use(member);
    case BlockKind::kToolResult:
      return take_tool_result(member);
    case BlockKind::kToolReference:
      return key == "tool_name" && string_to(block_.name, member.value());
    case BlockKind::kServerToolResult:
      if (key == "tool_use_id") return string_to(block_.id, member.value());
      if (key == "content") block_.input = member.text();
      return key == "content";
    case BlockKind::kOther:
      break;
  }
  return false;
}

bool BlockReader::take_text(const json::MemberWalk& member) {
  if (member.key() == "text") return string_to(block_.text, member.value());
  if (member.key() != "citations" || !member.value().is_array()) return false;
  block_.citations = member.text();
  return true;
}

bool BlockReader::take_document(const json::MemberWalk& member) {
  const std::string_view key = member.key();
  if (key == "source") return take_source(member);
  if (key == "title") return string_to(block_.text, member.value()) && !block_.text.empty();
  if (key != "citations" || !member.value().is_object()) return false;
  block_.citations = member.text();
  return true;
}

bool BlockReader::take_search_result(const json::MemberWalk& member) {
  const std::string_view key = member.key();
  if (key == "title") return string_to(block_.text, member.value());
  if (key == "content") return take_content(member.value(), member.text());
  if (key == "citations" && member.value().is_object()) {
    block_.citations = member.text();
    return true;
  }
  if (key != "source" || !member.value().is_string()) return false;
  block_.source.emplace();
  block_.source->kind = model::SourceKind::kUrl;
  return string_to(block_.source->data, member.value());
}

bool BlockReader::take_tool_use(const json::MemberWalk& member) {
  const std::string_view key = member.key();
  if (key == "id") return string_to(block_.id, member.value());
  if (key == "name") return string_to(block_.name, member.value());
  if (key == "input") {
    block_.input =
        member.value().is_object() ? std::string(member.text()) : model::tool_input(member.text());
  }
  return key == "input";
}

bool BlockReader::take_tool_result(const json::MemberWalk& member) {
  const std::string_view key = member.key();
  if (key == "tool_use_id") return string_to(block_.id, member.value());
  if (key == "content") return take_content(member.value(), member.text());
  // An explicit false says what absence says and stays raw.
  if (key != "is_error" || member.value().boolean() != true) return false;
  block_.is_error = true;
  return true;
}

bool BlockReader::take_cache(const json::MemberWalk& member) {
  if (member.value()["type"].string_or("") != "ephemeral") return false;
  model::CacheMark mark;
  for (json::MemberWalk walk(member.value(), member.text()); walk.next();) {
    if (walk.key() == "type") continue;
    const bool ttl = walk.key() == "ttl" && string_to(mark.ttl, walk.value()) && !mark.ttl.empty();
    if (!ttl) json::append_member(mark.rest, walk.whole());
  }
  block_.cache = std::move(mark);
  return true;
}

bool BlockReader::take_content(json::Value value, std::string_view text) {
  // Of members with the same key the last counts.
  block_.content.clear();
  block_.content_is_text = false;
  if (value.is_string()) {
    Block only;
    only.text = value.string_or("");
    block_.content.push_back(std::move(only));
    block_.content_is_text = true;
    return true;
  }
  if (!value.is_array() || value.size() == 0) return false;
  const Status status = decode_all(value, text, depth_ + 1, block_.content);
  if (!status.ok()) status_ = at_path("content", status);
  return true;
}

bool BlockReader::take_source(const json::MemberWalk& member) {
  using model::SourceKind;
  const json::Value value = member.value();
  const std::string_view type = value["type"].string_or("");
  model::Source source;
  source.kind = value_of(kSources, type, SourceKind::kBase64);
  if (wire_name(kSources, source.kind) != type) return false;
  const std::string_view data_key = wire_name(kSourceData, source.kind);
  for (json::MemberWalk walk(value, member.text()); walk.next();) {
    const std::string_view key = walk.key();
    if (key == "type") continue;
    bool taken = false;
    if (key == "media_type") taken = string_to(source.media_type, walk.value());
    if (!data_key.empty() && key == data_key) taken = string_to(source.data, walk.value());
    if (source.kind == SourceKind::kContent && key == "content") {
      taken = take_content(walk.value(), walk.text());
    }
    if (!taken) json::append_member(source.rest, walk.whole());
  }
  if (!status_.ok()) status_ = at_path("source", status_);
  block_.source = std::move(source);
  return true;
}

BlockKind kind_of(std::string_view type) {
  const BlockKind named = value_of(kBlocks, type, BlockKind::kOther);
  if (named != BlockKind::kOther) return named;
  return type.ends_with("_tool_result") ? BlockKind::kServerToolResult : BlockKind::kOther;
}

/// Members without which a block means nothing.
struct Required {
  BlockKind kind;
  std::string_view key;
  json::Kind is;
};

constexpr Required kRequired[] = {
    {BlockKind::kText, "text", json::Kind::kString},
    {BlockKind::kImage, "source", json::Kind::kObject},
    {BlockKind::kDocument, "source", json::Kind::kObject},
    {BlockKind::kThinking, "thinking", json::Kind::kString},
    {BlockKind::kRedactedThinking, "data", json::Kind::kString},
    {BlockKind::kToolUse, "id", json::Kind::kString},
    {BlockKind::kToolUse, "name", json::Kind::kString},
    {BlockKind::kToolResult, "tool_use_id", json::Kind::kString},
    {BlockKind::kToolReference, "tool_name", json::Kind::kString},
};

Status check_required(json::Value value, BlockKind kind) {
  for (const Required& row : kRequired) {
    if (row.kind != kind) continue;
    const json::Value member = value[row.key];
    if (member.kind() == row.is) continue;
    if (!member.exists()) return invalid("Field required", std::string(row.key));
    return invalid(row.is == json::Kind::kString ? "Input should be a valid string"
                                                 : "Input should be an object",
                   std::string(row.key));
  }
  return Status();
}

Status decode_at(json::Value value, std::string_view text, uint32_t depth, Block& block) {
  if (!value.is_object()) return invalid("Input should be an object");
  const std::optional<std::string_view> type = value["type"].string();
  if (!type) return invalid("Field required", "type");
  block.kind = depth < kNestingMax ? kind_of(*type) : BlockKind::kOther;
  Status required = check_required(value, block.kind);
  if (!required.ok()) return required;
  const bool named = block.kind != BlockKind::kOther && block.kind != BlockKind::kServerToolUse &&
                     block.kind != BlockKind::kServerToolResult;
  if (!named) block.type = *type;
  BlockReader reader(block, depth);
  for (json::MemberWalk walk(value, text); walk.next();) {
    if (!reader.take(walk)) json::append_member(block.rest, walk.whole());
    if (!reader.status().ok()) return reader.status();
  }
  return Status();
}

}  // namespace

Status at_path(std::string_view outer, const Status& status) {
  std::string path(outer);
  if (!status.path().empty()) path.append(".").append(status.path());
  return Status(status.code(), status.message(), std::move(path));
}

Status decode_block(json::Value value, std::string_view text, model::Block& block) {
  return decode_at(value, text, 0, block);
}

Status decode_blocks(json::Value array, std::string_view text, std::vector<model::Block>& blocks) {
  return decode_all(array, text, 0, blocks);
}

}  // namespace tollgate::dialects::anthropic_messages
