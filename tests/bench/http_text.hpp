#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tollgate::bench {

/// The value of `name` (lower case, with its colon) in a head; empty when it is not there.
inline std::string_view field(std::string_view head, std::string_view name) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  for (size_t line = head.find("\r\n"); line != std::string_view::npos;
       line = head.find("\r\n", line + 2)) {
    const std::string_view text = head.substr(line + 2, name.size());
    if (text.size() < name.size()) break;
    bool same = true;
    for (size_t i = 0; i < name.size() && same; ++i)
      same = lower(text[i]) == name[i];
    if (!same) continue;
    std::string_view value = head.substr(line + 2 + name.size());
    value = value.substr(0, value.find("\r\n"));
    while (!value.empty() && value.front() == ' ')
      value.remove_prefix(1);
    return value;
  }
  return {};
}

inline std::optional<uint64_t> number(std::string_view text, int base = 10) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end == text.data()) return std::nullopt;
  return value;
}

}  // namespace tollgate::bench
