#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "json/reader.hpp"
#include "model/failure.hpp"
#include "model/stream_event.hpp"
#include "model/usage.hpp"

namespace tollgate::dialects::anthropic_messages {

/// Watches an answer's stream on the splice road. Bytes go through as they came; the one thing that
/// changes is the model's name in message_start. Deltas are never parsed: usage is read from
/// message_start and message_delta, failures from error events.
///
/// message_start is held until it is whole (it is the one event that may change); from then on no
/// byte is held. Of a second message_start the data is swallowed and its usage merged; a ping
/// stands in its place, since its name may have gone out. Once the answer is complete, garbage
/// behind it is dropped and is no failure.
class StreamWatch {
 public:
  /// `client_model` is what the client asked for.
  explicit StreamWatch(std::string client_model);

  /// Takes the next upstream bytes, appends the client's to `out`. kInvalid when the stream is no
  /// event stream of this dialect (HTML, garbage for data, an oversized start): nothing more may be
  /// fed, and close_partial_event() makes what went out harmless.
  Status feed(std::string_view bytes, std::string& out);

  /// The upstream's answer ended as HTTP says it should. A message_stop that lacks only its closing
  /// blank line is completed. What is unfinished before it stays so, and complete() tells; what is
  /// unfinished behind it is closed.
  void finish(std::string& out);

  /// Ends an event that has gone out in part so that a client ignores it: its name is overwritten
  /// by "ping". Nothing when the stream stands between two events (a line feed at most, to complete
  /// a CRLF). Nothing more may be fed.
  void close_partial_event(std::string& out);

  /// Ends the answer here: the open block is closed, the stop reason is max_tokens. False before
  /// the answer has begun, or when it is over. Nothing more may be fed.
  bool end_early(int64_t output_tokens, std::string& out);

  bool started() const { return started_; }  ///< message_start is whole.
  bool content_begun() const {
    return content_begun_;
  }                                            ///< A content_block_start (or the end of an
                                               ///< answer without content) has begun.
  bool complete() const { return complete_; }  ///< message_stop is whole.
  /// True when what went out ends with a whole event, so that one of our own may follow.
  bool between_events() const;
  const std::optional<model::Failure>& failure() const { return failure_; }  ///< An error event.
  const model::Usage& usage() const { return usage_; }
  const std::string& stop_reason() const { return stop_reason_; }
  const std::string& upstream_model() const { return upstream_model_; }
  uint64_t event_count() const { return event_count_; }

 private:
  /// Where the next byte stands in its line.
  enum class Place : uint8_t { kLineStart, kField, kAfterColon, kValue };
  enum class Line : uint8_t { kEvent, kData, kIgnored, kComment };
  /// What an event's data looks like so far.
  enum class Data : uint8_t { kEmpty, kBrace, kObject, kDone, kUnchecked };
  struct Chunk;
  /// Where a line of data stands in the joined data and in the bytes held.
  struct DataLine {
    size_t joined_at;
    size_t held_at;
  };

  // Each step takes bytes off the chunk and returns nullptr, or says what is wrong with the byte it
  // stopped at, which then does not go out.
  const char* step_line_start(Chunk& chunk);
  const char* step_field(Chunk& chunk);
  const char* step_value(Chunk& chunk);
  const char* enter_line(Line line);
  const char* take_data(Chunk& chunk, std::string_view text);
  const char* end_line(Chunk& chunk);
  const char* name_event(Chunk& chunk);
  const char* end_event(Chunk& chunk);
  const char* check_event() const;
  const char* read_event(Chunk& chunk);
  const char* read_start(json::Value message);

  void enter_value(const Chunk& chunk);
  void end_bytes(Chunk& chunk);
  void forward(Chunk& chunk);
  void release_held(std::string& out);
  void replace_model();
  void reset_event();
  bool mid_line() const;
  bool reads_data() const;
  bool strict() const;

  std::string client_model_;
  bool started_ = false;
  bool content_begun_ = false;
  bool complete_ = false;
  bool renames_model_ = false;
  bool spent_ = false;  ///< After a fault: nothing more is taken.
  std::optional<model::Failure> failure_;
  model::Usage usage_;
  std::string stop_reason_;
  std::string upstream_model_;
  uint64_t event_count_ = 0;
  uint32_t blocks_ = 0;  ///< Begun so far.
  bool block_open_ = false;

  // The line.
  Place place_ = Place::kLineStart;
  Line line_ = Line::kComment;
  bool after_cr_ = false;  ///< A line feed now belongs to the line before.
  uint8_t mark_size_ = 0;  ///< Bytes seen of a byte-order mark at the stream's start.
  bool at_start_ = true;
  uint8_t field_size_ = 0;
  char field_[8] = {};

  // The event.
  bool has_fields_ = false;
  bool has_name_ = false;
  bool has_data_ = false;
  bool swallowed_ = false;  ///< A second message_start, which became a ping.
  bool collected_all_ = true;
  model::StreamEventKind kind_ = model::StreamEventKind::kOther;
  Data data_ = Data::kEmpty;
  uint8_t done_size_ = 0;
  uint8_t name_size_ = 0;
  char last_ = 0;  ///< The last byte of data that is no white space.
  char name_[32] = {};
  std::string collected_;            ///< Data of the few events that are read.
  std::string held_;                 ///< Bytes of the event at hand, before message_start is whole.
  std::vector<DataLine> held_data_;  ///< Lines of data in `held_`.
};

}  // namespace tollgate::dialects::anthropic_messages
