#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"
#include "base/time.hpp"
#include "config/load.hpp"
#include "config/report.hpp"
#include "config/yaml_tree.hpp"

namespace tollgate::config {

/// What every reader needs while a text is loaded.
struct Reading {
  const Tree& tree;
  Report& report;
  const Lookup& lookup;
  Time now;
};

/// A node and where it stands.
struct Value {
  const Node* node = nullptr;
  std::string path;

  Place place() const { return {node->mark, path}; }
};

/// "string", "number", "list"…: what a message calls the value it found.
std::string_view kind_name(const Node& node);

/// The readers of single values. Each reports what is wrong and gives nothing then. "${NAME}" is
/// replaced in all of them.
std::optional<std::string> read_string(Reading& reading, const Value& value);
std::optional<bool> read_bool(Reading& reading, const Value& value);
std::optional<int64_t> read_integer(Reading& reading, const Value& value, int64_t least,
                                    int64_t most);
/// A number as its text, for readers that must not round.
std::optional<std::string> read_decimal(Reading& reading, const Value& value);
/// Also reads "file:PATH". Messages never quote the value, nor its references' values.
std::optional<Secret> read_secret(Reading& reading, const Value& value);
/// The same for keys of several lines, which travel in no header.
std::optional<Secret> read_secret_text(Reading& reading, const Value& value);
/// The items of a list, in order; empty after a report when it is no list.
std::vector<Value> read_list(Reading& reading, const Value& value);
std::vector<std::string> read_strings(Reading& reading, const Value& value);

/// A key and its value in a mapping whose keys are free.
struct Entry {
  std::string key;
  Value value;
};
/// The entries of such a mapping, in order; a key that stands twice is reported.
std::vector<Entry> read_entries(Reading& reading, const Value& value);

enum class Quoting : uint8_t {
  kQuoteKeys,
  kHideKeys  ///< Beside secrets: a slip of the pen may have put one where a key belongs.
};

/// A mapping whose keys are all known. Readers take each key they know, then call done(), which
/// reports the keys nobody took with the nearest one that was.
class StrictMapping {
 public:
  StrictMapping(Reading& reading, Value where, Quoting quoting = Quoting::kQuoteKeys);

  /// False when the value is no mapping: that is reported, and all keys are absent without a
  /// report.
  bool valid() const { return valid_; }
  const Value& where() const { return where_; }
  Reading& reading() { return reading_; }

  /// The value of a key; absent when there is none.
  std::optional<Value> take(std::string_view key);
  /// The same for a key that must be there.
  std::optional<Value> require(std::string_view key);

  std::optional<std::string> string(std::string_view key);
  std::optional<std::string> require_string(std::string_view key);
  bool boolean(std::string_view key, bool fallback);
  int64_t integer(std::string_view key, int64_t fallback, int64_t least, int64_t most);
  std::vector<std::string> strings(std::string_view key);
  std::vector<Value> list(std::string_view key);
  /// The position of the value among `choices`.
  std::optional<size_t> choice(std::string_view key, const std::vector<std::string_view>& choices);

  /// Takes keys that mean something elsewhere and nothing here: each is an error that says so,
  /// since whoever wrote it relies on it.
  void not_supported(std::initializer_list<std::string_view> keys);

  void done();

 private:
  struct Member {
    const Node* key;
    const Node* value;
    bool taken = false;
  };

  void index_members();
  std::string path_of(std::string_view key) const;

  Reading& reading_;
  Value where_;
  Quoting quoting_;
  bool valid_ = false;
  std::vector<Member> members_;
  std::vector<std::string_view> known_;
};

}  // namespace tollgate::config
