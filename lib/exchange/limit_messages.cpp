#include "exchange/limit_messages.hpp"

#include <algorithm>

#include "base/time.hpp"

namespace tollgate::exchange {
namespace {

constexpr int64_t kNanoPerUsd = 1'000'000'000;
constexpr size_t kDateBytes = 10;
// A lock-step crowd of clients is spread by their own waits; one second is the least a header can
// say.
constexpr int64_t kShortWaitS = 1;
constexpr int64_t kWaitMaxS = 86'400 * 92;

/// Decimals that an amount is shown with: two, or below a dollar as many as show two digits that
/// are not zero.
size_t decimals_of(int64_t nano_usd) {
  if (nano_usd >= kNanoPerUsd || nano_usd <= 0) return 2;
  const size_t zeros = 9 - std::to_string(nano_usd).size();
  return std::min<size_t>(zeros + 2, 9);
}

/// As usd(), rounded up: what is needed must not look as if it fitted.
std::string usd_at_most(int64_t nano_usd) {
  int64_t step = 1;
  for (size_t shown = decimals_of(nano_usd); shown < 9; ++shown)
    step *= 10;
  const int64_t over = nano_usd % step;
  return usd(over == 0 || nano_usd > INT64_MAX - step ? nano_usd : nano_usd - over + step);
}

std::string amount_text(const ledger::Charge& charge, int64_t amount) {
  return charge.measure == Measure::kMoney ? usd(amount) : std::to_string(amount);
}

std::string spent_text(const Blocked& blocked) {
  return amount_text(blocked.charge, blocked.admission.spent) + " of " +
         amount_text(blocked.charge, blocked.charge.limit);
}

bool is_budget(const Blocked& blocked) {
  return blocked.match.rule->kind == policy::RuleKind::kBudget;
}

std::string whose(const Blocked& blocked) {
  return blocked.match.entity.empty() ? std::string()
                                      : " (" + std::string(blocked.match.entity) + ")";
}

int64_t wait_seconds(uint64_t retry_at_ns, Time now) {
  if (retry_at_ns == kNoDeadline) return kWaitMaxS;
  const uint64_t wait = elapsed(now.mono_ns, retry_at_ns);
  const auto seconds = static_cast<int64_t>(wait / kSecond + (wait % kSecond != 0 ? 1 : 0));
  return std::clamp<int64_t>(seconds, kShortWaitS, kWaitMaxS);
}

model::Failure budget_failure(const Blocked& blocked, uint32_t status, Time now) {
  const ledger::Charge& charge = blocked.charge;
  const policy::Rule& rule = *blocked.match.rule;
  model::Failure failure;
  const std::string name = "Budget " + rule.id + whose(blocked);
  const std::string unit = charge.measure == Measure::kMoney ? " spent" : " tokens used";
  if (blocked.waited) {
    failure.kind = model::FailureKind::kRateLimit;
    failure.status = 429;
    failure.retry_after_s = kShortWaitS;
    failure.message = name + " has room only when requests that are running now have ended: " +
                      spent_text(blocked) + unit + ", the rest is reserved. Try again in a moment.";
    return failure;
  }
  failure.kind = model::FailureKind::kBilling;
  failure.status = status;
  failure.should_retry = false;
  if (status == 429) failure.retry_after_s = wait_seconds(blocked.admission.retry_at_ns, now);
  if (blocked.admission.left.value == 0) {
    failure.message = name + " is used up: " + spent_text(blocked) + unit + ". It ";
  } else {
    failure.message = name + " has no room for this request: " + spent_text(blocked) + unit +
                      ", and it may need up to " +
                      (charge.measure == Measure::kMoney ? usd_at_most(charge.need)
                                                         : std::to_string(charge.need)) +
                      " where " + amount_text(charge, blocked.admission.left.value) +
                      " is left. It ";
  }
  failure.message += reset_text(charge, rule) + ".";
  return failure;
}

std::string rate_text(const ledger::Charge& charge) {
  const std::string limit = std::to_string(charge.limit);
  if (charge.measure == Measure::kSlots) return limit + " requests at the same time";
  return limit + (charge.measure == Measure::kTokens ? " tokens" : " requests") + " per " +
         std::string(period_name(charge.period));
}

}  // namespace

std::string usd(int64_t nano_usd) {
  const int64_t whole = nano_usd / kNanoPerUsd;
  const int64_t part = nano_usd % kNanoPerUsd;
  std::string digits = std::to_string(part);
  digits.insert(0, 9 - digits.size(), '0');
  return "$" + std::to_string(whole) + "." + digits.substr(0, decimals_of(nano_usd));
}

std::string exact_usd(int64_t nano_usd) {
  std::string part = std::to_string(nano_usd % kNanoPerUsd);
  part.insert(0, 9 - part.size(), '0');
  return std::to_string(nano_usd / kNanoPerUsd) + "." + part;
}

std::string percent_text(int64_t used, int64_t limit) {
  if (limit <= 0) return "100.00";
  __extension__ typedef __int128 Wide;
  const Wide hundredths = static_cast<Wide>(used) * 10'000 / limit;
  const auto shown = static_cast<int64_t>(std::min<Wide>(hundredths, INT64_MAX));
  const std::string part = std::to_string(shown % 100);
  return std::to_string(shown / 100) + (part.size() < 2 ? ".0" : ".") + part;
}

std::string_view mode_name(policy::Mode mode) {
  switch (mode) {
    case policy::Mode::kSoftEnforce:
      return "soft_enforce";
    case policy::Mode::kAudit:
      return "audit";
    case policy::Mode::kEnforce:
      break;
  }
  return "enforce";
}

std::string reset_text(const ledger::Charge& charge, const policy::Rule& rule) {
  if (charge.window.end_ms == INT64_MAX) return "never resets";
  const int64_t local = charge.window.end_ms + rule.zone.offset_at(charge.window.end_ms);
  return "resets " + format_rfc3339(local).substr(0, kDateBytes);
}

model::Failure limit_failure(const Blocked& blocked, uint32_t budget_status, Time now) {
  if (is_budget(blocked)) return budget_failure(blocked, budget_status, now);
  const policy::Rule& rule = *blocked.match.rule;
  model::Failure failure;
  failure.kind = model::FailureKind::kRateLimit;
  failure.status = 429;
  failure.retry_after_s =
      blocked.waited ? kShortWaitS : wait_seconds(blocked.admission.retry_at_ns, now);
  failure.message = "Rate limit " + rule.id + whose(blocked) +
                    " is reached: " + rate_text(blocked.charge) + ". Try again in " +
                    std::to_string(*failure.retry_after_s) + " s.";
  return failure;
}

std::string limit_reason(const Blocked& blocked) {
  const policy::Rule& rule = *blocked.match.rule;
  if (is_budget(blocked)) return "budget " + rule.id + ": " + spent_text(blocked);
  return "rate limit " + rule.id + ": " + rate_text(blocked.charge);
}

std::string near_limit_text(const ledger::Charge& charge, const policy::Rule& rule, int64_t spent) {
  if (rule.alert_thresholds.empty() || charge.limit <= 0) return {};
  __extension__ typedef __int128 Wide;
  const auto percent = static_cast<int64_t>(static_cast<Wide>(spent) * 100 / charge.limit);
  if (percent < rule.alert_thresholds.front()) return {};
  return rule.id + ": " + amount_text(charge, spent) + " of " + amount_text(charge, charge.limit) +
         " spent (" + std::to_string(percent) + " %), " + reset_text(charge, rule);
}

}  // namespace tollgate::exchange
