#pragma once

// wire/ knows how bytes travel: header fields, URLs, server-sent events. It knows no dialect.
// May include base/ and json/.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/limits.hpp"
#include "base/status.hpp"

namespace tollgate::wire {

/// One event of a text/event-stream. Views are valid until the decoder is fed again.
struct SseEvent {
  std::string_view name;  ///< Empty when there was no event line.
  std::string_view data;  ///< Data lines joined by a line feed.
};

/// Cuts a text/event-stream into events, from any split: CR, LF and CRLF line ends, comments,
/// several data lines, a byte-order mark at the start. An event that the stream's end cuts off is
/// dropped: half a JSON must never reach a dialect.
class SseDecoder {
 public:
  explicit SseDecoder(size_t event_bytes_max = limits::kSseEventBytesMax);

  /// Takes the next bytes and calls `sink(const SseEvent&)` for each complete event, in order.
  /// kLimit when an event is larger than the bound; the decoder is then spent.
  template <typename Sink>
  Status feed(std::string_view bytes, Sink&& sink) {
    while (!bytes.empty()) {
      const size_t used = take_line(bytes);
      bytes.remove_prefix(used);
      if (overflowed_) return too_large();
      if (event_ready_) {
        sink(SseEvent{name_, data_});
        clear_event();
      }
    }
    return Status();
  }

  /// True when bytes of an unfinished event are held.
  bool mid_event() const { return !line_.empty() || has_data_ || !name_.empty(); }

 private:
  /// Takes bytes up to and including the next line end, or all of them; returns how many.
  size_t take_line(std::string_view bytes);
  void end_line();
  void clear_event();
  Status too_large() const;

  size_t event_bytes_max_;
  std::string line_;
  std::string name_;
  std::string data_;
  bool has_data_ = false;
  bool event_ready_ = false;
  bool overflowed_ = false;
  bool after_cr_ = false;
  bool at_start_ = true;
};

}  // namespace tollgate::wire
