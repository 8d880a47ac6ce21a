#pragma once

// application/vnd.amazon.eventstream: the binary frames in which Amazon Bedrock streams.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.hpp"
#include "base/status.hpp"

namespace tollgate::wire {

enum class AwsHeaderType : uint8_t {
  kTrue = 0,
  kFalse = 1,
  kInt8 = 2,
  kInt16 = 3,
  kInt32 = 4,
  kInt64 = 5,
  kBytes = 6,
  kString = 7,
  kTimestamp = 8,
  kUuid = 9
};

/// One header of a frame; views into the frame.
struct AwsHeader {
  std::string_view name;
  AwsHeaderType type = AwsHeaderType::kString;
  int64_t number = 0;     ///< Truth values (0, 1), integers, a timestamp's milliseconds.
  std::string_view text;  ///< kBytes, kString and the sixteen bytes of a kUuid.
};

/// Takes the first header off `headers` (AwsEvent::headers); nothing at their end.
std::optional<AwsHeader> take_aws_header(std::string_view& headers);

enum class AwsMessage : uint8_t {
  kEvent,
  kException,  ///< An error the service models, with a JSON payload; the stream ends.
  kError,      ///< One it does not: a code and a message in the headers; the stream ends.
  kOther
};

/// One frame. Views are valid inside the sink's call only.
struct AwsEvent {
  AwsMessage message_type = AwsMessage::kOther;
  std::string_view type;     ///< ":event-type", ":exception-type" or ":error-code".
  std::string_view message;  ///< ":error-message".
  std::string_view content_type;
  std::string_view payload;
  std::string_view headers;  ///< All of them, well formed; see take_aws_header().
};

/// Cuts such a stream into frames, from any split, and checks both checksums of each. A frame that
/// the stream's end cuts off is dropped. One that lies whole in the bytes fed is not copied.
class AwsEventDecoder {
 public:
  explicit AwsEventDecoder(size_t frame_bytes_max = limits::kAwsFrameBytesMax)
      : frame_bytes_max_(frame_bytes_max) {}

  /// Takes the next bytes and calls `sink(const AwsEvent&)` for each complete frame, in order.
  /// kLimit when a frame is larger than the bound, kInvalid when the bytes are no frames or were
  /// damaged; the decoder is then spent.
  template <typename Sink>
  Status feed(std::string_view bytes, Sink&& sink) {
    AwsEvent event;
    while (take_frame(bytes, event)) {
      sink(event);
      end_frame();
    }
    return failure_;
  }

  /// True when bytes of an unfinished frame are held.
  bool mid_event() const { return !held_.empty(); }

 private:
  /// Takes bytes up to the end of one frame; true when there is a whole one.
  bool take_frame(std::string_view& bytes, AwsEvent& event);
  /// Checks the frame's beginning and reads its size; false when it is wrong.
  bool read_prelude(std::string_view prelude);
  bool read_frame(std::string_view frame, AwsEvent& event);
  bool fail(Code code, std::string message);
  void end_frame();
  /// Moves bytes into held_ until it has `size`; false when they did not suffice.
  bool hold(std::string_view& bytes, size_t size);

  size_t frame_bytes_max_;
  std::string held_;       ///< The beginning of a frame whose end was not fed yet.
  size_t frame_size_ = 0;  ///< Of the frame begun; 0 before its prelude was read.
  size_t headers_size_ = 0;
  Status failure_;
};

}  // namespace tollgate::wire
