#pragma once

// One client connection on an event loop's thread: requests in, exchanges handed to the driver,
// answers out. Nothing in it waits; each event takes it as far as it can go.

#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "answer.hpp"
#include "bytes.hpp"
#include "http_head.hpp"
#include "outbox.hpp"
#include "read_buffer.hpp"
#include "request_body.hpp"
#include "transport.hpp"

namespace tollgate::server {

class EventLoop;

enum class Purpose : uint8_t {
  kServe,
  kRefuse,  ///< Turns the client away with 503: the server has as many as it may.
};

class Connection {
 public:
  /// What it means to the server that wants to end or needs room.
  enum class Standing : uint8_t {
    kFresh,    ///< Its first request is on its way, or its handshake is.
    kWaiting,  ///< For a request: it can be dismissed at any time, also to make room.
    kBusy,     ///< At work for one.
    kLeaving   ///< Its answer is out, or it is turned away.
  };
  using Place = std::list<Connection*>::iterator;

  /// The socket, which must not block, becomes the connection's: it is closed at the end.
  Connection(EventLoop& loop, uint64_t id, int fd, std::string address, Purpose purpose);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  uint64_t id() const { return id_; }
  Standing standing() const { return standing_; }
  bool over() const { return phase_ == Phase::kOver; }

  /// The first step, once the loop knows the connection.
  void begin();
  /// The socket is ready, with these epoll events.
  void on_ready(uint32_t events);
  void on_deadline();
  /// Goes on after the driver's callbacks have returned.
  void resume() { advance(); }
  /// Ends a connection without a request; no other.
  void dismiss();
  /// Breaks it, as if its client had gone.
  void break_off() { client_gone(); }

  // The loop's notes about it.
  uint64_t armed_ns = UINT64_MAX;  ///< When the loop looks; never after the deadline.
  uint64_t deadline_ns = UINT64_MAX;
  Place place;  ///< In the loop's list of those that wait, while it does.

 private:
  enum class Phase : uint8_t {
    kOpening,  ///< The TLS handshake.
    kIdle,     ///< No byte of a request is here.
    kHead,
    kBody,
    kAnswer,  ///< The exchange is the driver's.
    kFlush,   ///< The last bytes of an answer are on their way.
    kLinger,  ///< Reads on, so that no reset overtakes the answer.
    kOver
  };

  void advance();
  bool open();
  bool take_head();
  bool fill();
  void begin_request();
  void start_exchange(size_t head_size);
  bool send_continue();
  bool take_body();
  void give_up(RequestBody::Step why);
  void submit();
  bool end_answer();
  void await_request();
  void refuse_request(const Refusal& refusal, uint32_t retry_after_seconds = 0);
  bool refuse_at_limit();
  void start_linger();
  bool linger();
  void client_gone();
  void end();
  void flush();
  void stand(Standing standing);
  void arm(std::chrono::nanoseconds from_now);

  static int32_t on_head(const tg_action* action, void* user);
  static int32_t on_body(tg_bytes body, int32_t more, void* user);
  static void on_end(int32_t aborted, void* user);
  static void on_record(tg_bytes record, void* user);
  static void on_done(tg_exchange* exchange, void* user);
  void write_record(std::string_view record);

  EventLoop& loop_;
  const uint64_t id_;
  const int fd_;
  Phase phase_ = Phase::kOpening;
  const Purpose purpose_;
  Standing standing_;
  bool hung_up_ = false;  ///< The client has closed its side.
  bool gone_ = false;     ///< The exchange was told so.
  bool blocked_ = false;  ///< The exchange waits until the outbox is empty.
  bool head_only_ = false;
  bool keep_alive_ = false;
  bool version_1_1_ = false;
  bool whole_ = false;  ///< All of the request was read.
  std::string address_;
  std::unique_ptr<Transport> transport_;
  Outbox outbox_;
  ReadBuffer buffer_;
  HeadScanner scanner_;
  RequestBody body_;
  Owned<tg_exchange> exchange_;
  uint64_t token_ = 0;
  std::optional<Answer> answer_;
  std::chrono::nanoseconds linger_time_{0};
  uint64_t last_ns_ = 0;  ///< Of a body or of lingering: when its whole time is over.
  size_t lingered_ = 0;   ///< Bytes that were read on.
  uint64_t served_ = 0;
};

}  // namespace tollgate::server
