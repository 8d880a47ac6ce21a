// From the exchange in the driver's hands to the last byte of its answer.

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>

#include "connection.hpp"
#include "event_loop.hpp"
#include "host.hpp"
#include "limits.hpp"
#include "live_log.hpp"
#include "record_sink.hpp"

namespace tollgate::server {

void Connection::submit() {
  tg_curl_client client = TG_CURL_CLIENT_INIT;
  client.on_head = on_head;
  client.on_body = on_body;
  client.on_end = on_end;
  client.on_record = on_record;
  client.on_done = on_done;
  client.user = this;
  keep_alive_ = keep_alive_ && whole_ && !loop_.service().draining;
  answer_.emplace(outbox_, Answer::Client{version_1_1_, head_only_, keep_alive_});
  deadline_ns = UINT64_MAX;
  const tg_status status =
      tg_curl_loop_submit(loop_.curl(), exchange_.get(), token_, &client, nullptr);
  if (status != TG_OK) {
    exchange_.reset();
    refuse_request({500, "The gateway failed while it served the request"});
    return;
  }
  phase_ = Phase::kAnswer;
  if (hung_up_) client_gone();
}

int32_t Connection::on_head(const tg_action* action, void* user) {
  static_cast<Connection*>(user)->answer_->head(*action);
  return TG_CURL_CLIENT_OK;
}

int32_t Connection::on_body(tg_bytes body, int32_t more, void* user) {
  auto& self = *static_cast<Connection*>(user);
  if (!self.answer_->body(body, more != 0)) return TG_CURL_CLIENT_GONE;
  if (self.outbox_.empty()) return TG_CURL_CLIENT_OK;
  if (!self.blocked_) self.arm(limits::kWriteTime);
  self.blocked_ = true;
  return TG_CURL_CLIENT_BLOCKED;
}

void Connection::on_end(int32_t aborted, void* user) {
  static_cast<Connection*>(user)->answer_->end(aborted != 0);
}

void Connection::on_record(tg_bytes record, void* user) {
  static_cast<Connection*>(user)->write_record(to_view(record));
}

void Connection::on_done(tg_exchange* /*exchange*/, void* user) {
  auto& self = *static_cast<Connection*>(user);
  self.exchange_.reset();
  self.blocked_ = false;
  self.phase_ = Phase::kFlush;
  if (self.gone_) {
    self.end();
    return;
  }
  if (!self.outbox_.empty()) self.arm(limits::kWriteTime);
  self.loop_.later(self);
}

void Connection::write_record(std::string_view record) {
  loop_.service().records->write(record);
  loop_.service().live_log->push(record);
}

/// The last byte of an answer is out.
bool Connection::end_answer() {
  if (linger_time_ > std::chrono::nanoseconds::zero()) {
    start_linger();
    return true;
  }
  if (!answer_->began()) {
    refuse_request({500, "The gateway failed while it served the request"});
    return true;
  }
  if (answer_->needs_reset()) {
    const ::linger reset{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  }
  if (answer_->is_complete() && !whole_) {
    linger_time_ = limits::kLingerTime;
    return true;
  }
  const bool again =
      answer_->may_continue() && ++served_ < limits::kKeepAliveRequestsMax && !loop_.closing();
  answer_.reset();
  if (!again) {
    end();
    return false;
  }
  await_request();
  return true;
}

void Connection::await_request() {
  phase_ = Phase::kIdle;
  stand(Standing::kWaiting);
  arm(limits::kKeepAliveTime);
}

/// Answers without an exchange and ends the connection.
void Connection::refuse_request(const Refusal& refusal, uint32_t retry_after_seconds) {
  const std::string id = random_request_id();
  exchange_.reset();
  phase_ = Phase::kFlush;
  linger_time_ = refusal.status == 503 ? std::chrono::nanoseconds(limits::kRefuseTime)
                                       : std::chrono::nanoseconds(limits::kLingerTime);
  write_record(refusal_record(id, now().wall_ms, address_, refusal));
  if (!outbox_.send(
          refusal_answer(refusal.status, refusal.reason, id, retry_after_seconds, head_only_))) {
    end();
    return;
  }
  arm(limits::kWriteTime);
}

/// An answer that comes before the request confuses some clients.
bool Connection::refuse_at_limit() {
  if (!fill()) return false;
  head_only_ = buffer_.view().starts_with("HEAD ");
  refuse_request({503,
                  "This gateway has as many connections as it may. Please try again in a "
                  "moment"},
                 1);
  return true;
}

/// Says that nothing more comes, and reads what the client still sends: a socket that is closed
/// with unread bytes resets the connection, and the reset can overtake the answer.
void Connection::start_linger() {
  transport_->end_writing();
  // A draining server waits for answers, not for this.
  stand(Standing::kLeaving);
  phase_ = Phase::kLinger;
  last_ns_ = now().mono_ns + static_cast<uint64_t>(linger_time_.count());
}

bool Connection::linger() {
  while (lingered_ < limits::kLingerBytesMax) {
    // With MSG_TRUNC the kernel drops the bytes without copying them.
    const ssize_t got = recv(fd_, nullptr, 1U << 20U, MSG_TRUNC);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      const uint64_t now_ns = now().mono_ns;
      if (now_ns >= last_ns_) break;
      arm(std::min<std::chrono::nanoseconds>(limits::kLingerIdleTime,
                                             std::chrono::nanoseconds(last_ns_ - now_ns)));
      return false;
    }
    if (got <= 0) break;
    lingered_ += static_cast<size_t>(got);
  }
  end();
  return false;
}

}  // namespace tollgate::server
