#pragma once

// The chunked transfer encoding, taken apart as strictly as the head.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tollgate::server {

/// Fed with bytes as they come; gives back the content in them, piece by piece.
class ChunkedBody {
 public:
  enum class Step {
    kContent,   ///< `content` holds bytes of the body.
    kNeedMore,  ///< All bytes were used up.
    kEnd,       ///< The last chunk and its trailers are over; what is left is the next request's.
    kInvalid    ///< Not the chunked encoding, or a line is too long.
  };

  /// Takes the next piece off the front of `bytes`.
  Step next(std::string_view& bytes, std::string_view& content);

 private:
  enum class State {
    kSize,
    kExtension,
    kSizeLineFeed,
    kData,
    kDataReturn,
    kDataLineFeed,
    kTrailerBegin,
    kTrailer,
    kTrailerLineFeed,
    kLastLineFeed,
    kEnd
  };

  bool take(char c);
  bool take_in_size(char c);

  State state_ = State::kSize;
  uint64_t chunk_left_ = 0;
  size_t digits_ = 0;
  size_t line_bytes_ = 0;
  size_t trailer_bytes_ = 0;
};

}  // namespace tollgate::server
