#include "connection.hpp"

#include <algorithm>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "event_loop.hpp"
#include "host.hpp"
#include "limits.hpp"
#include "tls.hpp"

namespace tollgate::server {

Connection::Connection(EventLoop& loop, uint64_t id, int fd, std::string address, Purpose purpose)
    : loop_(loop),
      id_(id),
      fd_(fd),
      purpose_(purpose),
      standing_(purpose == Purpose::kServe ? Standing::kFresh : Standing::kLeaving),
      address_(std::move(address)) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Connection::~Connection() {
  exchange_.reset();
  transport_.reset();
  close(fd_);
}

void Connection::begin() {
  const TlsStore* tls = loop_.service().tls;
  transport_ = tls == nullptr ? make_plain_transport(fd_) : tls->accept(fd_);
  if (transport_ == nullptr) {
    end();
    return;
  }
  outbox_.attach(*transport_);
  arm(purpose_ == Purpose::kServe ? std::chrono::nanoseconds(limits::kFreshTime)
                                  : std::chrono::nanoseconds(limits::kRefuseTime));
  advance();
}

void Connection::on_ready(uint32_t events) {
  if (phase_ == Phase::kOver) return;
  constexpr uint32_t kEnds = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  const bool ends = (events & kEnds) != 0;
  if ((events & EPOLLIN) != 0 || ends) transport_->set_readable(ends);
  hung_up_ = hung_up_ || ends;
  if (hung_up_ && (phase_ == Phase::kAnswer || phase_ == Phase::kFlush)) {
    client_gone();
    return;
  }
  if (!outbox_.empty()) flush();
  advance();
}

void Connection::on_deadline() {
  switch (phase_) {
    case Phase::kHead:
      refuse_request({408, "The request's head did not arrive within 10 seconds"});
      advance();
      break;
    case Phase::kBody:
      give_up(RequestBody::Step::kWait);
      advance();
      break;
    case Phase::kAnswer:
      client_gone();
      break;
    default:
      if (standing_ == Standing::kFresh) {
        stand(Standing::kWaiting);
        arm(limits::kHeadTime - limits::kFreshTime);
      } else {
        end();
      }
  }
}

void Connection::dismiss() {
  if (standing_ == Standing::kFresh || standing_ == Standing::kWaiting) end();
}

/// One step after the other, until one has to wait.
void Connection::advance() {
  bool goes_on = true;
  while (goes_on) {
    switch (phase_) {
      case Phase::kOpening:
        goes_on = open();
        break;
      case Phase::kIdle:
      case Phase::kHead:
        goes_on = purpose_ == Purpose::kServe ? take_head() : refuse_at_limit();
        break;
      case Phase::kBody:
        goes_on = take_body();
        break;
      case Phase::kFlush:
        goes_on = outbox_.empty() && end_answer();
        break;
      case Phase::kLinger:
        goes_on = linger();
        break;
      default:
        goes_on = false;
    }
  }
}

bool Connection::open() {
  const Transport::Outcome opened = transport_->open();
  if (opened == Transport::Outcome::kBytes) phase_ = Phase::kIdle;
  if (opened == Transport::Outcome::kClosed) end();
  return opened == Transport::Outcome::kBytes;
}

/// True when bytes have come. The end of the connection ends it.
bool Connection::fill() {
  const Transport::Result read = buffer_.fill(*transport_);
  if (read.outcome == Transport::Outcome::kClosed) end();
  return read.outcome == Transport::Outcome::kBytes;
}

bool Connection::take_head() {
  if (buffer_.empty() && !fill()) return false;
  if (phase_ == Phase::kIdle) begin_request();
  while (true) {
    size_t head_size = 0;
    const HeadScanner::Found found = scanner_.scan(buffer_.view(), head_size);
    const bool complete = found == HeadScanner::Found::kComplete;
    head_only_ = buffer_.view().starts_with("HEAD ");
    if (found == HeadScanner::Found::kBadLineBreak) {
      refuse_request({400, "A line of the request's head does not end in CR LF"});
      return true;
    }
    if ((complete ? head_size : buffer_.view().size()) > limits::kHeadBytesMax) {
      refuse_request({431, "The request's head is larger than 64 KB"});
      return true;
    }
    if (complete) {
      start_exchange(head_size);
      return true;
    }
    if (!fill()) return false;
  }
}

void Connection::begin_request() {
  phase_ = Phase::kHead;
  scanner_.reset();
  whole_ = false;
  keep_alive_ = false;
  stand(Standing::kBusy);
  arm(limits::kHeadTime);
}

void Connection::start_exchange(size_t head_size) {
  RequestHead& head = loop_.head();
  if (const auto refusal = parse_head(buffer_.view().substr(0, head_size), head)) {
    refuse_request(*refusal);
    return;
  }
  Service& service = loop_.service();
  tg_exchange_options options = TG_EXCHANGE_OPTIONS_INIT;
  options.client_address = to_bytes(address_);
  options.wake_token = token_ = ++service.wake_tokens;
  tg_exchange* created = nullptr;
  const tg_time time = now();
  tg_status status = tg_exchange_create(service.gateway, &options, time, &created, nullptr);
  exchange_.reset(created);
  if (status == TG_E_LIMIT) {
    refuse_request({503, "This gateway serves as many requests as it may at once"}, 1);
    return;
  }
  if (status == TG_OK) {
    status = tg_exchange_client_head(created, to_bytes(head.method), to_bytes(head.target),
                                     head.headers.data(), head.pair_count(), time, nullptr);
  }
  if (status != TG_OK) {
    refuse_request({500, "The gateway could not take the request"});
    return;
  }
  version_1_1_ = head.version_1_1;
  keep_alive_ = head.keep_alive;
  body_ = RequestBody(head);
  const bool expects_continue = head.expects_continue;
  buffer_.consume(head_size);
  phase_ = Phase::kBody;
  last_ns_ =
      time.mono_ns + static_cast<uint64_t>(std::chrono::nanoseconds(limits::kBodyTime).count());
  arm(limits::kBodyIdleTime);
  if (expects_continue && buffer_.empty() && !send_continue()) client_gone();
}

bool Connection::send_continue() {
  // A request that is refused already is answered instead: its body need not come at all.
  uint8_t* room = nullptr;
  size_t capacity = 0;
  if (tg_exchange_body_buffer(exchange_.get(), 1, &room, &capacity, nullptr) != TG_OK) return true;
  return outbox_.send("HTTP/1.1 100 Continue\r\n\r\n");
}

bool Connection::take_body() {
  const RequestBody::Step step = body_.take(exchange_.get(), *transport_, buffer_);
  switch (step) {
    case RequestBody::Step::kWait: {
      // The client's silence is limited, and so is the time that the whole body may take.
      const uint64_t now_ns = now().mono_ns;
      const std::chrono::nanoseconds left(last_ns_ > now_ns ? last_ns_ - now_ns : 0);
      arm(std::min<std::chrono::nanoseconds>(limits::kBodyIdleTime, left));
      return false;
    }
    case RequestBody::Step::kWhole:
    case RequestBody::Step::kRefused:
      whole_ = step == RequestBody::Step::kWhole;
      if (whole_) tg_exchange_client_end(exchange_.get(), now(), nullptr);
      buffer_.release();
      submit();
      return true;
    default:
      give_up(step);
      return true;
  }
}

/// The body broke off. The exchange ends as if the client had gone, and its record is kept; what
/// the client did wrong it is told here.
void Connection::give_up(RequestBody::Step why) {
  tg_exchange_client_gone(exchange_.get(), now(), nullptr);
  tg_action action = TG_ACTION_INIT;
  while (tg_exchange_next_action(exchange_.get(), &action, nullptr) == TG_OK &&
         action.kind != TG_ACTION_WAIT && action.kind != TG_ACTION_DONE) {
    if (action.kind == TG_ACTION_RECORD) write_record(to_view(action.body));
  }
  exchange_.reset();
  if (why == RequestBody::Step::kInvalid) {
    refuse_request({400, "The request's body is not in the chunked encoding"});
  } else if (why == RequestBody::Step::kWait) {
    refuse_request({408, "The request's body did not arrive in time"});
  } else {
    end();
  }
}

void Connection::client_gone() {
  if (phase_ == Phase::kBody) {
    give_up(RequestBody::Step::kClientGone);
    return;
  }
  if (phase_ != Phase::kAnswer) {
    end();
    return;
  }
  if (gone_) return;
  gone_ = true;
  deadline_ns = UINT64_MAX;
  tg_curl_loop_client_gone(loop_.curl(), token_);
}

void Connection::end() {
  if (phase_ == Phase::kOver) return;
  phase_ = Phase::kOver;
  stand(Standing::kLeaving);
  loop_.forget(*this);
}

void Connection::flush() {
  const size_t before = outbox_.size();
  if (!outbox_.flush()) {
    client_gone();
    return;
  }
  if (!outbox_.empty()) {
    // That the client sends something does not mean that it takes something.
    const bool answers = phase_ == Phase::kAnswer || phase_ == Phase::kFlush;
    if (answers && outbox_.size() < before) arm(limits::kWriteTime);
    return;
  }
  if (phase_ == Phase::kAnswer) deadline_ns = UINT64_MAX;
  if (!blocked_) return;
  blocked_ = false;
  tg_curl_loop_unblock(loop_.curl(), token_);
}

void Connection::stand(Standing standing) {
  if (standing_ == standing) return;
  loop_.note_standing(*this, standing);
  standing_ = standing;
}

void Connection::arm(std::chrono::nanoseconds from_now) {
  deadline_ns = now().mono_ns + static_cast<uint64_t>(from_now.count());
  loop_.arm(*this);
}

}  // namespace tollgate::server
