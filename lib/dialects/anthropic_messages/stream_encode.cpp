#include "dialects/anthropic_messages/blocks.hpp"
#include "dialects/anthropic_messages/names.hpp"
#include "dialects/anthropic_messages/parts.hpp"
#include "json/walk.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

using model::StreamEvent;
using Kind = model::StreamEventKind;

/// Writes one event: name line, data line, blank line. JSON has no raw line ends, save in raw text.
class EventText {
 public:
  EventText(std::string& out, std::string_view name) : out_(out), writer_(out) {
    out_.append("event: ").append(name).append("\ndata: ");
    data_at_ = out_.size();
    writer_.begin_object().member("type", name);
  }
  json::Writer& writer() { return writer_; }
  void end() {
    writer_.end_object();
    // Raw members may have been spread over lines; a line end between tokens is white space.
    for (size_t at = data_at_; at < out_.size(); ++at) {
      if (out_[at] == '\n' || out_[at] == '\r') out_[at] = ' ';
    }
    out_.append("\n\n");
  }

 private:
  std::string& out_;
  json::Writer writer_;
  size_t data_at_ = 0;
};

class Encoder final : public StreamEncoder {
 public:
  explicit Encoder(Translation& translation) : translation_(translation) {}
  Status on_event(const StreamEvent& event, std::string& out) override;

 private:
  void start(const StreamEvent& event, std::string& out);
  Status start_block(const StreamEvent& event, std::string& out);
  Status delta(const StreamEvent& event, std::string& out);
  void stop_block(std::string& out);
  void end(const StreamEvent& event, std::string& out);

  Translation& translation_;
  model::Usage usage_;
  bool started_ = false;
  bool block_open_ = false;
  bool ended_ = false;
  bool stopped_ = false;
  uint32_t index_ = 0;
};

Status out_of_turn(std::string_view name) {
  return Status(Code::kInternal, "a translated stream has " + std::string(name) + " out of turn");
}

Status Encoder::on_event(const StreamEvent& event, std::string& out) {
  switch (event.kind) {
    case Kind::kPing:
      out.append("event: ping\ndata: {\"type\": \"ping\"}\n\n");
      return Status();
    case Kind::kOther: {
      std::string data = event.raw;
      for (char& c : data) {
        if (c == '\n' || c == '\r') c = ' ';
      }
      if (event.text.find_first_of("\r\n") != std::string::npos) return Status();
      out.append("event: ").append(event.text).append("\ndata: ").append(data).append("\n\n");
      return Status();
    }
    case Kind::kError:
      stopped_ = true;
      out.append("event: error\ndata: ");
      encode_error(event.failure, {}, out);
      out.append("\n\n");
      return Status();
    default:
      break;
  }
  if (stopped_) return out_of_turn("an event behind its end");
  if (event.kind == Kind::kMessageStart) {
    model::merge(usage_, event.usage);
    // A second start says nothing but its usage, which the end will tell.
    if (!started_) start(event, out);
    return Status();
  }
  if (!started_) return out_of_turn("an event before its start");
  switch (event.kind) {
    case Kind::kBlockStart:
      return start_block(event, out);
    case Kind::kBlockDelta:
      return delta(event, out);
    case Kind::kBlockStop:
      if (!block_open_) return out_of_turn("a block's stop");
      stop_block(out);
      return Status();
    case Kind::kMessageDelta:
      end(event, out);
      return Status();
    default:
      // Without a message_delta nothing says how the answer ended: it would look whole and is not.
      if (!ended_ || block_open_) return out_of_turn("its stop");
      stopped_ = true;
      EventText text(out, "message_stop");
      text.end();
      return Status();
  }
}

void Encoder::start(const StreamEvent& event, std::string& out) {
  started_ = true;
  EventText text(out, "message_start");
  json::Writer& writer = text.writer();
  writer.key("message").begin_object();
  writer.member("id", event.id.empty() ? translation_.make_id("msg_") : event.id);
  writer.member("type", "message").member("role", "assistant");
  writer.member("model",
                translation_.requested_model.empty() ? event.model : translation_.requested_model);
  writer.key("content").begin_array().end_array();
  writer.key("stop_reason").null().key("stop_sequence").null();
  if (!event.stop_details.empty()) writer.raw_member("stop_details", event.stop_details);
  model::UsagePatch usage = event.usage;
  usage.input = told_input(usage_, translation_);
  if (usage.output.value_or(0) <= 0) usage.output = 1;
  encode_usage(usage, event.usage_rest, writer.key("usage"));
  writer.raw_members(event.rest).end_object();
  text.end();
}

/// Clients take a tool's input from deltas only, so a start that brings it whole is taken apart.
bool has_whole_input(const model::Block& block) {
  const bool tool =
      block.kind == model::BlockKind::kToolUse || block.kind == model::BlockKind::kServerToolUse;
  return tool && !block.input.empty() && block.input != "{}";
}

Status Encoder::start_block(const StreamEvent& event, std::string& out) {
  if (block_open_ || ended_) return out_of_turn("a block's start");
  block_open_ = true;
  const bool whole_input = has_whole_input(event.block);
  EventText text(out, "content_block_start");
  text.writer().member("index", static_cast<int64_t>(index_)).key("content_block");
  if (whole_input) {
    model::Block bare = event.block;
    bare.input.clear();
    encode_block(bare, text.writer());
  } else {
    encode_block(event.block, text.writer());
  }
  text.writer().raw_members(event.rest);
  text.end();
  if (!whole_input) return Status();
  StreamEvent input;
  input.kind = Kind::kBlockDelta;
  input.delta = model::DeltaKind::kInputJson;
  input.text = event.block.input;
  return delta(input, out);
}

Status Encoder::delta(const StreamEvent& event, std::string& out) {
  if (!block_open_) return out_of_turn("a delta");
  EventText text(out, "content_block_delta");
  json::Writer& writer = text.writer();
  writer.member("index", static_cast<int64_t>(index_)).key("delta");
  if (event.delta == model::DeltaKind::kOther) {
    writer.raw(event.raw);
  } else {
    const DeltaName& row = *find_delta(event.delta);
    writer.begin_object().member("type", row.type).key(row.member);
    if (event.delta == model::DeltaKind::kCitation) {
      writer.raw(event.raw);
    } else {
      writer.string(event.text);
    }
    writer.raw_members(event.delta_rest).end_object();
  }
  writer.raw_members(event.rest);
  text.end();
  return Status();
}

void Encoder::stop_block(std::string& out) {
  block_open_ = false;
  EventText text(out, "content_block_stop");
  text.writer().member("index", static_cast<int64_t>(index_++));
  text.end();
}

void Encoder::end(const StreamEvent& event, std::string& out) {
  // A block without its stop is lost at the client.
  if (block_open_) stop_block(out);
  ended_ = true;
  model::merge(usage_, event.usage);
  EventText text(out, "message_delta");
  json::Writer& writer = text.writer();
  writer.key("delta").begin_object();
  encode_stop_reason(event.stop_reason, event.stop_reason_name, writer.key("stop_reason"));
  writer.key("stop_sequence");
  if (event.has_stop_sequence) {
    writer.string(event.stop_sequence);
  } else {
    writer.null();
  }
  if (!event.stop_details.empty()) writer.raw_member("stop_details", event.stop_details);
  writer.raw_members(event.delta_rest).end_object();
  // Cumulative and whole, whatever the upstream told when.
  model::UsagePatch usage = event.usage;
  const model::UsagePatch all = patch_of(usage_);
  usage.input = told_input(usage_, translation_);
  usage.output = all.output;
  usage.cache_read = all.cache_read;
  usage.cache_write = all.cache_write;
  encode_usage(usage, event.usage_rest, writer.key("usage"));
  writer.raw_members(event.rest);
  text.end();
}

}  // namespace

std::unique_ptr<StreamEncoder> make_stream_encoder(Translation& translation) {
  return std::make_unique<Encoder>(translation);
}

}  // namespace tollgate::dialects::anthropic_messages
