#include <array>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "dialects/carriage.hpp"
#include "exchange/answer_notes.hpp"
#include "exchange/road.hpp"
#include "model/stream_unfold.hpp"

namespace tollgate::exchange {
namespace {

struct StopName {
  model::StopReason reason;
  std::string_view name;
};

constexpr std::array<StopName, 8> kStopNames = {{
    {model::StopReason::kEndTurn, "end_turn"},
    {model::StopReason::kMaxTokens, "max_tokens"},
    {model::StopReason::kStopSequence, "stop_sequence"},
    {model::StopReason::kToolUse, "tool_use"},
    {model::StopReason::kPauseTurn, "pause_turn"},
    {model::StopReason::kCompaction, "compaction"},
    {model::StopReason::kRefusal, "refusal"},
    {model::StopReason::kContextWindow, "model_context_window_exceeded"},
}};

std::string foreign_mark(const dialects::Translation& translation) {
  return dialects::seal_carriage({translation.target, translation.credential_tag, "x", {}});
}

/// Thinking that nobody signed gets a mark of ours, by which it is known for foreign when the
/// conversation moves to an upstream that checks signatures.
void mark_thinking(model::Response& response, const dialects::Translation& translation) {
  for (model::Block& block : response.content) {
    if (block.kind == model::BlockKind::kThinking && block.signature.empty()) {
      block.signature = foreign_mark(translation);
    }
  }
}

class TranslationRoad final : public StreamRoad {
 public:
  TranslationRoad(FrameReader frames, const dialects::Dialect& upstream,
                  const dialects::Dialect& client, dialects::Translation& translation)
      : translation_(translation),
        frames_(std::move(frames)),
        decoder_(upstream.new_stream_decoder(translation)),
        encoder_(client.new_stream_encoder(translation)) {}

  Status feed(std::string_view bytes, std::string& out) override {
    Status inner;
    const Status framing = frames_.feed(bytes, [&](std::string_view name, std::string_view data) {
      if (!inner.ok()) return;
      events_.clear();
      inner = decoder_->on_event(name, data, events_);
      if (const Status written = write_events(out); inner.ok()) inner = written;
    });
    return inner.ok() ? framing : inner;
  }

  Status finish(std::string& out) override {
    if (notes_.complete) return Status();
    events_.clear();
    const Status ended = decoder_->on_end(events_);
    const Status written = write_events(out);
    return ended.ok() ? written : ended;
  }

  bool tell(const model::StreamEvent& event, std::string& out) override {
    return encoder_->on_event(event, out).ok();
  }
  bool end_early(int64_t output_tokens, std::string& out) override {
    events_.clear();
    if (block_open_) {
      events_.emplace_back();
      events_.back().kind = model::StreamEventKind::kBlockStop;
      events_.back().index = block_;
    }
    model::StreamEvent& delta = events_.emplace_back();
    delta.kind = model::StreamEventKind::kMessageDelta;
    delta.stop_reason = model::StopReason::kMaxTokens;
    delta.usage.output = output_tokens;
    events_.emplace_back().kind = model::StreamEventKind::kMessageStop;
    return write_events(out).ok();
  }
  // Only whole events are ever written on this road.
  void close_partial_event(std::string& /*out*/) override {}
  bool content_begun() const override { return notes_.content_begun; }
  bool complete() const override { return notes_.complete; }
  bool empty() const override { return notes_.empty(); }
  bool between_events() const override { return true; }
  const std::optional<model::Failure>& failure() const override { return notes_.failure; }
  bool passes_failures() const override { return false; }
  const model::Usage& usage() const override { return notes_.usage; }
  bool usage_known() const override { return notes_.usage_known; }
  std::string_view stop_reason() const override { return notes_.stop_reason; }
  std::string_view upstream_model() const override { return notes_.upstream_model; }

 private:
  /// mark_thinking() in the middle of a stream.
  Status mark_block(const model::StreamEvent& event, std::string& out) {
    if (event.kind == model::StreamEventKind::kBlockStart) {
      thinking_open_ = event.block.kind == model::BlockKind::kThinking;
      signed_ = !event.block.signature.empty();
    } else if (event.kind == model::StreamEventKind::kBlockDelta) {
      signed_ = signed_ || (event.delta == model::DeltaKind::kSignature && !event.text.empty());
    } else if (event.kind == model::StreamEventKind::kBlockStop && thinking_open_) {
      thinking_open_ = false;
      if (signed_) return Status();
      model::StreamEvent mark;
      mark.kind = model::StreamEventKind::kBlockDelta;
      mark.index = event.index;
      mark.delta = model::DeltaKind::kSignature;
      mark.text = foreign_mark(translation_);
      return encoder_->on_event(mark, out);
    }
    return Status();
  }

  Status write_events(std::string& out) {
    for (const model::StreamEvent& event : events_) {
      notes_.note(event);
      if (event.kind == model::StreamEventKind::kBlockStart) block_ = event.index;
      if (event.kind == model::StreamEventKind::kBlockStart) block_open_ = true;
      if (event.kind == model::StreamEventKind::kBlockStop) block_open_ = false;
      if (Status status = mark_block(event, out); !status.ok()) return status;
      if (event.kind == model::StreamEventKind::kError) continue;  // The exchange answers those.
      if (Status status = encoder_->on_event(event, out); !status.ok()) return status;
    }
    return Status();
  }

  const dialects::Translation& translation_;
  FrameReader frames_;
  std::unique_ptr<dialects::StreamDecoder> decoder_;
  std::unique_ptr<dialects::StreamEncoder> encoder_;
  std::vector<model::StreamEvent> events_;
  AnswerNotes notes_;
  uint32_t block_ = 0;
  bool block_open_ = false;
  bool thinking_open_ = false;
  bool signed_ = false;
};

/// Takes an answer whole and tells the client of it as a stream.
class WholeRoad final : public StreamRoad {
 public:
  WholeRoad(const dialects::Dialect& upstream, const dialects::Dialect& client,
            dialects::Translation& translation)
      : upstream_(upstream),
        translation_(translation),
        encoder_(client.new_stream_encoder(translation)) {}

  Status feed(std::string_view bytes, std::string& /*out*/) override {
    if (body_.size() + bytes.size() > limits::kAnswerBytesMax) {
      return Status(Code::kLimit, "the answer is too large");
    }
    body_.append(bytes);
    return Status();
  }

  Status finish(std::string& out) override {
    if (notes_.complete) return Status();
    Result<model::Response> response = upstream_.decode_response(body_, translation_);
    if (!response.ok()) return response.status();
    mark_thinking(response.value(), translation_);
    std::vector<model::StreamEvent> events;
    model::unfold(response.value(), events);
    for (const model::StreamEvent& event : events) {
      notes_.note(event);
      if (Status status = encoder_->on_event(event, out); !status.ok()) return status;
    }
    return Status();
  }

  bool tell(const model::StreamEvent& event, std::string& out) override {
    return encoder_->on_event(event, out).ok();
  }
  void close_partial_event(std::string& /*out*/) override {}
  bool content_begun() const override { return notes_.content_begun; }
  bool complete() const override { return notes_.complete; }
  bool empty() const override { return notes_.empty(); }
  bool between_events() const override { return true; }
  const std::optional<model::Failure>& failure() const override { return notes_.failure; }
  bool passes_failures() const override { return false; }
  const model::Usage& usage() const override { return notes_.usage; }
  bool usage_known() const override { return notes_.usage_known; }
  std::string_view stop_reason() const override { return notes_.stop_reason; }
  std::string_view upstream_model() const override { return notes_.upstream_model; }

 private:
  const dialects::Dialect& upstream_;
  dialects::Translation& translation_;
  std::unique_ptr<dialects::StreamEncoder> encoder_;
  std::string body_;
  AnswerNotes notes_;
};

}  // namespace

bool StreamRoad::tell(const model::StreamEvent& /*event*/, std::string& /*out*/) {
  return false;
}

bool StreamRoad::end_early(int64_t /*output_tokens*/, std::string& /*out*/) {
  return false;
}

std::string stop_reason_name(model::StopReason reason, std::string_view other) {
  for (const StopName& row : kStopNames) {
    if (row.reason == reason) return std::string(row.name);
  }
  return std::string(other);
}

std::unique_ptr<StreamRoad> make_translation_road(FrameReader frames,
                                                  const dialects::Dialect& upstream,
                                                  const dialects::Dialect& client,
                                                  dialects::Translation& translation) {
  return std::make_unique<TranslationRoad>(std::move(frames), upstream, client, translation);
}

std::unique_ptr<StreamRoad> make_whole_road(const dialects::Dialect& upstream,
                                            const dialects::Dialect& client,
                                            dialects::Translation& translation) {
  return std::make_unique<WholeRoad>(upstream, client, translation);
}

Result<WholeAnswer> translate_whole(const dialects::Dialect& upstream,
                                    const dialects::Dialect& client,
                                    dialects::Translation& translation, std::string& body) {
  Result<model::Response> response = upstream.decode_response(body, translation);
  if (!response.ok()) return response.status();
  mark_thinking(response.value(), translation);
  std::string out;
  if (Status status = client.encode_response(response.value(), translation, out); !status.ok()) {
    return status;
  }
  body = std::move(out);
  model::Response& told = response.value();
  const bool empty = told.content.empty() && told.stop_reason == model::StopReason::kEndTurn;
  return WholeAnswer{std::move(told.usage),
                     stop_reason_name(told.stop_reason, told.stop_reason_name),
                     std::move(told.model), empty};
}

}  // namespace tollgate::exchange
