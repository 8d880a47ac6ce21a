#pragma once

// json/ reads and writes JSON text. It owns the only use of simdjson, whose header costs more than
// a second in every file that includes it: nothing here shows it. May include base/. It never
// recurses over input: nesting is bounded by limits::kJsonDepthMax.

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/status.hpp"

namespace tollgate::json {

enum class Kind : uint8_t {
  kMissing,
  kNull,
  kBool,
  kInt,
  kUint,
  kDouble,
  kString,
  kArray,
  kObject
};

class Members;
class Elements;

/// A value inside a parsed Document; cheap to copy. Valid until the Document parses again or goes.
/// A value that is not there answers every question as "no": chains need no checks between.
class Value {
 public:
  Value() = default;

  Kind kind() const;
  bool exists() const { return document_ != nullptr; }
  bool is_null() const { return begins_with('n'); }
  bool is_string() const { return begins_with('"'); }
  bool is_array() const { return begins_with('['); }
  bool is_object() const { return begins_with('{'); }

  /// The text, unescaped; nothing when this is not a string.
  std::optional<std::string_view> string() const;
  /// The size of string(), without unescaping it; 0 when this is not a string.
  size_t string_size() const;
  /// The value as it stands in the text; empty when it is missing.
  std::string_view raw() const;
  /// The number when it is whole and fits; nothing otherwise.
  std::optional<int64_t> integer() const;
  std::optional<double> number() const;
  std::optional<bool> boolean() const;

  /// string(), or `other` where there is none.
  std::string_view string_or(std::string_view other) const { return string().value_or(other); }

  /// The first member with this (unescaped) key; missing when there is none or this is no object.
  Value operator[](std::string_view key) const;
  /// Members of an object, in order; none when this is not an object.
  Members members() const;
  /// Elements of an array, in order; none when this is not an array.
  Elements elements() const;
  /// Members or elements; 0 for anything else.
  size_t size() const;

 private:
  friend class Document;
  friend class Members;
  friend class Elements;
  Value(const void* document, size_t index) : document_(document), index_(index) {}
  bool begins_with(char first) const;
  bool is_number() const;

  const void* document_ = nullptr;
  size_t index_ = 0;
};

struct Member {
  std::string_view key;
  Value value;
};

class Members {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Member;
    using difference_type = std::ptrdiff_t;
    using pointer = const Member*;
    using reference = Member;
    Member operator*() const;
    Value key() const;
    Iterator& operator++();
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    friend class Members;
    Iterator(const void* document, size_t index) : document_(document), index_(index) {}
    const void* document_;
    size_t index_;
  };
  Iterator begin() const { return Iterator(document_, begin_); }
  Iterator end() const { return Iterator(document_, end_); }

 private:
  friend class Value;
  Members(const void* document, size_t begin, size_t end)
      : document_(document), begin_(begin), end_(end) {}
  const void* document_;
  size_t begin_;
  size_t end_;
};

class Elements {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Value;
    using difference_type = std::ptrdiff_t;
    using pointer = const Value*;
    using reference = Value;
    Value operator*() const { return Value(document_, index_); }
    Iterator& operator++();
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    friend class Elements;
    Iterator(const void* document, size_t index) : document_(document), index_(index) {}
    const void* document_;
    size_t index_;
  };
  Iterator begin() const { return Iterator(document_, begin_); }
  Iterator end() const { return Iterator(document_, end_); }

 private:
  friend class Value;
  Elements(const void* document, size_t begin, size_t end)
      : document_(document), begin_(begin), end_(end) {}
  const void* document_;
  size_t begin_;
  size_t end_;
};

/// Bytes that must be readable (their contents do not matter) behind a text given to
/// parse_padded().
inline constexpr size_t kPadding = 64;

/// A text to look for among all strings, keys and values, while they are found.
struct Mark {
  static constexpr size_t kSizeMax = 16;
  std::string_view text;  ///< Of kSizeMax bytes at most.
  bool found = false;     ///< Some string is `text`, however it is written.
};

/// A parser with the memory of what it parsed; made once and used again. One thread at a time.
class Document {
 public:
  Document();
  ~Document();
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;

  /// Parses a whole text strictly: one value, nothing but white space around it, no byte-order
  /// mark, valid UTF-8, bounded depth. Copies the text once. On failure: kInvalid with a message
  /// that ends in "at line L column C"; kLimit when it nests too deeply; kNoMemory.
  Result<Value> parse(std::string_view text);

  /// As parse(), without the copy: kPadding bytes behind the text must be readable, and the text
  /// must stay as it is for as long as its values are looked at.
  /// `mark` may be null.
  Result<Value> parse_padded(std::string_view text, Mark* mark = nullptr);

  /// Bytes held between parses, so that a pool can drop one that grew too large.
  size_t memory() const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace tollgate::json
