#include <utility>

#include "dialects/openai_responses/answer_reader.hpp"

namespace tollgate::dialects::openai_responses {

using model::StreamEvent;
using Kind = model::StreamEventKind;

void OutputItem::start(model::Block block) {
  StreamEvent event;
  event.kind = Kind::kBlockStart;
  event.block = std::move(block);
  sink_.take(std::move(event));
}

void OutputItem::delta(model::DeltaKind kind, std::string_view text) {
  StreamEvent event;
  event.kind = Kind::kBlockDelta;
  event.delta = kind;
  event.text = text;
  sink_.take(std::move(event));
}

void OutputItem::citation(std::string raw) {
  StreamEvent event;
  event.kind = Kind::kBlockDelta;
  event.delta = model::DeltaKind::kCitation;
  event.raw = std::move(raw);
  sink_.take(std::move(event));
}

void OutputItem::stop() {
  StreamEvent event;
  event.kind = Kind::kBlockStop;
  sink_.take(std::move(event));
}

std::string_view OutputItem::full(json::Value text) {
  // What is known whole ends what came in pieces.
  halves_ = Surrogates();
  return Surrogates::join_whole(text.string_or(""), room_);
}

std::string_view beyond(std::string_view known, std::string_view whole) {
  return whole.starts_with(known) ? whole.substr(known.size()) : std::string_view();
}

BlockLine::BlockLine(Translation& translation) : watch_(translation.stop_sequences) {}

void BlockLine::show(StreamEvent&& event) {
  if (stopped_) return;
  if (event.kind == Kind::kBlockStart) {
    event.index = blocks_++;
    in_text_ = event.block.kind == model::BlockKind::kText;
  } else {
    event.index = blocks_ - 1;
  }
  if (event.kind == Kind::kBlockDelta && event.delta != model::DeltaKind::kSignature) {
    shown_bytes_ += event.text.size();
  }
  if (in_text_ && watch_.needed()) {
    show_text(std::move(event));
  } else {
    push(std::move(event));
  }
}

/// Text that may begin a stop sequence waits; a block of which nothing is shown is none.
void BlockLine::show_text(StreamEvent&& event) {
  if (event.kind == Kind::kBlockStart) {
    start_ = std::move(event);
    start_waits_ = true;
    return;
  }
  std::string text;
  if (event.kind == Kind::kBlockDelta && event.delta == model::DeltaKind::kText) {
    stopped_ = watch_.feed(event.text, text);
  } else {
    watch_.flush(text);
  }
  if (!text.empty()) {
    start_watched();
    StreamEvent delta;
    delta.kind = Kind::kBlockDelta;
    delta.index = event.index;
    delta.text = std::move(text);
    push(std::move(delta));
  }
  if (event.kind == Kind::kBlockDelta && event.delta == model::DeltaKind::kText) {
    if (!stopped_) return;
    event.kind = Kind::kBlockStop;
    event.text.clear();
  }
  if (event.kind == Kind::kBlockDelta) start_watched();
  if (start_waits_) {
    --blocks_;
    start_waits_ = false;
    return;
  }
  push(std::move(event));
}

void BlockLine::start_watched() {
  if (start_waits_) push(std::move(start_));
  start_waits_ = false;
}

}  // namespace tollgate::dialects::openai_responses
