#include "dialects/think_tags.hpp"

#include <algorithm>

namespace tollgate::dialects {
namespace {

constexpr std::string_view kOpen = "<think>";
constexpr std::string_view kClose = "</think>";
constexpr std::string_view kBlanks = " \t\r\n";
/// Blanks before the tag; an answer that begins with more of them is text.
constexpr size_t kBlanksMax = 64;

/// How many bytes at the text's end may be the beginning of the tag.
size_t partial(std::string_view text, std::string_view tag) {
  for (size_t size = std::min(text.size(), tag.size() - 1); size > 0; --size) {
    if (text.ends_with(tag.substr(0, size))) return size;
  }
  return 0;
}

}  // namespace

void ThinkTags::feed(std::string_view piece, std::string& reasoning, std::string& text) {
  if (state_ == State::kText) {
    text += piece;
    return;
  }
  held_ += piece;
  if (state_ == State::kUnknown) {
    const size_t begin = held_.find_first_not_of(kBlanks);
    if (begin == std::string::npos && held_.size() <= kBlanksMax) return;
    const std::string_view seen =
        begin == std::string::npos ? std::string_view() : std::string_view(held_).substr(begin);
    if (seen.size() < kOpen.size() && !seen.empty() && kOpen.starts_with(seen)) return;
    opened_ = seen.starts_with(kOpen);
    if (!opened_ && !begins_inside_) {
      state_ = State::kText;
      text += held_;
      held_.clear();
      return;
    }
    if (opened_) held_.erase(0, begin + kOpen.size());
    state_ = State::kReasoning;
  }
  if (state_ == State::kReasoning) {
    const size_t close = held_.find(kClose);
    if (close == std::string::npos) {
      if (waits()) return;
      const size_t keep = partial(held_, kClose);
      reasoning.append(held_, 0, held_.size() - keep);
      held_.erase(0, held_.size() - keep);
      return;
    }
    reasoning.append(held_, 0, close);
    held_.erase(0, close + kClose.size());
    state_ = State::kAfter;
  }
  // The blank lines between the two belong to neither.
  const size_t begin = held_.find_first_not_of(kBlanks);
  if (begin == std::string::npos) {
    held_.clear();
    return;
  }
  state_ = State::kText;
  text.append(held_, begin);
  held_.clear();
}

void ThinkTags::flush(std::string& reasoning, std::string& text) {
  if (state_ == State::kReasoning && !waits()) {
    reasoning += held_;
  } else if (state_ == State::kReasoning || state_ == State::kUnknown) {
    text += held_;
  }
  held_.clear();
  state_ = State::kText;
}

}  // namespace tollgate::dialects
