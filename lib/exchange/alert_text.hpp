#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/charge.hpp"
#include "policy/rule.hpp"

namespace tollgate::exchange {

/// A budget's counter that has passed a threshold.
struct Passed {
  const policy::Rule& rule;
  std::string_view entity;
  policy::Limit limit;
  const ledger::Charge& charge;
  int64_t spent = 0;
  int32_t threshold = 0;
};

/// "Budget dev-daily (ann@corp.example) has passed 75 %: $7.51 of $10.00 spent, resets 2026-11-23."
std::string alert_sentence(const Passed& passed);

/// The body that a receiver of this kind is sent (docs/reference/notifications.md).
std::string alert_body(const policy::Notification& receiver, const Passed& passed);

}  // namespace tollgate::exchange
