#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "json/reader.hpp"

namespace tollgate::dialects::gemini_generate {

/// JSON that can be changed: nodes in one block of memory, known by their number. Strings that came
/// from a parsed document stay there, so it must outlive the tree's use. Bounded: a tree that would
/// grow beyond its limit stays as it is and says so.
class SchemaTree {
 public:
  using Id = uint32_t;
  static constexpr Id kNone = UINT32_MAX;
  static constexpr size_t kNodesMax = 50'000;

  enum class Kind : uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };

  struct Node {
    Kind kind = Kind::kNull;
    bool truth = false;     ///< kBool.
    bool whole = false;     ///< kNumber: `integer` holds it, else `real`.
    std::string_view key;   ///< Of a member.
    std::string_view text;  ///< kString that was made here.
    json::Value source;     ///< kString of the document.
    int64_t integer = 0;
    double real = 0;
    Id first = kNone;  ///< Members or elements.
    Id last = kNone;
    Id next = kNone;  ///< The next member or element beside this one.
  };

  void clear();
  /// True once something found no room.
  bool full() const { return full_; }

  /// A copy of a value with all in it; kNone when there is no room for it.
  Id copy(json::Value value);
  Id make(Kind kind);
  /// For text that lives as long as the document.
  Id make_view(std::string_view text);
  Id make_string(std::string text);
  Id make_bool(bool truth);
  Id make_integer(int64_t value);
  Id make_real(double value);

  const Node& at(Id id) const { return nodes_[id]; }
  bool is(Id id, Kind kind) const { return id != kNone && nodes_[id].kind == kind; }
  bool is_true(Id id) const { return is(id, Kind::kBool) && nodes_[id].truth; }
  /// The text of a string, empty for anything else.
  std::string_view text(Id id) const {
    if (!is(id, Kind::kString)) return {};
    return nodes_[id].source.exists() ? nodes_[id].source.string_or("") : nodes_[id].text;
  }
  /// Whether there is no text, without reading one.
  bool is_empty_text(Id id) const {
    if (!is(id, Kind::kString)) return true;
    const Node& node = nodes_[id];
    return node.source.exists() ? node.source.raw().size() <= 2 : node.text.empty();
  }
  double number(Id id) const {
    const Node& node = nodes_[id];
    return node.whole ? static_cast<double>(node.integer) : node.real;
  }

  /// The first member of that name; kNone when there is none or this is no object.
  Id find(Id object, std::string_view key) const;
  /// Replaces the member, or puts it behind the others. `value` must not be part of anything else.
  void set(Id object, std::string_view key, Id value);
  void remove(Id object, std::string_view key);
  void append(Id array, Id value);
  /// Takes all members or elements off; returns the first of the chain.
  Id take_children(Id id);
  /// Makes it an object without members.
  void reset(Id id);

  /// Appends it as JSON.
  void write(Id id, std::string& out) const;

 private:
  Id add(Node node);
  Id add_value(json::Value value);
  void link(Id parent, Id child);
  void write_scalar(const Node& node, std::string& out) const;

  std::vector<Node> nodes_;
  std::deque<std::string> strings_;  ///< Texts made here.
  std::vector<std::pair<json::Value, Id>> copying_;
  std::unordered_set<std::string_view> keys_;  ///< Of the object being copied.
  bool full_ = false;
};

}  // namespace tollgate::dialects::gemini_generate
