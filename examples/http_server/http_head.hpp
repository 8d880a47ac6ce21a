#pragma once

// The head of a request, read strictly: what two HTTP implementations could read differently is
// refused, because a proxy in front of this server might be the other one (request smuggling).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tollgate/tollgate.h"

namespace tollgate::server {

/// Why a head was not accepted: the status and one sentence for the answer.
struct Refusal {
  uint32_t status = 400;
  std::string_view reason;
};

/// A parsed head. Everything points into the bytes it was parsed from.
struct RequestHead {
  std::string_view method;
  std::string_view target;
  std::vector<tg_bytes> headers;  ///< name, value, name, value…
  bool version_1_1 = false;
  bool keep_alive = false;  ///< As asked by the version and "connection".
  bool expects_continue = false;
  bool chunked = false;
  uint64_t content_length = 0;  ///< 0 when none was given.

  uint32_t pair_count() const { return static_cast<uint32_t>(headers.size() / 2); }
};

/// Finds the end of a head in bytes that arrive in pieces, and notices a wrong line break at once
/// instead of waiting for an end that never comes.
class HeadScanner {
 public:
  enum class Found { kIncomplete, kComplete, kBadLineBreak };

  /// Looks at all bytes received so far; `head_size` then is where the body begins. Empty lines
  /// before the request line are part of the head.
  Found scan(std::string_view bytes, size_t& head_size);
  void reset() { *this = HeadScanner(); }

 private:
  size_t scanned_ = 0;
  size_t line_begin_ = 0;
  bool seen_text_ = false;
};

/// Parses one whole head, its closing empty line included. `head` is filled in when nothing is
/// returned; its vector is reused.
std::optional<Refusal> parse_head(std::string_view bytes, RequestHead& head);

}  // namespace tollgate::server
