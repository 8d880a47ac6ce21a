// Money and limits: what is reserved before an upstream is called, and what is settled after.

#include <string>
#include <utility>

#include "base/limits.hpp"
#include "config/prices.hpp"
#include "exchange/exchange.hpp"
#include "exchange/failures.hpp"

namespace tollgate::exchange {

void Exchange::admit() {
  // Admission of the principal's scopes, once. There are none yet, so it always says yes; the lease
  // is real all the same, and no attempt can be made without it.
  ledger::AdmissionRequest asked;
  Result<ledger::Admission> admission = environment_->ledger->admit(asked, now_);
  if (!admission.ok() || admission.value().verdict == ledger::Verdict::kRefused) {
    model::Failure failure;
    failure.status = 503;
    failure.retry_after_s = 1;
    failure.message = "The gateway cannot take more requests right now. Try again in a moment.";
    refuse(failure, Event::kAnswered);
    return;
  }
  if (admission.value().verdict == ledger::Verdict::kWait) {
    admit_again_ns_ = admission.value().retry_at_ns;
    step(Event::kMustWait);
    return;
  }
  principal_lease_.emplace(
      ledger::Lease::take(environment_->ledger, admission.value(), asked.amount));
  record_.steps.push_back({"admission", "allowed", {}});
  step(Event::kAdmitted);
  select_next();
}

/// The price of what this candidate would serve; nothing when it may not be served without one.
std::optional<pricing::FoundPrice> Exchange::price_of(const Candidate& candidate) const {
  return config::find_price(*configuration_, candidate.target.integration,
                            candidate.target.model_id, now_.wall_ms);
}

/// The target's scopes. What is admitted waits in pending_ for the body and the address.
Exchange::TargetAdmission Exchange::admit_target(size_t index) {
  Candidate& candidate = decision_.candidates[index];
  std::optional<pricing::FoundPrice> price = price_of(candidate);
  if (!price && request_.operation == Operation::kMessages) {
    skip_candidate(candidate, "no price is known",
                   invalid_request("No price is known for " + candidate.target.name +
                                   ", and this gateway serves no model without one. Ask your "
                                   "gateway administrator to give it a cost."));
    return TargetAdmission::kRefused;
  }
  ledger::AdmissionRequest asked;
  Result<ledger::Admission> admission = environment_->ledger->admit(asked, now_);
  if (!admission.ok() || admission.value().verdict == ledger::Verdict::kRefused) {
    candidate.usable = false;
    candidate.reason = "no admission";
    return TargetAdmission::kRefused;
  }
  if (admission.value().verdict == ledger::Verdict::kWait) {
    admit_again_ns_ = admission.value().retry_at_ns;
    step(Event::kMustWait);
    return TargetAdmission::kWaits;
  }
  pending_.emplace(PendingTarget{
      index, ledger::Lease::take(environment_->ledger, admission.value(), asked.amount),
      std::move(price)});
  return TargetAdmission::kAdmitted;
}

/// The admitted target turned out not to be callable.
void Exchange::give_back_target() {
  if (pending_) pending_->lease.release(now_);
  pending_.reset();
}

/// Makes the attempt: the one place where an upstream is opened for a client.
void Exchange::open_upstream(providers::UpstreamRequest upstream, std::unique_ptr<RequestBody> body,
                             std::unique_ptr<dialects::Translation> translation) {
  const size_t index = pending_->candidate;
  const providers::Endpoint endpoint = endpoint_of(decision_.candidates[index]);
  attempt_ =
      std::make_unique<Attempt>(++call_count_, index, *principal_lease_, std::move(pending_->lease),
                                std::move(upstream), std::move(body), now_);
  attempt_->price = std::move(pending_->price);
  pending_.reset();
  attempt_->translation = std::move(translation);
  attempt_->translated = &upstream_dialect(*attempt_) != &client_dialect();
  ++attempt_count_;
  if (endpoint.account.auth == providers::AuthKind::kClientPassThrough) {
    login_account_ = endpoint.integration.account;
  }
  record_.reserved = add_saturating(record_.reserved, attempt_->lease().amount());
  if (!record_.timings.upstream_open) {
    record_.timings.upstream_open = elapsed(start_.mono_ns, now_.mono_ns);
  }
  actions_.push(TG_ACTION_UPSTREAM_OPEN, attempt_->number());
  step(Event::kTargetChosen);
}

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

/// Resolves what is reserved. Usage that was told has its price; where none was told although the
/// upstream may have begun to work, the whole reservation counts as spent.
void Exchange::settle_money() {
  NanoUsd cost;
  if (attempt_ != nullptr) {
    if (record_.usage && attempt_->price && request_.operation == Operation::kMessages) {
      cost = cost_of(*record_.usage, *attempt_);
      record_.cost = add_saturating(booked_, cost);
      record_.price_version = configuration_->price_book.version();
    } else if (request_.operation == Operation::kMessages) {
      cost = attempt_->lease().amount();
    }
    if (attempt_->lease().open()) attempt_->lease().settle(cost, now_);
  }
  if (principal_lease_ && principal_lease_->open()) {
    principal_lease_->settle(add_saturating(booked_, cost), now_);
  }
}

}  // namespace tollgate::exchange
