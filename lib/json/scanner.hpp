#pragma once

#include <cstddef>
#include <string_view>

#include "json/splice.hpp"

namespace tollgate::json {

/// Steps over valid JSON without building anything. On text that is not valid it may answer
/// anything, but it stays inside the text and comes to an end.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  size_t at() const { return at_; }
  /// The byte here, or NUL at the end.
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void step() { ++at_; }
  void skip_space();
  /// From a quote to behind the string's end; its place, quotes included.
  Span take_string();
  void skip_value();

 private:
  void skip_container();
  size_t find_bracket_or_quote() const;

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace tollgate::json
