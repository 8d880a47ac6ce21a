#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"

namespace tollgate::wire {

struct Header {
  std::string_view name;
  std::string_view value;
};

/// Header fields of one message, copied into one block of memory; names are kept as they came and
/// compared without case. Bounded by limits::kHeaderPairsMax and limits::kHeadBytesMax.
class Headers {
 public:
  /// Adds a field. kInvalid when the name is not a token or the value holds CR, LF, NUL or another
  /// control character except tab; kLimit when the bounds are passed. Spaces around the value go.
  Status add(std::string_view name, std::string_view value);

  /// A field of other headers, where it was looked at when it was added.
  Status add(const Headers& from, size_t index) {
    const Header header = from.at(index);
    return add_checked(header.name, header.value);
  }

  /// The first field of that name.
  std::optional<std::string_view> get(std::string_view name) const;
  /// All fields of that name joined by ", ", in order; empty when there is none.
  std::string joined(std::string_view name) const;
  bool has(std::string_view name) const { return get(name).has_value(); }
  size_t count(std::string_view name) const;

  size_t size() const { return entries_.size(); }
  /// Of all names and values.
  size_t bytes() const { return bytes_.size(); }
  /// Takes memory for so many fields and bytes at once, within the bounds.
  void reserve(size_t fields, size_t bytes);
  Header at(size_t index) const;
  void clear();

 private:
  struct Entry {
    uint32_t name_at;
    uint32_t name_size;
    uint32_t value_at;
    uint32_t value_size;
  };
  Status add_checked(std::string_view name, std::string_view value);

  std::string bytes_;
  std::vector<Entry> entries_;
};

/// True for a field name HTTP allows (a token).
bool is_token(std::string_view name);
/// True when a field value holds nothing that could end it: no CR, LF, NUL, other control
/// characters.
bool is_safe_value(std::string_view value);

}  // namespace tollgate::wire
