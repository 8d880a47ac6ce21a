#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tollgate::dialects::openai_chat {

/// Watches the arguments of a tool call go by: one JSON object, in any pieces. What models get
/// wrong most often is mended: raw line ends inside strings, and text behind the object's end.
class Arguments {
 public:
  /// Takes a piece and appends what can go to the client at once. Nothing goes when the arguments
  /// do not begin like an object: they are kept whole.
  void feed(std::string_view piece, std::string& out);

  bool begun() const { return state_ != State::kNothing; }
  /// The object has ended.
  bool complete() const { return state_ == State::kComplete; }
  /// The arguments are something else, see whole().
  bool is_other() const { return state_ == State::kOther; }
  /// What was kept, as an object: a text that holds one is opened.
  std::string whole() const;

 private:
  enum class State : uint8_t { kNothing, kObject, kComplete, kOther };
  State state_ = State::kNothing;
  bool in_string_ = false;
  bool escaped_ = false;
  uint32_t depth_ = 0;
  std::string kept_;
};

}  // namespace tollgate::dialects::openai_chat
