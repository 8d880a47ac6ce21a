#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/calendar.hpp"
#include "base/limits.hpp"
#include "base/measure.hpp"
#include "base/money.hpp"
#include "base/text_hash.hpp"
#include "base/time.hpp"

namespace tollgate::ledger {

inline constexpr int64_t kUnlimited = INT64_MAX;

/// What a counter that has no room does to the request.
enum class Force : uint8_t {
  kEnforce,
  kSoft,  ///< Refuses only when every money counter of the request is over.
  kCount  ///< Never refuses.
};

/// One counter a request goes through: which, against which limit, and how much.
struct Charge {
  std::string_view rule;    ///< Key of the rule.
  std::string_view entity;  ///< Whose counter of that rule; empty: of all together.
  uint64_t hash = 0;        ///< charge_hash() of the two.
  Measure measure = Measure::kMoney;
  Period period = Period::kLifetime;
  Window window;  ///< In force now, of calendar periods. Minutes and hours slide instead.
  int64_t limit = kUnlimited;
  int64_t need = 0;  ///< Upper bound; what a counter counts decides its unit.
  Force force = Force::kEnforce;
};

/// Rules and entities are hashed once, a counter by both.
inline uint64_t charge_hash(uint64_t rule_hash, uint64_t entity_hash) {
  uint64_t x = rule_hash ^ (entity_hash + 0x9e3779b97f4a7c15ULL + (rule_hash << 6U));
  x ^= x >> 32U;
  x *= 0xd6e8feb86659fd93ULL;
  return x ^ (x >> 32U);
}

/// True of windows that slide: a moment's window is the minute or hour before it.
inline bool slides(Measure measure, Period period) {
  return measure != Measure::kMoney && measure != Measure::kSlots && sliding_ns(period) != 0;
}

}  // namespace tollgate::ledger
