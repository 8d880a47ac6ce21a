#include "connection.hpp"

#include <algorithm>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bytes.hpp"
#include "host.hpp"
#include "limits.hpp"
#include "live_log.hpp"
#include "record_sink.hpp"
#include "tls.hpp"

namespace tollgate::server {

namespace {

/// What the callbacks of one exchange need; the answer is NULL when the client has gone already.
struct Drive {
  Answer* answer;
  const Service& service;
};

int32_t on_head(const tg_action* action, void* user) {
  static_cast<Drive*>(user)->answer->head(*action);
  return TG_CURL_CLIENT_OK;
}

int32_t on_body(tg_bytes body, int32_t more, void* user) {
  Answer& answer = *static_cast<Drive*>(user)->answer;
  return answer.body(body, more != 0) ? TG_CURL_CLIENT_OK : TG_CURL_CLIENT_GONE;
}

void on_end(int32_t aborted, void* user) {
  static_cast<Drive*>(user)->answer->end(aborted != 0);
}

void on_record(tg_bytes record, void* user) {
  const Service& service = static_cast<Drive*>(user)->service;
  service.records->write(to_view(record));
  service.live_log->push(to_view(record));
}

}  // namespace

Connection::Connection(Service& service, int fd, Purpose purpose)
    : service_(service),
      fd_(fd),
      handle_(service.connections->add(fd, purpose == Purpose::kServe)) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Connection::~Connection() {
  service_.connections->remove(handle_, busy_);
  transport_.reset();
  close(fd_);
}

void Connection::serve() {
  if (!open(deadline_in(limits::kHeadTime))) return;
  address_ = peer_address(fd_);
  for (uint64_t served = 0; served < limits::kKeepAliveRequestsMax; ++served) {
    if (!wait_for_request(served == 0) || !read_head(deadline_in(limits::kHeadTime))) return;
    if (!serve_request()) return;
    busy_ = false;
    if (!service_.connections->end_request(handle_)) return;
  }
}

void Connection::refuse() {
  if (!open(deadline_in(limits::kRefuseTime))) return;
  // An answer that comes before the request confuses some clients.
  const Transport::Read read = buffer_.fill(*transport_, deadline_in(limits::kRefuseTime));
  if (read.outcome != Transport::Outcome::kBytes) return;
  head_only_ = buffer_.view().starts_with("HEAD ");
  address_ = peer_address(fd_);
  refuse_request({503, "All of this gateway's threads are busy. Please try again in a moment"}, 1);
}

bool Connection::open(Deadline deadline) {
  transport_ =
      service_.tls == nullptr ? make_plain_transport(fd_) : service_.tls->accept(fd_, deadline);
  return transport_ != nullptr;
}

bool Connection::wait_for_request(bool first) {
  if (buffer_.empty()) {
    const Transport::Read read = first ? buffer_.fill(*transport_, deadline_in(limits::kHeadTime))
                                       : buffer_.fill_idle(*transport_);
    if (read.outcome != Transport::Outcome::kBytes) return false;
  }
  busy_ = service_.connections->begin_request(handle_);
  return busy_;
}

bool Connection::read_head(Deadline deadline) {
  HeadScanner scanner;
  while (true) {
    const HeadScanner::Found found = scanner.scan(buffer_.view(), head_size_);
    const bool complete = found == HeadScanner::Found::kComplete;
    head_only_ = buffer_.view().starts_with("HEAD ");
    if (found == HeadScanner::Found::kBadLineBreak) {
      return refuse_request({400, "A line of the request's head does not end in CR LF"});
    }
    if ((complete ? head_size_ : buffer_.view().size()) > limits::kHeadBytesMax) {
      return refuse_request({431, "The request's head is larger than 64 KB"});
    }
    if (complete) {
      const auto refusal = parse_head(buffer_.view().substr(0, head_size_), head_);
      return refusal ? refuse_request(*refusal) : true;
    }
    const Transport::Read read = buffer_.fill(*transport_, deadline);
    if (read.outcome == Transport::Outcome::kTimeout) {
      return refuse_request({408, "The request's head did not arrive within 10 seconds"});
    }
    if (read.outcome == Transport::Outcome::kClosed) return false;
  }
}

bool Connection::serve_request() {
  tg_exchange_options options = TG_EXCHANGE_OPTIONS_INIT;
  options.client_address = to_bytes(address_);
  options.wake_token = wake_token_ = ++service_.wake_tokens;
  tg_exchange* created = nullptr;
  const tg_status status = tg_exchange_create(service_.gateway, &options, now(), &created, nullptr);
  const Owned<tg_exchange> exchange(created);
  if (!start_exchange(created, status)) return false;
  buffer_.consume(head_size_);

  BodyRead body = BodyRead::kClientGone;
  if (send_continue(created)) body = read_body(head_, created, *transport_, buffer_);
  if (body != BodyRead::kWhole && body != BodyRead::kRefused) return give_up(body, created);
  if (body == BodyRead::kWhole) tg_exchange_client_end(created, now(), nullptr);
  buffer_.release();
  return answer_request(created, body == BodyRead::kWhole);
}

bool Connection::start_exchange(tg_exchange* exchange, tg_status created) {
  if (created == TG_E_LIMIT) {
    return refuse_request({503, "This gateway serves as many requests as it may at once"}, 1);
  }
  tg_status status = created;
  if (status == TG_OK) {
    status = tg_exchange_client_head(exchange, to_bytes(head_.method), to_bytes(head_.target),
                                     head_.headers.data(), head_.pair_count(), now(), nullptr);
  }
  if (status == TG_OK) return true;
  return refuse_request({500, "The gateway could not take the request"});
}

bool Connection::send_continue(tg_exchange* exchange) {
  if (!head_.expects_continue || !buffer_.empty()) return true;
  // A request that is refused already is answered instead: its body need not come at all.
  uint8_t* room = nullptr;
  size_t capacity = 0;
  if (tg_exchange_body_buffer(exchange, 1, &room, &capacity, nullptr) != TG_OK) return true;
  return send_text(*transport_, "HTTP/1.1 100 Continue\r\n\r\n");
}

/// The body broke off. The exchange ends as if the client had gone, and its record is kept; what
/// the client did wrong it is told here.
bool Connection::give_up(BodyRead body, tg_exchange* exchange) {
  tg_exchange_client_gone(exchange, now(), nullptr);
  drive(exchange, nullptr);
  if (body == BodyRead::kInvalid) {
    return refuse_request({400, "The request's body is not in the chunked encoding"});
  }
  if (body == BodyRead::kTimeout) {
    return refuse_request({408, "The request's body did not arrive in time"});
  }
  return false;
}

bool Connection::answer_request(tg_exchange* exchange, bool whole) {
  const bool keep_alive = whole && head_.keep_alive && !service_.draining;
  Answer answer(*transport_, {head_.version_1_1, head_only_, keep_alive});
  if (!drive(exchange, &answer) && !answer.began()) {
    return refuse_request({500, "The gateway failed while it served the request"});
  }
  if (answer.needs_reset()) {
    const ::linger reset{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  } else if (answer.is_complete() && !whole) {
    linger(limits::kLingerTime);
  }
  return answer.may_continue();
}

bool Connection::drive(tg_exchange* exchange, Answer* answer) {
  Drive drive{answer, service_};
  tg_curl_client client = TG_CURL_CLIENT_INIT;
  client.user = &drive;
  client.wake_token = wake_token_;
  client.on_record = on_record;
  if (answer != nullptr) {
    client.on_head = on_head;
    client.on_body = on_body;
    client.on_end = on_end;
    client.client_fd = fd_;
  }
  tg_error* failed = nullptr;
  const tg_status status = tg_curl_run(service_.curl, exchange, &client, &failed);
  const Owned<tg_error> error(failed);
  if (status != TG_OK) log_line("an exchange failed: " + std::string(message_of(failed)));
  return status == TG_OK;
}

/// Answers without an exchange and ends the connection. Always false, so that callers can leave
/// with it.
bool Connection::refuse_request(const Refusal& refusal, uint32_t retry_after_seconds) {
  const std::string id = random_request_id();
  send_text(*transport_,
            refusal_answer(refusal.status, refusal.reason, id, retry_after_seconds, head_only_));
  const std::string record = refusal_record(id, now().wall_ms, address_, refusal);
  service_.records->write(record);
  service_.live_log->push(record);
  linger(refusal.status == 503 ? limits::kRefuseTime : limits::kLingerTime);
  return false;
}

/// Says that nothing more comes, and reads what the client still sends: a socket that is closed
/// with unread bytes resets the connection, and the reset can overtake the answer.
void Connection::linger(std::chrono::nanoseconds time) {
  transport_->end_writing();
  if (busy_) {
    busy_ = false;  // A draining server waits for answers, not for this.
    service_.connections->end_request(handle_);
  }
  const Deadline last = deadline_in(time);
  size_t total = 0;
  while (total < limits::kLingerBytesMax) {
    short happened = 0;
    const Deadline next = std::min(last, deadline_in(limits::kLingerIdleTime));
    if (!wait_for(fd_, POLLIN, next, happened)) return;
    // With MSG_TRUNC the kernel drops the bytes without copying them.
    const ssize_t got = recv(fd_, nullptr, 1U << 20U, MSG_DONTWAIT | MSG_TRUNC);
    if (got <= 0 || std::chrono::steady_clock::now() >= last) return;
    total += static_cast<size_t>(got);
  }
}

}  // namespace tollgate::server
