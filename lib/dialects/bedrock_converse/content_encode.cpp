// Messages and what stands in them.

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/base64.hpp"
#include "dialects/bedrock_converse/content_writer.hpp"
#include "dialects/bedrock_converse/lessons.hpp"
#include "dialects/carriage.hpp"
#include "json/reader.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

using model::Block;
using model::BlockKind;

constexpr std::string_view kNoOutput = "(no output)";
constexpr std::string_view kEmptyTurn = "(empty)";

}  // namespace

std::string text_of(const std::vector<Block>& blocks) {
  std::string text;
  for (const Block& block : blocks) {
    if (block.kind != BlockKind::kText) continue;
    if (!text.empty()) text += '\n';
    text += block.text;
  }
  return text;
}

void ContentWriter::text(std::string_view text) {
  writer_.begin_object().member("text", text).end_object();
  ++written_;
  has_text_ = true;
  has_more_than_reasoning_ = true;
}

void ContentWriter::leave_out(const Block& block) {
  const bool named = block.kind == BlockKind::kOther || block.kind == BlockKind::kServerToolUse ||
                     block.kind == BlockKind::kServerToolResult;
  encoding_.drop(named ? "block " + block.type : "block of a kind this turn cannot hold");
}

void ContentWriter::search_result(const Block& block) {
  const std::string source = block.source ? block.source->data : std::string();
  if (!encoding_.family.search_results) {
    text(block.text + "\n" + source + "\n" + text_of(block.content));
    return;
  }
  writer_.begin_object().key("searchResult").begin_object();
  writer_.member("source", source).member("title", block.text);
  writer_.key("content").begin_array();
  for (const Block& part : block.content) {
    if (part.kind == BlockKind::kText && !part.text.empty()) {
      writer_.begin_object().member("text", part.text).end_object();
    }
  }
  writer_.end_array();
  if (!block.citations.empty()) writer_.raw_member("citations", block.citations);
  writer_.end_object().end_object();
  ++written_;
  has_more_than_reasoning_ = true;
}

Status ContentWriter::result_part(const Block& part, const std::string& id) {
  switch (part.kind) {
    case BlockKind::kText:
      text(part.text);
      return Status();
    case BlockKind::kImage:
    case BlockKind::kDocument:
      if (encoding_.family.media_in_results) return media(part);
      moved_.emplace_back(&part, id);
      encoding_.translation.losses.add(model::LossKind::kReordered,
                                       "media of a tool_result (behind it)");
      text(part.kind == BlockKind::kImage ? "[The image follows below.]"
                                          : "[The document follows below.]");
      return Status();
    case BlockKind::kSearchResult:
      search_result(part);
      return Status();
    case BlockKind::kToolReference:
      text("The tool " + std::string(encoding_.translation.upstream_tool_name(part.name)) +
           " can be used now.");
      return Status();
    default:
      leave_out(part);
      return Status();
  }
}

Status ContentWriter::tool_result(const Block& block) {
  writer_.begin_object().key("toolResult").begin_object().member("toolUseId", block.id);
  ContentWriter inner(encoding_);
  writer_.key("content").begin_array();
  const bool status_taken =
      encoding_.family.result_status && !is_refused(encoding_.translation.lessons, "status");
  if (block.is_error && !status_taken) inner.text("[The tool failed.]");
  for (const Block& part : block.content) {
    if (Status status = inner.result_part(part, block.id); !status.ok()) return status;
  }
  if (inner.written_ == 0) inner.text(kNoOutput);
  writer_.end_array();
  if (block.is_error && status_taken) writer_.member("status", "error");
  writer_.end_object().end_object();
  moved_.insert(moved_.end(), inner.moved_.begin(), inner.moved_.end());
  ++written_;
  has_more_than_reasoning_ = true;
  return Status();
}

/// Media that a tool's result could not hold, behind the results of the turn.
Status ContentWriter::flush_moved() {
  for (const auto& [block, id] : std::exchange(moved_, {})) {
    text("Of the result of tool call " + id + ":");
    if (Status status = media(*block); !status.ok()) return status;
  }
  return Status();
}

void ContentWriter::reasoning(const Block& block) {
  writer_.begin_object().key("reasoningContent").begin_object();
  const bool redacted = block.kind == BlockKind::kRedactedThinking;
  const std::string& field = redacted ? block.text : block.signature;
  const std::optional<Carriage> carriage = open_carriage(field);
  if (carriage) {
    // The members are the upstream's own, as the decoder sealed them.
    std::string payload = "{" + carriage->payload + "}";
    json::Document document;
    const Result<json::Value> sealed = document.parse(payload);
    const json::Value members = sealed.ok() ? sealed.value() : json::Value();
    if (members["redacted"].is_string()) {
      writer_.member("redactedContent", members["redacted"].string_or(""));
    } else {
      writer_.key("reasoningText").begin_object();
      writer_.member("text", members["text"].string().value_or(block.text));
      if (members["signature"].is_string()) {
        writer_.member("signature", members["signature"].string_or(""));
      }
      writer_.end_object();
    }
  } else if (redacted) {
    // The wire has the base64 of what Anthropic's own API calls data.
    writer_.member("redactedContent", base64_encode(block.text));
  } else {
    writer_.key("reasoningText").begin_object();
    writer_.member("text", block.text).member("signature", block.signature).end_object();
  }
  writer_.end_object().end_object();
  ++written_;
}

void ContentWriter::tool_use(const Block& block) {
  writer_.begin_object().key("toolUse").begin_object();
  writer_.member("toolUseId", block.id);
  writer_.member("name", encoding_.translation.upstream_tool_name(block.name));
  writer_.raw_member("input", block.input.empty() ? std::string_view("{}") : block.input);
  writer_.end_object().end_object();
  ++written_;
  has_more_than_reasoning_ = true;
}

Status ContentWriter::user_block(const Block& block) {
  if (block.kind != BlockKind::kToolResult) {
    if (Status status = flush_moved(); !status.ok()) return status;
  }
  switch (block.kind) {
    case BlockKind::kToolResult:
      return tool_result(block);
    case BlockKind::kImage:
    case BlockKind::kDocument:
      return media(block);
    case BlockKind::kSearchResult:
      search_result(block);
      return Status();
    default:
      leave_out(block);
      return Status();
  }
}

Status ContentWriter::block(const Block& block, model::Role role) {
  const size_t before = written_;
  Status status;
  switch (block.kind) {
    case BlockKind::kText:
      if (role == model::Role::kUser) status = flush_moved();
      if (!block.citations.empty()) encoding_.drop("text.citations");
      text(block.text);
      break;
    case BlockKind::kThinking:
    case BlockKind::kRedactedThinking:
      if (replays(encoding_, block)) {
        reasoning(block);
      } else {
        encoding_.drop(block.kind == BlockKind::kThinking ? "thinking (not of this upstream)"
                                                          : "redacted_thinking (not of this "
                                                            "upstream)");
      }
      break;
    case BlockKind::kToolUse:
      tool_use(block);
      break;
    default:
      if (role == model::Role::kUser) {
        status = user_block(block);
      } else {
        leave_out(block);
      }
  }
  if (!status.ok()) return status;
  if (const model::CacheMark* mark = mark_of(block); mark != nullptr && written_ > before) {
    encoding_.cache_point(*mark);
  }
  return Status();
}

Status ContentWriter::message(const model::Message& message) {
  const bool user = message.role != model::Role::kAssistant;
  writer_.begin_object().member("role", user ? "user" : "assistant");
  writer_.key("content").begin_array();
  for (const Block& each : message.content) {
    const Status status = block(each, user ? model::Role::kUser : model::Role::kAssistant);
    if (!status.ok()) return status;
  }
  if (Status status = flush_moved(); !status.ok()) return status;
  if (has_document_ && !has_text_) text("The document of this turn is attached.");
  // A turn of nothing but reasoning is read as a beginning to go on from, and refused.
  if (written_ == 0 || !has_more_than_reasoning_) text(kEmptyTurn);
  writer_.end_array().end_object();
  return Status();
}

const model::CacheMark* mark_of(const Block& block) {
  if (block.cache) return &*block.cache;
  for (const Block& part : block.content) {
    if (part.cache) return &*part.cache;
  }
  return nullptr;
}

bool replays(const Encoding& encoding, const Block& block) {
  if (block.kind != BlockKind::kThinking && block.kind != BlockKind::kRedactedThinking) {
    return false;
  }
  const Translation& translation = encoding.translation;
  if (find_lesson(translation.lessons, model::LessonKind::kDropReasoning) != nullptr) return false;
  const std::string& field =
      block.kind == BlockKind::kRedactedThinking ? block.text : block.signature;
  if (!is_carriage(field)) return encoding.is_claude() && !field.empty();
  if (!encoding.family.replays_reasoning) return false;
  const std::optional<Carriage> carriage = open_carriage(field);
  return carriage && carriage->kind == "c" && carriage->target == translation.target &&
         carriage->credential_tag == translation.credential_tag;
}

void encode_system(Encoding& encoding) {
  bool begun = false;
  for (const Block& block : encoding.request.system) {
    if (block.kind != BlockKind::kText) {
      encoding.drop("system (a block that is no text)");
      continue;
    }
    if (!std::exchange(begun, true)) encoding.writer.key("system").begin_array();
    encoding.writer.begin_object().member("text", block.text).end_object();
    if (block.cache) encoding.cache_point(*block.cache);
  }
  if (begun) encoding.writer.end_array();
}

Status encode_messages(Encoding& encoding) {
  encoding.writer.key("messages").begin_array();
  for (const model::Message& message : encoding.request.messages) {
    if (Status status = ContentWriter(encoding).message(message); !status.ok()) return status;
  }
  encoding.writer.end_array();
  return Status();
}

}  // namespace tollgate::dialects::bedrock_converse
