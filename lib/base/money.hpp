#pragma once

#include <compare>
#include <cstdint>

namespace tollgate {

/// An amount of money. Integer on purpose: no floating point touches money anywhere.
struct NanoUsd {
  int64_t value = 0;
  friend constexpr auto operator<=>(NanoUsd, NanoUsd) = default;
};

/// Sum that stops at the largest amount instead of wrapping: an absurd price closes a budget, it
/// never reopens one.
constexpr NanoUsd add_saturating(NanoUsd a, NanoUsd b) {
  int64_t sum = 0;
  if (__builtin_add_overflow(a.value, b.value, &sum)) {
    return NanoUsd{a.value > 0 ? INT64_MAX : INT64_MIN};
  }
  return NanoUsd{sum};
}

}  // namespace tollgate
