// The gateway's own calls: credentials and keys that an attempt needs first.

#include <string>
#include <utility>

#include "base/bytes.hpp"
#include "base/limits.hpp"
#include "exchange/exchange.hpp"
#include "exchange/failures.hpp"

namespace tollgate::exchange {
namespace {

constexpr uint64_t kAuxiliaryNs = 30 * kSecond;
/// Calls that one credential may take, one after the other.
constexpr uint32_t kCallsMax = 6;

}  // namespace

void Exchange::ask_auxiliary(Candidate& candidate, const std::string& key) {
  // The address of the exchange is its identity among leaders while it lives.
  const uint64_t self = reinterpret_cast<uintptr_t>(this);
  const Auxiliary::Answer answer =
      environment_->auxiliary.ask(key, self, options_.wake_token, now_);
  if (answer.role == Auxiliary::Role::kReady) {
    auxiliary_token_ = answer.value;
    auxiliary_key_ = key;
    return;
  }
  if (answer.role == Auxiliary::Role::kFailed) {
    model::Failure failure;
    failure.status = 502;
    failure.should_retry = false;
    failure.message = "The gateway could not get its own credential for the account " +
                      endpoint_of(candidate).account.name + ". Tell your gateway administrator.";
    record_.steps.push_back({"credential", "failed", candidate.target.name + ": " + answer.value});
    skip_candidate(candidate, "credential not available", std::move(failure));
    return;
  }
  auxiliary_ = std::make_unique<AuxiliaryState>();
  auxiliary_->key = key;
  if (answer.role == Auxiliary::Role::kWait) {
    auxiliary_->deadline_ns = deadline_after(now_.mono_ns, limits::kAuxiliaryPollNs);
  } else {
    const providers::Account& account = endpoint_of(candidate).account;
    auxiliary_->account = &account;
    Result<providers::AuxiliaryCall> call = provider_of(account).auxiliary(account, now_);
    if (!call.ok()) {
      auxiliary_failed(call.status().message());
      auxiliary_.reset();
      ask_auxiliary(candidate, key);  // Answered at once: the failure is fresh.
      return;
    }
    call_auxiliary(std::move(call.value()));
  }
  step(Event::kAuxNeeded);
}

void Exchange::call_auxiliary(providers::AuxiliaryCall&& call) {
  auxiliary_->call = std::move(call);
  auxiliary_->ca_file = auxiliary_->account->ca_file;
  if (!auxiliary_->call.is_local) auxiliary_->proxy = auxiliary_->account->proxy;
  open_auxiliary();
}

void Exchange::open_auxiliary() {
  auxiliary_->number = ++call_count_;
  auxiliary_->deadline_ns = deadline_after(now_.mono_ns, kAuxiliaryNs);
  for (size_t i = 0; i < auxiliary_->call.request.headers.size(); ++i) {
    const wire::Header header = auxiliary_->call.request.headers.at(i);
    for (const std::string_view text : {header.name, header.value}) {
      auxiliary_->header_views.push_back(
          {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
    }
  }
  actions_.push(TG_ACTION_UPSTREAM_OPEN, auxiliary_->number);
}

/// The call came to its end, whichever: what waited for it goes on.
void Exchange::auxiliary_is_over() {
  const bool identifying = state_ == State::kIdentifying;
  if (identifying) keys_asked_ = true;
  step(Event::kAuxEnded);
  identifying ? request_read() : select_next();
}

Status Exchange::auxiliary_body(std::string_view bytes) {
  if (alert_ != nullptr) {
    add_alert_answer(bytes);
    return Status();
  }
  if (auxiliary_->body.size() + bytes.size() > limits::kErrorBodyBytesMax) {
    auxiliary_failed("the answer is too large");
    close_auxiliary(true);
    auxiliary_is_over();
    return Status();
  }
  auxiliary_->body.append(bytes);
  return Status();
}

Result<providers::AuxiliaryValue> Exchange::read_auxiliary_answer(uint32_t status) {
  if (auxiliary_->issuer == nullptr) {
    return provider_of(*auxiliary_->account)
        .read_auxiliary({*auxiliary_->account, auxiliary_->call, status, auxiliary_->body, now_});
  }
  if (Status taken = take_keys(status); !taken.ok()) return taken;
  // The keys themselves are in the ring; those who wait only need to know that they came.
  providers::AuxiliaryValue fetched;
  fetched.value = "fetched";
  fetched.expires_mono_ns = deadline_after(now_.mono_ns, kSecond);
  return fetched;
}

/// The answer was one on the way: the next call takes its place, with those who wait for it.
void Exchange::auxiliary_goes_on(providers::AuxiliaryCall&& next) {
  auto following = std::make_unique<AuxiliaryState>();
  following->key = auxiliary_->key;
  following->account = auxiliary_->account;
  following->calls_before = auxiliary_->calls_before + 1;
  close_auxiliary(false);
  auxiliary_ = std::move(following);
  call_auxiliary(std::move(next));
}

void Exchange::auxiliary_ended(uint32_t status) {
  const uint64_t self = reinterpret_cast<uintptr_t>(this);
  Result<providers::AuxiliaryValue> value = read_auxiliary_answer(status);
  if (value.ok() && value.value().next) {
    if (auxiliary_->calls_before + 1 < kCallsMax) {
      auxiliary_goes_on(std::move(*value.value().next));
      return;
    }
    auxiliary_failed("it takes too many calls");
  } else if (value.ok()) {
    const std::vector<uint64_t> waiting =
        environment_->auxiliary.succeed(auxiliary_->key, self, std::move(value.value()));
    for (const uint64_t token : waiting)
      environment_->waker(token);
  } else {
    auxiliary_failed(value.status().message());
  }
  close_auxiliary(false);
  auxiliary_is_over();
}

/// Puts the call away; its bytes stay for a host that has still to stop sending them.
void Exchange::close_auxiliary(bool cancel) {
  if (auxiliary_ == nullptr) return;
  const uint32_t number = auxiliary_->number;
  if (cancel && number != 0 && !actions_.withdraw_open(number)) {
    actions_.push(TG_ACTION_UPSTREAM_CANCEL, number);
  }
  retired_auxiliary_.push_back(std::move(auxiliary_));
}

void Exchange::auxiliary_failed(std::string reason) {
  if (auxiliary_->checked != nullptr) {
    note_check(router::Outcome::kFailed);
    return;
  }
  const uint64_t self = reinterpret_cast<uintptr_t>(this);
  keys_away_ = auxiliary_->issuer != nullptr;
  const std::vector<uint64_t> waiting =
      environment_->auxiliary.fail(auxiliary_->key, self, std::move(reason), now_);
  for (const uint64_t token : waiting)
    environment_->waker(token);
}

}  // namespace tollgate::exchange
