#pragma once

#include <string>
#include <string_view>

namespace tollgate::dialects {

/// Servers without a parser for reasoning leave it in the text, in <think> tags. Only an answer
/// that begins with the tag is taken so; the tag may be spread over any number of pieces. Where the
/// prompt's template has the opening tag, answers begin inside and have the closing one alone.
class ThinkTags {
 public:
  ThinkTags() = default;
  /// `unseen`: nobody wants to see the reasoning, so that it can wait for the tag that proves it.
  ThinkTags(bool begins_inside, bool unseen) : begins_inside_(begins_inside), unseen_(unseen) {}

  /// Takes a piece of text; appends what of it is reasoning and what is text.
  void feed(std::string_view piece, std::string& reasoning, std::string& text);
  /// The text ends: what was held back is what it looked like.
  void flush(std::string& reasoning, std::string& text);
  /// Nothing is held back and nothing will be: pieces may go on as they are.
  bool is_text() const { return state_ == State::kText; }

 private:
  enum class State { kUnknown, kReasoning, kAfter, kText };
  bool waits() const { return unseen_ && !opened_; }

  State state_ = State::kUnknown;
  bool begins_inside_ = false;
  bool unseen_ = false;
  bool opened_ = false;  ///< By a tag.
  std::string held_;
};

}  // namespace tollgate::dialects
