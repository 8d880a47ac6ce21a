#include "dialects/openai_chat/answer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "json/writer.hpp"

namespace tollgate::dialects::openai_chat {
namespace {

using model::Block;
using model::BlockKind;
using model::DeltaKind;
using model::StopReason;
using model::StreamEvent;
using model::StreamEventKind;

constexpr std::string_view kBlanks = " \t\r\n";
constexpr int64_t kCitedCharactersMax = 150;
/// In place of a field's name.
constexpr std::string_view kTags = "think";

bool is_blank(std::string_view text) {
  return text.find_first_not_of(kBlanks) == std::string_view::npos;
}

/// Characters [begin, end) of a text, by code points.
std::string_view slice(std::string_view text, int64_t begin, int64_t end) {
  size_t from = text.size();
  size_t to = text.size();
  int64_t at = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U) continue;
    if (at == begin) from = i;
    if (at == end) {
      to = i;
      break;
    }
    ++at;
  }
  return from <= to ? text.substr(from, to - from) : std::string_view();
}

struct FinishName {
  std::string_view wire;
  StopReason reason;
};

/// Any other name is an ordinary end.
constexpr std::array<FinishName, 6> kFinishes = {{
    {"length", StopReason::kMaxTokens},
    {"max_tokens", StopReason::kMaxTokens},
    {"model_length", StopReason::kMaxTokens},
    {"content_filter", StopReason::kRefusal},
    {"sensitive", StopReason::kRefusal},
    {"safety", StopReason::kRefusal},
}};

}  // namespace

Status broken_call() {
  return invalid("the upstream's answer holds a tool call whose arguments are no JSON");
}

Answer::Answer(Translation& translation)
    : translation_(translation),
      watch_(translation.stop_sequences),
      tags_(translation.facts.think_tags == "close_only", !translation.thinking_wanted) {}

StreamEvent& Answer::event(StreamEventKind kind, Events& out) {
  StreamEvent& made = out.emplace_back();
  made.kind = kind;
  return made;
}

void Answer::start(std::string_view model, Events& out) {
  if (started_) return;
  started_ = true;
  StreamEvent& made = event(StreamEventKind::kMessageStart, out);
  made.model = model;
  made.usage.input = std::max<int64_t>(translation_.input_tokens_estimate, 1);
  made.usage.cache_read = 0;
  made.usage.cache_write = 0;
  made.usage.output = 1;
}

void Answer::open_block(Block block, Open kind, Events& out) {
  StreamEvent& made = event(StreamEventKind::kBlockStart, out);
  made.index = blocks_++;
  made.block = std::move(block);
  open_ = kind;
}

void Answer::delta(DeltaKind kind, std::string_view piece, Events& out) {
  StreamEvent& made = event(StreamEventKind::kBlockDelta, out);
  made.index = blocks_ - 1;
  made.delta = kind;
  made.text = piece;
  bytes_shown_ += piece.size();
}

void Answer::close(Events& out) {
  if (text_begun_) {
    text_begun_ = false;
    scratch_.clear();
    watch_.flush(scratch_);
    if (!scratch_.empty()) text_delta(scratch_, out);
  }
  if (open_ == Open::kNone) return;
  if (open_ == Open::kText) {
    for (std::string& citation : citations_) {
      StreamEvent& made = event(StreamEventKind::kBlockDelta, out);
      made.index = blocks_ - 1;
      made.delta = DeltaKind::kCitation;
      made.raw = std::move(citation);
    }
    citations_.clear();
    block_text_.clear();
  }
  if (open_ == Open::kThinking) {
    const std::string signature = trace_.seal(translation_);
    if (!signature.empty()) {
      delta(DeltaKind::kSignature, signature, out);
      bytes_shown_ -= signature.size();
    }
    trace_ = ReasoningTrace();
  }
  event(StreamEventKind::kBlockStop, out).index = blocks_ - 1;
  open_ = Open::kNone;
}

/// False when the call before it is broken.
bool Answer::open_thinking(Events& out) {
  if (open_ == Open::kThinking) return true;
  if (live_ != SIZE_MAX) close_call(calls_[live_], out);
  if (broken_) return false;
  close(out);
  Block block;
  block.kind = BlockKind::kThinking;
  open_block(std::move(block), Open::kThinking, out);
  return true;
}

void Answer::reasoning(std::string_view field, std::string_view text, Events& out) {
  if (over_ || text.empty()) return;
  // Where a field tells the reasoning, tags in the text are what they look like.
  if (field != kTags && !is_blank(text)) flush_tags(out);
  if (!translation_.thinking_wanted) {
    bytes_shown_ += text.size();
    return;
  }
  if (busy()) return;
  if (open_ != Open::kThinking) {
    blank_reasoning_ += text;
    if (is_blank(blank_reasoning_)) return;
    if (!open_thinking(out)) return;
    const std::string whole = std::exchange(blank_reasoning_, {});
    trace_.add_text(field, whole);
    if (!translation_.thinking_omitted) delta(DeltaKind::kThinking, whole, out);
    return;
  }
  trace_.add_text(field, text);
  if (translation_.thinking_omitted) {
    bytes_shown_ += text.size();
  } else {
    delta(DeltaKind::kThinking, text, out);
  }
}

void Answer::details(json::Value list, std::string_view json, bool with_text, Events& out) {
  if (over_ || list.size() == 0 || !translation_.thinking_wanted || busy()) return;
  if (with_text) reasoning("reasoning_details", details_text(list), out);
  if (open_ != Open::kThinking) {
    // What is encrypted has no text to open a block, and must go back all the same.
    const json::Elements all = list.elements();
    const bool encrypted = std::any_of(all.begin(), all.end(), [](json::Value detail) {
      return detail["type"].string_or("") == "reasoning.encrypted";
    });
    if (!encrypted || !open_thinking(out)) return;
  }
  trace_.add_details(list, json);
}

void Answer::text(std::string_view piece, Events& out) {
  if (over_ || piece.empty()) return;
  if (tags_.is_text()) {
    visible_text(piece, out);
    return;
  }
  std::string thought;
  std::string said;
  tags_.feed(piece, thought, said);
  if (!thought.empty()) reasoning(kTags, thought, out);
  if (!said.empty()) visible_text(said, out);
}

void Answer::flush_tags(Events& out) {
  if (tags_.is_text()) return;
  std::string thought;
  std::string said;
  tags_.flush(thought, said);
  if (!thought.empty()) reasoning(kTags, thought, out);
  if (!said.empty()) visible_text(said, out);
}

void Answer::visible_text(std::string_view piece, Events& out) {
  if (busy() || someone_waits()) {
    held_text_ += piece;
    return;
  }
  if (text_begun_) {
    shown_text(piece, out);
    return;
  }
  blank_text_ += piece;
  if (is_blank(blank_text_)) return;
  const std::string whole = std::exchange(blank_text_, {});
  if (live_ != SIZE_MAX) close_call(calls_[live_], out);
  if (broken_) return;
  close(out);
  text_begun_ = true;
  shown_text(whole, out);
}

/// Opens the block with the first text that can be shown: all of it may be a stop sequence.
void Answer::text_delta(std::string_view piece, Events& out) {
  if (open_ != Open::kText) open_block(Block(), Open::kText, out);
  delta(DeltaKind::kText, piece, out);
}

void Answer::shown_text(std::string_view piece, Events& out) {
  block_text_ += piece;
  if (!watch_.needed()) {
    text_delta(piece, out);
    return;
  }
  scratch_.clear();
  const bool hit = watch_.feed(piece, scratch_);
  if (!scratch_.empty()) text_delta(scratch_, out);
  if (!hit) return;
  stop_sequence_ = watch_.found();
  close(out);
  end_message(StopReason::kStopSequence, out);
}

void Answer::refusal(std::string_view piece, Events& out) {
  if (over_ || piece.empty()) return;
  refused_ = true;
  flush_tags(out);
  visible_text(piece, out);
}

void Answer::citation(json::Value annotation) {
  if (annotation["type"].string_or("") != "url_citation") return;
  constexpr size_t kCitationsMax = 1000;
  const json::Value nested = annotation["url_citation"];
  const json::Value told = nested.is_object() ? nested : annotation;
  if (told["url"].string_or("").empty() || citations_.size() >= kCitationsMax) return;
  const int64_t begin = told["start_index"].integer().value_or(0);
  const int64_t end = told["end_index"].integer().value_or(0);
  const std::string_view cited =
      end > begin && begin >= 0 ? slice(block_text_, begin, end) : told["content"].string_or("");
  std::string& raw = citations_.emplace_back();
  json::Writer writer(raw);
  writer.begin_object().member("type", "web_search_result_location");
  writer.member("url", told["url"].string_or(""));
  writer.member("title", told["title"].string_or(""));
  writer.member("cited_text", slice(cited, 0, kCitedCharactersMax));
  writer.member("encrypted_index", "").end_object();
}

void Answer::finish(std::string_view reason) {
  if (finish_.empty()) finish_ = reason;
}

StopReason Answer::stop_reason() const {
  for (const FinishName& row : kFinishes) {
    if (row.wire == finish_) return row.reason;
  }
  if (refused_) return StopReason::kRefusal;
  if (calls_shown_ > 0) return StopReason::kToolUse;
  return stop_sequence_.empty() ? StopReason::kEndTurn : StopReason::kStopSequence;
}

model::UsagePatch Answer::final_usage() const {
  if (usage_) return *usage_;
  constexpr uint64_t kBytesPerToken = 4;
  model::UsagePatch estimate;
  estimate.input = std::max<int64_t>(translation_.input_tokens_estimate, 1);
  estimate.cache_read = 0;
  estimate.cache_write = 0;
  estimate.output = static_cast<int64_t>(bytes_shown_ / kBytesPerToken) + 1;
  return estimate;
}

void Answer::end_message(StopReason reason, Events& out) {
  over_ = true;
  StreamEvent& made = event(StreamEventKind::kMessageDelta, out);
  made.stop_reason = reason;
  made.has_stop_sequence = reason == StopReason::kStopSequence;
  if (made.has_stop_sequence) made.stop_sequence = stop_sequence_;
  if (reason == StopReason::kRefusal && !filtered_.empty()) {
    json::Writer writer(made.stop_details);
    writer.begin_object().member("type", "refusal").key("category").null();
    writer.member("explanation", "Blocked by the upstream content filter (" + filtered_ + ").");
    writer.end_object();
  }
  made.usage = final_usage();
  event(StreamEventKind::kMessageStop, out);
}

Status Answer::end(bool told, Events& out) {
  if (broken_) return broken_call();
  if (over_) return Status();
  if (!started_) return invalid("the upstream's answer ended before it began");
  if (finish_.empty() && !told) return invalid("the upstream's answer ended in the middle");
  // A call that was cut off by no limit: nobody may run it.
  if (finish_.empty() && busy() && calls_[live_].arguments.begun()) {
    return invalid("the upstream's answer ended inside a tool call");
  }
  flush_tags(out);
  if (over_) return Status();
  ending_ = true;
  pump(out);
  if (live_ != SIZE_MAX && !broken_) close_call(calls_[live_], out);
  if (broken_) return broken_call();
  for (const Call& call : calls_) {
    if (call.state == CallState::kWaiting) {
      translation_.losses.add(model::LossKind::kDropped, "a tool call without a name");
    }
  }
  const std::string held = std::exchange(held_text_, {});
  calls_.clear();
  if (!held.empty()) visible_text(held, out);
  if (over_) return Status();
  close(out);
  end_message(stop_reason(), out);
  return Status();
}

}  // namespace tollgate::dialects::openai_chat
