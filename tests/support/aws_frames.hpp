#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base64.hpp"
#include "base/crc32.hpp"

namespace tollgate::test {

inline void append_big_endian(std::string& out, uint64_t value, unsigned bytes) {
  for (unsigned i = bytes; i > 0; --i)
    out += static_cast<char>((value >> (8 * (i - 1))) & 0xFFU);
}

/// A frame of application/vnd.amazon.eventstream with the header block given.
inline std::string aws_raw_frame(std::string_view headers, std::string_view payload) {
  std::string frame;
  append_big_endian(frame, headers.size() + payload.size() + 16, 4);
  append_big_endian(frame, headers.size(), 4);
  append_big_endian(frame, crc32(frame), 4);
  frame.append(headers).append(payload);
  append_big_endian(frame, crc32(frame), 4);
  return frame;
}

using AwsHeaderTexts = std::vector<std::pair<std::string_view, std::string_view>>;

/// A frame whose headers are all strings.
inline std::string aws_frame(const AwsHeaderTexts& headers, std::string_view payload) {
  std::string block;
  for (const auto& [name, value] : headers) {
    block += static_cast<char>(name.size());
    block.append(name).append(1, '\x07');
    append_big_endian(block, value.size(), 2);
    block += value;
  }
  return aws_raw_frame(block, payload);
}

inline std::string aws_event_frame(std::string_view type, std::string_view payload) {
  return aws_frame(
      {{":event-type", type}, {":content-type", "application/json"}, {":message-type", "event"}},
      payload);
}

inline std::string aws_exception_frame(std::string_view type, std::string_view payload) {
  return aws_frame({{":exception-type", type},
                    {":content-type", "application/json"},
                    {":message-type", "exception"}},
                   payload);
}

/// One event of InvokeModelWithResponseStream.
inline std::string aws_chunk_frame(std::string_view event) {
  return aws_event_frame("chunk", R"({"bytes":")" + base64_encode(event) + R"(","p":"abcdef"})");
}

}  // namespace tollgate::test
