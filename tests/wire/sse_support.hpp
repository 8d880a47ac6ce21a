#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wire/sse_decoder.hpp"

namespace tollgate::wire {

/// An event as a decoder gave it, kept.
struct KeptEvent {
  std::string name;
  std::string data;
  friend bool operator==(const KeptEvent&, const KeptEvent&) = default;
};

/// What a stream came to.
struct Decoded {
  std::vector<KeptEvent> events;
  bool mid_event = false;
  Code code = Code::kOk;
  friend bool operator==(const Decoded&, const Decoded&) = default;
};

/// Feeds a stream in pieces. `next_size(left)` says how large the next piece is; each piece lives
/// in memory of its own that is gone before the next, so that a kept view shows under a sanitizer.
template <typename NextSize>
Decoded decode(std::string_view stream, NextSize&& next_size,
               size_t event_bytes_max = limits::kSseEventBytesMax) {
  Decoded decoded;
  SseDecoder decoder(event_bytes_max);
  while (!stream.empty() && decoded.code == Code::kOk) {
    const std::vector<char> piece(
        stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(next_size(stream.size())));
    stream.remove_prefix(piece.size());
    const Status status =
        decoder.feed(std::string_view(piece.data(), piece.size()), [&](const SseEvent& event) {
          decoded.events.push_back({std::string(event.name), std::string(event.data)});
        });
    decoded.code = status.code();
  }
  decoded.mid_event = decoder.mid_event();
  return decoded;
}

inline Decoded decode_whole(std::string_view stream,
                            size_t event_bytes_max = limits::kSseEventBytesMax) {
  return decode(
      stream, [](size_t left) { return left; }, event_bytes_max);
}

}  // namespace tollgate::wire
