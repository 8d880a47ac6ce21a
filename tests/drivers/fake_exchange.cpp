#include "drivers/fake_exchange.hpp"

#include <algorithm>
#include <new>

namespace {

std::string_view view(tg_bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data), bytes.size};
}

tg_bytes bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

bool is_upstream(const std::string& name) {
  return name == "head" || name == "body" || name == "end" || name == "failed";
}

}  // namespace

void tg_exchange::open(Open request, uint32_t attempt) {
  Opened& opened = opened_.emplace_back();
  opened.request = std::move(request);
  const Open& kept = opened.request;
  tg_action action = TG_ACTION_INIT;
  action.kind = TG_ACTION_UPSTREAM_OPEN;
  action.upstream = attempt;
  action.flags = kept.flags;
  action.url = bytes(kept.url);
  action.method = bytes(kept.method);
  action.ca_file = bytes(kept.ca_file);
  action.client_cert_file = bytes(kept.client_cert_file);
  action.client_key_file = bytes(kept.client_key_file);
  action.proxy = bytes(kept.proxy);
  for (const auto& [name, value] : kept.headers) {
    opened.headers.push_back(bytes(name));
    opened.headers.push_back(bytes(value));
  }
  for (const std::string& span : kept.spans) {
    opened.spans.push_back(bytes(span));
    action.body_size += span.size();
  }
  action.headers = opened.headers.data();
  action.header_count = static_cast<uint32_t>(kept.headers.size());
  action.body_spans = opened.spans.data();
  action.body_span_count = static_cast<uint32_t>(opened.spans.size());
  queue_.push_back({action, {}});
}

void tg_exchange::push(int32_t kind, std::string body, uint32_t attempt, uint32_t status) {
  tg_action action = TG_ACTION_INIT;
  action.kind = kind;
  action.upstream = attempt;
  action.http_status = status;
  queue_.push_back({action, std::move(body)});
}

void tg_exchange::finish() {
  push(TG_ACTION_RECORD, "{}");
  push(TG_ACTION_DONE);
}

tg_status tg_exchange::feed(Event event) {
  if (inside_.fetch_add(1) != 0) violations.emplace_back("two threads at once");
  handed_out_.clear();
  note(event);
  if (!done_ && (!script || !script(*this, event))) usual(event);
  waiting_ = false;
  inside_.fetch_sub(1);
  return TG_OK;
}

void tg_exchange::note(const Event& event) {
  if (event.name == "body") {
    if (blocked_) violations.emplace_back("a body while the client is blocked");
    if (!waiting_) violations.emplace_back("a body before WAIT was pulled");
    if (find("head", event.attempt) == nullptr) violations.emplace_back("a body before its head");
  }
  if (event.name == "head") {
    if (event.status < 200 || event.status > 599) violations.emplace_back("a strange status");
    if (find("head", event.attempt) != nullptr) violations.emplace_back("two heads");
  }
  if (event.name == "end" && find("head", event.attempt) == nullptr) {
    violations.emplace_back("an end before its head");
  }
  if (is_upstream(event.name) &&
      (find("end", event.attempt) != nullptr || find("failed", event.attempt) != nullptr)) {
    violations.emplace_back("an event after the end");
  }
  if (event.name == "blocked") blocked_ = true;
  if (event.name == "unblocked" || event.name == "gone") blocked_ = false;
  events.push_back(event);
}

void tg_exchange::usual(const Event& event) {
  if (event.name == "head") {
    push(TG_ACTION_CLIENT_HEAD, {}, 0, event.status);
  } else if (event.name == "body") {
    push(TG_ACTION_CLIENT_BODY, event.text);
  } else if (event.name == "end") {
    push(TG_ACTION_CLIENT_END);
    finish();
  } else if (event.name == "failed") {
    push(TG_ACTION_CLIENT_ABORT);
    finish();
  } else if (event.name == "gone") {
    push(TG_ACTION_UPSTREAM_CANCEL, {}, 1);
    finish();
  }
}

tg_status tg_exchange::next(tg_action* actions, uint32_t capacity, uint32_t* count) {
  if (inside_.fetch_add(1) != 0) violations.emplace_back("two threads at once");
  handed_out_.clear();
  handed_out_.reserve(capacity);
  *count = 0;
  uint32_t bodies = 0;
  while (*count < capacity) {
    tg_action& action = actions[*count];
    if (queue_.empty()) {
      action = TG_ACTION_INIT;
      action.kind = done_ ? TG_ACTION_DONE : TG_ACTION_WAIT;
      action.deadline_ns = deadline_ns;
      waiting_ = true;
      ++*count;
      break;
    }
    if (queue_.front().action.kind == TG_ACTION_CLIENT_BODY && ++bodies > 1) break;
    Queued& queued = handed_out_.emplace_back(std::move(queue_.front()));
    queue_.pop_front();
    queued.action.body = bytes(queued.body);
    action = queued.action;
    ++*count;
    if (action.kind == TG_ACTION_DONE) {
      done_ = true;
      break;
    }
  }
  inside_.fetch_sub(1);
  return broken;
}

std::string tg_exchange::log() const {
  std::string text;
  const Event* before = nullptr;
  for (const Event& event : events) {
    const bool again = before != nullptr && before->name == "body" && event.name == "body" &&
                       before->attempt == event.attempt;
    before = &event;
    if (again) continue;
    if (!text.empty()) text += ", ";
    text += event.name;
    if (event.attempt != 0) text += ' ' + std::to_string(event.attempt);
    if (event.status != 0) text += ' ' + std::to_string(event.status);
  }
  return text;
}

std::string tg_exchange::upstream_body(uint32_t attempt) const {
  std::string all;
  for (const Event& event : events) {
    if (event.name == "body" && event.attempt == attempt) all += event.text;
  }
  return all;
}

const tg_exchange::Event* tg_exchange::find(std::string_view name, uint32_t attempt) const {
  for (const Event& event : events) {
    if (event.name == name && (attempt == 0 || event.attempt == attempt)) return &event;
  }
  return nullptr;
}

size_t tg_exchange::count(std::string_view name) const {
  return static_cast<size_t>(std::count_if(events.begin(), events.end(),
                                           [&](const Event& event) { return event.name == name; }));
}

tg_status tg_exchange_client_gone(tg_exchange* exchange, tg_time, tg_error**) {
  return exchange->feed({"gone", 0, 0, {}, {}});
}

tg_status tg_exchange_client_blocked(tg_exchange* exchange, tg_time, tg_error**) {
  return exchange->feed({"blocked", 0, 0, {}, {}});
}

tg_status tg_exchange_client_unblocked(tg_exchange* exchange, tg_time, tg_error**) {
  return exchange->feed({"unblocked", 0, 0, {}, {}});
}

tg_status tg_exchange_tick(tg_exchange* exchange, tg_time, tg_error**) {
  return exchange->feed({"tick", 0, 0, {}, {}});
}

tg_status tg_exchange_upstream_sent(tg_exchange* exchange, uint32_t attempt, tg_time, tg_error**) {
  return exchange->feed({"sent", attempt, 0, {}, {}});
}

tg_status tg_exchange_upstream_head(tg_exchange* exchange, uint32_t attempt, uint32_t status,
                                    const tg_bytes* headers, uint32_t pair_count, tg_time,
                                    tg_error**) {
  tg_exchange::Event event{"head", attempt, status, {}, {}};
  for (uint32_t i = 0; i < pair_count; ++i) {
    event.headers.emplace_back(view(headers[2 * i]), view(headers[2 * i + 1]));
  }
  return exchange->feed(std::move(event));
}

tg_status tg_exchange_upstream_body(tg_exchange* exchange, uint32_t attempt, tg_bytes body, tg_time,
                                    tg_error**) {
  return exchange->feed({"body", attempt, 0, std::string(view(body)), {}});
}

tg_status tg_exchange_upstream_end(tg_exchange* exchange, uint32_t attempt, tg_time, tg_error**) {
  return exchange->feed({"end", attempt, 0, {}, {}});
}

tg_status tg_exchange_upstream_failed(tg_exchange* exchange, uint32_t attempt, int32_t failure,
                                      tg_bytes detail, tg_time, tg_error**) {
  return exchange->feed(
      {"failed", attempt, static_cast<uint32_t>(failure), std::string(view(detail)), {}});
}

tg_status tg_exchange_next_actions(tg_exchange* exchange, tg_action* actions, uint32_t capacity,
                                   uint32_t* count, tg_error**) {
  return exchange->next(actions, capacity, count);
}

tg_error* tg_error_create(tg_status status, tg_bytes message, tg_bytes path) {
  return new (std::nothrow) tg_error{status, std::string(view(message)), std::string(view(path))};
}

tg_bytes tg_error_message(const tg_error* error) {
  return error == nullptr ? tg_bytes{nullptr, 0} : bytes(error->message);
}

void tg_error_free(tg_error* error) {
  delete error;
}
