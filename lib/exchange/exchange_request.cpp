// From a read request to an open attempt.

#include <string>
#include <utility>

#include "base/limits.hpp"
#include "dialects/anthropic_messages/request_peek.hpp"
#include "exchange/attempt_cost.hpp"
#include "exchange/exchange.hpp"
#include "exchange/failures.hpp"
#include "exchange/routing.hpp"
#include "model/request_facts.hpp"

namespace tollgate::exchange {

dialects::Operation dialect_operation(Operation operation) {
  return operation == Operation::kCountTokens ? dialects::Operation::kCountTokens
                                              : dialects::Operation::kGenerate;
}

const providers::Provider& Exchange::provider_of(const providers::Account& account) const {
  // The loader admits only types that have a provider.
  return account.provider != nullptr ? *account.provider : *providers::find_provider(account.type);
}

providers::Endpoint Exchange::endpoint_of(const Candidate& candidate) const {
  return exchange::endpoint_of(*configuration_, candidate);
}

void Exchange::request_read() {
  if (request_.token && !identify_by_token()) {
    ask_keys();
    if (state_ == State::kIdentifying) return;
  }
  if (state_ != State::kReadingBody) return;
  // Of a caller whose token was looked at just now; others were known at the head.
  if (request_.principal != nullptr && record_.principal.empty()) {
    record_.principal = request_.principal->subject();
    record_.teams = request_.principal->teams;
  }
  if (request_.operation == Operation::kFeedback) {
    answer_feedback();
    return;
  }
  if (request_.operation == Operation::kCheckUpstreams) {
    check_upstreams();
    return;
  }
  if (request_.operation != Operation::kMessages && request_.operation != Operation::kCountTokens) {
    answer_local();
    return;
  }
  if (request_.keep_bodies) {
    record_.bodies_kept = true;
    record_.request_body = body_.view().substr(0, limits::kRecordBodyBytesMax);
    record_.bodies_cut = body_.size() > limits::kRecordBodyBytesMax;
  }
  if (!speaks_messages()) {
    Result<model::Request> decoded = decode_body();
    if (!decoded.ok()) {
      refuse(invalid_request(decoded.status().message()), Event::kAnswered);
      return;
    }
    decoded_ = std::make_unique<model::Request>(std::move(decoded.value()));
    facts_ = model::facts_of(*decoded_);
    facts_.body_bytes = body_.size();
  } else {
    const DocumentPool::Loan document = environment_->documents.borrow();
    // An empty body has no memory, so no padding either.
    Result<dialects::anthropic_messages::PeekedRequest> peeked =
        body_.size() == 0
            ? Result<dialects::anthropic_messages::PeekedRequest>(
                  invalid("The request has no body; send a JSON object with model, max_tokens and "
                          "messages"))
            : dialects::anthropic_messages::peek_request(*document, body_.view(),
                                                         dialect_operation(request_.operation));
    if (!peeked.ok()) {
      refuse(invalid_request(peeked.status().message()), Event::kAnswered);
      return;
    }
    facts_ = std::move(peeked.value().facts);
    model_span_ = peeked.value().model;
    facts_.body_bytes = body_.size();
    // A translation that comes at once reads the same document; one that has to wait parses again,
    // so that nobody keeps a parser while it waits.
    parsed_ = peeked.value().root;
    decide_request();
    parsed_ = json::Value();
    return;
  }
  decide_request();
}

void Exchange::decide_request() {
  record_.model = facts_.model;
  record_.stream = facts_.stream;
  if (request_.session_id.empty()) {
    request_.session_id = session_of_user(environment_->documents, facts_.user_id);
  }
  if (!environment_->host_can(TG_ACTION_UPSTREAM_OPEN)) {
    model::Failure failure;
    failure.status = 501;
    failure.should_retry = false;
    failure.message = "This host of the gateway decides about requests but does not send them.";
    refuse(failure, Event::kAnswered);
    return;
  }
  environment_->router.retries.note_request(now_);
  decision_ = decide(*configuration_, *request_.principal, facts_, routing_context());
  record_.steps = std::move(decision_.steps);
  record_.tool_errors = facts_.tool_error_count;
  if (decision_.denial) {
    refuse(*decision_.denial, Event::kAnswered);
    return;
  }
  step(Event::kRequestRead);
  admit();
}

/// True when the candidate is being called or waited for; false when it cannot serve.
bool Exchange::open_candidate(size_t index) {
  Candidate& candidate = decision_.candidates[index];
  candidate.lessons = environment_->lessons.lessons_of(candidate.target.name);
  if (reasoning_refused_) candidate.lessons.push_back({model::LessonKind::kDropReasoning, {}});
  const providers::Endpoint endpoint = endpoint_of(candidate);
  const providers::Provider& provider = provider_of(endpoint.account);
  if (login_account_ && *login_account_ != endpoint.integration.account) {
    candidate.usable = false;
    candidate.reason = "a login of the client's own stays with its account";
    return false;
  }
  const std::string key = provider.auxiliary_key(endpoint.account);
  if (!key.empty() && auxiliary_key_ != key) {
    // What is known is taken at once; a call is made only for a caller who is let in.
    if (!environment_->auxiliary.knows(key, now_) && !caller_is_granted()) return true;
    ask_auxiliary(candidate, key);
    if (state_ == State::kWaitingAux) return true;
    if (auxiliary_key_ != key) return false;
  }
  const bool estimates =
      request_.operation == Operation::kCountTokens && !provider.counts_tokens(endpoint);
  if (estimates || wants_no_tokens(provider.dialect(endpoint))) {
    if (!caller_is_granted()) return true;
    if (const Status status = take_decoded(); !status.ok()) {
      skip_candidate(candidate, "not readable", invalid_request(status.message()));
      return false;
    }
    if (estimates) {
      answer_estimate(candidate);
    } else {
      answer_nothing(candidate);
    }
    return true;
  }
  if (!take_room(index)) return !caller_is_granted();
  if (!pending_ || pending_->candidate != index) {
    give_back_target();
    const TargetAdmission admitted = admit_target(index);
    if (admitted != TargetAdmission::kAdmitted) return admitted == TargetAdmission::kWaits;
  }
  const TargetAdmission safe = await_journal();
  if (safe != TargetAdmission::kAdmitted) return safe == TargetAdmission::kWaits;
  auto body = std::make_unique<RequestBody>();
  std::unique_ptr<dialects::Translation> translation;
  providers::UpstreamRequest upstream;
  providers::CallContext context{
      .endpoint = endpoint,
      .operation = dialect_operation(request_.operation),
      .client_headers = request_.headers,
      .client_query = request_.query,
      .extra_betas = request_.extra_betas,
      .session_id = request_.session_id,
      .stream = wants_stream(),
      .same_dialect = &provider.dialect(endpoint) == &client_dialect(),
      .client_authorization_is_its_own = request_.credential_has_own_header,
      .token = key.empty() ? std::string_view() : std::string_view(auxiliary_token_),
      .now = now_,
  };
  if (const Status status = build_body(candidate, context, *body, translation); !status.ok()) {
    give_back_target();
    skip_candidate(candidate, "not translatable", invalid_request(status.message()));
    return false;
  }
  context.body_spans = body->spans().data();
  context.body_span_count = static_cast<uint32_t>(body->spans().size());
  Status prepared = provider.prepare(context, upstream);
  if (prepared.ok()) prepared = override_headers(candidate, upstream.headers);
  if (!prepared.ok()) {
    give_back_target();
    skip_candidate(candidate, "not addressable", invalid_request(prepared.message()));
    return false;
  }
  open_upstream(std::move(upstream), std::move(body), std::move(translation));
  return true;
}

/// A target that cannot even be called. What it says is told only while nothing better is known: an
/// attempt that failed counts for more.
void Exchange::skip_candidate(Candidate& candidate, std::string reason, model::Failure failure) {
  candidate.usable = false;
  candidate.reason = std::move(reason);
  if (last_failure_) return;
  last_failure_.emplace();
  last_failure_->failure = std::move(failure);
}

}  // namespace tollgate::exchange
