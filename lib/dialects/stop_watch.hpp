#pragma once

// Stop sequences for upstreams that have none (or take too few): the answer's text is watched, and
// ends where one of them begins.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::dialects {

class StopWatch {
 public:
  /// Empty sequences are left out.
  explicit StopWatch(std::vector<std::string> sequences);

  bool needed() const { return !patterns_.empty(); }
  /// Takes text, appends to `out` what can be shown: at most the longest sequence is held back.
  /// True when a sequence is complete; nothing may be fed after that. The sequence that ends first
  /// counts, so that the cuts between texts do not matter.
  bool feed(std::string_view text, std::string& out);
  /// The block ends: what was held back is text after all.
  void flush(std::string& out);
  const std::string& found() const { return found_; }

 private:
  /// One sequence and how much of it stands at the end of the text so far.
  struct Pattern {
    std::string sequence;
    std::vector<uint32_t> shorter;  ///< Of each beginning: its longest beginning that ends it too.
    uint32_t matched = 0;

    /// The place behind the sequence's end, or npos.
    size_t advance(std::string_view text);
  };

  std::vector<Pattern> patterns_;
  std::string held_;
  std::string found_;
};

}  // namespace tollgate::dialects
