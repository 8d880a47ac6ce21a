#pragma once

#include <string>
#include <string_view>

#include "json/reader.hpp"

namespace tollgate::test {

/// Where two JSON values differ, as a path; empty when they mean the same. The order of members
/// does not count, the number of them does. For tests: recurses over what it is given.
inline std::string json_difference(json::Value a, json::Value b, const std::string& path) {
  if (a.is_object() && b.is_object()) {
    if (a.size() != b.size()) return path + " (number of members)";
    for (const json::Member member : a.members()) {
      const std::string key(member.key);
      const json::Value other = b[member.key];
      if (!other.exists()) return path + "." + key + " (missing)";
      std::string difference = json_difference(member.value, other, path + "." + key);
      if (!difference.empty()) return difference;
    }
    return {};
  }
  if (a.is_array() && b.is_array()) {
    if (a.size() != b.size()) return path + " (number of elements)";
    auto at = b.elements().begin();
    size_t index = 0;
    for (const json::Value element : a.elements()) {
      std::string difference = json_difference(element, *at, path + "." + std::to_string(index++));
      if (!difference.empty()) return difference;
      ++at;
    }
    return {};
  }
  const bool same = a.number() && b.number() ? a.number() == b.number()
                                             : a.kind() == b.kind() && a.string() == b.string() &&
                                                   a.boolean() == b.boolean();
  return same ? std::string() : path;
}

inline std::string json_difference(std::string_view a, std::string_view b) {
  json::Document first;
  json::Document second;
  const auto left = first.parse(a);
  const auto right = second.parse(b);
  if (!left.ok()) return "the first: " + left.status().message();
  if (!right.ok()) return "the second: " + right.status().message();
  return json_difference(left.value(), right.value(), "$");
}

}  // namespace tollgate::test
