#pragma once

// Text helpers, and the head of an HTTP/1.1 request.

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <system_error>
#include <vector>

#include "tollgate/abi.h"

namespace epoll_host {

constexpr size_t kHeadBytesMax = 64 * 1024;
constexpr size_t kHeaderPairsMax = 200;

inline tg_bytes to_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

inline std::string_view to_view(tg_bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data), bytes.size};
}

inline bool same_name(std::string_view text, std::string_view lower) {
  const auto same = [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
  };
  return text.size() == lower.size() && std::equal(text.begin(), text.end(), lower.begin(), same);
}

/// Headers about one connection are not passed on to another.
inline bool is_framing(std::string_view name) {
  constexpr std::string_view kFraming[] = {
      "connection", "content-length", "expect",  "keep-alive",
      "te",         "trailer",        "upgrade", "transfer-encoding"};
  return std::any_of(std::begin(kFraming), std::end(kFraming),
                     [&](std::string_view framing) { return same_name(name, framing); });
}

inline std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// The head of a request; views of the bytes it was read from.
struct RequestHead {
  std::string_view method;
  std::string_view target;
  std::vector<tg_bytes> headers;  ///< Name, value, name, value…
  uint64_t content_length = 0;
  bool has_length = false;
  bool chunked = false;
  bool keep_alive = true;
  bool expects_continue = false;

  /// `text` ends with the last field's line break. 0, or the status that refuses the request.
  uint32_t parse(std::string_view text) {
    const size_t line_end = text.find("\r\n");
    const std::string_view line = text.substr(0, line_end);
    const size_t first = line.find(' ');
    const size_t last = line.rfind(' ');
    if (first == std::string_view::npos || last == first) return 400;
    method = line.substr(0, first);
    target = line.substr(first + 1, last - first - 1);
    // HTTP/1.0 knows no chunks, and streams are sent in chunks.
    if (line.substr(last + 1) != "HTTP/1.1") return 505;
    headers.reserve(64);
    for (size_t at = line_end + 2, end = 0; at < text.size(); at = end + 2) {
      end = text.find("\r\n", at);
      if (!read_field(text.substr(at, end - at))) return 400;
    }
    if (chunked) return has_length ? 400 : 411;
    return 0;
  }

 private:
  /// What two servers could read differently (folded lines, a blank before the colon, two lengths)
  /// is refused, not repaired.
  bool read_field(std::string_view line) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trim(line.substr(colon + 1));
    if (name.find_first_of(" \t") != std::string_view::npos) return false;
    if (same_name(name, "content-length")) {
      const char* end = value.data() + value.size();
      const auto read = std::from_chars(value.data(), end, content_length);
      if (has_length || value.empty() || read.ec != std::errc{} || read.ptr != end) return false;
      has_length = true;
    }
    chunked = chunked || same_name(name, "transfer-encoding");
    if (same_name(name, "connection") && same_name(value, "close")) keep_alive = false;
    if (same_name(name, "expect")) expects_continue = same_name(value, "100-continue");
    headers.push_back(to_bytes(name));
    headers.push_back(to_bytes(value));
    return headers.size() <= 2 * kHeaderPairsMax;
  }
};

}  // namespace epoll_host
