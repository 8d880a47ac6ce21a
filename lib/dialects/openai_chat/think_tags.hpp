#pragma once

#include <string>
#include <string_view>

namespace tollgate::dialects::openai_chat {

/// Servers without a parser for reasoning leave it in the text, in <think> tags. Only an answer
/// that begins with the tag is taken so; the tag may be spread over any number of pieces.
class ThinkTags {
 public:
  /// Takes a piece of text; appends what of it is reasoning and what is text.
  void feed(std::string_view piece, std::string& reasoning, std::string& text);
  /// The text ends: what was held back is what it looked like.
  void flush(std::string& reasoning, std::string& text);
  /// Nothing is held back and nothing will be: pieces may go on as they are.
  bool is_text() const { return state_ == State::kText; }
  /// From here on all is text.
  void leave_alone() { state_ = State::kText; }

 private:
  enum class State { kUnknown, kReasoning, kAfter, kText };
  State state_ = State::kUnknown;
  std::string held_;
};

}  // namespace tollgate::dialects::openai_chat
