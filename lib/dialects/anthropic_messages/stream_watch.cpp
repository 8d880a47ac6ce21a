#include "dialects/anthropic_messages/stream_watch.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/limits.hpp"
#include "dialects/anthropic_messages/answer_splice.hpp"
#include "dialects/anthropic_messages/names.hpp"
#include "json/splice.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

using Kind = model::StreamEventKind;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kDone = "[DONE]";
constexpr size_t kCollectedBytesMax = 256 * 1024;
constexpr size_t kHeldBytesMax = limits::kHoldBytesMax;

constexpr const char* kNoField = "a line that is no field of an event stream";
constexpr const char* kNoObject = "data that is no JSON object";
constexpr const char* kNoStart = "an event before message_start";

bool is_space(char c) {
  return c == ' ' || c == '\t';
}
bool is_line_end(char c) {
  return c == '\n' || c == '\r';
}

}  // namespace

/// The bytes being fed: what was looked at, and what of it has gone out.
struct StreamWatch::Chunk {
  std::string_view bytes;
  std::string& out;
  size_t at = 0;
  size_t sent = 0;
  // Line ends found ahead of `at`, kept so that a chunk is searched once for each of the two.
  size_t line_feed = 0;
  size_t carriage_return = 0;
  bool searched = false;

  bool done() const { return at == bytes.size(); }
  char byte() const { return bytes[at]; }
  bool follows(std::string_view text) const { return bytes.substr(at).starts_with(text); }

  size_t find(char c) const {
    const void* found = std::memchr(bytes.data() + at, c, bytes.size() - at);
    if (found == nullptr) return bytes.size();
    return static_cast<size_t>(static_cast<const char*>(found) - bytes.data());
  }

  /// The place of the next line end, or the chunk's end.
  size_t line_end() {
    if (!searched || line_feed < at) line_feed = find('\n');
    if (!searched || carriage_return < at) carriage_return = find('\r');
    searched = true;
    return std::min(line_feed, carriage_return);
  }
};

StreamWatch::StreamWatch(std::string client_model) : client_model_(std::move(client_model)) {}

bool StreamWatch::between_events() const {
  // Before message_start only whole events and comments go out.
  return !started_ || (!mid_line() && !has_fields_);
}

/// True when bytes of an unfinished line have gone out.
bool StreamWatch::mid_line() const {
  return place_ != Place::kLineStart && !(place_ == Place::kField && field_size_ == 0);
}

/// Events whose data is read; without a name only the data tells which event it is.
bool StreamWatch::reads_data() const {
  return !has_name_ || kind_ == Kind::kMessageStart || kind_ == Kind::kMessageDelta ||
         kind_ == Kind::kMessageStop || kind_ == Kind::kError;
}

/// Clients parse the data of the events they know; what an unknown event carries is its own affair.
bool StreamWatch::strict() const {
  return !has_name_ || (kind_ != Kind::kOther && kind_ != Kind::kPing);
}

void StreamWatch::forward(Chunk& chunk) {
  if (!swallowed_) {
    std::string& to = started_ ? chunk.out : held_;
    to.append(chunk.bytes.data() + chunk.sent, chunk.at - chunk.sent);
  }
  chunk.sent = chunk.at;
}

void StreamWatch::release_held(std::string& out) {
  out.append(held_);
  held_.clear();
}

Status StreamWatch::feed(std::string_view bytes, std::string& out) {
  if (spent_) {
    if (complete_) return Status();
    return Status(Code::kState, "the stream failed already");
  }
  Chunk chunk{.bytes = bytes, .out = out};
  const char* fault = nullptr;
  while (fault == nullptr && !chunk.done()) {
    switch (place_) {
      case Place::kLineStart:
        fault = step_line_start(chunk);
        break;
      case Place::kField:
        fault = step_field(chunk);
        break;
      case Place::kAfterColon:
        if (chunk.byte() == ' ') ++chunk.at;
        place_ = Place::kValue;
        enter_value(chunk);
        break;
      case Place::kValue:
        fault = step_value(chunk);
        break;
    }
  }
  forward(chunk);
  if (fault == nullptr && held_.size() > kHeldBytesMax) fault = "a start larger than 64 KB";
  if (fault == nullptr) return Status();
  spent_ = true;
  if (complete_) {
    close_partial_event(out);
    return Status();
  }
  return invalid(std::string("the upstream's stream holds ") + fault);
}

/// After the line end under the cursor has been judged: lets it through.
void StreamWatch::end_bytes(Chunk& chunk) {
  after_cr_ = chunk.byte() == '\r';
  ++chunk.at;
  place_ = Place::kLineStart;
}

const char* StreamWatch::step_line_start(Chunk& chunk) {
  const char c = chunk.byte();
  if (at_start_) {
    if (c == kByteOrderMark[mark_size_]) {
      // The mark is not sent on: a ping of ours may have gone out before it.
      ++chunk.at;
      chunk.sent = chunk.at;
      if (++mark_size_ == kByteOrderMark.size()) at_start_ = false;
      return nullptr;
    }
    if (mark_size_ != 0) return kNoField;
    at_start_ = false;
  }
  if (after_cr_) {
    after_cr_ = false;
    if (c == '\n') {
      ++chunk.at;
      return nullptr;
    }
  }
  if (is_line_end(c)) return end_event(chunk);
  if (chunk.follows("data:")) {
    chunk.at += 5;
    return enter_line(Line::kData);
  }
  if (chunk.follows("event:")) {
    chunk.at += 6;
    return enter_line(Line::kEvent);
  }
  field_size_ = 0;
  place_ = Place::kField;
  return nullptr;
}

const char* StreamWatch::step_field(Chunk& chunk) {
  struct Field {
    std::string_view name;
    Line line;
  };
  static constexpr Field kFields[] = {{"data", Line::kData},
                                      {"event", Line::kEvent},
                                      {"id", Line::kIgnored},
                                      {"retry", Line::kIgnored},
                                      {"", Line::kComment}};
  const char c = chunk.byte();
  const std::string_view field(field_, field_size_);
  if (c == ':' || is_line_end(c)) {
    for (const Field& row : kFields) {
      if (row.name != field) continue;
      if (c == ':') ++chunk.at;
      return enter_line(row.line);
    }
    return kNoField;
  }
  for (const Field& row : kFields) {
    if (row.name.size() > field.size() && row.name.starts_with(field) &&
        row.name[field.size()] == c) {
      field_[field_size_++] = c;
      ++chunk.at;
      return nullptr;
    }
  }
  return kNoField;
}

const char* StreamWatch::enter_line(Line line) {
  line_ = line;
  place_ = Place::kAfterColon;
  if (line == Line::kComment) return nullptr;
  has_fields_ = true;
  if (line == Line::kEvent) {
    name_size_ = 0;
  } else if (line == Line::kData) {
    if (has_data_) {
      if (reads_data()) collected_.push_back('\n');
    } else {
      has_data_ = true;
      data_ = strict() ? Data::kEmpty : Data::kUnchecked;
    }
  }
  return nullptr;
}

void StreamWatch::enter_value(const Chunk& chunk) {
  if (started_ || line_ != Line::kData) return;
  held_data_.push_back({collected_.size(), held_.size() + (chunk.at - chunk.sent)});
}

const char* StreamWatch::step_value(Chunk& chunk) {
  const size_t end = chunk.line_end();
  const std::string_view text = chunk.bytes.substr(chunk.at, end - chunk.at);
  if (line_ == Line::kData) {
    if (const char* fault = take_data(chunk, text)) return fault;
  } else if (line_ == Line::kEvent) {
    // A name that does not fit is longer than any we know; its size keeps it from matching one.
    const size_t room = sizeof(name_) - name_size_;
    const size_t taken = std::min(room, text.size());
    std::memcpy(name_ + name_size_, text.data(), taken);
    name_size_ = static_cast<uint8_t>(name_size_ + taken);
  }
  chunk.at = end;
  return chunk.done() ? nullptr : end_line(chunk);
}

const char* StreamWatch::take_data(Chunk& chunk, std::string_view text) {
  if (reads_data()) {
    if (collected_.size() + text.size() <= kCollectedBytesMax) {
      collected_.append(text);
    } else {
      collected_all_ = false;
    }
  }
  if (data_ == Data::kUnchecked) return nullptr;
  size_t at = 0;
  for (; at < text.size() && data_ != Data::kObject; ++at) {
    const char c = text[at];
    bool good = is_space(c);
    if (data_ == Data::kDone && done_size_ < kDone.size()) {
      good = c == kDone[done_size_++];
    } else if (!good && data_ == Data::kEmpty) {
      good = c == '{' || (c == '[' && !has_name_);
      data_ = c == '{' ? Data::kBrace : Data::kDone;
      done_size_ = 1;
    } else if (!good && data_ == Data::kBrace) {
      good = c == '"' || c == '}';
      data_ = Data::kObject;
      last_ = c;
    }
    if (!good) {
      chunk.at += at;
      return kNoObject;
    }
  }
  for (size_t end = text.size(); end > at; --end) {
    if (is_space(text[end - 1])) continue;
    last_ = text[end - 1];
    break;
  }
  return nullptr;
}

const char* StreamWatch::end_line(Chunk& chunk) {
  if (line_ == Line::kEvent) return name_event(chunk);
  end_bytes(chunk);
  if (!started_ && line_ == Line::kComment && !has_fields_) {
    forward(chunk);
    release_held(chunk.out);
  }
  return nullptr;
}

const char* StreamWatch::name_event(Chunk& chunk) {
  has_name_ = name_size_ > 0;
  kind_ = event_kind({name_, name_size_});
  const bool may_precede_start =
      kind_ == Kind::kMessageStart || kind_ == Kind::kPing || kind_ == Kind::kError;
  if (!started_ && kind_ != Kind::kOther && !may_precede_start) return kNoStart;
  if (kind_ == Kind::kBlockStart || kind_ == Kind::kMessageDelta || kind_ == Kind::kMessageStop) {
    content_begun_ = true;
  }
  end_bytes(chunk);
  if (started_ && kind_ == Kind::kMessageStart && !swallowed_) {
    forward(chunk);
    chunk.out.append("event: ping\ndata: {\"type\": \"ping\"}\n");
    swallowed_ = true;
  }
  return nullptr;
}

const char* StreamWatch::end_event(Chunk& chunk) {
  if (has_fields_) {
    if (const char* fault = check_event()) return fault;
    if (const char* fault = read_event(chunk)) return fault;
    ++event_count_;
  }
  if (swallowed_) {
    chunk.sent = chunk.at;
    swallowed_ = false;
  }
  end_bytes(chunk);
  forward(chunk);
  if (!started_) {
    if (held_.size() > kHeldBytesMax) return "a start larger than 64 KB";
    if (has_data_ && kind_ == Kind::kMessageStart) {
      replace_model();
      started_ = true;
    }
    release_held(chunk.out);
  }
  if (has_data_ && kind_ == Kind::kMessageStop) complete_ = true;
  if (has_data_ && kind_ == Kind::kBlockStart) {
    ++blocks_;
    block_open_ = true;
  } else if (has_data_ && kind_ == Kind::kBlockStop) {
    block_open_ = false;
  }
  reset_event();
  return nullptr;
}

const char* StreamWatch::check_event() const {
  if (!has_data_) {
    // Nothing happens at a client that keeps to the standard; others parse the empty text and fail.
    return has_name_ && strict() ? "an event without data" : nullptr;
  }
  if (data_ == Data::kUnchecked) return nullptr;
  if (data_ == Data::kDone) return done_size_ == kDone.size() ? nullptr : kNoObject;
  return data_ == Data::kObject && last_ == '}' ? nullptr : kNoObject;
}

const char* StreamWatch::read_event(Chunk& chunk) {
  if (!has_data_ || data_ == Data::kDone || !reads_data()) return nullptr;
  if (!collected_all_) {
    if (kind_ == Kind::kError && has_name_) {
      failure_.emplace();
      failure_->message = "The upstream sent an error too long to read.";
    }
    if (!has_name_) content_begun_ = started_;
    return nullptr;
  }
  json::Document document;
  const Result<json::Value> parsed = document.parse(collected_);
  if (!parsed.ok()) return kNoObject;
  const json::Value data = parsed.value();
  if (!has_name_) {
    kind_ = event_kind(data["type"].string_or(""));
    const bool may_precede_start = kind_ == Kind::kMessageStart || kind_ == Kind::kPing ||
                                   kind_ == Kind::kError || kind_ == Kind::kOther;
    if (!started_ && !may_precede_start) return kNoStart;
    if (kind_ == Kind::kBlockStart || kind_ == Kind::kMessageDelta || kind_ == Kind::kMessageStop) {
      content_begun_ = true;
    }
  }
  if (kind_ == Kind::kMessageStart) {
    if (started_ && !swallowed_) {
      // Its name came after its data, or not at all: the data is out, so it becomes a ping.
      forward(chunk);
      chunk.out.append("event: ping\n");
    }
    return read_start(data["message"]);
  }
  if (kind_ == Kind::kMessageDelta) {
    const std::optional<std::string_view> reason = data["delta"]["stop_reason"].string();
    if (reason) stop_reason_ = *reason;
    model::merge(usage_, read_usage(data["usage"]));
  } else if (kind_ == Kind::kError) {
    failure_ = read_error(data["error"], 0);
  }
  return nullptr;
}

const char* StreamWatch::read_start(json::Value message) {
  if (!message.is_object()) return "a message_start without a message";
  model::merge(usage_, read_usage(message["usage"]));
  if (started_) return nullptr;
  upstream_model_ = message["model"].string_or("");
  renames_model_ = message["model"].is_string() && upstream_model_ != client_model_;
  return nullptr;
}

/// Puts the client's name for the model into the held message_start.
void StreamWatch::replace_model() {
  if (!renames_model_) return;
  const std::optional<json::Span> span = json::find_span(collected_, {"message", "model"});
  if (!span) return;
  std::string name;
  json::append_string(name, client_model_);
  // A string has no line end inside, so it stands whole in one line of data.
  for (size_t i = held_data_.size(); i > 0; --i) {
    const DataLine& line = held_data_[i - 1];
    if (line.joined_at > span->offset) continue;
    held_.replace(line.held_at + (span->offset - line.joined_at), span->size, name);
    return;
  }
}

void StreamWatch::reset_event() {
  has_fields_ = false;
  has_name_ = false;
  has_data_ = false;
  collected_all_ = true;
  kind_ = Kind::kOther;
  data_ = Data::kEmpty;
  done_size_ = 0;
  last_ = 0;
  collected_.clear();
  held_data_.clear();
}

void StreamWatch::finish(std::string& out) {
  if (complete_ && !between_events()) close_partial_event(out);
  const bool stop = started_ && !spent_ && !complete_ && has_data_ && kind_ == Kind::kMessageStop &&
                    (place_ == Place::kLineStart || line_ == Line::kData);
  if (!stop || data_ != Data::kObject || last_ != '}' || !collected_all_) return;
  json::Document document;
  if (!document.parse(collected_).ok()) return;
  // Behind a lone CR a line feed would only make it a CRLF: the blank line needs one more.
  out.append(place_ == Place::kLineStart && !after_cr_ ? "\n" : "\n\n");
  place_ = Place::kLineStart;
  complete_ = true;
  spent_ = true;
  ++event_count_;
  reset_event();
}

void StreamWatch::close_partial_event(std::string& out) {
  spent_ = true;
  if (!started_) {
    held_.clear();
    return;
  }
  if (swallowed_) {
    // What went out is a ping that lacks its blank line.
    out.append("\n");
  } else {
    const bool cut_line = mid_line();
    const bool only_comment =
        cut_line && place_ != Place::kField && line_ == Line::kComment && !has_fields_;
    // A line feed behind a lone CR completes a CRLF and is no second line end.
    if (cut_line || after_cr_) out.append("\n");
    if ((cut_line && !only_comment) || has_fields_) out.append("event: ping\n\n");
  }
  swallowed_ = false;
  after_cr_ = false;
  place_ = Place::kLineStart;
  reset_event();
}

bool StreamWatch::end_early(int64_t output_tokens, std::string& out) {
  if (!started_ || complete_ || spent_) return false;
  close_partial_event(out);
  if (block_open_) {
    out.append("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":" +
               std::to_string(blocks_ - 1) + "}\n\n");
  }
  out.append(
      "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
      "\"max_tokens\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":" +
      std::to_string(output_tokens) +
      "}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
  block_open_ = false;
  complete_ = true;
  stop_reason_ = "max_tokens";
  return true;
}

}  // namespace tollgate::dialects::anthropic_messages
