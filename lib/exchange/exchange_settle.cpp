// Money after an upstream was called: what is booked for it.

#include <algorithm>
#include <utility>

#include "config/prices.hpp"
#include "exchange/exchange.hpp"

namespace tollgate::exchange {
namespace {

// An upstream goes on for a moment after its connection was closed.
constexpr int64_t kTokensInFlight = 64;

}  // namespace

/// What the answer cost; a step of another model has that model's price.
NanoUsd Exchange::cost_of(const model::Usage& usage, const Attempt& attempt) const {
  const uint32_t integration = decision_.candidates[attempt.candidate()].target.integration;
  const pricing::PriceOf price_of = [&](std::string_view model) {
    const auto found = config::find_price(*configuration_, integration, model, now_.wall_ms);
    // Never silently free: what may not be served without a price is billed as the answer's model.
    return found ? found->price : attempt.price->price;
  };
  return pricing::cost(usage, attempt.price->price, price_of);
}

/// A stream that was given up or broke: the prompt, and what came of the answer. The upstream's own
/// last word about its usage counts where it says more.
NanoUsd Exchange::cost_of_unfinished(const Attempt& attempt) {
  const int64_t output =
      std::min(attempt.demand.output_tokens, output_so_far(attempt) + kTokensInFlight);
  if (record_.usage) {
    record_.usage->tokens.output = std::max(record_.usage->tokens.output, output);
    record_.usage->estimated = true;
    return cost_of(*record_.usage, attempt);
  }
  pricing::Demand demand = attempt.demand;
  demand.output_tokens = output;
  return pricing::upper_bound(demand, attempt.price->price);
}

/// Resolves what is reserved. Usage that was told has its price. Where none was told although the
/// upstream may have begun to work, the prompt and what was delivered count for a stream, and all
/// that was reserved for a whole answer, which an upstream may finish for nobody.
void Exchange::settle_money() {
  // Admitted, and not called after all: the client left, or the time was up.
  give_back_target();
  if (booked_.value != 0) record_.cost = booked_;
  if (attempt_ != nullptr && attempt_->lease().open()) settle_attempt();
  if (principal_lease_ && principal_lease_->open()) {
    // A request that came to no attempt has used nothing up.
    if (attempt_count_ == 0) {
      principal_lease_->release(now_);
    } else {
      principal_lease_->settle(NanoUsd{}, now_);
    }
  }
}

void Exchange::settle_attempt() {
  ledger::Lease& lease = attempt_->lease();
  ledger::Outcome outcome;
  if (request_.operation != Operation::kMessages || !attempt_->price) {
    lease.settle(outcome, now_);
    return;
  }
  if (actions_.withdraw_open(attempt_->number())) {
    // The host never saw it: nobody can bill for it.
    attempt_->ended = true;
    lease.release(now_);
    return;
  }
  if ((record_.outcome != "ok" || attempt_->cut) && wants_stream()) {
    outcome.cost = cost_of_unfinished(*attempt_);
  } else if (record_.usage) {
    outcome.cost = cost_of(*record_.usage, *attempt_);
  } else {
    outcome.cost = lease.amount();
  }
  if (record_.usage) {
    outcome.tokens = record_.usage->tokens.prompt() + record_.usage->tokens.output;
  }
  record_.cost = add_saturating(booked_, outcome.cost);
  record_.price_version = configuration_->price_book.version();
  lease.settle(outcome, now_);
  note_thresholds();
}

}  // namespace tollgate::exchange
