#include "chunked_body.hpp"

#include <algorithm>

#include "limits.hpp"

namespace tollgate::server {

namespace {

/// Sixteen hexadecimal digits would overflow; nobody sends a chunk of more than eight.
constexpr size_t kSizeDigitsMax = 8;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7F;
}

}  // namespace

ChunkedBody::Step ChunkedBody::next(std::string_view& bytes, std::string_view& content) {
  while (true) {
    if (state_ == State::kEnd) return Step::kEnd;
    if (bytes.empty()) return Step::kNeedMore;
    if (state_ == State::kData) {
      const size_t size = static_cast<size_t>(std::min<uint64_t>(chunk_left_, bytes.size()));
      content = bytes.substr(0, size);
      bytes.remove_prefix(size);
      chunk_left_ -= size;
      if (chunk_left_ == 0) state_ = State::kDataReturn;
      return Step::kContent;
    }
    if (!take(bytes.front())) return Step::kInvalid;
    bytes.remove_prefix(1);
  }
}

bool ChunkedBody::take_in_size(char c) {
  if (++line_bytes_ > limits::kChunkLineBytesMax) return false;
  if (state_ == State::kExtension) {
    if (c == '\r') state_ = State::kSizeLineFeed;
    return c == '\r' || !is_control(c);
  }
  const int digit = hex_value(c);
  if (digit >= 0) {
    chunk_left_ = chunk_left_ * 16 + static_cast<uint64_t>(digit);
    return ++digits_ <= kSizeDigitsMax;
  }
  if (digits_ == 0) return false;
  if (c == '\r') state_ = State::kSizeLineFeed;
  if (c == ';') state_ = State::kExtension;
  return c == '\r' || c == ';';
}

bool ChunkedBody::take(char c) {
  switch (state_) {
    case State::kSize:
    case State::kExtension:
      return take_in_size(c);
    case State::kSizeLineFeed:
      state_ = chunk_left_ > 0 ? State::kData : State::kTrailerBegin;
      return c == '\n';
    case State::kDataReturn:
      state_ = State::kDataLineFeed;
      return c == '\r';
    case State::kDataLineFeed:
      state_ = State::kSize;
      digits_ = line_bytes_ = 0;
      return c == '\n';
    case State::kTrailerBegin:
      state_ = c == '\r' ? State::kLastLineFeed : State::kTrailer;
      return c == '\r' || (!is_control(c) && c != ' ' && c != '\t');
    case State::kTrailer:
      if (++trailer_bytes_ > limits::kTrailerBytesMax) return false;
      if (c == '\r') state_ = State::kTrailerLineFeed;
      return c == '\r' || !is_control(c);
    case State::kTrailerLineFeed:
      state_ = State::kTrailerBegin;
      return c == '\n';
    case State::kLastLineFeed:
      state_ = State::kEnd;
      return c == '\n';
    case State::kData:
    case State::kEnd:
      break;
  }
  return false;
}

}  // namespace tollgate::server
