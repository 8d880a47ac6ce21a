#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wire/aws_event_decoder.hpp"

namespace tollgate::wire {

/// A frame as a decoder gave it, kept.
struct KeptAwsEvent {
  AwsMessage message_type = AwsMessage::kOther;
  std::string type;
  std::string message;
  std::string content_type;
  std::string payload;
  std::string headers;
  friend bool operator==(const KeptAwsEvent&, const KeptAwsEvent&) = default;
};

/// What an event stream came to.
struct DecodedAws {
  std::vector<KeptAwsEvent> events;
  bool mid_event = false;
  Code code = Code::kOk;
  friend bool operator==(const DecodedAws&, const DecodedAws&) = default;
};

/// Feeds a stream in pieces, each in memory of its own that is gone before the next.
template <typename NextSize>
DecodedAws decode_aws(std::string_view stream, NextSize&& next_size,
                      size_t frame_bytes_max = limits::kAwsFrameBytesMax) {
  DecodedAws decoded;
  AwsEventDecoder decoder(frame_bytes_max);
  while (!stream.empty() && decoded.code == Code::kOk) {
    const std::vector<char> piece(
        stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(next_size(stream.size())));
    stream.remove_prefix(piece.size());
    const Status status =
        decoder.feed(std::string_view(piece.data(), piece.size()), [&](const AwsEvent& event) {
          decoded.events.push_back({event.message_type, std::string(event.type),
                                    std::string(event.message), std::string(event.content_type),
                                    std::string(event.payload), std::string(event.headers)});
        });
    decoded.code = status.code();
  }
  decoded.mid_event = decoder.mid_event();
  return decoded;
}

inline DecodedAws decode_aws_whole(std::string_view stream,
                                   size_t frame_bytes_max = limits::kAwsFrameBytesMax) {
  return decode_aws(
      stream, [](size_t left) { return left; }, frame_bytes_max);
}

}  // namespace tollgate::wire
