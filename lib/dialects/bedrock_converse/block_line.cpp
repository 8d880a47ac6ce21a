#include "dialects/bedrock_converse/block_line.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"
#include "dialects/bedrock_converse/answer.hpp"
#include "dialects/bedrock_converse/family.hpp"
#include "dialects/tool_names.hpp"
#include "model/tool_input.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

using model::DeltaKind;
using model::StreamEvent;
using model::StreamEventKind;

constexpr size_t kBlocksMax = 4096;
/// What a block costs beside its bytes, so that many empty ones meet the bound too.
constexpr size_t kBlockBytes = 512;
constexpr std::string_view kSpace = " \t\r\n";

/// Whether Bedrock may leave the model's <think> tags where they are.
bool leaves_tags(std::string_view model_id) {
  const FamilyKind kind = family_of(model_id).kind;
  return kind == FamilyKind::kQwen || kind == FamilyKind::kDeepSeek;
}

}  // namespace

BlockLine::BlockLine(Translation& translation)
    : translation_(translation),
      watch_(translation.stop_sequences),
      reads_tags_(leaves_tags(translation.target_model)) {}

Status BlockLine::take_bytes(size_t size) {
  bytes_ += size;
  if (bytes_ > limits::kAnswerBytesMax || blocks_.size() > kBlocksMax) {
    return Status(Code::kLimit, "the answer is too large");
  }
  return Status();
}

/// The open block with the upstream's index; one of another kind ends where this begins.
BlockLine::Block* BlockLine::find(int64_t index, Kind kind) {
  for (Block& block : blocks_) {
    if (block.upstream != index || block.ended) continue;
    if (block.kind == Kind::kUnset) block.kind = kind;
    if (block.kind == kind || block.kind == Kind::kIgnored) return &block;
    close(block);
    break;
  }
  advance();
  blocks_.emplace_back();
  blocks_.back().upstream = index;
  blocks_.back().kind = kind;
  return &blocks_.back();
}

void BlockLine::emit(Block& block, StreamEvent event) {
  if (&block != &blocks_.front()) {
    block.held.push_back(std::move(event));
    return;
  }
  event.index = index_;
  out_->push_back(std::move(event));
}

void BlockLine::start(Block& block, model::Block content) {
  block.told = true;
  StreamEvent event;
  event.kind = StreamEventKind::kBlockStart;
  event.block = std::move(content);
  emit(block, std::move(event));
}

void BlockLine::delta(Block& block, DeltaKind kind, std::string_view text) {
  StreamEvent event;
  event.kind = StreamEventKind::kBlockDelta;
  event.delta = kind;
  (kind == DeltaKind::kCitation ? event.raw : event.text) = text;
  emit(block, std::move(event));
}

void BlockLine::ignore(Block& block, std::string what) {
  block.kind = Kind::kIgnored;
  block.noted = true;
  translation_.losses.add(model::LossKind::kDropped, std::move(what));
}

void BlockLine::start_text(Block& block) {
  if (block.told) return;
  start(block, model::Block());
}

void BlockLine::start_thinking(Block& block) {
  if (block.told) return;
  model::Block content;
  content.kind = model::BlockKind::kThinking;
  start(block, std::move(content));
}

void BlockLine::tell_text(Block& block, std::string_view text) {
  if (stopped_) return;
  if (!watch_.needed()) {
    if (text.empty()) return;
    start_text(block);
    delta(block, DeltaKind::kText, text);
    return;
  }
  std::string shown;
  stopped_ = watch_.feed(text, shown);
  if (shown.empty()) return;
  start_text(block);
  delta(block, DeltaKind::kText, shown);
}

void BlockLine::begin_tool(int64_t index, json::Value tool_use) {
  Block& block = *find(index, Kind::kTool);
  if (is_server_tool(tool_use)) {
    ignore(block, "server tool " + std::string(tool_use["name"].string_or("")));
    return;
  }
  if (stopped_ || block.told) return;
  if (translation_.single_tool_call && tool_calls_ > 0) {
    ignore(block, "tool call (only one was wanted)");
    return;
  }
  ++tool_calls_;
  model::Block content;
  content.kind = model::BlockKind::kToolUse;
  content.id = client_tool_id(tool_use["toolUseId"].string_or(""), tool_ids_, translation_);
  content.name = translation_.client_tool_name(tool_use["name"].string_or(""));
  content.input = "{}";  // Until pieces say more.
  start(block, std::move(content));
}

/// Reasoning that came in tags is a block of its own before the text's.
void BlockLine::tell_tagged(int64_t index, std::string_view reasoning, std::string_view text) {
  if (!reasoning.empty() && !translation_.thinking_wanted) {
    translation_.losses.add(model::LossKind::kDropped, "reasoning (not asked for)");
  } else if (!reasoning.empty() && !stopped_) {
    Block& block = *find(index, Kind::kThinking);
    if (block.kind == Kind::kThinking) add_thought(block, reasoning);
  }
  if (text.empty()) return;
  Block& block = *find(index, Kind::kText);
  if (block.kind == Kind::kText) tell_text(block, text);
}

/// What looked like a tag so far is what it is.
void BlockLine::end_tags() {
  if (!std::exchange(reads_tags_, false)) return;
  std::string reasoning;
  std::string text;
  tags_.flush(reasoning, text);
  tell_tagged(0, reasoning, text);
}

/// Only an answer's first block can begin with a tag.
void BlockLine::leave_first(int64_t index) {
  if (index != 0) end_tags();
}

Status BlockLine::begin(int64_t index, json::Value start) {
  leave_first(index);
  if (start["toolUse"].is_object()) {
    begin_tool(index, start["toolUse"]);
  } else if (start["toolResult"].is_object()) {
    ignore(*find(index, Kind::kIgnored), "result of a server tool");
  } else if (start["image"].is_object()) {
    ignore(*find(index, Kind::kIgnored), "image in the answer");
  }
  return take_bytes(kBlockBytes);
}

Status BlockLine::add(int64_t index, json::Value delta_value) {
  leave_first(index);
  if (const auto text = delta_value["text"].string()) return add_text(index, *text);
  if (delta_value["toolUse"].is_object()) {
    return add_input(index, delta_value["toolUse"]["input"].string_or(""));
  }
  if (delta_value["reasoningContent"].is_object()) {
    return add_reasoning(index, delta_value["reasoningContent"]);
  }
  if (delta_value["citation"].is_object()) return add_citation(index, delta_value["citation"]);
  // Pieces of what begin() has named: results of server tools, images, what is yet to come.
  Block& block = *find(index, Kind::kIgnored);
  if (!block.noted) ignore(block, "a block of unknown kind");
  return take_bytes(1);
}

Status BlockLine::add_text(int64_t index, std::string_view text) {
  leave_first(index);
  if (reads_tags_) {
    std::string reasoning;
    std::string shown;
    tags_.feed(text, reasoning, shown);
    reads_tags_ = !tags_.is_text();
    tell_tagged(index, reasoning, shown);
    return take_bytes(text.size() + 1);
  }
  Block& block = *find(index, Kind::kText);
  if (block.kind == Kind::kText) tell_text(block, text);
  return take_bytes(text.size() + 1);
}

Status BlockLine::add_citation(int64_t index, json::Value citation) {
  Block& block = *find(index, Kind::kText);
  const std::string text = citation_json(citation);
  if (block.kind == Kind::kText && !text.empty() && !stopped_) {
    start_text(block);
    delta(block, DeltaKind::kCitation, text);
  }
  return take_bytes(text.size() + 1);
}

Status BlockLine::add_input(int64_t index, std::string_view arguments) {
  Block& block = *find(index, Kind::kTool);
  if (block.kind != Kind::kTool || !block.told) return take_bytes(arguments.size());
  block.text.append(arguments);
  // An object's text passes as it comes; anything else waits to be made one.
  const size_t first = block.text.find_first_not_of(kSpace);
  if (block.input_flows) {
    if (!arguments.empty()) delta(block, DeltaKind::kInputJson, arguments);
    block.text.clear();
  } else if (first != std::string::npos && block.text[first] == '{') {
    block.input_flows = true;
    delta(block, DeltaKind::kInputJson, block.text);
    block.text.clear();
  }
  return take_bytes(arguments.size());
}

void BlockLine::add_thought(Block& block, std::string_view text) {
  if (translation_.thinking_omitted && !signs_reasoning(translation_)) {
    // It goes back inside the signature.
    block.text.append(text);
    start_thinking(block);
    return;
  }
  start_thinking(block);
  delta(block, DeltaKind::kThinking, text);
}

Status BlockLine::add_reasoning(int64_t index, json::Value reasoning) {
  const bool redacted = reasoning["redactedContent"].is_string();
  Block& block = *find(index, redacted ? Kind::kRedacted : Kind::kThinking);
  if (block.kind != Kind::kIgnored && !stopped_) think(block, reasoning);
  return take_bytes(reasoning["text"].string_or("").size() +
                    reasoning["signature"].string_or("").size() +
                    reasoning["redactedContent"].string_or("").size() + 1);
}

void BlockLine::think(Block& block, json::Value reasoning) {
  if (!translation_.thinking_wanted) {
    ignore(block, "reasoning (not asked for)");
    return;
  }
  if (block.kind == Kind::kRedacted) {
    block.text.append(reasoning["redactedContent"].string_or(""));
    return;
  }
  const std::string_view text = reasoning["text"].string_or("");
  if (!text.empty()) add_thought(block, text);
  const std::string_view signature = reasoning["signature"].string_or("");
  if (!signature.empty()) start_thinking(block);
  block.signature.append(signature);
}

/// Tells what the block still owes, and its end.
void BlockLine::close(Block& block) {
  block.ended = true;
  if (block.kind == Kind::kText && watch_.needed() && !stopped_) {
    std::string rest;
    watch_.flush(rest);
    if (!rest.empty()) {
      start_text(block);
      delta(block, DeltaKind::kText, rest);
    }
  }
  if (block.kind == Kind::kRedacted && !block.text.empty()) {
    model::Block content;
    content.kind = model::BlockKind::kRedactedThinking;
    content.text = redacted_data(translation_, block.text);
    start(block, std::move(content));
  }
  if (!block.told) return;
  if (block.kind == Kind::kThinking) {
    delta(block, DeltaKind::kSignature,
          sealed_signature(translation_, block.signature, block.text));
  }
  if (block.kind == Kind::kTool && !block.input_flows) {
    // Nothing is told as an empty piece, as Anthropic tells it.
    const bool blank = block.text.find_first_not_of(kSpace) == std::string::npos;
    delta(block, DeltaKind::kInputJson, blank ? std::string() : model::tool_input(block.text));
  }
  StreamEvent event;
  event.kind = StreamEventKind::kBlockStop;
  emit(block, std::move(event));
}

/// Lets the next block speak once the first has ended.
void BlockLine::advance() {
  while (!blocks_.empty() && blocks_.front().ended) {
    if (blocks_.front().told) ++index_;
    blocks_.pop_front();
    if (blocks_.empty()) return;
    for (StreamEvent& event : std::exchange(blocks_.front().held, {})) {
      event.index = index_;
      out_->push_back(std::move(event));
    }
  }
}

void BlockLine::end(int64_t index) {
  end_tags();
  for (Block& block : blocks_) {
    if (block.upstream != index || block.ended) continue;
    close(block);
    break;
  }
  advance();
}

void BlockLine::end_all() {
  end_tags();
  for (Block& block : blocks_) {
    if (!block.ended) close(block);
  }
  advance();
}

}  // namespace tollgate::dialects::bedrock_converse
