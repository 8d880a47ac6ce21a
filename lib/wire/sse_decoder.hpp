#pragma once

// wire/ knows how bytes travel: header fields, URLs, server-sent events. It knows no dialect.
// May include base/ and json/.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/limits.hpp"
#include "base/status.hpp"

namespace tollgate::wire {

/// One event of a text/event-stream. Views are valid inside the sink's call only.
struct SseEvent {
  std::string_view name;  ///< Empty when there was no event line.
  std::string_view data;  ///< Data lines joined by a line feed.
};

/// Cuts a text/event-stream into events, from any split: CR, LF and CRLF line ends, comments,
/// several data lines, a byte-order mark at the start. An event that the stream's end cuts off is
/// dropped: half a JSON must never reach a dialect. An event whose line lies whole in the bytes fed
/// is not copied.
class SseDecoder {
 public:
  explicit SseDecoder(size_t event_bytes_max = limits::kSseEventBytesMax)
      : event_bytes_max_(event_bytes_max) {}

  /// Takes the next bytes and calls `sink(const SseEvent&)` for each complete event, in order.
  /// kLimit when an event is larger than the bound; the decoder is then spent.
  template <typename Sink>
  Status feed(std::string_view bytes, Sink&& sink) {
    while (!bytes.empty() && !overflowed_) {
      bytes.remove_prefix(take_line(bytes));
      if (event_ready_) {
        sink(SseEvent{name_, data()});
        clear_event();
      }
    }
    if (overflowed_) return too_large();
    keep_data();
    return Status();
  }

  /// True when bytes of an unfinished event are held.
  bool mid_event() const { return !line_.empty() || has_data_ || !name_.empty(); }

 private:
  /// Takes bytes up to and including the next line end, or all of them; returns how many.
  size_t take_line(std::string_view bytes);
  void end_line(std::string_view line);
  std::string_view data() const { return data_is_kept_ ? kept_data_ : lent_data_; }
  void add_data(std::string_view value);
  /// Copies data that still lies in the caller's bytes or in line_.
  void keep_data();
  void clear_event();
  bool exceeds(size_t line_size) const;
  Status too_large() const;

  size_t event_bytes_max_;
  std::string line_;  ///< The beginning of a line whose end was not fed yet.
  std::string name_;
  std::string_view lent_data_;  ///< In the caller's bytes or in line_, until keep_data().
  std::string kept_data_;
  bool has_data_ = false;
  bool data_is_kept_ = false;
  bool event_ready_ = false;
  bool overflowed_ = false;
  bool after_cr_ = false;
  bool at_start_ = true;
};

}  // namespace tollgate::wire
