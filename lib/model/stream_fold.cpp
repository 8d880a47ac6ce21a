#include "model/stream_fold.hpp"

#include "base/limits.hpp"
#include "json/reader.hpp"
#include "json/walk.hpp"
#include "model/tool_input.hpp"

namespace tollgate::model {
namespace {

void add_citation(std::string& citations, std::string_view citation) {
  if (citations.size() < 2 || citations == "[]" || citations.back() != ']') {
    citations = "[";
  } else {
    citations.back() = ',';
  }
  citations.append(citation).append("]");
}

/// Unknown deltas of unknown blocks carry members of their block: what they bring replaces what it
/// had. A known block has places of its own for its members, which a raw twin would contradict.
void add_unknown(Block& block, std::string_view delta) {
  if (block.kind != BlockKind::kOther) return;
  json::Document document;
  const Result<json::Value> parsed = document.parse(delta);
  if (!parsed.ok()) return;
  std::string members;
  for (json::MemberWalk walk(parsed.value(), delta); walk.next();) {
    if (walk.key() != "type") json::append_member(members, walk.whole());
  }
  block.rest = json::merged_members(block.rest, members);
}

size_t bytes_of(const StreamEvent& event) {
  const Block& block = event.block;
  return event.text.size() + event.raw.size() + block.text.size() + block.input.size() +
         block.rest.size() + block.signature.size() + block.citations.size();
}

}  // namespace

Status StreamFold::add(const StreamEvent& event) {
  bytes_ += bytes_of(event);
  if (bytes_ > limits::kAnswerBytesMax) return Status(Code::kLimit, "the answer is too large");
  if (complete_) return Status();
  switch (event.kind) {
    case StreamEventKind::kMessageStart:
      return start(event);
    case StreamEventKind::kBlockStart:
      return start_block(event);
    case StreamEventKind::kBlockDelta:
      return add_delta(event);
    case StreamEventKind::kBlockStop:
      return stop_block();
    case StreamEventKind::kMessageDelta:
      return end(event);
    case StreamEventKind::kMessageStop:
      if (!started_ || block_open_) return invalid("a stream stopped in the middle");
      complete_ = true;
      return Status();
    case StreamEventKind::kPing:
    case StreamEventKind::kError:
    case StreamEventKind::kOther:
      break;
  }
  return Status();
}

Status StreamFold::start(const StreamEvent& event) {
  if (started_) return invalid("a stream started twice");
  started_ = true;
  response_.id = event.id;
  response_.model = event.model;
  response_.rest = event.rest;
  response_.stop_details = event.stop_details;
  response_.usage_rest = event.usage_rest;
  merge(response_.usage, event.usage);
  return Status();
}

Status StreamFold::start_block(const StreamEvent& event) {
  if (!started_ || block_open_) return invalid("a block started out of turn");
  if (event.index != response_.content.size()) return invalid("a block's index is out of turn");
  block_open_ = true;
  input_.clear();
  response_.content.push_back(event.block);
  return Status();
}

Status StreamFold::add_delta(const StreamEvent& event) {
  if (!block_open_ || event.index + 1 != response_.content.size()) {
    return invalid("a delta without its block");
  }
  Block& block = response_.content.back();
  switch (event.delta) {
    case DeltaKind::kText:
    case DeltaKind::kThinking:
      block.text += event.text;
      break;
    case DeltaKind::kSignature:
      block.signature += event.text;
      break;
    case DeltaKind::kInputJson:
      input_ += event.text;
      break;
    case DeltaKind::kCitation:
      add_citation(block.citations, event.raw);
      break;
    case DeltaKind::kOther:
      add_unknown(block, event.raw);
      break;
  }
  return Status();
}

Status StreamFold::stop_block() {
  if (!block_open_) return invalid("a block stopped that was not open");
  block_open_ = false;
  if (input_.empty()) return Status();
  response_.content.back().input = tool_input(input_);
  input_.clear();
  return Status();
}

Status StreamFold::end(const StreamEvent& event) {
  if (!started_ || block_open_) return invalid("a stream's end in the middle");
  merge(response_.usage, event.usage);
  if (event.stop_reason != StopReason::kUnset) {
    response_.stop_reason = event.stop_reason;
    response_.stop_reason_name = event.stop_reason_name;
  }
  if (event.has_stop_sequence) {
    response_.has_stop_sequence = true;
    response_.stop_sequence = event.stop_sequence;
  }
  if (!event.stop_details.empty()) response_.stop_details = event.stop_details;
  response_.usage_rest = json::merged_members(response_.usage_rest, event.usage_rest);
  response_.rest = json::merged_members(response_.rest, event.rest);
  response_.rest = json::merged_members(response_.rest, event.delta_rest);
  return Status();
}

}  // namespace tollgate::model
