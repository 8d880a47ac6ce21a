// The upstream's events: answers on their way back.

#include <string>
#include <utility>

#include "base/ascii.hpp"
#include "base/bytes.hpp"
#include "base/limits.hpp"
#include "dialects/context_overflow.hpp"
#include "exchange/exchange.hpp"
#include "exchange/failures.hpp"
#include "exchange/local_answers.hpp"

namespace tollgate::exchange {
namespace {

// A stream that is complete waits so long for HTTP's own end, so that the connection can be reused.
constexpr uint64_t kTailNs = kSecond;

bool is_type(std::string_view content_type, std::string_view wanted) {
  return ascii::equals_ignore_case(ascii::trim(content_type.substr(0, content_type.find(';'))),
                                   wanted);
}

bool is_json(std::string_view content_type) {
  return is_type(content_type, "application/json");
}

bool is_stream_of(providers::Framing framing, std::string_view content_type) {
  return is_type(content_type, framing == providers::Framing::kSse
                                   ? "text/event-stream"
                                   : "application/vnd.amazon.eventstream");
}

/// Servers that stream may call it plain text, or nothing at all: the bytes tell, before any is
/// shown.
bool may_be_stream(providers::Framing framing, std::string_view content_type) {
  return framing == providers::Framing::kSse &&
         (ascii::trim(content_type).empty() || is_type(content_type, "text/plain"));
}

Status head_twice() {
  return Status(Code::kState, "this attempt's head was fed before");
}

Status head_missing() {
  return Status(Code::kState, "this attempt's head comes first");
}

}  // namespace

Attempt* Exchange::open_attempt(uint32_t number) {
  return attempt_ != nullptr && attempt_->number() == number ? attempt_.get() : nullptr;
}

Status Exchange::upstream_sent(uint32_t attempt, Time now) {
  note_time(now);
  if (Attempt* open = open_attempt(attempt)) {
    open->sent = true;
    drop_body_if_free();
  }
  return Status();
}

Status Exchange::upstream_head(uint32_t attempt, uint32_t status, const tg_bytes* headers,
                               uint32_t pair_count, Time now) {
  note_time(now);
  if (auxiliary_ != nullptr && auxiliary_->number == attempt && attempt != 0) {
    if (auxiliary_->status != 0) return head_twice();
    auxiliary_->status = status;
    // The status is all that a check asks for.
    if (auxiliary_->checked != nullptr) check_answered(status);
    return Status();
  }
  Attempt* open = open_attempt(attempt);
  if (open == nullptr) return Status();
  if (open->status != 0) return head_twice();
  open->status = status;
  open->last_bytes_ns = now_.mono_ns;
  if (!record_.timings.upstream_head) {
    record_.timings.upstream_head = elapsed(start_.mono_ns, now_.mono_ns);
  }
  const providers::Account& account = account_of(*open);
  const providers::Provider& provider = provider_of(account);
  open->framing = provider.framing(endpoint_of(decision_.candidates[open->candidate()]));
  // What the client gets is written here then, whatever it was before.
  const bool rewritten = open->translated || open->framing != providers::Framing::kSse;
  open->rewritten = rewritten;
  std::string_view content_type;
  bool encoded = false;
  for (uint32_t i = 0; i < pair_count; ++i) {
    const std::string_view name = view_of(headers[2 * i]);
    const std::string_view value = view_of(headers[2 * i + 1]);
    if (ascii::equals_ignore_case(name, "content-type")) content_type = value;
    if (ascii::equals_ignore_case(name, "content-encoding")) {
      encoded = !ascii::equals_ignore_case(ascii::trim(value), "identity");
    }
    if (status >= 400 && ascii::equals_ignore_case(name, "date")) open->date = value;
    if (!provider.passes_answer_header(account, name)) continue;
    if (ascii::equals_ignore_case(name, "content-type")) continue;
    // A header that would not be safe to repeat is left out; the answer itself is not at fault.
    static_cast<void>(open->head.add(name, value));
  }
  const bool streams = wants_stream() && status < 300;
  const bool vague = streams && may_be_stream(open->framing, content_type);
  std::string_view told_type = content_type;
  if (rewritten || vague) {
    told_type = streams ? "text/event-stream; charset=utf-8" : "application/json";
  }
  if (!told_type.empty()) static_cast<void>(open->head.add("content-type", told_type));
  if (encoded) {
    attempt_failed(
        upstream_fault(target_name(*open), "sent a compressed answer that nobody asked for"),
        "compressed answer", true, true);
    return Status();
  }
  if (vague) content_type = told_type;
  begin_answer(*open, content_type);
  return Status();
}

/// The head says what will come: an error, one whole answer, or a stream.
void Exchange::begin_answer(Attempt& attempt, std::string_view content_type) {
  const std::string& target = target_name(attempt);
  if (attempt.status >= 300 && attempt.status < 400) {
    attempt_failed(upstream_fault(target, "sent a redirect, which this gateway does not follow"),
                   "redirect", false, true);
  } else if (attempt.status >= 400) {
    attempt.error_answer = true;
    attempt.collected_max = limits::kErrorBodyBytesMax;
    step(Event::kUpstreamWhole);
  } else if (!wants_stream() || request_.operation == Operation::kCountTokens) {
    attempt.collected_max = limits::kAnswerBytesMax;
    step(Event::kUpstreamWhole);
  } else if (attempt.translated && is_json(content_type)) {
    // An array in pieces, or an answer that is no stream: either can be told as one.
    if (upstream_dialect(attempt).streams_arrays()) {
      attempt.framing = providers::Framing::kJsonArray;
    } else {
      attempt.whole_as_stream = true;
    }
    begin_stream(attempt);
  } else if (!is_stream_of(attempt.framing, content_type)) {
    attempt_failed(upstream_fault(target, "answered with something that is not an event stream"),
                   "not an event stream", true, true);
  } else {
    begin_stream(attempt);
  }
}

void Exchange::begin_stream(Attempt& attempt) {
  FrameReader frames(provider_of(account_of(attempt)), attempt.framing);
  if (attempt.whole_as_stream) {
    attempt.road =
        make_whole_road(upstream_dialect(attempt), client_dialect(), *attempt.translation);
  } else if (attempt.translated) {
    attempt.road = make_translation_road(std::move(frames), upstream_dialect(attempt),
                                         client_dialect(), *attempt.translation);
  } else if (!speaks_messages()) {
    attempt.road = make_pass_road(client_dialect(), *attempt.translation);
  } else if (attempt.framing != providers::Framing::kSse) {
    attempt.road = make_unwrapping_road(std::move(frames), facts_.model);
  } else {
    attempt.road = make_splice_road(facts_.model);
  }
  output_.hold();
  hold_until_ns_ = deadline_after(now_.mono_ns, limits::kHoldNs);
  step(Event::kUpstreamStream);
}

Status Exchange::upstream_body(uint32_t attempt, std::string_view bytes, Time now) {
  note_time(now);
  if (auxiliary_ != nullptr && auxiliary_->number == attempt && attempt != 0) {
    return auxiliary_->status == 0 ? head_missing() : auxiliary_body(bytes);
  }
  Attempt* open = open_attempt(attempt);
  if (open == nullptr) return Status();
  if (open->status == 0) return head_missing();
  if (bytes.empty()) return Status();
  open->bytes_seen = true;
  open->last_bytes_ns = now_.mono_ns;
  if (open->road != nullptr) {
    feed_stream(*open, bytes);
    return Status();
  }
  if (open->collected.size() + bytes.size() > open->collected_max) {
    if (open->error_answer) {
      // Its status says enough; nobody needs more of it.
      error_answer_ended(*open);
      return Status();
    }
    const std::string target = target_name(*open);
    attempt_failed(upstream_fault(target, "sent an answer larger than this gateway takes"),
                   "answer too large", true, true);
    return Status();
  }
  open->collected.append(bytes);
  return Status();
}

void Exchange::feed_stream(Attempt& attempt, std::string_view bytes) {
  attempt.note_stream(bytes);
  std::string& out = output_.room();
  const size_t before = out.size();
  const Status status = attempt.road->feed(bytes, out);
  if (record_.bodies_kept && out.size() > before) {
    const size_t room = limits::kRecordBodyBytesMax - record_.response_body.size();
    const size_t added = out.size() - before;
    record_.response_body.append(out, before, added < room ? added : room);
    record_.bodies_cut = record_.bodies_cut || added > room;
  }
  if (!status.ok()) {
    const std::string target = target_name(attempt);
    attempt_failed(upstream_fault(target, "sent a stream that is not valid: " + status.message()),
                   "garbage in the stream", true, true);
    return;
  }
  after_stream_bytes(attempt);
}

void Exchange::after_stream_bytes(Attempt& attempt) {
  if (state_ == State::kHolding) {
    if (attempt.road->failure() && !attempt.road->content_begun()) {
      model::Failure failure = *attempt.road->failure();
      if (attempt.translation != nullptr) {
        dialects::complete_context_overflow(failure, attempt.translation->input_tokens_estimate,
                                            attempt.translation->facts.context_window);
      }
      attempt_failed(refuses_our_credential(attempt, failure.status)
                         ? credential_refused(target_name(attempt), failure.status)
                         : failure,
                     "error event: " + failure.message.substr(0, 200), attempt.road->usage_known(),
                     true);
      return;
    }
    if (attempt.road->empty() && asks_again_for_nothing(attempt, attempt.road->usage())) return;
    if (!attempt.road->content_begun() && output_.held() <= limits::kHoldBytesMax) return;
    commit(attempt);
  }
  if (attempt.road->failure() && !attempt.road->passes_failures()) {
    break_stream(*attempt.road->failure());
    return;
  }
  if (attempt.covered && !attempt.road->complete() && !attempt.road->failure() &&
      !extend_estimate(attempt) && end_at_limit(attempt)) {
    return;
  }
  send_ready();
  const bool over = attempt.road->complete() || attempt.road->failure();
  if (over && tail_until_ns_ == kNoDeadline) {
    tail_until_ns_ = deadline_after(now_.mono_ns, kTailNs);
  }
}

void Exchange::commit(Attempt& attempt) {
  record_.timings.first_content = elapsed(start_.mono_ns, now_.mono_ns);
  if (phase_ == Phase::kNone) {
    start_head(attempt.status);
    add_passed_headers(attempt.head);
    add_gateway_headers();
    send_head(TG_SIZE_UNKNOWN);
  }
  output_.pass();
  step(Event::kContentBegun);
  drop_body_if_free();
  // No other attempt can come: what only one would need is not kept for the rest of a long stream.
  request_.headers = wire::Headers();
  attempt.head = wire::Headers();
  decoded_.reset();
}

Status Exchange::upstream_end(uint32_t attempt, Time now) {
  note_time(now);
  if (auxiliary_ != nullptr && auxiliary_->number == attempt && attempt != 0) {
    if (auxiliary_->status == 0) return head_missing();
    alert_ != nullptr ? alert_answered(auxiliary_->status) : auxiliary_ended(auxiliary_->status);
    return Status();
  }
  Attempt* open = open_attempt(attempt);
  if (open == nullptr) return Status();
  if (open->status == 0) return head_missing();
  open->ended = true;
  if (open->road != nullptr) {
    stream_ended(*open);
  } else if (!open->error_answer) {
    whole_ended(*open);
  } else if (!answers_refusal(*open)) {
    error_answer_ended(*open);
  }
  return Status();
}

void Exchange::stream_ended(Attempt& attempt) {
  const std::string target = target_name(attempt);
  if (const Status status = attempt.road->finish(output_.room()); !status.ok()) {
    attempt_failed(upstream_fault(target, "ended its stream badly: " + status.message()),
                   "bad end of stream", true, true);
    return;
  }
  after_stream_bytes(attempt);
  if (attempt_.get() != &attempt) return;  // It failed just now.
  if (attempt.road->complete()) {
    end_answer();
    return;
  }
  if (attempt.road->failure()) {
    break_stream(*attempt.road->failure());
    return;
  }
  attempt_failed(
      upstream_fault(target, state_ == State::kStreaming ? "broke off in the middle of its answer"
                                                         : "ended its stream before any content"),
      "stream cut", true, true);
}

Result<WholeAnswer> Exchange::take_whole(Attempt& attempt, std::string& body) {
  if (attempt.translated) {
    return translate_whole(upstream_dialect(attempt), client_dialect(), *attempt.translation, body);
  }
  if (!speaks_messages()) return pass_whole(client_dialect(), *attempt.translation, body);
  return splice_whole(environment_->documents, body, facts_.model);
}

void Exchange::whole_ended(Attempt& attempt) {
  const std::string target = target_name(attempt);
  std::string body = std::move(attempt.collected);
  if (request_.operation == Operation::kCountTokens) {
    const providers::Endpoint endpoint = endpoint_of(decision_.candidates[attempt.candidate()]);
    const Result<int64_t> counted =
        provider_of(endpoint.account).decode_token_count(endpoint, body);
    if (!counted.ok()) {
      attempt_failed(upstream_fault(target, "answered with something that is not a token count"),
                     "not a token count", false, true);
      return;
    }
    if (attempt.translated || attempt.rewritten) body = token_count(counted.value());
  } else {
    Result<WholeAnswer> told = take_whole(attempt, body);
    if (told.ok() && told.value().empty && asks_again_for_nothing(attempt, told.value().usage)) {
      return;
    }
    if (!told.ok()) {
      auto failure = error_in_answer(attempt, body);
      // A model that wrote something unusable was at work, and is paid for.
      const bool billed = !failure && attempt.translated && attempt.translation->failure;
      if (billed) failure = std::move(attempt.translation->failure);
      if (failure) {
        std::string reason = "error in the answer: " + failure->message.substr(0, 200);
        const bool falls_back = exchange::can_fall_back(failure->status);
        attempt_failed(std::move(*failure), std::move(reason), billed, falls_back);
        return;
      }
      attempt_failed(
          upstream_fault(target, body.empty() ? std::string("answered with an empty body")
                                              : "answered with something that is not a message: " +
                                                    told.status().message()),
          body.empty() ? "empty answer" : "not a message", true, true);
      return;
    }
    record_.usage = std::move(told.value().usage);
    record_.stop_reason = std::move(told.value().stop_reason);
    record_.upstream_model = std::move(told.value().upstream_model);
  }
  start_head(attempt.status);
  add_passed_headers(attempt.head);
  answer_whole(std::move(body), Event::kAnswerComplete);
}

/// A refusal that says no more than that the limit left no room is an answer of nothing: clients
/// probe a model with a limit of one token.
bool Exchange::answers_refusal(Attempt& attempt) {
  if (!attempt.translated || phase_ != Phase::kNone) return false;
  const dialects::Dialect& upstream = upstream_dialect(attempt);
  std::optional<std::string> answer = upstream.answer_of_refusal(attempt.status, attempt.collected);
  if (!answer) return false;
  std::string body;
  if (wants_stream()) {
    const auto road = make_whole_road(upstream, client_dialect(), *attempt.translation);
    if (!road->feed(*answer, body).ok() || !road->finish(body).ok()) return false;
    record_.usage = road->usage();
    record_.stop_reason = road->stop_reason();
  } else {
    body = std::move(*answer);
    Result<WholeAnswer> told =
        translate_whole(upstream, client_dialect(), *attempt.translation, body);
    if (!told.ok()) return false;
    record_.usage = std::move(told.value().usage);
    record_.stop_reason = std::move(told.value().stop_reason);
  }
  wire::Headers head;
  static_cast<void>(head.add(
      "content-type", wants_stream() ? "text/event-stream; charset=utf-8" : "application/json"));
  for (size_t i = 0; i < attempt.head.size(); ++i) {
    const auto [name, value] = attempt.head.at(i);
    if (!head.has(name)) static_cast<void>(head.add(name, value));
  }
  attempt.status = 200;
  attempt.error_answer = false;
  start_head(200);
  add_passed_headers(head);
  answer_whole(std::move(body), Event::kAnswerComplete);
  return true;
}

Status Exchange::upstream_failed(uint32_t attempt, int32_t failure, std::string_view detail,
                                 Time now) {
  note_time(now);
  if (auxiliary_ != nullptr && auxiliary_->number == attempt && attempt != 0) {
    if (alert_ != nullptr) {
      close_auxiliary(false);
      alert_failed(transport_reason(failure, {}), true);
      return Status();
    }
    if (auxiliary_->checked != nullptr) {
      const bool own_fault = failure == TG_FAILURE_HOST || failure == TG_FAILURE_DENIED;
      note_check(own_fault ? router::Outcome::kNeutral : router::Outcome::kFailed);
    } else {
      auxiliary_failed(transport_reason(failure, detail));
    }
    close_auxiliary(false);
    auxiliary_is_over();
    return Status();
  }
  Attempt* open = open_attempt(attempt);
  if (open == nullptr) return Status();
  open->ended = true;
  if (open->road != nullptr && open->road->complete()) {
    // The answer is whole; that the connection did not end well is not the client's concern.
    end_answer();
    return Status();
  }
  const std::string target = target_name(*open);
  LastFailure last;
  last.failure = transport_failure(failure, target, open->status != 0);
  last.detail = detail.substr(0, 200);
  last.own_fault = failure == TG_FAILURE_HOST || failure == TG_FAILURE_DENIED;
  attempt_failed(std::move(last), transport_reason(failure, {}), may_have_been_billed(failure),
                 true);
  return Status();
}

}  // namespace tollgate::exchange
