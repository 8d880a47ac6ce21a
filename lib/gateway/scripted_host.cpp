#include "gateway/scripted_host.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "json/writer.hpp"

namespace tollgate::gateway {
namespace {

// An exchange has at most 16 attempts and ends within an hour; more steps than this are a fault.
constexpr int kStepsMax = 100'000;

constexpr int64_t kTokensServed = 100;

/// What token endpoints answer, as far as any provider reads it.
constexpr std::string_view kToken =
    R"({"access_token":"policy-test","token_type":"Bearer","expires_in":3600})";

std::string error_body(const config::ScriptedOutcome& outcome) {
  const std::string_view type = outcome.status == 529   ? "overloaded_error"
                                : outcome.status == 429 ? "rate_limit_error"
                                : outcome.status >= 500 ? "api_error"
                                                        : "invalid_request_error";
  std::string body;
  json::Writer writer(body);
  writer.begin_object().member("type", "error").key("error").begin_object();
  writer.member("type", type)
      .member("message",
              outcome.message.empty() ? std::string("as the test says") : outcome.message)
      .end_object()
      .end_object();
  return body;
}

}  // namespace

ScriptedHost::ScriptedHost(std::unique_ptr<exchange::Exchange> exchange,
                           const std::vector<config::ScriptedTarget>& script, Time now)
    : exchange_(std::move(exchange)), script_(script), now_(now) {}

Status ScriptedHost::run(const std::vector<std::pair<std::string, std::string>>& headers,
                         std::string_view path, std::string_view body, bool left_running) {
  left_running_ = left_running;
  std::vector<tg_bytes> views;
  for (const auto& [name, value] : headers) {
    views.push_back(bytes_of(name));
    views.push_back(bytes_of(value));
  }
  Status status = exchange_->client_head("POST", path, views.data(),
                                         static_cast<uint32_t>(headers.size()), now_);
  if (status.ok() && exchange_->state() == exchange::State::kReadingBody) {
    status = exchange_->client_body(body, now_);
  }
  if (status.ok()) status = exchange_->client_end(now_);
  for (int step = 0; step < kStepsMax && status.ok() && !done_; ++step) {
    tg_action action = TG_ACTION_INIT;
    exchange_->next_action(action);
    status = take(action);
  }
  if (status.ok() && !done_) return Status(Code::kInternal, "the exchange does not end");
  return status;
}

Status ScriptedHost::take(const tg_action& action) {
  switch (action.kind) {
    case TG_ACTION_WAIT:
      return wait(action.deadline_ns);
    case TG_ACTION_DONE:
      done_ = true;
      return Status();
    case TG_ACTION_CLIENT_BODY:
      answer_ += view_of(action.body);
      return Status();
    case TG_ACTION_UPSTREAM_OPEN:
      if ((action.flags & TG_FLAG_AUXILIARY) != 0) return answer_auxiliary(action.upstream);
      done_ = left_running_;
      return done_ ? Status() : call(action.upstream);
    case TG_ACTION_UPSTREAM_CANCEL:
      serving_.reset();
      return Status();
    default:
      return Status();
  }
}

Status ScriptedHost::wait(uint64_t deadline_ns) {
  if (serving_ && serving_->at_ns < deadline_ns) {
    const Serving serving = *serving_;
    serving_.reset();
    pass_until(serving.at_ns);
    return exchange_->serve_scripted(serving.attempt, serving.answer, now_);
  }
  pass_until(deadline_ns);
  return exchange_->tick(now_);
}

void ScriptedHost::pass_until(uint64_t mono_ns) {
  const uint64_t span = std::max<uint64_t>(elapsed(now_.mono_ns, mono_ns), 1);
  now_.mono_ns += span;
  now_.wall_ms += static_cast<int64_t>(span / kMillisecond);
}

Status ScriptedHost::answer_auxiliary(uint32_t call) {
  Status status = exchange_->upstream_head(call, 200, nullptr, 0, now_);
  if (status.ok()) status = exchange_->upstream_body(call, kToken, now_);
  return status.ok() ? exchange_->upstream_end(call, now_) : status;
}

Status ScriptedHost::call(uint32_t attempt) {
  const std::string target(exchange_->open_target());
  const size_t number = played_[target]++;
  for (const config::ScriptedTarget& scripted : script_) {
    if (scripted.target != target || scripted.outcomes.empty()) continue;
    return play(attempt, scripted.outcomes[std::min(number, scripted.outcomes.size() - 1)]);
  }
  return play(attempt, {});
}

Status ScriptedHost::play(uint32_t attempt, const config::ScriptedOutcome& outcome) {
  using Kind = config::ScriptedOutcome::Kind;
  switch (outcome.kind) {
    case Kind::kOk:
      return serve(attempt, outcome);
    case Kind::kStatus:
      return answer_error(attempt, outcome);
    case Kind::kTransport:
      return exchange_->upstream_failed(attempt, outcome.failure, {}, now_);
    case Kind::kTimeout:
      return Status();  // Nothing comes; the exchange's own deadline ends it.
    case Kind::kEmpty:
      break;
  }
  const Status status = exchange_->upstream_head(attempt, 200, nullptr, 0, now_);
  return status.ok() ? exchange_->upstream_end(attempt, now_) : status;
}

Status ScriptedHost::serve(uint32_t attempt, const config::ScriptedOutcome& outcome) {
  exchange::ScriptedAnswer answer;
  answer.input_tokens = outcome.input_tokens;
  answer.output_tokens = outcome.output_tokens;
  if (!outcome.first_token_ms && !outcome.token_ms) {
    return exchange_->serve_scripted(attempt, answer, now_);
  }
  // Without tokens there would be no time per token.
  if (!answer.output_tokens) answer.output_tokens = kTokensServed;
  const uint64_t first_ns = outcome.first_token_ms.value_or(0) * kMillisecond;
  answer.first_token_ns = first_ns;
  const uint64_t tokens = static_cast<uint64_t>(*answer.output_tokens);
  const uint64_t span_ns = first_ns + tokens * outcome.token_ms.value_or(0) * kMillisecond;
  serving_ = Serving{attempt, deadline_after(now_.mono_ns, span_ns), answer};
  return Status();
}

Status ScriptedHost::answer_error(uint32_t attempt, const config::ScriptedOutcome& outcome) {
  const std::string seconds = std::to_string(outcome.retry_after_s.value_or(0));
  const tg_bytes headers[] = {bytes_of(std::string_view("content-type")),
                              bytes_of(std::string_view("application/json")),
                              bytes_of(std::string_view("retry-after")), bytes_of(seconds)};
  const std::string body = error_body(outcome);
  Status status = exchange_->upstream_head(attempt, outcome.status, headers,
                                           outcome.retry_after_s ? 2 : 1, now_);
  if (status.ok()) status = exchange_->upstream_body(attempt, body, now_);
  return status.ok() ? exchange_->upstream_end(attempt, now_) : status;
}

}  // namespace tollgate::gateway
