#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/status.hpp"
#include "model/failure.hpp"
#include "model/usage.hpp"

namespace tollgate::dialects::anthropic_messages {

/// Watches an answer's stream on the splice road. Bytes go through as they came; the one thing that
/// changes is the model's name in message_start. Deltas are never parsed: usage is read from
/// message_start and message_delta, failures from error events.
///
/// message_start is held until it is whole (it is the one event that may change); from then on no
/// byte is held. A second message_start is swallowed and its usage merged.
class StreamWatch {
 public:
  /// `client_model` is what the client asked for.
  explicit StreamWatch(std::string client_model);

  /// Takes the next upstream bytes, appends the client's to `out`. kInvalid when the stream is no
  /// event stream of this dialect (HTML, garbage for data, an oversized start): nothing more may be
  /// fed, and close_partial_event() makes what went out harmless.
  Status feed(std::string_view bytes, std::string& out);

  /// The upstream's answer ended as HTTP says it should. A message_stop that lacks only its closing
  /// blank line is completed.
  void finish(std::string& out);

  /// Ends an event that has gone out in part so that a client ignores it: its name is overwritten
  /// by "ping". Nothing when the stream stands between two events.
  void close_partial_event(std::string& out);

  bool started() const { return started_; }  ///< message_start is whole.
  bool content_begun() const {
    return content_begun_;
  }                                            ///< A content_block_start (or the end of an
                                               ///< answer without content) has begun.
  bool complete() const { return complete_; }  ///< message_stop is whole.
  bool between_events() const;
  const std::optional<model::Failure>& failure() const { return failure_; }  ///< An error event.
  const model::Usage& usage() const { return usage_; }
  const std::string& stop_reason() const { return stop_reason_; }
  const std::string& upstream_model() const { return upstream_model_; }
  uint64_t event_count() const { return event_count_; }

 private:
  // The implementation's own state follows; the owner of stream_watch.cpp shapes it.
  std::string client_model_;
  bool started_ = false;
  bool content_begun_ = false;
  bool complete_ = false;
  std::optional<model::Failure> failure_;
  model::Usage usage_;
  std::string stop_reason_;
  std::string upstream_model_;
  uint64_t event_count_ = 0;
};

}  // namespace tollgate::dialects::anthropic_messages
