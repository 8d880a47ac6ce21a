#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "json/reader.hpp"

namespace tollgate::json {

/// A value or a key: where it stands in the text, and where the next one does.
/// Nodes are written before they are read: members without defaults let memory for many of them
/// stay untouched until then.
struct Node {
  uint32_t begin;
  uint32_t end;
  uint32_t next;   ///< The node behind this one and all that it holds.
  uint32_t extra;  ///< Of a container what it holds; of a string what kUnescaped says.
};

/// In a string's `extra`: its text stands unescaped in the tape's second text. The other bits say
/// by how many bytes it is shorter there.
inline constexpr uint32_t kUnescaped = 0x80000000;

/// A text's values in order, each as its place: nothing is copied, and a string with escapes is
/// unescaped only when somebody asks for it.
class Tape {
 public:
  /// Memory for a text with this many structural places; false when there is none.
  bool reserve(size_t places);

  enum class Built : uint8_t { kWhole, kFault, kNoMemory };

  /// Checks the text as strictly as find_fault() and writes the nodes. `places` are those of all
  /// structural characters, of each string's first quote and of every other value's first byte,
  /// which reserve() was told of; what must be checked inside of strings besides their escapes was
  /// checked. kPadding bytes behind the text must be readable. `mark` may be null.
  Built build(std::string_view text, const uint32_t* places, size_t count, Mark* mark = nullptr);

  const Node& node(size_t index) const { return nodes_[index]; }
  /// The first byte of a node, which says what it is.
  char first(size_t index) const { return text_[nodes_[index].begin]; }
  std::string_view raw(size_t index) const {
    return text_.substr(nodes_[index].begin, nodes_[index].end - nodes_[index].begin);
  }
  /// Of a string or key.
  std::string_view string(size_t index) const {
    const Node& node = nodes_[index];
    if (node.extra != 0) return unescaped(index);
    return {text_.data() + node.begin + 1, node.end - node.begin - 2};
  }
  size_t string_size(size_t index) const;
  /// Whether this string or key is `text`.
  bool is_string(size_t index, std::string_view text) const {
    const Node& node = nodes_[index];
    if (node.extra != 0) return string_size(index) == text.size() && string(index) == text;
    if (node.end - node.begin != text.size() + 2) return false;
    const char* const own = text_.data() + node.begin + 1;
    // One byte before the rest: keys of one size mostly differ there.
    return text.empty() ||
           (*own == text.front() && std::memcmp(own, text.data(), text.size()) == 0);
  }
  size_t memory() const { return nodes_size_ * sizeof(Node) + unescaped_size_; }

 private:
  std::string_view unescaped(size_t index) const;

  std::string_view text_;
  std::unique_ptr<Node[]> nodes_;
  size_t nodes_size_ = 0;  ///< As many as there is room for.
  size_t size_ = 0;        ///< Of what was built last; 0 when that failed.
  /// A string that begins at some place of the text stands at the same place here.
  std::unique_ptr<char[]> unescaped_;
  size_t unescaped_size_ = 0;
};

/// A size that is a little larger, so that a text that is a little longer needs no new memory. What
/// is read of one event's text should not cost the memory of a request's.
size_t rounded_up(size_t size);

}  // namespace tollgate::json
