#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tollgate::dialects {

/// JSON in which halves of characters stand alone is none; they become place holders. False when
/// there are none.
bool mend_surrogates(std::string_view json, std::string& mended);

/// Joins halves of characters that a server spread over two pieces of a stream: text in which the
/// place holders of mend_surrogates() stand becomes text again.
class Surrogates {
 public:
  /// The next piece of a text, mended into `room` where that is needed.
  std::string_view join(std::string_view text, std::string& room);
  /// A text that is not a piece of anything.
  static std::string_view join_whole(std::string_view text, std::string& room);

 private:
  uint32_t high_ = 0;
};

}  // namespace tollgate::dialects
