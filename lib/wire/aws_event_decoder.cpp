#include "wire/aws_event_decoder.hpp"

#include <algorithm>
#include <utility>

#include "base/crc32.hpp"

namespace tollgate::wire {
namespace {

constexpr size_t kPreludeBytes = 12;
constexpr size_t kChecksumBytes = 4;
constexpr size_t kFrameBytesMin = kPreludeBytes + kChecksumBytes;
constexpr size_t kHeaderBytesMax = 128 * 1024;

/// Memory a decoder keeps between frames; what a rare large one needed goes back.
constexpr size_t kKeptFrameBytes = 16 * 1024;

/// A big-endian number of up to eight bytes.
uint64_t number_at(std::string_view bytes, size_t at, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i)
    value = (value << 8) | static_cast<uint8_t>(bytes[at + i]);
  return value;
}

/// The same, in two's complement.
int64_t signed_number(std::string_view bytes) {
  const uint64_t value = number_at(bytes, 0, bytes.size());
  const unsigned unused = static_cast<unsigned>(64 - 8 * bytes.size());
  return static_cast<int64_t>(value << unused) >> unused;
}

/// Bytes of a value whose type says it; nothing for types with a length of their own.
std::optional<size_t> fixed_size(AwsHeaderType type) {
  switch (type) {
    case AwsHeaderType::kTrue:
    case AwsHeaderType::kFalse:
      return 0;
    case AwsHeaderType::kInt8:
      return 1;
    case AwsHeaderType::kInt16:
      return 2;
    case AwsHeaderType::kInt32:
      return 4;
    case AwsHeaderType::kInt64:
    case AwsHeaderType::kTimestamp:
      return 8;
    case AwsHeaderType::kUuid:
      return 16;
    case AwsHeaderType::kBytes:
    case AwsHeaderType::kString:
      break;
  }
  return std::nullopt;
}

bool is_text(AwsHeaderType type) {
  return type == AwsHeaderType::kBytes || type == AwsHeaderType::kString ||
         type == AwsHeaderType::kUuid;
}

}  // namespace

std::optional<AwsHeader> take_aws_header(std::string_view& headers) {
  if (headers.empty()) return std::nullopt;
  const size_t name_size = static_cast<uint8_t>(headers.front());
  if (name_size == 0 || headers.size() < 1 + name_size + 1) return std::nullopt;
  AwsHeader header;
  header.name = headers.substr(1, name_size);
  const auto type = static_cast<uint8_t>(headers[1 + name_size]);
  if (type > static_cast<uint8_t>(AwsHeaderType::kUuid)) return std::nullopt;
  header.type = static_cast<AwsHeaderType>(type);
  std::string_view rest = headers.substr(1 + name_size + 1);
  std::optional<size_t> size = fixed_size(header.type);
  if (!size) {
    if (rest.size() < 2) return std::nullopt;
    size = static_cast<size_t>(number_at(rest, 0, 2));
    rest.remove_prefix(2);
  }
  if (rest.size() < *size) return std::nullopt;
  const std::string_view value = rest.substr(0, *size);
  rest.remove_prefix(*size);
  if (is_text(header.type)) {
    header.text = value;
  } else if (value.empty()) {
    header.number = header.type == AwsHeaderType::kTrue ? 1 : 0;
  } else {
    header.number = signed_number(value);
  }
  headers = rest;
  return header;
}

bool AwsEventDecoder::take_frame(std::string_view& bytes, AwsEvent& event) {
  if (!failure_.ok() || bytes.empty()) return false;
  if (held_.empty()) {
    // Whole frames are read where they lie.
    if (bytes.size() >= kPreludeBytes) {
      if (!read_prelude(bytes)) return false;
      if (bytes.size() >= frame_size_) {
        const std::string_view frame = bytes.substr(0, frame_size_);
        bytes.remove_prefix(frame_size_);
        return read_frame(frame, event);
      }
    }
  }
  if (frame_size_ == 0) {
    if (!hold(bytes, kPreludeBytes)) return false;
    if (!read_prelude(held_)) return false;
  }
  if (!hold(bytes, frame_size_)) return false;
  return read_frame(held_, event);
}

bool AwsEventDecoder::hold(std::string_view& bytes, size_t size) {
  const size_t part = std::min(bytes.size(), size - held_.size());
  held_.append(bytes.substr(0, part));
  bytes.remove_prefix(part);
  return held_.size() == size;
}

bool AwsEventDecoder::read_prelude(std::string_view prelude) {
  const auto total = static_cast<size_t>(number_at(prelude, 0, 4));
  const auto headers = static_cast<size_t>(number_at(prelude, 4, 4));
  if (number_at(prelude, 8, 4) != crc32(prelude.substr(0, 8))) {
    return fail(Code::kInvalid, "a frame of the event stream begins with a wrong checksum");
  }
  if (total < kFrameBytesMin || headers > total - kFrameBytesMin) {
    return fail(Code::kInvalid, "a frame of the event stream has impossible lengths");
  }
  if (total > frame_bytes_max_ || headers > kHeaderBytesMax) {
    return fail(Code::kLimit, "a frame of the event stream is larger than " +
                                  std::to_string(frame_bytes_max_) + " bytes");
  }
  frame_size_ = total;
  headers_size_ = headers;
  return true;
}

bool AwsEventDecoder::read_frame(std::string_view frame, AwsEvent& event) {
  const size_t end = frame.size() - kChecksumBytes;
  if (number_at(frame, end, kChecksumBytes) != crc32(frame.substr(0, end))) {
    return fail(Code::kInvalid, "a frame of the event stream has a wrong checksum");
  }
  event = AwsEvent();
  event.headers = frame.substr(kPreludeBytes, headers_size_);
  event.payload = frame.substr(kPreludeBytes + headers_size_, end - kPreludeBytes - headers_size_);
  std::string_view rest = event.headers;
  std::string_view message_type;
  while (const std::optional<AwsHeader> header = take_aws_header(rest)) {
    if (header->type != AwsHeaderType::kString) continue;
    if (header->name == ":message-type") message_type = header->text;
    if (header->name == ":event-type" || header->name == ":exception-type" ||
        header->name == ":error-code") {
      event.type = header->text;
    }
    if (header->name == ":error-message") event.message = header->text;
    if (header->name == ":content-type") event.content_type = header->text;
  }
  if (!rest.empty()) {
    return fail(Code::kInvalid, "a frame of the event stream has headers that cannot be read");
  }
  if (message_type == "event") event.message_type = AwsMessage::kEvent;
  if (message_type == "exception") event.message_type = AwsMessage::kException;
  if (message_type == "error") event.message_type = AwsMessage::kError;
  return true;
}

bool AwsEventDecoder::fail(Code code, std::string message) {
  failure_ = Status(code, std::move(message));
  held_.clear();
  return false;
}

void AwsEventDecoder::end_frame() {
  frame_size_ = 0;
  headers_size_ = 0;
  held_.clear();
  if (held_.capacity() > kKeptFrameBytes) held_.shrink_to_fit();
}

}  // namespace tollgate::wire
