#include "json/tape.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <new>

#include "base/limits.hpp"
#include "json/backslashes.hpp"
#include "json/escapes.hpp"
#include "json/number.hpp"

namespace tollgate::json {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

}  // namespace

size_t rounded_up(size_t size) {
  const size_t step = std::max<size_t>(std::bit_floor(size) / 4, 64);
  return (size / step + 1) * step;
}

namespace {

constexpr uint32_t kNoEscape = UINT32_MAX;

/// Passes the escapes before `end`, the end of the string they are in. By how much they make it
/// shorter; kNoEscape when one of them is none.
[[gnu::noinline]] uint32_t pass_escapes(std::string_view text, Backslashes& backslashes,
                                        uint32_t end) {
  // A copy, whose members can stay in registers: texts of a model's are full of escapes.
  Backslashes at = backslashes;
  uint32_t shorter = 0;
  do {
    // The string's end is behind every backslash in it, so there is a letter.
    const char letter = text[at.at() + 1];
    if (kMeanings[static_cast<uint8_t>(letter)] != '\0') {
      ++shorter;
      letter == '\\' ? at.skip_to(at.at() + 2) : at.skip();
      continue;
    }
    const Escape escape = letter == 'u' ? read_unicode_escape(text, at.at()) : Escape{};
    if (escape.size == 0) return kNoEscape;
    shorter += escape.size - escape.utf8_size;
    at.skip_to(at.at() + escape.size);
  } while (at.at() < end);
  backslashes = at;
  return shorter;
}

/// Looks at a string of the mark's size.
[[gnu::noinline]] void look_for_mark(std::string_view raw, uint32_t shorter, Mark& mark) {
  if (shorter == 0) {
    if (raw == mark.text) mark.found = true;
    return;
  }
  std::array<char, Mark::kSizeMax> unescaped;
  const char* const end = unescape(raw, unescaped.data());
  const auto size = static_cast<size_t>(end - unescaped.data());
  if (std::string_view(unescaped.data(), size) == mark.text) mark.found = true;
}

/// The containers that are open, as the numbers of their nodes: from 1 on, written before it is
/// read.
using OpenNodes = std::array<uint32_t, limits::kJsonDepthMax + 1>;

/// One run over a text's places. All of it becomes part of one function, and no member's address is
/// taken: what says how far it came then stays in registers, where most of the run's time would
/// else go into storing and loading it.
class TapeBuilder {
 public:
  TapeBuilder(std::string_view text, Node* nodes, const uint32_t* places, size_t count, Mark* mark,
              Backslashes& backslashes, OpenNodes& open)
      : text_(text),
        mark_(mark),
        mark_size_(mark != nullptr ? static_cast<uint32_t>(mark->text.size()) + 2 : 0),
        nodes_(nodes),
        place_(places),
        places_end_(places + count),
        backslashes_(&backslashes),
        backslash_(backslashes.at()),
        open_(open.data()) {}

  /// False when something is wrong with the text.
  [[gnu::always_inline]] inline bool run();
  bool saw_escapes() const { return saw_escapes_; }
  size_t size() const { return size_; }

 private:
  bool ended() const { return place_ == places_end_; }
  char peek() const { return ended() ? '\0' : text_[*place_]; }
  void put(uint32_t begin, uint32_t end, uint32_t extra) {
    nodes_[size_] = {begin, end, size_ + 1, extra};
    ++size_;
  }
  [[gnu::always_inline]] inline bool take_key();
  [[gnu::always_inline]] inline bool take_string();
  [[gnu::always_inline]] inline bool take_scalar();
  [[gnu::always_inline]] inline bool open();
  [[gnu::always_inline]] inline bool take_empty(char end);
  [[gnu::always_inline]] inline void close();
  [[gnu::always_inline]] inline uint32_t end_of_token() const;

  std::string_view text_;
  Mark* mark_;
  uint32_t mark_size_;  ///< With its quotes; 0: no string has this size.
  Node* nodes_;
  uint32_t size_ = 0;  ///< Nodes written so far.
  const uint32_t* place_;
  const uint32_t* places_end_;
  Backslashes* backslashes_;
  size_t backslash_;  ///< Where the next one stands.
  bool saw_escapes_ = false;
  size_t depth_ = 0;
  uint32_t* open_;
};

bool TapeBuilder::run() {
  bool in_object = false;
  for (;;) {
    // A value.
    const char c = peek();
    if (c == '"') {
      if (!take_string()) return false;
    } else if (c == '{' || c == '[') {
      const bool object = c == '{';
      ++place_;
      if (!take_empty(object ? '}' : ']')) {
        if (!open()) return false;
        in_object = object;
        if (in_object && !take_key()) return false;
        continue;
      }
    } else if (ended() || !take_scalar()) {
      return false;
    }
    // Behind it: a comma and what must follow it, or the ends of containers.
    for (;;) {
      if (depth_ == 0) return ended();
      const char behind = peek();
      if (behind == ',') {
        ++place_;
        ++nodes_[open_[depth_]].extra;
        if (in_object && !take_key()) return false;
        break;
      }
      if (behind != (in_object ? '}' : ']')) return false;
      close();
      in_object = depth_ > 0 && text_[nodes_[open_[depth_]].begin] == '{';
    }
  }
}

bool TapeBuilder::take_key() {
  if (peek() != '"' || !take_string() || peek() != ':') return false;
  ++place_;
  return true;
}

/// An empty container nests nothing, so it may stand deeper than any other.
bool TapeBuilder::take_empty(char end) {
  if (peek() != end) return false;
  put(place_[-1], *place_ + 1, 0);
  ++place_;
  return true;
}

bool TapeBuilder::open() {
  if (depth_ == limits::kJsonDepthMax) return false;
  open_[++depth_] = size_;
  put(place_[-1], 0, 1);
  return true;
}

void TapeBuilder::close() {
  Node& container = nodes_[open_[depth_--]];
  container.end = *place_++ + 1;
  container.next = size_;
}

/// The end of a string, a literal or a number whose place was just taken: there is nothing but
/// white space between it and the next place.
uint32_t TapeBuilder::end_of_token() const {
  uint32_t end = ended() ? static_cast<uint32_t>(text_.size()) : *place_;
  while (is_space(text_[end - 1]))
    --end;
  return end;
}

bool TapeBuilder::take_string() {
  const uint32_t begin = *place_++;
  uint32_t end = ended() ? static_cast<uint32_t>(text_.size()) : *place_;
  // Mostly there is no white space behind it.
  if (text_[end - 1] != '"') end = end_of_token();
  if (end < begin + 2 || text_[end - 1] != '"') return false;
  uint32_t shorter = 0;
  if (backslash_ < end) {
    saw_escapes_ = true;
    shorter = pass_escapes(text_, *backslashes_, end);
    if (shorter == kNoEscape) return false;
    backslash_ = backslashes_->at();
  }
  put(begin, end, shorter);
  if (end - begin - shorter == mark_size_) {
    look_for_mark(text_.substr(begin + 1, end - begin - 2), shorter, *mark_);
  }
  return true;
}

bool TapeBuilder::take_scalar() {
  const uint32_t begin = *place_++;
  const uint32_t end = end_of_token();
  const std::string_view token = text_.substr(begin, end - begin);
  put(begin, end, 0);
  switch (token.front()) {
    case 't':
      return token == "true";
    case 'f':
      return token == "false";
    case 'n':
      return token == "null";
    default:
      return is_number(token);
  }
}

}  // namespace

bool Tape::reserve(size_t places) {
  if (nodes_size_ >= places) return true;
  nodes_size_ = 0;
  const size_t rounded = rounded_up(places);
  nodes_.reset(new (std::nothrow) Node[rounded]);
  if (nodes_ == nullptr) return false;
  nodes_size_ = rounded;
  return true;
}

Tape::Built Tape::build(std::string_view text, const uint32_t* places, size_t count, Mark* mark) {
  text_ = text;
  size_ = 0;
  Backslashes backslashes(text);
  OpenNodes open;
  TapeBuilder builder(text, nodes_.get(), places, count, mark, backslashes, open);
  if (!builder.run()) return Built::kFault;
  size_ = builder.size();
  if (!builder.saw_escapes() || unescaped_size_ >= text.size()) return Built::kWhole;
  unescaped_size_ = 0;
  const size_t rounded = rounded_up(text.size());
  unescaped_.reset(new (std::nothrow) char[rounded]);
  if (unescaped_ == nullptr) return Built::kNoMemory;
  unescaped_size_ = rounded;
  return Built::kWhole;
}

std::string_view Tape::unescaped(size_t index) const {
  Node& node = nodes_[index];
  char* const place = unescaped_.get() + node.begin;
  if ((node.extra & kUnescaped) == 0) {
    unescape(text_.substr(node.begin + 1, node.end - node.begin - 2), place);
    node.extra |= kUnescaped;
  }
  return {place, string_size(index)};
}

size_t Tape::string_size(size_t index) const {
  const Node& node = nodes_[index];
  return node.end - node.begin - 2 - (node.extra & ~kUnescaped);
}

}  // namespace tollgate::json
