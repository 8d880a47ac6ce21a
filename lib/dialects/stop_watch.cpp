#include "dialects/stop_watch.hpp"

#include <algorithm>
#include <utility>

namespace tollgate::dialects {

StopWatch::StopWatch(std::vector<std::string> sequences) {
  for (std::string& sequence : sequences) {
    if (sequence.empty()) continue;
    Pattern pattern;
    pattern.shorter.resize(sequence.size(), 0);
    uint32_t length = 0;
    for (size_t i = 1; i < sequence.size(); ++i) {
      while (length > 0 && sequence[i] != sequence[length])
        length = pattern.shorter[length - 1];
      if (sequence[i] == sequence[length]) ++length;
      pattern.shorter[i] = length;
    }
    pattern.sequence = std::move(sequence);
    patterns_.push_back(std::move(pattern));
  }
}

size_t StopWatch::Pattern::advance(std::string_view text) {
  for (size_t at = 0; at < text.size(); ++at) {
    if (matched == 0) {
      // Most text holds nothing of it; the library finds the next beginning faster than this loop.
      at = text.find(sequence[0], at);
      if (at == std::string_view::npos) return at;
    }
    while (matched > 0 && text[at] != sequence[matched])
      matched = shorter[matched - 1];
    if (text[at] == sequence[matched]) ++matched;
    if (matched == sequence.size()) return at + 1;
  }
  return std::string_view::npos;
}

bool StopWatch::feed(std::string_view text, std::string& out) {
  const Pattern* first = nullptr;
  size_t end = text.size();
  uint32_t held = 0;
  for (Pattern& pattern : patterns_) {
    const size_t found = pattern.advance(text.substr(0, end));
    held = std::max(held, pattern.matched);
    if (found == std::string_view::npos) continue;
    // Of two that end together the longer one began first.
    const bool longer = first == nullptr || pattern.sequence.size() > first->sequence.size();
    if (found < end || longer) first = &pattern;
    end = found;
  }
  held_.append(text.substr(0, end));
  if (first != nullptr) {
    out.append(held_, 0, held_.size() - first->sequence.size());
    held_.clear();
    found_ = first->sequence;
    return true;
  }
  const size_t shown = held_.size() - held;
  out.append(held_, 0, shown);
  held_.erase(0, shown);
  return false;
}

void StopWatch::flush(std::string& out) {
  out.append(held_);
  held_.clear();
  for (Pattern& pattern : patterns_)
    pattern.matched = 0;
}

}  // namespace tollgate::dialects
