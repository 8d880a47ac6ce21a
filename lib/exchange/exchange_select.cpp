// Which target is called next, and what an attempt's end says about its target.

#include <algorithm>
#include <string>
#include <utility>

#include "base/limits.hpp"
#include "exchange/exchange.hpp"
#include "exchange/failures.hpp"
#include "exchange/header_override.hpp"
#include "exchange/retry_wish.hpp"
#include "exchange/routing.hpp"
#include "router/hash.hpp"

namespace tollgate::exchange {
namespace {

constexpr uint32_t kOwnTimeout = 408;

/// Codes that say something about the target; others say something about the request.
bool is_targets_fault(uint32_t code, bool our_credential) {
  if (code == 401 || code == 403) return our_credential;
  return code == 0 || code == kOwnTimeout || code == 429 || code >= 500;
}

}  // namespace

router::EndpointClass Exchange::endpoint_class() const {
  return request_.operation == Operation::kCountTokens ? router::EndpointClass::kCountTokens
                                                       : router::EndpointClass::kMessages;
}

/// What decides about the order of targets, besides the request's body.
RoutingContext Exchange::routing_context() {
  RoutingContext context = routing_context_of(request_, environment_->router, now_);
  context.draw = mix64(environment_->next_number.fetch_add(1) ^ environment_->seed_low);
  if (options_.draw_seed) {
    // As explain draws with this seed.
    context.seed = *options_.draw_seed;
    context.draw = mix64(~context.seed);
  }
  return context;
}

void Exchange::select_next() {
  select_candidate();
  // The principal's reservation was refused by a store: it is asked for again, with its news.
  if (state_ == State::kAdmitting) admit();
}

void Exchange::select_candidate() {
  if (selection_.retry_at_ns != 0) {
    if (now_.mono_ns < selection_.retry_at_ns) return;
    selection_.retry_at_ns = 0;
  }
  admit_again_ns_ = kNoDeadline;
  while (next_candidate_ < decision_.candidates.size() && attempt_count_ < attempts_max()) {
    const size_t index = next_candidate_;
    Candidate& candidate = decision_.candidates[index];
    if (candidate.usable && !candidate.spent && open_candidate(index)) {
      if (candidate.probe && state_ == State::kCallingUpstream) {
        environment_->router.health.begin_probe(candidate.route->key, endpoint_class(), now_);
      }
      return;
    }
    if (state_ != State::kSelecting) return;
    take_next_candidate();
  }
  if (!caller_is_granted()) return;
  if (!stand_in_line()) targets_spent();
}

uint32_t Exchange::attempts_max() const {
  return options_.attempts_max != 0 ? options_.attempts_max : limits::kAttemptsMax;
}

void Exchange::take_next_candidate() {
  ++next_candidate_;
  selection_.retries_here = 0;
  // It was given for a call that was not made after all.
  if (room_ && attempt_ == nullptr) room_->release(now_);
  room_.reset();
}

bool Exchange::another_is_left() const {
  for (size_t i = next_candidate_ + 1; i < decision_.candidates.size(); ++i) {
    if (decision_.candidates[i].usable) return true;
  }
  return false;
}

/// A failure as the lists of a target name it: an HTTP status, that of an error event, 408 for a
/// timeout of ours; 0 where there was no answer that has one.
uint32_t Exchange::failure_code(const Attempt& attempt, const LastFailure& last) const {
  if (attempt.error_answer) return attempt.status;
  if (attempt.road != nullptr && attempt.road->failure()) return attempt.road->failure()->status;
  if (last.failure.kind == model::FailureKind::kTimeout) return kOwnTimeout;
  return 0;
}

/// Whether another target may be tried after this one has failed so.
bool Exchange::may_fall_back(const Attempt& attempt, uint32_t code, bool can_fall_back) const {
  const Candidate& candidate = decision_.candidates[attempt.candidate()];
  // What no list speaks of: the request itself is over, or no target is there by routing.
  if (candidate.route == nullptr || (!can_fall_back && !attempt.error_answer)) {
    return can_fall_back;
  }
  // A head or a beginning without content is no answer to a client that set a time for that.
  const bool no_token = state_ == State::kHolding && request_.first_token_timeout_ns != 0;
  const bool never_answered = code == kOwnTimeout && (!attempt.bytes_seen || no_token);
  return code == 0 || never_answered || candidate.route->fallback_on.has(code);
}

/// Schedules the same target again, when its list, the budgets and the client's patience allow it.
bool Exchange::retry_same(const Attempt& attempt, const LastFailure& last, uint32_t code,
                          bool falls_back) {
  const Candidate& candidate = decision_.candidates[attempt.candidate()];
  if (!candidate.usable) return false;
  const bool routed = candidate.route != nullptr;
  router::Retry retry = routed ? candidate.route->retry : configuration_->retry;
  // It was found to be readable with the request.
  static_cast<void>(apply_retry_wish(request_.headers, environment_->documents, retry));
  const bool other = falls_back && another_is_left();
  // A target that cannot be reached is asked again only when there is nobody else to ask.
  if (code == 0 ? other || last.failure.should_retry == false : !retry.on.has(code)) return false;
  for (const wire::Headers* head : {&attempt.head, &last.head}) {
    if (head->get("x-should-retry") == "false") return false;
  }
  if (selection_.retries_here >= retry.attempts || selection_.retries >= decision_.retries_max) {
    return false;
  }
  if (attempt_count_ >= attempts_max()) return false;
  const int64_t asked_s = std::clamp<int64_t>(last.failure.retry_after_s.value_or(0), 0, 86'400);
  const uint64_t wait = std::max(retry.delay_ns, static_cast<uint64_t>(asked_s) * kSecond);
  if ((other || !routed) && wait > Selection::kWaitForSameNs) return false;
  if (selection_.waited_ns + wait > Selection::kWaitNs) return false;
  if (!environment_->router.retries.take(now_)) {
    record_.steps.push_back({"retries", "denied", "too many in the last minute"});
    return false;
  }
  ++selection_.retries_here;
  ++selection_.retries;
  selection_.waited_ns += wait;
  if (wait != 0) selection_.retry_at_ns = deadline_after(now_.mono_ns, wait);
  return true;
}

/// Tells the shared state what a failed attempt says about its target.
void Exchange::report_failure(const Attempt& attempt, const LastFailure& last, uint32_t code) {
  if (last.own_fault) return;
  router::TargetReport report;
  report.opened_ns = attempt.opened_ns();
  if (is_targets_fault(code, refuses_our_credential(attempt, code))) {
    report.outcome = router::Outcome::kFailed;
    const int64_t asked_s = std::clamp<int64_t>(last.failure.retry_after_s.value_or(0), 0, 86'400);
    report.retry_after_ns = static_cast<uint64_t>(asked_s) * kSecond;
  }
  environment_->router.health.report(router::hash_text(target_name(attempt)), endpoint_class(),
                                     report, now_);
}

/// The same for one that served, and keeps the conversation where it is.
void Exchange::report_success(const Attempt& attempt) {
  router::TargetReport report;
  report.outcome = router::Outcome::kServed;
  report.opened_ns = attempt.opened_ns();
  const int64_t tokens = record_.usage ? record_.usage->tokens.output : 0;
  uint64_t since = attempt.opened_ns();
  if (record_.timings.first_content) {
    const uint64_t first = deadline_after(start_.mono_ns, *record_.timings.first_content);
    report.first_token_ns = elapsed(attempt.opened_ns(), first);
    since = first;
  }
  if (tokens > 0) {
    report.output_token_ns = elapsed(since, now_.mono_ns) / static_cast<uint64_t>(tokens);
  }
  const uint64_t key = router::hash_text(target_name(attempt));
  environment_->router.health.report(key, endpoint_class(), report, now_);
  if (request_.operation == Operation::kMessages) pin_conversation(attempt, key);
}

void Exchange::pin_conversation(const Attempt& attempt, uint64_t target) {
  if (decision_.pin_key == 0) return;
  const std::optional<router::Pin>& before = decision_.pin;
  const bool same = before && before->target == target;
  router::Pin pin;
  pin.target = target;
  pin.tier = decision_.tier;
  bool long_cache = false;
  if (record_.usage) {
    const model::Tokens& tokens = record_.usage->tokens;
    pin.cached_tokens = tokens.cache_read + tokens.cache_write_5m + tokens.cache_write_1h;
    long_cache = tokens.cache_write_1h > 0;
  }
  if (decision_.routing->sticky) {
    pin.expires_ns =
        same ? before->expires_ns : deadline_after(now_.mono_ns, decision_.routing->sticky->ttl_ns);
  } else {
    pin.expires_ns = deadline_after(now_.mono_ns, long_cache ? router::AffinityMap::kLongCacheNs
                                                             : router::AffinityMap::kCacheNs);
    if (same) pin.expires_ns = std::max(pin.expires_ns, before->expires_ns);
  }
  environment_->router.affinity.put(decision_.pin_key, pin);
  if (!before || same) return;
  record_.steps.push_back({"affinity", "switched",
                           "to " + target_name(attempt) + "; " +
                               std::to_string(before->cached_tokens) +
                               " tokens in the prompt cache of the target before are left behind"});
}

uint64_t Exchange::first_byte_ns(const Attempt& attempt) const {
  const Candidate& candidate = decision_.candidates[attempt.candidate()];
  if (candidate.route != nullptr && candidate.route->first_byte_timeout_ns != 0) {
    return candidate.route->first_byte_timeout_ns;
  }
  const uint64_t own = account_of(attempt).first_byte_timeout_ns;
  if (own != 0) return own;
  return wants_stream() && another_is_left() ? Selection::kFirstByteNs : limits::kConnectAndHeadNs;
}

uint64_t Exchange::idle_ns(const Attempt& attempt) const {
  const Candidate& candidate = decision_.candidates[attempt.candidate()];
  if (candidate.route != nullptr && candidate.route->idle_timeout_ns != 0) {
    return candidate.route->idle_timeout_ns;
  }
  const uint64_t own = account_of(attempt).idle_timeout_ns;
  return own != 0 ? own : limits::kUpstreamIdleNs;
}

/// When the open attempt has been silent for too long.
uint64_t Exchange::silence_deadline(const Attempt& attempt) const {
  const uint64_t asked = asked_deadline(attempt);
  const uint64_t first = deadline_after(attempt.opened_ns(), first_byte_ns(attempt));
  if (state_ == State::kCallingUpstream) return std::min(first, asked);
  const uint64_t idle = deadline_after(attempt.last_bytes_ns, idle_ns(attempt));
  // A head alone is no answer yet.
  const bool only_head = state_ == State::kHolding && !attempt.bytes_seen;
  return std::min({only_head ? std::min(first, idle) : idle, asked});
}

/// When the client's own headers want the attempt over.
uint64_t Exchange::asked_deadline(const Attempt& attempt) const {
  uint64_t deadline = kNoDeadline;
  if (request_.attempt_timeout_ns != 0) {
    deadline = deadline_after(attempt.opened_ns(), request_.attempt_timeout_ns);
  }
  const bool no_content = state_ == State::kCallingUpstream || state_ == State::kHolding;
  if (request_.first_token_timeout_ns != 0 && wants_stream() && no_content) {
    deadline =
        std::min(deadline, deadline_after(attempt.opened_ns(), request_.first_token_timeout_ns));
  }
  return deadline;
}

/// Header changes of the route, over what the provider has set.
Status Exchange::override_headers(const Candidate& candidate, wire::Headers& headers) const {
  if (candidate.route == nullptr) return Status();
  return apply_headers_override(candidate.route->headers, headers);
}

}  // namespace tollgate::exchange
