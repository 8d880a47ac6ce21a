#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tollgate/abi.h"

namespace tollgate::curl_driver {

inline constexpr size_t kHeadBytesMax = 64 * 1024;
inline constexpr uint32_t kHeadPairsMax = 200;

/// Collects the header lines that libcurl hands out one by one into a status and header pairs.
/// Interim (1xx) heads are dropped, trailers are ignored, folded lines are joined.
class HeadReader {
 public:
  enum class Step : uint8_t {
    kMore,      ///< The head is not complete, or the line does not matter.
    kComplete,  ///< The final head is complete: status() and pairs() can be read.
    kInvalid    ///< Too many pairs, too many bytes, or not a head.
  };

  /// Takes one line with its line break.
  Step feed(std::string_view line);

  uint32_t status() const { return status_; }
  bool complete() const { return complete_; }

  /// Names and values in turn; valid until the next feed() or clear().
  const std::vector<tg_bytes>& pairs();

  void clear();

 private:
  struct Span {
    size_t at;
    size_t size;
  };

  Step feed_status(std::string_view line);
  Step feed_field(std::string_view line);
  Step feed_fold(std::string_view text);
  Span keep(std::string_view text);

  std::string text_;
  std::vector<Span> spans_;
  std::vector<tg_bytes> pairs_;
  uint32_t status_ = 0;
  bool complete_ = false;
};

}  // namespace tollgate::curl_driver
