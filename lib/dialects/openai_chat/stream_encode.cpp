#include "dialects/openai_chat/answer_encode.hpp"
#include "dialects/openai_chat/parts.hpp"
#include "dialects/openai_chat/usage.hpp"
#include "dialects/openai_errors.hpp"

namespace tollgate::dialects::openai_chat {
namespace {

using model::BlockKind;
using model::DeltaKind;
using model::StreamEvent;
using Kind = model::StreamEventKind;

constexpr std::string_view kDone = "data: [DONE]\n\n";

Status out_of_turn(std::string_view name) {
  return Status(Code::kInternal, "a translated stream has " + std::string(name) + " out of turn");
}

class Encoder final : public StreamEncoder {
 public:
  explicit Encoder(Translation& translation) : translation_(translation) {}
  Status on_event(const StreamEvent& event, std::string& out) override;

 private:
  void start(const StreamEvent& event, std::string& out);
  Status start_block(const StreamEvent& event, std::string& out);
  Status block_delta(const StreamEvent& event, std::string& out);
  void arguments(std::string_view piece, std::string& out);
  void stop_block(std::string& out);
  void finish(const StreamEvent& event, std::string& out);
  void stop(std::string& out);
  /// A chunk is its head, a delta and its tail; these two stand around the delta.
  json::Writer begin_delta(std::string& out);
  void end_delta(std::string& out, std::string_view finish_reason = {});
  void text_delta(std::string_view member, std::string_view piece, std::string& out);

  Translation& translation_;
  std::string head_;
  model::Usage usage_;
  model::Block block_;     ///< The open one; text is collected of reasoning only.
  std::string citations_;  ///< Of the open text block: raw elements.
  int64_t text_begin_ = 0;
  int64_t text_end_ = 0;
  uint32_t calls_ = 0;
  size_t details_ = 0;
  bool arguments_told_ = false;
  bool started_ = false;
  bool block_open_ = false;
  bool finished_ = false;
  bool stopped_ = false;
};

json::Writer Encoder::begin_delta(std::string& out) {
  out.append(head_).append(R"(,"choices":[{"index":0,"delta":)");
  json::Writer writer(out);
  writer.begin_object();
  return writer;
}

void Encoder::end_delta(std::string& out, std::string_view finish_reason) {
  out += R"(},"logprobs":null,"finish_reason":)";
  if (finish_reason.empty()) {
    out += "null";
  } else {
    out.append("\"").append(finish_reason).append("\"");
  }
  out += translation_.stream_usage ? "}],\"usage\":null}\n\n" : "}]}\n\n";
}

void Encoder::text_delta(std::string_view member, std::string_view piece, std::string& out) {
  if (piece.empty()) return;
  begin_delta(out).member(member, piece);
  end_delta(out);
}

void Encoder::start(const StreamEvent& event, std::string& out) {
  started_ = true;
  head_ = "data: ";
  json::Writer writer(head_);
  writer.begin_object();
  write_head("chat.completion.chunk", translation_.make_id("chatcmpl-"), event.model, translation_,
             writer);
  begin_delta(out).member("role", "assistant").member("content", "");
  end_delta(out);
}

Status Encoder::start_block(const StreamEvent& event, std::string& out) {
  if (block_open_ || finished_) return out_of_turn("a block's start");
  block_open_ = true;
  block_ = event.block;
  citations_.clear();
  if (!event.block.citations.empty() && event.block.citations.size() > 2) {
    citations_ = event.block.citations.substr(1, event.block.citations.size() - 2);
  }
  if (block_.kind == BlockKind::kText) {
    text_begin_ = text_end_;
    text_end_ += characters_in(block_.text);
    text_delta("content", block_.text, out);
  } else if (block_.kind == BlockKind::kThinking) {
    text_delta("reasoning_content", block_.text, out);
  } else if (block_.kind == BlockKind::kToolUse) {
    arguments_told_ = false;
    json::Writer writer = begin_delta(out);
    writer.key("tool_calls").begin_array().begin_object();
    writer.member("index", int64_t{calls_}).member("id", block_.id).member("type", "function");
    writer.key("function").begin_object().member("name", block_.name).member("arguments", "");
    writer.end_object().end_object().end_array();
    end_delta(out);
  }
  return Status();
}

void Encoder::arguments(std::string_view piece, std::string& out) {
  if (piece.empty() || block_.kind != BlockKind::kToolUse) return;
  arguments_told_ = true;
  json::Writer writer = begin_delta(out);
  writer.key("tool_calls").begin_array().begin_object().member("index", int64_t{calls_});
  writer.key("function").begin_object().member("arguments", piece);
  writer.end_object().end_object().end_array();
  end_delta(out);
}

Status Encoder::block_delta(const StreamEvent& event, std::string& out) {
  if (!block_open_) return out_of_turn("a delta");
  switch (event.delta) {
    case DeltaKind::kText:
      text_end_ += characters_in(event.text);
      text_delta("content", event.text, out);
      break;
    case DeltaKind::kThinking:
      block_.text += event.text;
      text_delta("reasoning_content", event.text, out);
      break;
    case DeltaKind::kSignature:
      block_.signature += event.text;
      break;
    case DeltaKind::kInputJson:
      arguments(event.text, out);
      break;
    case DeltaKind::kCitation:
      citations_.append(citations_.empty() ? "" : ",").append(event.raw);
      break;
    case DeltaKind::kOther:
      break;
  }
  return Status();
}

void Encoder::stop_block(std::string& out) {
  block_open_ = false;
  if (block_.kind == BlockKind::kToolUse) {
    // The placeholder of a block's start is told only when nothing else was.
    if (!arguments_told_) arguments(block_.input.empty() ? "{}" : std::string(block_.input), out);
    ++calls_;
    return;
  }
  const bool carries = block_.kind == BlockKind::kRedactedThinking ||
                       (block_.kind == BlockKind::kThinking && !block_.signature.empty());
  if (carries) {
    json::Writer writer = begin_delta(out);
    writer.key("reasoning_details").begin_array();
    write_detail(block_, details_++, writer);
    writer.end_array();
    end_delta(out);
  }
  if (citations_.empty()) return;
  std::string annotations;
  json::Writer list(annotations);
  list.begin_array();
  const size_t found = write_annotations("[" + citations_ + "]", text_begin_, text_end_, list);
  list.end_array();
  if (found == 0) return;
  begin_delta(out).raw_member("annotations", annotations);
  end_delta(out);
}

void Encoder::finish(const StreamEvent& event, std::string& out) {
  model::merge(usage_, event.usage);
  if (event.stop_reason == model::StopReason::kUnset || finished_) return;
  finished_ = true;
  begin_delta(out);
  end_delta(out, finish_name(event.stop_reason));
}

void Encoder::stop(std::string& out) {
  stopped_ = true;
  if (translation_.stream_usage) {
    if (usage_.tokens.prompt() == 0) usage_.tokens.input = translation_.input_tokens_estimate;
    out.append(head_).append(R"(,"choices":[],"usage":)");
    json::Writer writer(out);
    write_usage(usage_, writer);
    out += "}\n\n";
  }
  out += kDone;
}

Status Encoder::on_event(const StreamEvent& event, std::string& out) {
  switch (event.kind) {
    case Kind::kPing:
      out += ": ping\n\n";
      return Status();
    case Kind::kOther:
      return Status();
    case Kind::kError:
      if (stopped_) return Status();
      stopped_ = true;
      out += "data: ";
      encode_openai_error(event.failure, out);
      out.append("\n\n").append(kDone);
      return Status();
    default:
      break;
  }
  if (stopped_) return out_of_turn("an event behind its end");
  if (event.kind == Kind::kMessageStart) {
    model::merge(usage_, event.usage);
    if (!started_) start(event, out);
    return Status();
  }
  if (!started_) return out_of_turn("an event before its start");
  switch (event.kind) {
    case Kind::kBlockStart:
      return start_block(event, out);
    case Kind::kBlockDelta:
      return block_delta(event, out);
    case Kind::kBlockStop:
      if (!block_open_) return out_of_turn("a block's stop");
      stop_block(out);
      return Status();
    case Kind::kMessageDelta:
      finish(event, out);
      return Status();
    default:
      // Without a finish the answer would look whole and is not.
      if (!finished_ || block_open_) return out_of_turn("its stop");
      stop(out);
      return Status();
  }
}

}  // namespace

std::unique_ptr<StreamEncoder> make_stream_encoder(Translation& translation) {
  return std::make_unique<Encoder>(translation);
}

}  // namespace tollgate::dialects::openai_chat
