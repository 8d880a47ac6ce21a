// What goes wrong, and who is told.

#include <algorithm>
#include <string>
#include <utility>

#include "base/limits.hpp"
#include "dialects/context_overflow.hpp"
#include "exchange/exchange.hpp"
#include "exchange/failures.hpp"
#include "exchange/local_answers.hpp"

namespace tollgate::exchange {
namespace {

/// Other makers' servers of Anthropic's dialect tell of a prompt that is too long in words of their
/// own. Those that clients know stay as they are.
bool is_foreign_overflow(const model::Failure& failure) {
  if (failure.kind != model::FailureKind::kInvalidRequest) return false;
  const std::string_view message = failure.message;
  for (const std::string_view known :
       {"prompt is too long", "exceed context limit", "input is too long for requested model"}) {
    if (message.find(known) != std::string_view::npos) return false;
  }
  return dialects::find_context_overflow(message).has_value();
}

void tell_overflow(model::Failure& failure) {
  const auto overflow = dialects::find_context_overflow(failure.message);
  if (overflow) failure = dialects::context_overflow_failure(*overflow, failure.message);
}

/// An error's head, with the time that waits and signatures are measured by.
wire::Headers dated_head(const Attempt& attempt) {
  wire::Headers head = attempt.head;
  if (!attempt.date.empty() && !head.has("date")) {
    static_cast<void>(head.add("date", attempt.date));
  }
  return head;
}

}  // namespace

void Exchange::refuse(const model::Failure& failure, Event event) {
  answer_failure(failure, event);
}

/// The attempt cannot serve: another one does, or the client is told.
void Exchange::attempt_failed(model::Failure failure, std::string reason, bool billed,
                              bool can_fall_back) {
  LastFailure last;
  last.failure = std::move(failure);
  attempt_failed(std::move(last), std::move(reason), billed, can_fall_back);
}

void Exchange::attempt_failed(LastFailure last, std::string reason, bool billed,
                              bool can_fall_back) {
  Attempt& attempt = *attempt_;
  if (state_ == State::kStreaming) {
    decision_.candidates[attempt.candidate()].reason = reason;
    report_failure(attempt, last, failure_code(attempt, last));
    break_stream(last.failure);
    return;
  }
  const uint32_t code = failure_code(attempt, last);
  report_failure(attempt, last, code);
  const bool falls_back = may_fall_back(attempt, code, can_fall_back);
  const bool again = (falls_back || can_fall_back || attempt.error_answer) &&
                     retry_same(attempt, last, code, falls_back);
  note_attempt(last.detail.empty() ? reason : reason + ": " + last.detail);
  decision_.candidates[attempt.candidate()].reason = std::move(reason);
  // An upstream that may have begun to work bills; before the next attempt that money is gone.
  if (billed) {
    booked_ = add_saturating(booked_, attempt.lease().amount());
    attempt.lease().settle(attempt.lease().amount(), now_);
    note_thresholds();
  } else {
    attempt.lease().release(now_);
  }
  last_failure_ = std::move(last);
  last_failure_->definite = !falls_back && !again;
  if (last_failure_->failure.should_retry != false) retry_may_help_ = true;
  close_attempt(true);
  output_.drop_held();
  record_.response_body.clear();
  tail_until_ns_ = kNoDeadline;
  if (!again) {
    decision_.candidates[next_candidate_].spent = true;
    take_next_candidate();
    if (!falls_back) next_candidate_ = decision_.candidates.size();
  }
  step(Event::kUpstreamFailed);
  select_next();
}

bool Exchange::asks_again_for_nothing(Attempt& attempt, const model::Usage& usage) {
  constexpr std::string_view kReason = "empty answer";
  if (!attempt.translated || !upstream_dialect(attempt).asks_again_when_empty()) return false;
  const bool asked = std::any_of(record_.attempts.begin(), record_.attempts.end(),
                                 [&](const auto& each) { return each.reason == kReason; });
  const Candidate& candidate = decision_.candidates[attempt.candidate()];
  const router::Retry& retry =
      candidate.route != nullptr ? candidate.route->retry : configuration_->retry;
  if (asked || selection_.retries_here >= retry.attempts || attempt_count_ >= attempts_max() ||
      selection_.retries >= decision_.retries_max) {
    return false;
  }
  if (attempt.price) {
    const NanoUsd cost = cost_of(usage, attempt);
    booked_ = add_saturating(booked_, cost);
    attempt.lease().settle(cost, now_);
    note_thresholds();
  }
  attempt_failed(upstream_fault(target_name(attempt), "ended its answer before it said anything"),
                 std::string(kReason), false, true);
  return true;
}

std::optional<model::Failure> Exchange::error_in_answer(const Attempt& attempt,
                                                        const std::string& body) {
  if (!attempt.translated && speaks_messages()) {
    if (!is_error_object(environment_->documents, body, true)) return std::nullopt;
    // Its type tells the status that it should have come with.
    model::Failure failure = client_dialect().decode_error(0, attempt.head, body);
    return refuses_our_credential(attempt, failure.status)
               ? credential_refused(target_name(attempt), failure.status)
               : failure;
  }
  const std::optional<uint32_t> status = status_of_error(environment_->documents, body);
  if (!status) return std::nullopt;
  const providers::Endpoint endpoint = endpoint_of(decision_.candidates[attempt.candidate()]);
  model::Failure failure =
      provider_of(endpoint.account).decode_error(endpoint, *status, attempt.head, body);
  dialects::complete_context_overflow(failure, attempt.translation->input_tokens_estimate,
                                      attempt.translation->facts.context_window);
  return refuses_our_credential(attempt, failure.status)
             ? credential_refused(target_name(attempt), failure.status)
             : failure;
}

/// The failure as a stream's last event.
void Exchange::tell_failure(const model::Failure& failure, StreamRoad* road, std::string& out) {
  if (road != nullptr && client_dialect().numbers_events()) {
    model::StreamEvent event;
    event.kind = model::StreamEventKind::kError;
    event.failure = failure;
    if (road->tell(event, out)) return;
  }
  client_dialect().encode_stream_error(failure, record_.request_id, out);
}

/// Content has gone out: the client gets an error as the stream's last event.
void Exchange::break_stream(const model::Failure& failure) {
  Attempt& attempt = *attempt_;
  std::string& out = output_.room();
  attempt.road->close_partial_event(out);
  if (!attempt.road->failure() || !attempt.road->passes_failures()) {
    tell_failure(failure, attempt.road.get(), out);
  }
  record_.failure = failure.message;
  step(Event::kUpstreamFailed);
  send_ready();
  settle("failed");
  actions_.push(TG_ACTION_CLIENT_END);
  phase_ = Phase::kEnded;
}

/// The account's own key was not taken: nothing the client could mend.
bool Exchange::refuses_our_credential(const Attempt& attempt, uint32_t status) const {
  return (status == 401 || status == 403) &&
         account_of(attempt).auth != providers::AuthKind::kClientPassThrough;
}

/// An upstream's error answer is whole: it is passed on, explained, or another target is tried.
void Exchange::error_answer_ended(Attempt& attempt) {
  const std::string target = target_name(attempt);
  const uint32_t status = attempt.status;
  const providers::Endpoint endpoint = endpoint_of(decision_.candidates[attempt.candidate()]);
  model::Failure failure =
      provider_of(endpoint.account)
          .decode_error(endpoint, status, dated_head(attempt), attempt.collected);
  const bool overflows = !attempt.translated && speaks_messages() && is_foreign_overflow(failure);
  if (overflows) tell_overflow(failure);
  if (attempt.translation != nullptr) {
    dialects::complete_context_overflow(failure, attempt.translation->input_tokens_estimate,
                                        attempt.translation->facts.context_window);
  } else if (overflows) {
    dialects::complete_context_overflow(failure, 0, providers::facts_of(endpoint).context_window);
  }
  // Some say by a 400 that a key is not valid; their dialect knows.
  const bool unknown_key = failure.kind == model::FailureKind::kAuthentication;
  const bool our_credential = refuses_our_credential(attempt, unknown_key ? 401 : status);
  if (try_same_target_again(attempt)) return;
  LastFailure kept;
  kept.status = status;
  if (our_credential) {
    kept.failure = credential_refused(target, unknown_key ? 401 : status);
  } else {
    kept.failure = std::move(failure);
    kept.pass_through =
        !attempt.translated && !overflows &&
        is_error_object(environment_->documents, attempt.collected, speaks_messages());
    if (kept.pass_through) {
      kept.head = std::move(attempt.head);
      kept.body = std::move(attempt.collected);
    }
  }
  std::string reason = "status " + std::to_string(status);
  if (our_credential) reason += ", credential refused";
  attempt_failed(std::move(kept), std::move(reason), false, exchange::can_fall_back(status));
}

/// True when the attempt was made without this lesson, and the next one will be made with it.
/// Others may have learned it while this attempt was on its way.
bool Exchange::teaches_anything(const Candidate& candidate, const model::Lesson& lesson) {
  const auto among = [&](const model::Lessons& known) {
    return std::find(known.begin(), known.end(), lesson) != known.end();
  };
  if (among(candidate.lessons)) return false;
  return environment_->lessons.learn(candidate.target.name, lesson) ||
         among(environment_->lessons.lessons_of(candidate.target.name));
}

/// A refusal that another spelling of the same request, or a new token, may lift: the same target
/// is asked once more. Each lesson counts once, so that this ends.
bool Exchange::try_same_target_again(Attempt& attempt) {
  // A request shaped for the newest Claude meets an old one: thinking, effort, role and a beta.
  constexpr uint32_t kLessonsPerExchangeMax = 5;
  const Candidate& candidate = decision_.candidates[attempt.candidate()];
  std::string reason = "status " + std::to_string(attempt.status);
  const providers::Endpoint endpoint = endpoint_of(candidate);
  const providers::Provider& provider = provider_of(endpoint.account);
  if (!auxiliary_key_.empty() && !token_renewed_ &&
      provider.refuses_credential(attempt.status, dated_head(attempt), attempt.collected)) {
    token_renewed_ = true;
    environment_->auxiliary.forget(auxiliary_key_, auxiliary_token_);
    auxiliary_key_.clear();
    reason += ", token renewed";
  } else {
    if (lessons_learned_ >= kLessonsPerExchangeMax) return false;
    std::optional<model::Lesson> lesson = provider.clock_lesson(
        endpoint, attempt.status, dated_head(attempt), attempt.collected, now_);
    if (!lesson) lesson = provider.lesson(endpoint, attempt.status, attempt.collected);
    if (!lesson) return false;
    if (lesson->kind == model::LessonKind::kDropReasoning) {
      if (std::exchange(reasoning_refused_, true)) return false;
    } else if (!teaches_anything(candidate, *lesson)) {
      return false;
    }
    ++lessons_learned_;
    reason += ", asked again otherwise";
  }
  note_attempt(reason);
  attempt.lease().release(now_);
  close_attempt(true);
  output_.drop_held();
  step(Event::kUpstreamFailed);
  select_next();
  return true;
}

/// A token count needs no upstream: where the counter is away, too busy or refuses to count for
/// this model, an estimate serves. What a server of the client's own dialect finds wrong is the
/// client's.
bool Exchange::estimates_instead() {
  if (request_.operation != Operation::kCountTokens || !last_failure_) return false;
  const uint32_t status = last_failure_->failure.status;
  const bool refused =
      last_failure_->status != 0 && (!last_failure_->pass_through || status == 404);
  if (status < 500 && status != 429 && !refused) return false;
  if (decision_.candidates.empty() || !take_decoded().ok()) return false;
  answer_estimate(decision_.candidates.front());
  return true;
}

/// Nobody is left to try.
void Exchange::targets_spent() {
  if (estimates_instead()) return;
  model::Failure failure;
  // Without routing there is one target, whose own answer tells more than a list of one.
  const bool one_answer = last_failure_ && (attempt_count_ <= 1 || last_failure_->definite ||
                                            decision_.routing == nullptr);
  if (!one_answer && attempt_count_ > 1) {
    bool overloaded = false;
    std::string list;
    for (const Candidate& candidate : decision_.candidates) {
      if (candidate.reason.empty()) continue;
      if (!list.empty()) list += "; ";
      list += candidate.target.name + " (" + candidate.reason + ")";
    }
    overloaded = last_failure_ &&
                 (last_failure_->failure.status == 429 || last_failure_->failure.status == 529);
    failure.kind = overloaded ? model::FailureKind::kOverloaded : model::FailureKind::kApi;
    failure.status = overloaded ? 529 : 503;
    failure.retry_after_s = last_failure_ ? last_failure_->failure.retry_after_s : std::nullopt;
    failure.message =
        "None of the targets of this model could serve the request: " + list +
        (retry_may_help_ ? ". Trying again may help." : ". Tell your gateway administrator.");
    // Clients that are told nothing guess, some of them badly.
    if (retry_may_help_ && !failure.retry_after_s) failure.retry_after_s = 1;
    if (!retry_may_help_) failure.should_retry = false;
  } else if (last_failure_) {
    failure = last_failure_->failure;
  } else {
    failure.status = 503;
    failure.retry_after_s = 1;
    failure.message =
        "No target of this model can take the request right now. Try again in a moment.";
  }
  if (phase_ == Phase::kHeadSent) {
    std::string& out = output_.room();
    out.clear();
    client_dialect().encode_stream_error(failure, record_.request_id, out);
    output_.pass();
    record_.failure = failure.message;
    step(Event::kTargetsSpent);
    send_ready();
    settle("failed");
    actions_.push(TG_ACTION_CLIENT_END);
    phase_ = Phase::kEnded;
    return;
  }
  if (one_answer && last_failure_->pass_through) {
    record_.failure = failure.message;
    start_head(last_failure_->status);
    add_passed_headers(last_failure_->head);
    answer_whole(std::move(last_failure_->body), Event::kTargetsSpent);
    return;
  }
  answer_failure(failure, Event::kTargetsSpent);
}

void Exchange::deadline_passed() {
  const bool whole_exchange_over =
      now_.mono_ns >= deadline_after(start_.mono_ns, options_.timeout_ns);
  if (blocked_ns_ != 0 && now_.mono_ns >= deadline_after(blocked_ns_, limits::kSlowReaderNs)) {
    give_up_client("the client stopped reading");
    // A host that cannot abort at least ends; what it sent is not a whole answer either way.
    actions_.push(environment_->host_can(TG_ACTION_CLIENT_ABORT) ? TG_ACTION_CLIENT_ABORT
                                                                 : TG_ACTION_CLIENT_END);
    return;
  }
  switch (state_) {
    case State::kReadingHead:
    case State::kReadingBody: {
      model::Failure failure;
      failure.kind = model::FailureKind::kInvalidRequest;
      failure.status = 408;
      failure.message = "The request did not arrive in time: no bytes came for " +
                        std::to_string(limits::kBodyIdleNs / kSecond) + " seconds.";
      refuse(failure, Event::kAnswered);
      return;
    }
    case State::kWaitingAux: {
      if (auxiliary_->number != 0) auxiliary_failed("it timed out");
      close_auxiliary(true);
      if (whole_exchange_over) next_candidate_ = decision_.candidates.size();
      step(Event::kAuxEnded);
      select_next();
      return;
    }
    case State::kIdentifying:
      if (auxiliary_->number != 0) auxiliary_failed("it timed out");
      close_auxiliary(true);
      if (whole_exchange_over && request_.operation == Operation::kCheckUpstreams) {
        step(Event::kAuxEnded);
        answer_checks();
        return;
      }
      if (whole_exchange_over) {
        refuse(timed_out("the identity provider", "did not answer in time"), Event::kAnswered);
        return;
      }
      auxiliary_is_over();
      return;
    case State::kAdmitting:
    case State::kSelecting:
      // Who is not let in yet is told so, whatever the targets say.
      if (state_ == State::kSelecting && !money_.caller_granted) take_back_caller();
      next_candidate_ = decision_.candidates.size();
      if (state_ == State::kAdmitting) {
        refuse(timed_out("this model", "had no room in time"), Event::kAnswered);
      } else {
        targets_spent();
      }
      return;
    default:
      break;
  }
  if (attempt_ == nullptr) return;
  Attempt& attempt = *attempt_;
  if (attempt.road != nullptr && attempt.road->complete()) {
    end_answer();
    return;
  }
  if (attempt.road != nullptr && attempt.road->failure()) {
    break_stream(*attempt.road->failure());
    return;
  }
  if (!whole_exchange_over && attempt.road != nullptr) {
    if (now_.mono_ns < silence_deadline(attempt)) {
      send_keep_alive();
      return;
    }
  }
  const char* what = state_ == State::kCallingUpstream ? "did not answer in time"
                     : whole_exchange_over             ? "took longer than a request may take"
                                                       : "went silent in the middle of its answer";
  attempt_failed(timed_out(target_name(attempt), what), "timed out", true, !whole_exchange_over);
}

/// Fills a silence: the head and a ping when nothing has gone out, else a ping between two events.
void Exchange::send_keep_alive() {
  if (phase_ == Phase::kNone) {
    start_head(attempt_->status);
    add_passed_headers(attempt_->head);
    add_gateway_headers();
    send_head(TG_SIZE_UNKNOWN);
  }
  last_client_ns_ = now_.mono_ns;
  if (state_ == State::kStreaming && !attempt_->road->between_events()) return;
  std::string ping;
  // Held events have numbers already, and come later.
  if (state_ != State::kStreaming || !client_dialect().numbers_events() ||
      !attempt_->road->tell(model::StreamEvent(), ping)) {
    ping = client_dialect().ping();
  }
  output_.insert(std::move(ping));
  send_ready();
}

}  // namespace tollgate::exchange
