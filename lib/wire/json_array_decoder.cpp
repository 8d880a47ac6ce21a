#include "wire/json_array_decoder.hpp"

namespace tollgate::wire {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

size_t JsonArrayDecoder::take(std::string_view bytes) {
  if (state_ == State::kInside) return take_inside(bytes);
  const char c = bytes.front();
  if (is_space(c)) return 1;
  if (state_ == State::kAfter) {
    error_ = invalid("something follows the end of a JSON array");
  } else if (state_ == State::kStart) {
    in_array_ = c == '[';
    if (in_array_) {
      state_ = State::kBetween;
      return 1;
    }
    if (c != '{') {
      error_ = invalid("this is no JSON array");
      return 1;
    }
    state_ = State::kInside;
    return 0;
  } else if (c == ']') {
    state_ = State::kAfter;
  } else if (c != ',') {
    state_ = State::kInside;
    return 0;
  }
  return 1;
}

size_t JsonArrayDecoder::take_inside(std::string_view bytes) {
  size_t at = 0;
  for (; at < bytes.size(); ++at) {
    const char c = bytes[at];
    if (in_string_) {
      in_string_ = escaped_ || c != '"';
      escaped_ = !escaped_ && c == '\\';
      continue;
    }
    if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if (depth_ > 0 && (c == '}' || c == ']')) {
      if (--depth_ > 0) continue;
      element_.append(bytes.substr(0, at + 1));
      end_element(in_array_ ? State::kBetween : State::kAfter);
      return at + 1;
    } else if (depth_ == 0 && (c == ',' || c == ']')) {
      // Behind a text or a number.
      element_.append(bytes.substr(0, at));
      end_element(State::kBetween);
      return at;
    }
  }
  element_.append(bytes);
  if (element_.size() > element_bytes_max_) {
    error_ = Status(Code::kLimit, "an element of a JSON array is too large");
  }
  return at;
}

void JsonArrayDecoder::end_element(State next) {
  if (element_.size() > element_bytes_max_) {
    error_ = Status(Code::kLimit, "an element of a JSON array is too large");
    return;
  }
  state_ = next;
  ready_ = true;
}

}  // namespace tollgate::wire
