#pragma once

#include <cstdint>
#include <string_view>

#include "base/calendar.hpp"
#include "base/text_hash.hpp"
#include "ledger/charge.hpp"

namespace tollgate::test {

inline constexpr int64_t kToday = 1'795'338'000'000;  // 2026-11-22T09:00:00Z

/// What a rule asks of its counter today.
inline ledger::Charge charge(std::string_view rule, Measure measure, Period period, int64_t limit,
                             int64_t need) {
  ledger::Charge made;
  made.rule = rule;
  made.hash = ledger::charge_hash(text_hash(rule), text_hash(""));
  made.measure = measure;
  made.period = period;
  if (measure != Measure::kSlots && !ledger::slides(measure, period)) {
    made.window = window_at(period, kToday, Zone());
  }
  made.limit = limit;
  made.need = need;
  return made;
}

}  // namespace tollgate::test
