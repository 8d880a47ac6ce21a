#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace tollgate {

/// For tables in memory; not the same in every process. 0 only for the empty text.
inline uint64_t text_hash(std::string_view text) {
  return text.empty() ? 0 : std::hash<std::string_view>{}(text) | 1U;
}

/// For tables with std::string keys and std::equal_to<> that are asked with views.
struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

}  // namespace tollgate
