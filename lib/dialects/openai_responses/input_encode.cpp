#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "dialects/carriage.hpp"
#include "dialects/openai_responses/content_encode.hpp"
#include "dialects/openai_responses/request_parts.hpp"
#include "json/reader.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

using model::Block;
using model::BlockKind;
using model::LossKind;
using model::Message;
using model::Role;

constexpr std::string_view kBetweenParts = "\n\n";

/// The parts a summary had, by their sizes; one part where the client changed the text.
std::vector<std::string_view> summary_parts(std::string_view text, json::Value sizes) {
  if (text.empty()) return {};
  std::vector<std::string_view> parts;
  std::string_view rest = text;
  for (const json::Value size : sizes.elements()) {
    if (!parts.empty()) {
      if (!rest.starts_with(kBetweenParts)) return {text};
      rest.remove_prefix(kBetweenParts.size());
    }
    const int64_t bytes = size.integer().value_or(-1);
    if (bytes < 0 || static_cast<uint64_t>(bytes) > rest.size()) return {text};
    parts.push_back(rest.substr(0, static_cast<size_t>(bytes)));
    rest.remove_prefix(static_cast<size_t>(bytes));
  }
  if (!rest.empty()) return {text};
  return parts;
}

/// This server refuses an item of the assistant between two calls of one turn.
bool wants_text_first(const Translation& translation) {
  return translation.traits.name == "deepseek";
}

class InputWriter {
 public:
  InputWriter(const model::Request& request, Translation& translation, json::Writer& writer)
      : request_(request), translation_(translation), writer_(writer), reader_(translation) {}

  Status write();

 private:
  Status write_user(const Message& message);
  Status write_result(const Block& result, std::vector<Piece>& later);
  void write_message(std::string_view role, const std::vector<Piece>& pieces);
  void write_assistant(const Message& message);
  void write_blocks(const std::vector<Block>& blocks);
  void write_text(const std::vector<Block>& blocks, size_t& at);
  void write_call(const Block& call);
  bool write_reasoning(const std::vector<Block>& blocks, size_t at);
  bool write_encrypted(const Carriage& carriage, std::string_view text);
  void write_plain(std::string_view text);
  void lose(std::string what) { translation_.losses.add(LossKind::kDropped, std::move(what)); }

  const model::Request& request_;
  Translation& translation_;
  json::Writer& writer_;
  PieceReader reader_;
};

Status InputWriter::write() {
  writer_.begin_array();
  for (const Message& message : request_.messages) {
    if (message.role == Role::kAssistant) {
      write_assistant(message);
    } else if (Status status = write_user(message); !status.ok()) {
      return status;
    }
  }
  writer_.end_array();
  return Status();
}

/// A user's turn, or a system message between others.
Status InputWriter::write_user(const Message& message) {
  std::vector<Piece> pieces;
  for (const Block& block : message.content) {
    const Status status = block.kind == BlockKind::kToolResult ? write_result(block, pieces)
                                                               : reader_.add(block, pieces);
    if (!status.ok()) return status;
  }
  if (!pieces.empty()) write_message(message.role == Role::kSystem ? "developer" : "user", pieces);
  return Status();
}

void InputWriter::write_message(std::string_view role, const std::vector<Piece>& pieces) {
  writer_.begin_object().member("type", "message").member("role", role).key("content");
  if (pieces.size() == 1 && pieces[0].medium == nullptr) {
    writer_.string(pieces[0].shown());
  } else {
    write_pieces(pieces, writer_);
  }
  writer_.end_object();
}

/// What the server does not take in a tool's output goes to `later`, for the user's message behind.
Status InputWriter::write_result(const Block& result, std::vector<Piece>& later) {
  std::vector<Piece> pieces;
  if (Status status = reader_.add_result(result, pieces); !status.ok()) return status;
  bool media = false;
  for (const Piece& piece : pieces)
    media = media || piece.medium != nullptr;
  writer_.begin_object().member("type", "function_call_output").member("call_id", result.id);
  writer_.key("output");
  if (media && translation_.traits.images_in_results) {
    write_pieces(pieces, writer_);
    writer_.end_object();
    return Status();
  }
  std::string text;
  int moved = 0;
  for (Piece& piece : pieces) {
    if (!text.empty()) text += '\n';
    if (piece.medium == nullptr) {
      text += piece.shown();
      continue;
    }
    const bool image = piece.medium->kind == BlockKind::kImage;
    const std::string number = std::to_string(++moved);
    text += (image ? "[image " : "[file ") + number +
            " of this tool result follows in the next user message]";
    Piece title;
    title.own_text =
        (image ? "Image " : "File ") + number + " returned by tool call " + result.id + ":";
    later.push_back(std::move(title));
    later.push_back(std::move(piece));
    translation_.losses.add(LossKind::kReordered, "image in tool_result -> user message");
  }
  writer_.string(text.empty() ? std::string_view("(no output)") : std::string_view(text));
  writer_.end_object();
  return Status();
}

void InputWriter::write_assistant(const Message& message) {
  const auto is_call = [](const Block& block) { return block.kind == BlockKind::kToolUse; };
  const auto& content = message.content;
  if (wants_text_first(translation_) &&
      !std::is_partitioned(content.begin(), content.end(), std::not_fn(is_call))) {
    std::vector<Block> ordered = content;
    std::stable_partition(ordered.begin(), ordered.end(), std::not_fn(is_call));
    translation_.losses.add(LossKind::kReordered, "assistant's text -> before the tool calls");
    write_blocks(ordered);
  } else {
    write_blocks(content);
  }
}

void InputWriter::write_blocks(const std::vector<Block>& blocks) {
  for (size_t at = 0; at < blocks.size(); ++at) {
    const Block& block = blocks[at];
    if (block.cache) lose("cache_control");
    switch (block.kind) {
      case BlockKind::kText:
        write_text(blocks, at);
        break;
      case BlockKind::kToolUse:
        write_call(block);
        break;
      case BlockKind::kThinking:
      case BlockKind::kRedactedThinking:
        if (!write_reasoning(blocks, at)) lose("thinking (not of this upstream, or of no use)");
        break;
      case BlockKind::kServerToolUse:
      case BlockKind::kServerToolResult:
        lose("history of a server tool");
        break;
      default:
        lose("content of an assistant's turn");
        break;
    }
  }
}

/// Text blocks that follow each other are parts of one item.
void InputWriter::write_text(const std::vector<Block>& blocks, size_t& at) {
  bool calls_follow = false;
  for (size_t i = at; i < blocks.size(); ++i)
    calls_follow = calls_follow || blocks[i].kind == BlockKind::kToolUse;
  writer_.begin_object().member("type", "message").member("role", "assistant");
  writer_.key("content").begin_array();
  for (;; ++at) {
    if (!blocks[at].citations.empty()) lose("citations");
    writer_.begin_object().member("type", "output_text").member("text", blocks[at].text);
    writer_.end_object();
    if (at + 1 == blocks.size() || blocks[at + 1].kind != BlockKind::kText) break;
  }
  writer_.end_array();
  if (translation_.traits.phase && !is_refused(translation_, "phase")) {
    writer_.member("phase", calls_follow ? "commentary" : "final_answer");
  }
  writer_.end_object();
}

void InputWriter::write_call(const Block& call) {
  writer_.begin_object().member("type", "function_call").member("call_id", call.id);
  writer_.member("name", translation_.upstream_tool_name(call.name));
  writer_.member("arguments", compact(call.input)).end_object();
}

/// Reasoning must be followed by an item of its turn, and goes back only to who made it.
bool InputWriter::write_reasoning(const std::vector<Block>& blocks, size_t at) {
  const Block& block = blocks[at];
  const bool redacted = block.kind == BlockKind::kRedactedThinking;
  size_t next = at + 1;
  while (next < blocks.size() && (blocks[next].kind == BlockKind::kThinking ||
                                  blocks[next].kind == BlockKind::kRedactedThinking)) {
    ++next;
  }
  if (next == blocks.size() ||
      (blocks[next].kind != BlockKind::kText && blocks[next].kind != BlockKind::kToolUse)) {
    return false;
  }
  const std::optional<Carriage> carriage = open_carriage(redacted ? block.text : block.signature);
  if (!carriage || model::find_lesson(translation_.lessons, model::LessonKind::kDropReasoning)) {
    return false;
  }
  if (carriage->kind == "p") {
    if (translation_.traits.reasoning_replay == model::ReasoningReplay::kNone) return false;
    if (block.text.empty()) return false;
    write_plain(block.text);
    return true;
  }
  if (carriage->kind != "r" || carriage->target != translation_.target ||
      carriage->credential_tag != translation_.credential_tag) {
    return false;
  }
  const std::string_view text = redacted ? std::string_view() : std::string_view(block.text);
  return write_encrypted(*carriage, text);
}

bool InputWriter::write_encrypted(const Carriage& carriage, std::string_view text) {
  json::Document document;
  const Result<json::Value> payload = document.parse("{" + carriage.payload + "}");
  if (!payload.ok() || payload.value()["e"].string_or("").empty()) return false;
  writer_.begin_object().member("type", "reasoning");
  writer_.member("id", payload.value()["id"].string_or(""));
  writer_.key("summary").begin_array();
  for (const std::string_view part : summary_parts(text, payload.value()["n"])) {
    writer_.begin_object().member("type", "summary_text").member("text", part).end_object();
  }
  writer_.end_array();
  writer_.member("encrypted_content", payload.value()["e"].string_or("")).end_object();
  return true;
}

void InputWriter::write_plain(std::string_view text) {
  writer_.begin_object().member("type", "reasoning").key("summary").begin_array().end_array();
  writer_.key("content").begin_array().begin_object();
  writer_.member("type", "reasoning_text").member("text", text);
  writer_.end_object().end_array().end_object();
}

}  // namespace

Status write_input(const model::Request& request, Translation& translation, json::Writer& writer) {
  return InputWriter(request, translation, writer).write();
}

}  // namespace tollgate::dialects::openai_responses
