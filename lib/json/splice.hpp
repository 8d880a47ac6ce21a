#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace tollgate::json {

/// A place in a text: the value's raw bytes, quotes included.
struct Span {
  size_t offset = 0;
  size_t size = 0;
};

/// Finds the raw span of a member by a path of (unescaped) keys, as {"message", "model"}. Keys in
/// the text may be spelled with escapes. The text must be valid JSON (a Document has parsed it); of
/// members with the same key the first counts. Stops as soon as it is found.
std::optional<Span> find_span(std::string_view text, std::initializer_list<std::string_view> path);

/// Appends `value` to `out` as a JSON string, quotes included; invalid UTF-8 becomes U+FFFD.
void append_string(std::string& out, std::string_view value);

}  // namespace tollgate::json
