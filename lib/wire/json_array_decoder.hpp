#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/limits.hpp"
#include "base/status.hpp"

namespace tollgate::wire {

/// Cuts a JSON array that arrives in pieces into its elements, from any split. A lone object counts
/// as an array of it. Looks at brackets and strings only: whether an element is valid JSON is its
/// reader's to find out.
class JsonArrayDecoder {
 public:
  explicit JsonArrayDecoder(size_t element_bytes_max = limits::kSseEventBytesMax)
      : element_bytes_max_(element_bytes_max) {}

  /// Takes the next bytes and calls `sink(element)` for each element that is whole, in order; the
  /// text is valid inside the call only. kInvalid when this is no array, kLimit when an element is
  /// larger than the bound; the decoder is then spent.
  template <typename Sink>
  Status feed(std::string_view bytes, Sink&& sink) {
    while (!bytes.empty() && error_.ok()) {
      bytes.remove_prefix(take(bytes));
      if (ready_) {
        sink(std::string_view(element_));
        element_.clear();
        ready_ = false;
      }
    }
    return error_;
  }

 private:
  enum class State : uint8_t { kStart, kBetween, kInside, kAfter };

  /// Takes bytes up to the end of an element, or all of them; returns how many.
  size_t take(std::string_view bytes);
  size_t take_inside(std::string_view bytes);
  void end_element(State next);

  size_t element_bytes_max_;
  std::string element_;
  Status error_;
  State state_ = State::kStart;
  uint32_t depth_ = 0;  ///< Open brackets of the element.
  bool in_string_ = false;
  bool escaped_ = false;
  bool in_array_ = false;
  bool ready_ = false;
};

}  // namespace tollgate::wire
