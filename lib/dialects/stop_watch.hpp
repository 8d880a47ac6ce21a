#pragma once

// Stop sequences for upstreams that have none (or take too few): the answer's text is watched, and
// ends where one of them begins.

#include <string>
#include <string_view>
#include <vector>

namespace tollgate::dialects {

class StopWatch {
 public:
  explicit StopWatch(std::vector<std::string> sequences) : sequences_(std::move(sequences)) {}

  bool needed() const { return !sequences_.empty(); }
  /// Takes text, appends to `out` what can be shown: at most the longest sequence is held back.
  /// True when a sequence is complete; nothing may be fed after that.
  bool feed(std::string_view text, std::string& out);
  /// The block ends: what was held back is text after all.
  void flush(std::string& out);
  const std::string& found() const { return found_; }

 private:
  std::vector<std::string> sequences_;
  std::string held_;
  std::string found_;
};

}  // namespace tollgate::dialects
