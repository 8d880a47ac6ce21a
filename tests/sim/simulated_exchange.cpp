#include "sim/simulated_exchange.hpp"

#include <algorithm>
#include <utility>

#include "base/bytes.hpp"

namespace tollgate::sim {
namespace {

constexpr std::string_view kStart =
    "event: message_start\n"
    R"(data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"x","content":[],"usage":{"input_tokens":9,"output_tokens":1,"cache_read_input_tokens":500}}})"
    "\n\n";
constexpr std::string_view kRest =
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
    "event: message_delta\ndata: "
    "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_"
    "tokens\":20}}\n\n"
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
constexpr std::string_view kErrorEvent =
    "event: error\ndata: "
    "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"o\"}}\n\n";
constexpr std::string_view kError =
    R"({"type":"error","error":{"type":"api_error","message":"as scripted"}})";
constexpr uint32_t kStatuses[] = {400, 401, 404, 408, 413, 429, 429, 500, 502, 503, 504, 529, 529};
constexpr std::string_view kStartMark = "event: message_start";
constexpr std::string_view kContentMark = "event: content_block_start";

/// Content that says whose it is.
std::string content_of(const std::string& target) {
  return "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
         "\"content_block\":{\"type\":\"text\",\"text\":\"by " +
         target + "\"}}\n\n";
}

std::string whole_of(const std::string& target) {
  return R"({"id":"m","type":"message","role":"assistant","model":"x","content":[{"type":"text","text":"by )" +
         target + R"("}],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":4}})";
}

int count(std::string_view text, std::string_view mark) {
  int found = 0;
  for (size_t at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + 1))
    ++found;
  return found;
}

}  // namespace

void SimulatedExchange::begin(std::string_view model, std::string_view session, Time now) {
  const tg_bytes headers[] = {
      bytes_of(std::string_view("authorization")), bytes_of(std::string_view("Bearer token-1")),
      bytes_of(std::string_view("x-claude-code-session-id")), bytes_of(session)};
  std::string request = R"({"model":")" + std::string(model) +
                        R"(","max_tokens":100,"messages":[{"role":"user","content":"hi"}])";
  request += stream_ ? R"(,"stream":true})" : "}";
  check(exchange_->client_head("POST", "/v1/messages", headers, 2, now).ok(), "head is taken");
  check(exchange_->client_body(request, now).ok(), "body is taken");
  check(exchange_->client_end(now).ok(), "end is taken");
  // One client in twenty does not wait for its answer.
  if (rng_.below(20) == 0) leaves_ns_ = deadline_after(now.mono_ns, rng_.below(2 * kSecond));
  pull(now);
}

size_t SimulatedExchange::retries() const {
  size_t count = 0;
  for (size_t i = 1; i < called_.size(); ++i)
    count += called_[i] == called_[i - 1] ? 1 : 0;
  return count;
}

void SimulatedExchange::go_on(const std::vector<Weather>& weather, Time now) {
  if (done_) return;
  if (now.mono_ns >= leaves_ns_) {
    leaves_ns_ = kNoDeadline;
    left_ = true;
    check(exchange_->client_gone(now).ok(), "a client may always leave");
  } else if (call_ != 0 && now.mono_ns >= call_due_ns_) {
    play(weather, now);
  } else {
    check(exchange_->tick(now).ok(), "a tick is always taken");
  }
  pull(now);
}

void SimulatedExchange::open_call(uint32_t number, Time now) {
  call_ = number;
  stalled_ = false;
  call_due_ns_ = deadline_after(now.mono_ns, rng_.below(800 * kMillisecond));
  called_.emplace_back(exchange_->open_target());
  check(answer_.find(kContentMark) == std::string::npos, "no call after content");
  check(ends_ == 0, "no call after the end");
  // One for the caller's scopes and one for the target's.
  check(environment_->ledger->open_reservations() >= 2, "no call without its leases");
}

void SimulatedExchange::play(const std::vector<Weather>& weather, Time now) {
  call_due_ns_ = kNoDeadline;
  const std::string& target = called_.back();
  // Targets are called "acc0/m", "acc1/m"…
  const Weather& own = weather[static_cast<size_t>(target[3] - '0')];
  if (rng_.below(100) < own.well_percent) {
    answer(Behaviour::kServe, now);
    return;
  }
  const bool worst = rng_.below(2) == 0;
  answer(worst ? own.worst : static_cast<Behaviour>(rng_.below(kBehaviours)), now);
}

void SimulatedExchange::head(uint32_t status, std::string_view content_type, Time now,
                             std::string_view retry_after) {
  const tg_bytes headers[] = {bytes_of(std::string_view("content-type")), bytes_of(content_type),
                              bytes_of(std::string_view("retry-after")), bytes_of(retry_after)};
  const uint32_t pairs = retry_after.empty() ? 1 : 2;
  check(exchange_->upstream_head(call_, status, headers, pairs, now).ok(), "a head is taken");
}

void SimulatedExchange::body(std::string_view bytes, Time now) {
  pull(now);
  if (call_ == answering_ && !done_) {
    check(exchange_->upstream_body(call_, bytes, now).ok(), "a body is taken");
  }
}

void SimulatedExchange::end(Time now) {
  pull(now);
  if (call_ == answering_ && !done_) {
    check(exchange_->upstream_end(std::exchange(call_, 0), now).ok(), "an end is taken");
  }
}

void SimulatedExchange::answer(Behaviour behaviour, Time now) {
  answering_ = call_;
  const std::string_view type = stream_ ? "text/event-stream" : "application/json";
  switch (behaviour) {
    case Behaviour::kServe:
      head(200, type, now);
      if (stream_) {
        body(kStart, now);
        body(content_of(called_.back()), now);
      }
      body(stream_ ? std::string(kRest) : whole_of(called_.back()), now);
      end(now);
      return;
    case Behaviour::kRefuse:
    case Behaviour::kReset:
      check(exchange_
                ->upstream_failed(
                    std::exchange(call_, 0),
                    behaviour == Behaviour::kRefuse ? TG_FAILURE_CONNECT : TG_FAILURE_RESET,
                    "as scripted", now)
                .ok(),
            "a failure is taken");
      return;
    case Behaviour::kStatus: {
      const std::string seconds = std::to_string(rng_.below(8));
      head(kStatuses[rng_.below(std::size(kStatuses))], "application/json", now,
           rng_.below(3) == 0 ? std::string_view(seconds) : std::string_view());
      body(kError, now);
      end(now);
      return;
    }
    case Behaviour::kStall:
      stalled_ = true;
      return;
    case Behaviour::kStallAfterHead:
      stalled_ = true;
      head(200, type, now);
      return;
    case Behaviour::kErrorEvent:
      head(200, type, now);
      if (rng_.below(2) == 0) body(kStart, now);
      body(kErrorEvent, now);
      end(now);
      return;
    case Behaviour::kHtml:
      head(200, "text/html", now);
      body("<html></html>", now);
      end(now);
      return;
    case Behaviour::kEmpty:
      head(200, type, now);
      end(now);
      return;
    case Behaviour::kCutBeforeContent:
    case Behaviour::kCutAfterContent:
      head(200, type, now);
      body(kStart, now);
      if (behaviour == Behaviour::kCutAfterContent) body(content_of(called_.back()), now);
      end(now);
      return;
  }
}

/// What holds for every answer that its client waited for.
void SimulatedExchange::look_at_answer() {
  int targets = 0;
  for (const char* target : {"by acc0/m", "by acc1/m", "by acc2/m", "by acc3/m"})
    targets += count(answer_, target) != 0 ? 1 : 0;
  check(targets <= 1, "content of one target only");
  check(count(answer_, kStartMark) <= 1, "at most one message_start");
  if (left_) return;
  check(heads_ == 1 && ends_ == 1, "one head and one end");
  if (!stream_ || status_ != 200) return;
  const int stops = count(answer_, "event: message_stop");
  check(stops + count(answer_, "event: error") == 1, "exactly one terminal event");
  check(stops == 0 || targets == 1, "a whole answer has content");
}

void SimulatedExchange::note(const tg_action& action, Time now) {
  switch (action.kind) {
    case TG_ACTION_UPSTREAM_OPEN:
      open_call(action.upstream, now);
      return;
    case TG_ACTION_UPSTREAM_CANCEL:
      if (action.upstream == call_) call_ = 0;
      return;
    case TG_ACTION_CLIENT_HEAD:
      check(++heads_ == 1, "one head");
      status_ = action.http_status;
      return;
    case TG_ACTION_CLIENT_BODY:
      check(heads_ == 1, "the head comes first");
      check(ends_ == 0, "nothing after the end");
      answer_ += view_of(action.body);
      return;
    case TG_ACTION_CLIENT_END:
      check(++ends_ == 1, "one end");
      return;
    case TG_ACTION_RECORD:
      check(++records_ == 1, "one record");
      return;
    default:
      return;
  }
}

void SimulatedExchange::pull(Time now) {
  for (int i = 0; i < 1'000; ++i) {
    tg_action action = TG_ACTION_INIT;
    exchange_->next_action(action);
    if (action.kind == TG_ACTION_WAIT) {
      const uint64_t call = call_ != 0 && !stalled_ ? call_due_ns_ : kNoDeadline;
      due_ns_ = std::min({action.deadline_ns, call, leaves_ns_});
      return;
    }
    if (action.kind == TG_ACTION_DONE) {
      done_ = true;
      check(records_ == 1, "a record at the end");
      look_at_answer();
      return;
    }
    note(action, now);
  }
  check(false, "it comes to wait");
}

}  // namespace tollgate::sim
