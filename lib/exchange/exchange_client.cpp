// The client's events.

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "base/bytes.hpp"
#include "base/limits.hpp"
#include "exchange/exchange.hpp"
#include "exchange/failures.hpp"

namespace tollgate::exchange {
namespace {

Status wrong_state(const char* what) {
  return Status(Code::kState, what);
}

model::Failure busy(std::string message) {
  model::Failure failure;
  failure.kind = model::FailureKind::kApi;
  failure.status = 503;
  failure.message = std::move(message);
  failure.retry_after_s = 1;
  return failure;
}

}  // namespace

Status Exchange::client_head(std::string_view method, std::string_view target,
                             const tg_bytes* headers, uint32_t pair_count, Time now) {
  if (state_ != State::kReadingHead || phase_ != Phase::kNone) {
    return wrong_state("the head was fed before");
  }
  note_time(now);
  size_t bytes = 0;
  for (size_t i = 0; i < 2 * std::min<size_t>(pair_count, limits::kHeaderPairsMax); ++i)
    bytes += std::min(headers[i].size, limits::kHeadBytesMax);
  request_.headers.reserve(pair_count, bytes);
  Status fault;
  for (uint32_t i = 0; i < pair_count && fault.ok(); ++i) {
    fault = request_.headers.add(view_of(headers[2 * i]), view_of(headers[2 * i + 1]));
  }
  const std::optional<model::Failure> refusal = read_head(method, target, request_);
  record_.method = request_.method;
  record_.path = request_.path;
  record_.user_agent = request_.headers.get("user-agent").value_or("");
  last_body_ns_ = now_.mono_ns;
  if (!fault.ok()) {
    model::Failure failure;
    failure.kind = model::FailureKind::kInvalidRequest;
    failure.status = fault.code() == Code::kLimit ? 431 : 400;
    failure.message = "The request's headers are not acceptable: " + fault.message() + ".";
    refuse(failure, Event::kAnswered);
    return Status();
  }
  if (refusal) {
    refuse(*refusal, Event::kAnswered);
    return Status();
  }
  if (refuse_at_head()) return Status();
  step(Event::kHeadRead);
  return Status();
}

Status Exchange::body_room(size_t hint, uint8_t** data, size_t* capacity) {
  *data = nullptr;
  *capacity = 0;
  if (state_ != State::kReadingBody) return wrong_state("no request body is expected now");
  if (body_.size() >= limits::kBodyBytesMax) {
    return Status(Code::kLimit, "the request body is as large as it may be");
  }
  const size_t left = limits::kBodyBytesMax - body_.size();
  if (hint > left) hint = left;
  if (hint == 0) hint = left < 4096 ? left : 4096;
  if (Status status = body_.reserve(hint); !status.ok()) return status;
  *data = reinterpret_cast<uint8_t*>(body_.room());
  *capacity = body_.room_size() < left ? body_.room_size() : left;
  return Status();
}

Status Exchange::client_body(std::string_view bytes, Time now) {
  if (request_ended_) return wrong_state("the request's body has ended");
  if (state_ == State::kReadingHead) return wrong_state("the head comes first");
  note_time(now);
  last_body_ns_ = now_.mono_ns;
  // Answered already: what still comes of the body is read past.
  if (state_ != State::kReadingBody) return Status();
  if (bytes.size() > limits::kBodyBytesMax - body_.size()) {
    body_.release();
    refuse(too_large(), Event::kAnswered);
    return Status();
  }
  Status status = body_.append(bytes.data(), bytes.size());
  if (status.code() == Code::kLimit) {
    body_.release();
    refuse(busy("The gateway is reading as many requests as it can hold. Try again in a moment."),
           Event::kAnswered);
    return Status();
  }
  return status;
}

Status Exchange::client_end(Time now) {
  if (request_ended_) return wrong_state("the request has ended before");
  if (state_ == State::kReadingHead) return wrong_state("the head comes first");
  note_time(now);
  request_ended_ = true;
  if (state_ != State::kReadingBody) return Status();
  record_.timings.request_read = elapsed(start_.mono_ns, now_.mono_ns);
  // The parser reads a block behind the text: not what a host left in the room, or nobody wrote.
  if (body_.size() > 0) std::memset(body_.room(), 0, json::kPadding);
  request_read();
  return Status();
}

bool Exchange::refuse_at_head() {
  if (request_.operation == Operation::kUnknownPath ||
      request_.operation == Operation::kWrongMethod) {
    model::Failure failure;
    failure.kind = model::FailureKind::kNotFound;
    failure.status = request_.operation == Operation::kUnknownPath ? 404 : 405;
    failure.message =
        request_.operation == Operation::kUnknownPath
            ? "There is nothing at this path. This gateway answers POST /v1/messages, "
              "/v1/messages/count_tokens, /v1/chat/completions and /v1/responses, and GET "
              "/v1/models; check ANTHROPIC_BASE_URL (it must not "
              "end in the name of an endpoint)."
            : "This path does not take the method " + request_.method + ".";
    refuse(failure, Event::kAnswered);
    return true;
  }
  if (!needs_principal(request_.operation)) return false;
  if (environment_->draining.load(std::memory_order_relaxed)) {
    refuse(busy("This gateway is shutting down and takes no new requests. Try again in a moment."),
           Event::kAnswered);
    return true;
  }
  request_.principal = options_.principal;
  const std::optional<model::Failure> unknown = options_.principal != nullptr
                                                    ? std::optional<model::Failure>()
                                                    : identify(*configuration_, now_, request_);
  record_.token_prefix = request_.token_prefix;
  if (unknown) {
    refuse(*unknown, Event::kAnswered);
    return true;
  }
  if (request_.token && identify_by_token() && phase_ != Phase::kNone) return true;
  if (request_.principal != nullptr) {
    record_.principal = request_.principal->subject();
    record_.teams = request_.principal->teams;
  }
  if (const auto failure = read_wishes(*configuration_, environment_->documents, request_)) {
    refuse(*failure, Event::kAnswered);
    return true;
  }
  if (request_.content_length.value_or(0) > limits::kBodyBytesMax) {
    refuse(too_large(), Event::kAnswered);
    return true;
  }
  return false;
}

Status Exchange::client_gone(Time now) {
  note_time(now);
  give_up_client("the client left");
  return Status();
}

void Exchange::give_up_client(std::string_view why) {
  actions_.withdraw_client();
  if (!step(Event::kClientGone)) return;
  if (auxiliary_ != nullptr && auxiliary_->number != 0) {
    // Nothing is wrong with the call itself: one of those who wait for it makes it instead.
    const uint64_t self = reinterpret_cast<uintptr_t>(this);
    for (const uint64_t token : environment_->auxiliary.leave(auxiliary_->key, self))
      environment_->waker(token);
  }
  close_auxiliary(true);
  record_.status = head_status_ == 0 ? 499 : head_status_;
  record_.failure = why;
  settle("cancelled");
}

Status Exchange::client_blocked(Time now) {
  if (phase_ == Phase::kNone && state_ != State::kSettling) {
    return wrong_state("the answer has not begun");
  }
  note_time(now);
  if (blocked_ns_ == 0) blocked_ns_ = now_.mono_ns == 0 ? 1 : now_.mono_ns;
  return Status();
}

Status Exchange::client_unblocked(Time now) {
  if (phase_ == Phase::kNone && state_ != State::kSettling) {
    return wrong_state("the answer has not begun");
  }
  note_time(now);
  blocked_ns_ = 0;
  // Time in which the host fed nothing is not the upstream's silence.
  if (attempt_ != nullptr) attempt_->last_bytes_ns = now_.mono_ns;
  last_client_ns_ = now_.mono_ns;
  return Status();
}

}  // namespace tollgate::exchange
