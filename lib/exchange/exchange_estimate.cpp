// Budgets with `admission: estimate`: a stream reserves as it grows, and ends where nothing is
// left.

#include <algorithm>

#include "exchange/cost_bound.hpp"
#include "exchange/exchange.hpp"

namespace tollgate::exchange {
namespace {

// Thinking that the client is not shown comes without bytes. No upstream makes tokens faster.
constexpr int64_t kHiddenTokensPerSecond = 200;

}  // namespace

/// Output tokens so far, told high: by the bytes that came, or, where thinking may be hidden, by
/// the time it has had.
int64_t Exchange::output_so_far(const Attempt& attempt) const {
  const int64_t seen = attempt.delivered_tokens();
  if (!attempt.covered || !attempt_facts().wants_thinking) return seen;
  const auto seconds = static_cast<int64_t>(elapsed(attempt.opened_ns(), now_.mono_ns) / kSecond);
  return std::max(seen, seconds * kHiddenTokensPerSecond);
}

/// What the attempt costs if it ends `ahead` tokens later. The upstream's own word on the prompt
/// counts once it has told it.
NanoUsd Exchange::cost_so_far(const Attempt& attempt, int64_t ahead) const {
  const int64_t output = std::min(attempt.demand.output_tokens, output_so_far(attempt) + ahead);
  if (attempt.road->usage_known()) {
    model::Usage usage = attempt.road->usage();
    usage.tokens.output = std::max(usage.tokens.output, output);
    return cost_of(usage, attempt);
  }
  pricing::Demand demand = expected_demand(attempt.demand, attempt_facts());
  demand.output_tokens = output;
  return pricing::upper_bound(demand, attempt.price->price);
}

/// Reserves for what comes next when little of what is reserved is left. False when there is no
/// room, or a store that others share has none.
bool Exchange::extend_estimate(Attempt& attempt) {
  const auto refused = [](const ledger::Lease& lease) {
    return lease.sequence() != 0 && !lease.is_held();
  };
  if (std::any_of(attempt.extensions.begin(), attempt.extensions.end(), refused)) return false;
  if (cost_so_far(attempt, kEstimateSliceTokens / 2) <= *attempt.covered) return true;
  const NanoUsd wanted = cost_so_far(attempt, kEstimateSliceTokens + kEstimateSliceTokens / 2);
  const NanoUsd more{wanted.value - attempt.covered->value};
  std::vector<ledger::Charge> charges;
  for (size_t i = 0; i < money_.charges.charges.size(); ++i) {
    ledger::Charge charge = money_.charges.charges[i];
    const policy::Rule& rule = *money_.charges.origins[i]->rule;
    if (!rule.estimates) continue;
    if (charge.measure != Measure::kMoney && charge.measure != Measure::kTokens) continue;
    charge.need = charge.measure == Measure::kMoney ? more.value : kEstimateSliceTokens;
    if (!ledger::slides(charge.measure, charge.period)) {
      charge.window = window_at(charge.period, now_.wall_ms, rule.zone);
    }
    charges.push_back(charge);
  }
  ledger::AdmissionRequest asked = admission_request(more);
  asked.charges = charges;
  asked.wake_token = 0;
  const Result<ledger::Admission> admission = environment_->ledger->admit(asked, now_);
  if (!admission.ok() || admission.value().verdict != ledger::Verdict::kAdmitted) return false;
  attempt.extensions.push_back(ledger::Lease::take(environment_->ledger, admission.value(), more));
  attempt.covered = wanted;
  environment_->waker(environment_->waker.background_token);
  return true;
}

/// The client's answer ends as if it had reached its max_tokens. False when the road cannot.
bool Exchange::end_at_limit(Attempt& attempt) {
  const int64_t output = output_so_far(attempt);
  if (!attempt.road->end_early(output, output_.room())) return false;
  attempt.cut = true;
  record_.losses.push_back(
      {model::LossKind::kClamped, "max_tokens -> " + std::to_string(output) + " (budget)"});
  send_ready();
  end_answer();
  return true;
}

}  // namespace tollgate::exchange
