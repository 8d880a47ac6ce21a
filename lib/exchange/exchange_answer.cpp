// Answers to the client, and the end: leases resolved, the record written.

#include <string>
#include <utility>

#include "base/ascii.hpp"
#include "base/limits.hpp"
#include "exchange/exchange.hpp"
#include "exchange/failures.hpp"
#include "exchange/local_answers.hpp"
#include "exchange/road.hpp"
#include "exchange/usage_report.hpp"
#include "json/writer.hpp"
#include "model/stream_unfold.hpp"
#include "model/token_estimate.hpp"

namespace tollgate::exchange {
namespace {

/// What an upstream's answer brings and what the gateway adds, mostly.
constexpr size_t kHeadFieldsExpected = 16;

}  // namespace

void Exchange::answer_failure(const model::Failure& failure, Event event) {
  record_.failure = failure.message;
  start_head(failure.status);
  add_header("content-type", "application/json");
  if (failure.retry_after_s) add_header("retry-after", std::to_string(*failure.retry_after_s));
  if (failure.should_retry) {
    add_header("x-should-retry", *failure.should_retry ? "true" : "false");
  }
  std::string body;
  client_dialect().encode_error(failure, record_.request_id, body);
  answer_whole(std::move(body), event);
}

/// Tokens of a request that no upstream counts, told so that nobody's context overflows.
void Exchange::answer_estimate(const Candidate& candidate) {
  record_.target = candidate.target.name;
  start_head(200);
  add_header("content-type", "application/json");
  add_header("x-tollgate-estimated", "true");
  const model::InputTokens tokens =
      model::estimate_input_tokens(*decoded_, candidate.target.model_id);
  answer_whole(token_count(tokens.high), Event::kTargetsSpent);
}

/// Whether a request for no token at all would be sent to somebody who could do nothing else.
bool Exchange::wants_no_tokens(const dialects::Dialect& upstream) const {
  return request_.operation == Operation::kMessages && facts_.max_tokens == 0 &&
         &upstream != &client_dialect() && !upstream.takes_no_tokens();
}

/// The answer to a request for no token, which nobody was asked for.
void Exchange::answer_nothing(const Candidate& candidate) {
  record_.target = candidate.target.name;
  record_.stop_reason = stop_reason_name(model::StopReason::kMaxTokens, {});
  record_.usage = model::Usage();
  record_.cost = NanoUsd{};
  dialects::Translation translation;
  translation.requested_model = facts_.model;
  translation.target_model = candidate.target.model_id;
  translation.id_seed = environment_->next_number.fetch_add(1) ^ environment_->seed_low;
  translation.created_at_s = now_.wall_ms / 1000;
  translation.stream_usage = decoded_->stream_usage;
  model::Response response;
  response.model = candidate.target.model_id;
  response.stop_reason = model::StopReason::kMaxTokens;
  response.usage.estimated = true;
  response.usage.tokens.input =
      model::estimate_input_tokens(*decoded_, candidate.target.model_id).likely;
  std::string body;
  Status status;
  if (wants_stream()) {
    const auto encoder = client_dialect().new_stream_encoder(translation);
    std::vector<model::StreamEvent> events;
    model::unfold(response, events);
    for (const model::StreamEvent& event : events)
      if (status.ok()) status = encoder->on_event(event, body);
  } else {
    status = client_dialect().encode_response(response, translation, body);
  }
  if (!status.ok()) {
    answer_failure(upstream_fault(candidate.target.name, "was not asked: " + status.message()),
                   Event::kTargetsSpent);
    return;
  }
  start_head(200);
  add_header("content-type",
             wants_stream() ? "text/event-stream; charset=utf-8" : "application/json");
  add_header("x-tollgate-estimated", "true");
  answer_whole(std::move(body), Event::kTargetsSpent);
}

void Exchange::answer_local() {
  if (request_.operation == Operation::kUsage) {
    start_head(200);
    add_header("content-type", "application/json");
    answer_whole(usage_report(*configuration_, *environment_, request_, now_), Event::kAnswered);
    return;
  }
  LocalAnswer answer = local_answer(*configuration_, *environment_, request_);
  if (answer.failure) {
    answer_failure(*answer.failure, Event::kAnswered);
    return;
  }
  start_head(answer.status);
  add_header("content-type", answer.content_type);
  answer_whole(std::move(answer.body), Event::kAnswered);
}

/// The head is begun by the caller; this adds ours, and everything after it.
void Exchange::answer_whole(std::string body, Event event) {
  add_gateway_headers();
  if (record_.bodies_kept && event != Event::kAnswered) {
    record_.response_body = body.substr(0, limits::kRecordBodyBytesMax);
    record_.bodies_cut = record_.bodies_cut || body.size() > limits::kRecordBodyBytesMax;
  }
  std::string_view outcome = "ok";
  const bool by_us = event == Event::kAnswered || (money_.refused && attempt_count_ == 0);
  if (head_status_ >= 400) outcome = by_us ? "refused" : "failed";
  step(event);
  record_.status = head_status_;
  settle(outcome);
  send_head(body.size());
  if (!body.empty() && request_.method != "HEAD") {
    output_.insert(std::move(body));
    actions_.push(TG_ACTION_CLIENT_BODY);
  }
  actions_.push(TG_ACTION_CLIENT_END);
  phase_ = Phase::kEnded;
}

void Exchange::start_head(uint32_t status) {
  head_fields_.clear();
  head_fields_.reserve(kHeadFieldsExpected);
  head_status_ = status;
}

void Exchange::add_header(std::string_view name, std::string_view value) {
  // A value that is not safe as a header (a model's name can hold anything) is left out.
  if (wire::is_token(name) && wire::is_safe_value(value)) head_fields_.emplace_back(name, value);
}

void Exchange::add_passed_headers(const wire::Headers& head) {
  for (size_t i = 0; i < head.size(); ++i) {
    const wire::Header header = head.at(i);
    head_fields_.emplace_back(header.name, header.value);
  }
}

/// In words, and as Anthropic tells of its own limits. What the upstream said of the client's own
/// plan stays the only word of that kind.
void Exchange::add_budget_warning() {
  if (money_.warning.empty()) return;
  add_header("x-tollgate-budget-warning", money_.warning);
  constexpr std::string_view kUnified = "anthropic-ratelimit-unified-";
  for (const auto& [name, value] : head_fields_) {
    if (ascii::starts_with_ignore_case(name, kUnified)) return;
  }
  add_header("anthropic-ratelimit-unified-status", "allowed_warning");
  if (money_.warning_reset_ms == INT64_MAX) return;
  add_header("anthropic-ratelimit-unified-reset", std::to_string(money_.warning_reset_ms / 1'000));
}

void Exchange::add_gateway_headers() {
  bool has_request_id = false;
  for (const auto& [name, value] : head_fields_) {
    has_request_id = has_request_id || ascii::equals_ignore_case(name, "request-id");
  }
  if (!has_request_id) add_header("request-id", record_.request_id);
  add_header("x-tollgate-request-id", record_.request_id);
  if (!needs_principal(request_.operation)) return;
  add_header("x-tollgate-decision-id", record_.decision_id);
  add_header("x-tollgate-attempts", std::to_string(attempt_count_));
  if (money_.output_cap) {
    add_header("x-tollgate-max-tokens", std::to_string(*money_.output_cap));
  }
  add_budget_warning();
  std::string rules;
  json::Writer writer(rules);
  writer.begin_array();
  for (const record::Step& step : record_.steps)
    writer.string(step.rule + ":" + step.verdict);
  writer.end_array();
  add_header("x-tollgate-applied-rules", rules);
  add_header("x-tfy-applied-rules", rules);
  const std::string& target = attempt_ != nullptr         ? target_name(*attempt_)
                              : !record_.attempts.empty() ? record_.attempts.back().target
                                                          : record_.target;
  if (target.empty()) return;
  add_header("x-tollgate-resolved-model", target);
  add_header("x-tfy-resolved-model", target);
}

void Exchange::send_head(uint64_t body_size) {
  head_views_.clear();
  head_views_.reserve(head_fields_.size() * 2);
  for (const auto& [name, value] : head_fields_) {
    for (const std::string& text : {std::cref(name), std::cref(value)}) {
      head_views_.push_back({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
    }
  }
  head_body_size_ = body_size;
  last_client_ns_ = now_.mono_ns;
  actions_.push(TG_ACTION_CLIENT_HEAD);
  phase_ = Phase::kHeadSent;
}

void Exchange::send_ready() {
  if (!output_.has_ready()) return;
  last_client_ns_ = now_.mono_ns;
  actions_.push(TG_ACTION_CLIENT_BODY);
}

/// A stream is complete.
void Exchange::end_answer() {
  step(Event::kAnswerComplete);
  const std::optional<model::Failure>& failure = attempt_->road->failure();
  if (failure) record_.failure = failure->message.empty() ? "error event" : failure->message;
  settle(failure ? "failed" : "ok");
  actions_.push(TG_ACTION_CLIENT_END);
  phase_ = Phase::kEnded;
}

void Exchange::drop_body_if_free() {
  if (state_ != State::kStreaming || attempt_ == nullptr || !attempt_->sent) return;
  attempt_->body().drop();
  body_.release();
}

/// Puts the attempt away; its views stay for what the host still has to pull.
void Exchange::close_attempt(bool cancel) {
  if (attempt_ == nullptr) return;
  leave_room();
  // What was reserved on the way is booked with the rest by now.
  for (ledger::Lease& extension : attempt_->extensions)
    (void)extension.release(now_);
  const uint32_t number = attempt_->number();
  if (cancel && !attempt_->ended && !actions_.withdraw_open(number)) {
    actions_.push(TG_ACTION_UPSTREAM_CANCEL, number);
  }
  retired_.push_back(std::move(attempt_));
}

void Exchange::note_attempt(std::string_view reason) {
  if (attempt_ == nullptr) return;
  record::Attempt entry;
  entry.target = target_name(*attempt_);
  entry.status = attempt_->status;
  entry.duration_ns = elapsed(attempt_->opened_ns(), now_.mono_ns);
  entry.reason = reason;
  record_.attempts.push_back(std::move(entry));
  for (const model::Loss& loss : attempt_->body().losses.all())
    record_.losses.push_back(loss);
  if (attempt_->translation == nullptr) return;
  for (const model::Loss& loss : attempt_->translation->losses.all()) {
    record_.losses.push_back(loss);
  }
}

void Exchange::settle(std::string_view outcome) {
  record_.outcome = outcome;
  if (attempt_ != nullptr) {
    if (attempt_->road != nullptr) {
      const StreamRoad& road = *attempt_->road;
      if (road.usage_known()) record_.usage = road.usage();
      record_.stop_reason = road.stop_reason();
      record_.upstream_model = road.upstream_model();
    }
    if (record_.usage && outcome != "ok") record_.usage->estimated = true;
    if (outcome == "ok") report_success(*attempt_);
    if (outcome == "ok" || phase_ != Phase::kNone) record_.target = target_name(*attempt_);
    note_attempt(outcome == "ok" ? std::string_view() : std::string_view(record_.failure));
  }
  if (record_.status == 0) record_.status = head_status_;
  settle_money();
  close_attempt(true);
  leave_room();
  finish_record();
}

void Exchange::finish_record() {
  record_.wall_ms = start_.wall_ms;
  record_.operation = request_.operation == Operation::kMessages && !speaks_messages()
                          ? client_dialect().name()
                          : operation_name(request_.operation);
  record_.client_address = options_.client_address;
  record_.metadata = request_.metadata;
  record_.session_id = request_.session_id;
  record_.agent_id = request_.agent_id;
  record_.parent_agent_id = request_.parent_agent_id;
  record_.policy_version = configuration_->version;
  record_.timings.end = elapsed(start_.mono_ns, now_.mono_ns);
  // Probes come every few seconds and say nothing about use.
  const bool probe =
      request_.operation == Operation::kHello || request_.operation == Operation::kHealth ||
      request_.operation == Operation::kCheckUpstreams || request_.operation == Operation::kReady ||
      request_.operation == Operation::kMetrics;
  if (probe || request_.method.empty()) return;
  if (request_.operation == Operation::kMessages) note_quality();
  environment_->metrics.add(record_, configuration_->logging.metric_metadata_keys);
  if (!environment_->host_can(TG_ACTION_RECORD)) return;
  record_json_ = record::to_json(record_);
  actions_.push(TG_ACTION_RECORD);
}

}  // namespace tollgate::exchange
