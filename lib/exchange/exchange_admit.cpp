// Money and limits before an upstream is called: what is matched, bounded, reserved and opened.

#include <algorithm>
#include <string>
#include <utility>

#include "base/limits.hpp"
#include "config/prices.hpp"
#include "exchange/attempt_cost.hpp"
#include "exchange/cost_bound.hpp"
#include "exchange/exchange.hpp"
#include "exchange/failures.hpp"
#include "exchange/limit_messages.hpp"
#include "exchange/overrides.hpp"

namespace tollgate::exchange {
namespace {

// A host that leaks an exchange gives its reservations back this long after the exchange's end.
constexpr uint64_t kExpiryGraceNs = 60 * kSecond;

model::Failure no_room() {
  model::Failure failure;
  failure.status = 503;
  failure.retry_after_s = 1;
  failure.message = "The gateway cannot take more requests right now. Try again in a moment.";
  return failure;
}

model::Failure journal_failure() {
  model::Failure failure = no_room();
  failure.message =
      "The gateway cannot write its ledger right now, and lets no request pass unrecorded. Try "
      "again in a moment; if it goes on, tell your gateway administrator.";
  return failure;
}

bool is_money(const ledger::Admission& admission, const ChargeList& list) {
  return admission.charge < list.charges.size() &&
         list.charges[admission.charge].measure == Measure::kMoney;
}

}  // namespace

policy::Caller Exchange::caller() const {
  return {request_.principal, &request_.metadata, request_.session_id, request_.agent_id,
          request_.parent_agent_id};
}

ledger::AdmissionRequest Exchange::admission_request(NanoUsd amount) const {
  ledger::AdmissionRequest asked;
  asked.amount = amount;
  asked.charges = money_.charges.charges;
  asked.wake_token = options_.wake_token;
  asked.expires_mono_ns =
      deadline_after(deadline_after(start_.mono_ns, options_.timeout_ns), kExpiryGraceNs);
  return asked;
}

/// The principal's requests and slots, once. What the client's request may cost is reserved with
/// each attempt, since only that knows the price. The journal is not waited for here: a target is
/// reserved right behind, and both are looked at before it is called.
void Exchange::admit() {
  admit_again_ns_ = kNoDeadline;
  money_.charges.clear();
  if (request_.operation == Operation::kMessages) {
    configuration_->rules.match(policy::Phase::kPrincipal, caller(), {}, money_.of_principal);
    money_.charges.add(money_.of_principal, Take::kOnce, {}, now_);
  }
  book_given_spend();
  const ledger::AdmissionRequest asked = admission_request({});
  const Result<ledger::Admission> admission = environment_->ledger->admit(asked, now_);
  if (!admission.ok()) {
    refuse(no_room(), Event::kAnswered);
    return;
  }
  if (admission.value().verdict == ledger::Verdict::kAdmitted) {
    principal_lease_.emplace(
        ledger::Lease::take(environment_->ledger, admission.value(), asked.amount));
    money_.caller_granted = principal_lease_->sequence() == 0;
    money_.steps_before_caller = record_.steps.size();
    record_.steps.push_back({"admission", "allowed", {}});
    step(Event::kAdmitted);
    select_next();
    return;
  }
  if (wait_for_room(admission.value())) return;
  refuse(note_refusal(admission.value()), Event::kAnswered);
}

/// True when what the principal's counters hold is safe, and granted where a store is the judge.
/// Until then nothing is called, and nobody is told anything but what the principal is refused for.
/// Who holds a target's reservation waits for `with`, which comes after the principal's. False
/// while it must be waited for, and when the principal is back in admission or was answered.
bool Exchange::caller_is_granted(uint64_t with) {
  if (money_.caller_granted) return true;
  ledger::Lease& lease = *principal_lease_;
  Journaled journaled = look_at_journal(std::max(lease.sequence(), with));
  if (journaled == Journaled::kWaits) return false;
  // What failed may be the target's entry alone.
  const bool written = environment_->ledger->journal().is_durable(lease.sequence(), 0);
  if (written) journaled = judged_by_store(lease);
  if (journaled == Journaled::kSafe) {
    money_.caller_granted = true;
    return true;
  }
  take_back_caller();
  if (journaled == Journaled::kFailed) refuse(journal_failure(), Event::kAnswered);
  return false;
}

/// Back to admission: whatever was held behind the principal's reservation is given back.
void Exchange::take_back_caller() {
  give_back_target();
  leave_room();
  if (principal_lease_->is_held()) (void)principal_lease_->release(now_);
  principal_lease_.reset();
  record_.steps.resize(money_.steps_before_caller);
  money_.warning.clear();
  step(Event::kCallerRefused);
}

/// True while waiting may help; the exchange is then told when to look again.
bool Exchange::wait_for_room(const ledger::Admission& admission) {
  if (admission.verdict != ledger::Verdict::kWait) return false;
  if (money_.wait_until_ns == 0) {
    money_.wait_until_ns = deadline_after(now_.mono_ns, Money::kWaitNs);
  }
  if (now_.mono_ns >= money_.wait_until_ns) return false;
  admit_again_ns_ = std::min(admission.retry_at_ns, money_.wait_until_ns);
  step(Event::kMustWait);
  return true;
}

/// Writes a refusal into the record; what the client is told of it.
model::Failure Exchange::note_refusal(const ledger::Admission& admission) {
  if (admission.charge >= money_.charges.charges.size()) return no_room();
  const Blocked blocked{money_.charges.charges[admission.charge],
                        *money_.charges.origins[admission.charge], admission,
                        admission.verdict == ledger::Verdict::kWait};
  record_.steps.push_back({blocked.match.rule->id, "refused", limit_reason(blocked)});
  return limit_failure(blocked, configuration_->budget_status, now_);
}

/// The price of what this candidate would serve; nothing when it may not be served without one.
std::optional<pricing::FoundPrice> Exchange::price_of(const Candidate& candidate) const {
  return config::find_price(*configuration_, candidate.target.integration,
                            candidate.target.model_id, now_.wall_ms);
}

/// The most that an attempt at this candidate may use.
pricing::Demand Exchange::demand_of_attempt(const Candidate& candidate) {
  if (!bytes_bound_prompt(facts_)) static_cast<void>(take_decoded());
  changed_facts_ =
      facts_with(candidate.edits, client_dialect(), body_.view(), environment_->documents);
  return exchange::demand_of_attempt(*configuration_, candidate, attempt_facts(), body_.view(),
                                     asks_for_long_context(request_), decoded_.get());
}

/// Whether an answer of this candidate can be ended on the way, at the client's own dialect's
/// rules.
bool Exchange::may_estimate_at(const Candidate& candidate) const {
  const providers::Endpoint endpoint = endpoint_of(candidate);
  const bool passes = &provider_of(endpoint.account).dialect(endpoint) == &client_dialect();
  return may_estimate(attempt_facts()) && (speaks_messages() || !passes);
}

/// The target's rules, and all that the attempt may spend: `bound`, which becomes what is expected
/// where all budgets of the request are content with that.
Result<ledger::Admission> Exchange::try_target(const Candidate& candidate,
                                               const pricing::Demand& demand,
                                               const pricing::FoundPrice* price, NanoUsd& bound) {
  money_.charges.clear();
  money_.expected.reset();
  if (request_.operation == Operation::kMessages) {
    Needs needs{bound.value, demand.prompt_tokens + demand.output_tokens};
    if (price != nullptr && may_estimate_at(candidate)) {
      const pricing::Demand expected = expected_demand(demand, attempt_facts());
      needs.expected_nano_usd = pricing::upper_bound(expected, price->price).value;
      needs.expected_tokens = expected.prompt_tokens + expected.output_tokens;
    }
    const router::Integration& integration =
        configuration_->catalog.integrations()[candidate.target.integration];
    const policy::TargetNames names{facts_.model, decision_.virtual_model, candidate.target.name,
                                    integration.account_name};
    configuration_->rules.match(policy::Phase::kTarget, caller(), names, money_.of_target);
    money_.charges.add(money_.of_principal, Take::kSpend, needs, now_);
    money_.charges.add(money_.of_target, Take::kAll, needs, now_);
    if (needs.expected_nano_usd >= 0 && money_.charges.any_estimate()) {
      money_.expected = NanoUsd{needs.expected_nano_usd};
      if (!money_.charges.any_strict_money()) bound = *money_.expected;
    }
    book_given_spend();
  }
  return environment_->ledger->admit(admission_request(bound), now_);
}

/// An attempt whose whole bound does not fit is admitted with less output, if that is still enough
/// to be of use. Behind reservations of others it takes half of what is free, so that several may
/// run side by side.
Result<ledger::Admission> Exchange::try_capped(const Candidate& candidate,
                                               const ledger::Admission& blocked,
                                               const pricing::FoundPrice& price,
                                               pricing::Demand& demand, NanoUsd& bound) {
  const std::optional<int64_t> floor = lowest_output(money_.charges, attempt_facts(), demand);
  if (!floor || *floor >= demand.output_tokens) return blocked;
  const int64_t wanted = demand.output_tokens;
  const auto with_output = [&](int64_t tokens) {
    demand.output_tokens = tokens;
    bound =
        bound_of_attempt(*configuration_, candidate, attempt_facts(), demand, price, now_.wall_ms);
  };
  const int64_t share = blocked.contended ? blocked.room / 2 : blocked.room;
  const int64_t fits = pricing::output_tokens_within(NanoUsd{share}, demand, price.price);
  with_output(std::clamp(fits, *floor, wanted));
  if (bound.value > blocked.room) with_output(*floor);
  return try_target(candidate, demand, &price, bound);
}

/// The target's scopes. What is admitted waits in pending_ for the body and the address.
Exchange::TargetAdmission Exchange::admit_target(size_t index) {
  admit_again_ns_ = kNoDeadline;
  Candidate& candidate = decision_.candidates[index];
  std::optional<pricing::FoundPrice> price = price_of(candidate);
  const bool pays = request_.operation == Operation::kMessages;
  if (!price && pays) {
    skip_candidate(candidate, "no price is known",
                   invalid_request("No price is known for " + candidate.target.name +
                                   ", and this gateway serves no model without one. Ask your "
                                   "gateway administrator to give it a cost."));
    return TargetAdmission::kRefused;
  }
  pricing::Demand demand;
  NanoUsd bound;
  if (pays) {
    demand = demand_of_attempt(candidate);
    bound =
        bound_of_attempt(*configuration_, candidate, attempt_facts(), demand, *price, now_.wall_ms);
  }
  const int64_t asked_output = demand.output_tokens;
  Result<ledger::Admission> admission =
      try_target(candidate, demand, price ? &*price : nullptr, bound);
  if (admission.ok() && admission.value().verdict != ledger::Verdict::kAdmitted &&
      is_money(admission.value(), money_.charges)) {
    admission = try_capped(candidate, admission.value(), *price, demand, bound);
  }
  const bool admitted = admission.ok() && admission.value().verdict == ledger::Verdict::kAdmitted;
  if (!admitted && !caller_is_granted()) return TargetAdmission::kWaits;
  if (!admission.ok()) {
    skip_candidate(candidate, "no admission", no_room());
    return TargetAdmission::kRefused;
  }
  if (!admitted) {
    if (wait_for_room(admission.value())) return TargetAdmission::kWaits;
    refuse_target(candidate, admission.value());
    return TargetAdmission::kRefused;
  }
  PendingTarget pending{index, ledger::Lease::take(environment_->ledger, admission.value(), bound),
                        std::move(price), demand, std::nullopt};
  pending.expected = money_.expected;
  if (demand.output_tokens < asked_output) {
    pending.output_cap = demand.output_tokens;
    pending.output_asked = asked_output;
  }
  note_admission(admission.value());
  pending_.emplace(std::move(pending));
  return TargetAdmission::kAdmitted;
}

/// This target's limits are in the way: another one may serve, or the client is told.
void Exchange::refuse_target(Candidate& candidate, const ledger::Admission& admission) {
  model::Failure failure = note_refusal(admission);
  money_.refused = true;
  const std::string reason = record_.steps.empty() ? "no room" : record_.steps.back().reason;
  // Of several refusals the one that passes by itself is told.
  const bool passes = failure.kind == model::FailureKind::kRateLimit;
  if (passes && last_failure_ && attempt_count_ == 0) last_failure_.reset();
  skip_candidate(candidate, reason, std::move(failure));
}

/// Every rule that applied, and the budget that is nearly gone.
void Exchange::note_admission(const ledger::Admission& admission) {
  for (const auto* matches : {&money_.of_principal, &money_.of_target}) {
    for (const policy::Match& match : matches->all) {
      const bool over =
          std::any_of(admission.audit_over.begin(), admission.audit_over.end(),
                      [&](size_t charge) { return money_.charges.origins[charge] == &match; });
      record_.steps.push_back({match.rule->id,
                               match.mode == policy::Mode::kAudit ? "audit" : "allowed",
                               over ? "would have been refused" : ""});
    }
  }
  if (admission.fullest == SIZE_MAX) return;
  const ledger::Charge& fullest = money_.charges.charges[admission.fullest];
  money_.warning = near_limit_text(fullest, *money_.charges.origins[admission.fullest]->rule,
                                   admission.fullest_spent);
  money_.warning_reset_ms = fullest.window.end_ms;
}

/// A reservation must be where a crash cannot take it before anything may cost money.
Exchange::Journaled Exchange::look_at_journal(uint64_t sequence) {
  if (environment_->ledger->journal().is_durable(sequence, options_.wake_token)) {
    money_.journal_until_ns = 0;
    return Journaled::kSafe;
  }
  environment_->waker(environment_->waker.background_token);
  if (money_.journal_until_ns == 0) {
    money_.journal_until_ns = deadline_after(now_.mono_ns, Money::kJournalNs);
  }
  if (now_.mono_ns >= money_.journal_until_ns) return Journaled::kFailed;
  admit_again_ns_ =
      std::min(deadline_after(now_.mono_ns, Money::kJournalPollNs), money_.journal_until_ns);
  step(Event::kMustWait);
  return Journaled::kWaits;
}

/// Whether a store that others share has let a reservation be that is in the journal.
Exchange::Journaled Exchange::judged_by_store(const ledger::Lease& lease) {
  if (lease.sequence() == 0 || lease.is_held()) return Journaled::kSafe;
  return ++money_.refused_by_store <= Money::kStoreRefusalsMax ? Journaled::kRefused
                                                               : Journaled::kFailed;
}

/// Waits until the principal and the target that pends are safe and granted. A target that a store
/// refused is asked for again, with what the store told of the others.
Exchange::TargetAdmission Exchange::await_journal() {
  while (true) {
    if (!caller_is_granted(pending_->lease.sequence())) return TargetAdmission::kWaits;
    Journaled journaled = look_at_journal(pending_->lease.sequence());
    if (journaled == Journaled::kWaits) return TargetAdmission::kWaits;
    if (journaled == Journaled::kSafe) journaled = judged_by_store(pending_->lease);
    if (journaled == Journaled::kSafe) return TargetAdmission::kAdmitted;
    const size_t index = pending_->candidate;
    give_back_target();
    if (journaled == Journaled::kFailed) {
      skip_candidate(decision_.candidates[index], "ledger not writable", journal_failure());
      return TargetAdmission::kRefused;
    }
    const TargetAdmission admitted = admit_target(index);
    if (admitted != TargetAdmission::kAdmitted) return admitted;
  }
}

/// The admitted target turned out not to be callable.
void Exchange::give_back_target() {
  if (pending_) (void)pending_->lease.release(now_);
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
  attempt_->demand = pending_->demand;
  attempt_->covered = pending_->expected;
  money_.output_cap = pending_->output_cap;
  if (money_.output_cap) {
    record_.losses.push_back(
        {model::LossKind::kClamped, "max_tokens " + std::to_string(pending_->output_asked) +
                                        " -> " + std::to_string(*money_.output_cap) + " (budget)"});
  }
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

}  // namespace tollgate::exchange
