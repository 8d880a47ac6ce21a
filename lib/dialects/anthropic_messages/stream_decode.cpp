#include <utility>

#include "dialects/anthropic_messages/answer_splice.hpp"
#include "dialects/anthropic_messages/blocks.hpp"
#include "dialects/anthropic_messages/names.hpp"
#include "dialects/anthropic_messages/parts.hpp"
#include "dialects/anthropic_messages/usage_rest.hpp"
#include "json/walk.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

using model::StreamEvent;
using Kind = model::StreamEventKind;

template <typename T>
void fill(std::optional<T>& to, const std::optional<T>& from) {
  if (!to) to = from;
}

/// Completes a patch by what another said before it.
void fill_usage(model::UsagePatch& to, const model::UsagePatch& from) {
  fill(to.input, from.input);
  fill(to.cache_read, from.cache_read);
  fill(to.cache_write, from.cache_write);
  fill(to.cache_write_5m, from.cache_write_5m);
  fill(to.cache_write_1h, from.cache_write_1h);
  fill(to.output, from.output);
  fill(to.reasoning, from.reasoning);
  fill(to.web_searches, from.web_searches);
  fill(to.web_fetches, from.web_fetches);
  fill(to.fast, from.fast);
  fill(to.service_tier, from.service_tier);
  fill(to.inference_geo, from.inference_geo);
  fill(to.iterations, from.iterations);
}

Status wrong(std::string_view what) {
  return invalid("the upstream's stream holds " + std::string(what));
}

class Decoder final : public StreamDecoder {
 public:
  Status on_event(std::string_view name, std::string_view data,
                  std::vector<StreamEvent>& out) override;
  Status on_end(std::vector<StreamEvent>& out) override;

 private:
  Status decode(json::Value root, std::string_view text, StreamEvent& event);
  Status decode_start(json::Value root, std::string_view text, StreamEvent& event);
  Status decode_block_start(json::Value root, std::string_view text, StreamEvent& event);
  Status decode_delta(json::Value root, std::string_view text, StreamEvent& event);
  Status decode_end(json::Value root, std::string_view text, StreamEvent& event);
  Status take_index(json::Value root, StreamEvent& event) const;

  json::Document document_;
  bool started_ = false;
  bool block_open_ = false;
  bool ended_ = false;
  bool failed_ = false;
  bool stopped_ = false;
  uint32_t blocks_ = 0;
  model::UsagePatch second_start_;  ///< Usage of a repeated start, for the next message_delta.
};

Status Decoder::on_event(std::string_view name, std::string_view data,
                         std::vector<StreamEvent>& out) {
  if (stopped_ || failed_ || data.empty() || data == "[DONE]" || name == "ping") {
    if (name == "ping") out.emplace_back();
    return Status();
  }
  const Result<json::Value> parsed = document_.parse(data);
  if (!parsed.ok() || !parsed.value().is_object()) return wrong("data that is no JSON object");
  const json::Value root = parsed.value();
  StreamEvent event;
  event.kind = event_kind(name.empty() ? root["type"].string_or("") : name);
  if (event.kind == Kind::kMessageStart && started_) {
    fill_usage(second_start_, read_usage(root["message"]["usage"]));
    return Status();
  }
  if (event.kind == Kind::kOther) {
    event.text = name.empty() ? root["type"].string_or("") : name;
    event.raw = data;
  }
  Status status = decode(root, data, event);
  if (status.ok()) out.push_back(std::move(event));
  return status;
}

Status Decoder::on_end(std::vector<StreamEvent>&) {
  if (stopped_ || failed_) return Status();
  if (!started_) return invalid("the upstream's stream ended before it began");
  return invalid("the upstream's stream ended in the middle");
}

Status Decoder::decode(json::Value root, std::string_view text, StreamEvent& event) {
  switch (event.kind) {
    case Kind::kPing:
    case Kind::kOther:
      return Status();
    case Kind::kError:
      failed_ = true;
      event.failure = read_error(root["error"], 0);
      return Status();
    case Kind::kMessageStart:
      return decode_start(root, text, event);
    default:
      break;
  }
  if (!started_) return wrong("an event before message_start");
  switch (event.kind) {
    case Kind::kBlockStart:
      return decode_block_start(root, text, event);
    case Kind::kBlockDelta:
      return decode_delta(root, text, event);
    case Kind::kBlockStop: {
      Status status = take_index(root, event);
      block_open_ = false;
      return status;
    }
    case Kind::kMessageDelta:
      return decode_end(root, text, event);
    default:
      if (block_open_ || !ended_) return wrong("a message_stop in the middle");
      stopped_ = true;
      return Status();
  }
}

Status Decoder::decode_start(json::Value root, std::string_view text, StreamEvent& event) {
  if (!root["message"].is_object()) return wrong("a message_start without a message");
  started_ = true;
  for (json::MemberWalk outer(root, text); outer.next();) {
    if (outer.key() != "message") continue;
    for (json::MemberWalk walk(outer.value(), outer.text()); walk.next();) {
      const std::string_view key = walk.key();
      const json::Value value = walk.value();
      if (key == "id" && value.is_string()) {
        event.id = value.string_or("");
      } else if (key == "model" && value.is_string()) {
        event.model = value.string_or("");
      } else if (key == "stop_details") {
        event.stop_details = walk.text();
      } else if (key == "usage" && value.is_object()) {
        event.usage = read_usage_whole(value, walk.text());
        event.usage_rest = usage_rest(value, walk.text(), event.usage);
      } else if (!is_message_member(key)) {
        json::append_member(event.rest, walk.whole());
      }
    }
  }
  return Status();
}

Status Decoder::decode_block_start(json::Value root, std::string_view text, StreamEvent& event) {
  if (block_open_ || ended_) return wrong("a content_block_start out of turn");
  if (root["index"].integer() != static_cast<int64_t>(blocks_)) {
    return wrong("a content block whose index is out of turn");
  }
  event.index = blocks_++;
  block_open_ = true;
  Status status = wrong("a content_block_start without a block");
  for (json::MemberWalk walk(root, text); walk.next();) {
    if (walk.key() == "content_block") {
      event.block = model::Block();
      status = decode_block(walk.value(), walk.text(), event.block);
    } else if (walk.key() != "type" && walk.key() != "index") {
      json::append_member(event.rest, walk.whole());
    }
  }
  if (status.ok() || status.path().empty()) return status;
  return wrong("a content block that is not whole: " + status.path() + ": " + status.message());
}

Status Decoder::take_index(json::Value root, StreamEvent& event) const {
  if (!block_open_ || root["index"].integer() != static_cast<int64_t>(blocks_) - 1) {
    return wrong("an event of a content block that is not open");
  }
  event.index = blocks_ - 1;
  return Status();
}

/// The row of a delta that is as we know it; nullptr for any other.
const DeltaName* known_delta(json::Value delta) {
  const std::string_view type = delta["type"].string_or("");
  for (const DeltaName& row : kDeltas) {
    if (row.type != type) continue;
    const bool whole = row.kind == model::DeltaKind::kCitation ? delta[row.member].exists()
                                                               : delta[row.member].is_string();
    return whole ? &row : nullptr;
  }
  return nullptr;
}

Status Decoder::decode_delta(json::Value root, std::string_view text, StreamEvent& event) {
  Status status = take_index(root, event);
  if (!status.ok()) return status;
  if (!root["delta"].is_object()) return wrong("a content_block_delta without a delta");
  const DeltaName* known = known_delta(root["delta"]);
  event.delta = known == nullptr ? model::DeltaKind::kOther : known->kind;
  for (json::MemberWalk outer(root, text); outer.next();) {
    if (outer.key() == "type" || outer.key() == "index") continue;
    if (outer.key() != "delta") {
      json::append_member(event.rest, outer.whole());
    } else if (known == nullptr) {
      event.raw = outer.text();
    } else {
      for (json::MemberWalk walk(outer.value(), outer.text()); walk.next();) {
        if (walk.key() == "type") continue;
        if (walk.key() != known->member) {
          json::append_member(event.delta_rest, walk.whole());
        } else if (known->kind == model::DeltaKind::kCitation) {
          event.raw = walk.text();
        } else {
          event.text = walk.value().string_or("");
        }
      }
    }
  }
  return Status();
}

void take_end_delta(json::Value delta, std::string_view text, StreamEvent& event) {
  for (json::MemberWalk walk(delta, text); walk.next();) {
    const std::string_view key = walk.key();
    if (key == "stop_reason") {
      read_stop_reason(walk.value(), event.stop_reason, event.stop_reason_name);
    } else if (key == "stop_sequence") {
      event.has_stop_sequence = walk.value().is_string();
      event.stop_sequence = walk.value().string_or("");
    } else if (key == "stop_details") {
      event.stop_details = walk.text();
    } else if (!is_message_member(key)) {
      json::append_member(event.delta_rest, walk.whole());
    }
  }
}

Status Decoder::decode_end(json::Value root, std::string_view text, StreamEvent& event) {
  if (block_open_) return wrong("a message_delta inside a content block");
  ended_ = true;
  for (json::MemberWalk walk(root, text); walk.next();) {
    if (walk.key() == "delta") {
      take_end_delta(walk.value(), walk.text(), event);
    } else if (walk.key() == "usage") {
      event.usage = read_usage_whole(walk.value(), walk.text());
      event.usage_rest = usage_rest(walk.value(), walk.text(), event.usage);
    } else if (!is_message_member(walk.key())) {
      json::append_member(event.rest, walk.whole());
    }
  }
  fill_usage(event.usage, std::exchange(second_start_, {}));
  return Status();
}

}  // namespace

std::unique_ptr<StreamDecoder> make_stream_decoder() {
  return std::make_unique<Decoder>();
}

}  // namespace tollgate::dialects::anthropic_messages
