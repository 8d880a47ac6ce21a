#pragma once

#include <cstdint>
#include <string_view>

#include "base/rng.hpp"

namespace tollgate::router {

/// A well-spread number of a text, the same on every machine and in every run: draws that are made
/// of it agree between replicas. Not for secrets.
constexpr uint64_t hash_text(std::string_view text, uint64_t seed = 0) {
  uint64_t hash = 0xcbf29ce484222325ULL ^ seed;
  for (const char c : text) {
    hash ^= static_cast<uint8_t>(c);
    hash *= 0x100000001b3ULL;
  }
  return mix64(hash);
}

/// Two such numbers as one; the order counts.
constexpr uint64_t hash_pair(uint64_t first, uint64_t second) {
  return mix64(first ^ (mix64(second) + 0x9e3779b97f4a7c15ULL));
}

}  // namespace tollgate::router
