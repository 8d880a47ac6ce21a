#include "exchange/exchange.hpp"

#include <algorithm>
#include <utility>

#include "base/bytes.hpp"
#include "base/limits.hpp"
#include "dialects/anthropic_messages/dialect.hpp"

namespace tollgate::exchange {
Exchange::Exchange(std::shared_ptr<Environment> environment,
                   std::shared_ptr<const config::Configuration> configuration,
                   ExchangeOptions options, Time now)
    : environment_(std::move(environment)),
      configuration_(std::move(configuration)),
      options_(std::move(options)),
      start_(now),
      now_(now),
      body_(*environment_),
      last_body_ns_(now.mono_ns) {
  if (options_.timeout_ns == 0) options_.timeout_ns = limits::kExchangeNs;
  record_.request_id =
      options_.request_id.empty() ? environment_->make_id("req_") : options_.request_id;
  record_.decision_id = environment_->make_id("dec_");
  environment_->open_exchanges.fetch_add(1);
}

Exchange::~Exchange() {
  environment_->open_exchanges.fetch_sub(1);
  if (state_ == State::kDone) return;
  try {
    if (state_ != State::kSettling) static_cast<void>(client_gone(now_));
    leave_alert();
    if (!record_json_.empty()) environment_->abandoned.put(std::move(record_json_));
    environment_->waker(environment_->waker.background_token);
  } catch (...) {
    // Memory is out: the leases still settle by their own destructors, only the record is lost.
    attempt_.reset();
  }
}

bool Exchange::step(Event event) {
  const std::optional<State> next = next_state(state_, event);
  if (!next) return false;
  state_ = *next;
  return true;
}

void Exchange::note_time(Time now) {
  // A host whose clock steps back must not make deadlines jump.
  if (now.mono_ns > now_.mono_ns) now_.mono_ns = now.mono_ns;
  now_.wall_ms = now.wall_ms;
}

const dialects::Dialect& Exchange::client_dialect() const {
  return request_.dialect != nullptr ? *request_.dialect : dialects::anthropic_messages::dialect();
}

bool Exchange::speaks_messages() const {
  return &client_dialect() == &dialects::anthropic_messages::dialect();
}

const providers::Account& Exchange::account_of(const Attempt& attempt) const {
  const uint32_t integration = decision_.candidates[attempt.candidate()].target.integration;
  return configuration_->accounts[configuration_->catalog.integrations()[integration].account];
}

const dialects::Dialect& Exchange::upstream_dialect(const Attempt& attempt) const {
  const providers::Endpoint endpoint = endpoint_of(decision_.candidates[attempt.candidate()]);
  return provider_of(endpoint.account).dialect(endpoint);
}

const std::string& Exchange::target_name(const Attempt& attempt) const {
  return decision_.candidates[attempt.candidate()].target.name;
}

uint64_t Exchange::next_deadline() const {
  if (state_ == State::kSettling && alert_ != nullptr) return alert_->look_ns;
  if (state_ == State::kSettling || state_ == State::kDone) return kNoDeadline;
  uint64_t deadline = deadline_after(start_.mono_ns, options_.timeout_ns);
  const auto no_later_than = [&](uint64_t at) { deadline = std::min(deadline, at); };
  if (blocked_ns_ != 0) {
    no_later_than(deadline_after(blocked_ns_, limits::kSlowReaderNs));
    return deadline;
  }
  switch (state_) {
    case State::kReadingHead:
    case State::kReadingBody:
      no_later_than(deadline_after(last_body_ns_, limits::kBodyIdleNs));
      break;
    case State::kAdmitting:
    case State::kSelecting:
      if (selection_.retry_at_ns != 0) {
        no_later_than(selection_.retry_at_ns);
      } else {
        no_later_than(selection_.room_again_ns != 0 ? selection_.room_again_ns : admit_again_ns_);
      }
      break;
    case State::kWaitingAux:
    case State::kIdentifying:
      if (auxiliary_ != nullptr) no_later_than(auxiliary_->deadline_ns);
      break;
    case State::kCallingUpstream:
      no_later_than(silence_deadline(*attempt_));
      break;
    case State::kHolding:
    case State::kStreaming:
    case State::kCollecting:
      no_later_than(silence_deadline(*attempt_));
      if (state_ == State::kHolding && phase_ == Phase::kNone) no_later_than(hold_until_ns_);
      no_later_than(tail_until_ns_);
      break;
    default:
      break;
  }
  if (phase_ == Phase::kHeadSent) {
    no_later_than(deadline_after(last_client_ns_, limits::kPingAfterNs));
  }
  return deadline;
}

Status Exchange::tick(Time now) {
  note_time(now);
  if (state_ == State::kDone || state_ == State::kSettling) return Status();
  if (phase_ == Phase::kHeadSent && blocked_ns_ == 0 &&
      now_.mono_ns >= deadline_after(last_client_ns_, limits::kPingAfterNs)) {
    send_keep_alive();
  }
  const bool over = now_.mono_ns >= deadline_after(start_.mono_ns, options_.timeout_ns);
  const bool waits = state_ == State::kWaitingAux || state_ == State::kIdentifying;
  if (waits && auxiliary_ != nullptr && auxiliary_->number == 0 && !over) {
    // Woken, or time to look again: whoever led has reported, or nobody leads any more.
    auxiliary_.reset();
    const bool identifying = state_ == State::kIdentifying;
    step(Event::kAuxEnded);
    identifying ? request_read() : select_next();
    return Status();
  }
  if ((state_ == State::kAdmitting || state_ == State::kSelecting) && !over) {
    state_ == State::kAdmitting ? admit() : select_next();
    return Status();
  }
  if (now_.mono_ns < next_deadline()) return Status();
  deadline_passed();
  return Status();
}

void Exchange::fill_open(tg_action& action) {
  const providers::UpstreamRequest& request = attempt_->request();
  const providers::Account& account = account_of(*attempt_);
  action.method = bytes_of(request.method);
  action.url = bytes_of(request.url);
  action.headers = attempt_->header_views().data();
  action.header_count = static_cast<uint32_t>(attempt_->header_views().size() / 2);
  const RequestBody& body = attempt_->body();
  action.body_spans = body.spans().data();
  action.body_span_count = static_cast<uint32_t>(body.spans().size());
  action.body_size = body.size();
  action.ca_file = bytes_of(account.ca_file);
  action.client_cert_file = bytes_of(account.client_cert_file);
  action.client_key_file = bytes_of(account.client_key_file);
  action.proxy = bytes_of(account.proxy);
  if (account.deny_private) action.flags |= TG_FLAG_DENY_PRIVATE;
  if (account.tls_unverified) action.flags |= TG_FLAG_TLS_UNVERIFIED;
  action.deadline_ns = deadline_after(start_.mono_ns, options_.timeout_ns);
}

void Exchange::fill_auxiliary(tg_action& action) {
  const providers::UpstreamRequest& request = auxiliary_->call.request;
  action.method = bytes_of(request.method);
  action.url = bytes_of(request.url);
  action.headers = auxiliary_->header_views.data();
  action.header_count = static_cast<uint32_t>(auxiliary_->header_views.size() / 2);
  auxiliary_->span = bytes_of(auxiliary_->call.body);
  action.body_spans = &auxiliary_->span;
  action.body_span_count = auxiliary_->call.body.empty() ? 0 : 1;
  action.body_size = auxiliary_->call.body.size();
  action.flags = TG_FLAG_AUXILIARY;
  action.ca_file = bytes_of(auxiliary_->ca_file);
  action.proxy = bytes_of(auxiliary_->proxy);
  if (const providers::Account* account = auxiliary_->checked) {
    action.client_cert_file = bytes_of(account->client_cert_file);
    action.client_key_file = bytes_of(account->client_key_file);
    if (account->deny_private) action.flags |= TG_FLAG_DENY_PRIVATE;
    if (account->tls_unverified) action.flags |= TG_FLAG_TLS_UNVERIFIED;
  }
  action.deadline_ns = auxiliary_->deadline_ns;
}

/// Frees what no host looks at any more.
void Exchange::let_go() {
  retired_.clear();
  retired_auxiliary_.clear();
  if (attempt_ == nullptr && (state_ == State::kSettling || state_ == State::kDone)) {
    body_.release();
  }
}

/// The head was sent, and a stream may go on for an hour.
void Exchange::let_head_go() {
  if (phase_ != Phase::kHeadSent || head_fields_.empty()) return;
  std::vector<std::pair<std::string, std::string>>().swap(head_fields_);
  std::vector<tg_bytes>().swap(head_views_);
}

void Exchange::next_action(tg_action& action) {
  const size_t struct_size = action.struct_size;
  action = TG_ACTION_INIT;
  action.struct_size = struct_size;
  const bool delivers = state_ == State::kSettling && deliver_alerts();
  if (actions_.empty()) {
    // A host that takes actions in batches performs a cancel, or sends a head, after it was given
    // this answer too: what they show is kept one round longer.
    if (!std::exchange(cancel_given_, false)) let_go();
    if (!std::exchange(head_given_, false)) let_head_go();
    if (state_ == State::kSettling && !delivers) {
      step(Event::kSettled);
      action.kind = TG_ACTION_DONE;
      return;
    }
    action.kind = state_ == State::kDone ? TG_ACTION_DONE : TG_ACTION_WAIT;
    action.deadline_ns = next_deadline();
    return;
  }
  const ActionQueue::Entry entry = actions_.pop();
  action.kind = entry.kind;
  action.upstream = entry.upstream;
  switch (entry.kind) {
    case TG_ACTION_UPSTREAM_CANCEL:
      cancel_given_ = true;
      break;
    case TG_ACTION_UPSTREAM_OPEN:
      if (attempt_ != nullptr && attempt_->number() == entry.upstream) {
        fill_open(action);
      } else if (auxiliary_ != nullptr && auxiliary_->number == entry.upstream) {
        fill_auxiliary(action);
      }
      break;
    case TG_ACTION_CLIENT_HEAD:
      head_given_ = true;
      action.http_status = head_status_;
      action.headers = head_views_.data();
      action.header_count = static_cast<uint32_t>(head_views_.size() / 2);
      action.body_size = head_body_size_;
      if (!request_ended_) action.flags = TG_FLAG_CLOSE;
      break;
    case TG_ACTION_CLIENT_BODY:
      output_.take(presented_);
      action.body = bytes_of(presented_);
      break;
    case TG_ACTION_CLIENT_END:
      if (!request_ended_) action.flags = TG_FLAG_CLOSE;
      break;
    case TG_ACTION_RECORD:
      presented_record_ = std::move(record_json_);
      record_json_.clear();
      action.body = bytes_of(presented_record_);
      break;
    default:
      break;
  }
}

}  // namespace tollgate::exchange
