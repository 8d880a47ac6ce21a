#pragma once

// One client connection: requests in, exchanges driven, answers out, on the calling thread.

#include <memory>
#include <string>

#include "answer.hpp"
#include "connections.hpp"
#include "http_head.hpp"
#include "read_buffer.hpp"
#include "request_body.hpp"
#include "service.hpp"
#include "transport.hpp"

namespace tollgate::server {

class Connection {
 public:
  enum class Purpose { kServe, kRefuse };

  /// The socket becomes the connection's: it is closed at the end.
  Connection(Service& service, int fd, Purpose purpose);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// Serves requests until the connection ends.
  void serve();

  /// Turns the client away with 503 because every thread is busy.
  void refuse();

 private:
  bool open(Deadline deadline);
  bool wait_for_request(bool first);
  bool read_head(Deadline deadline);
  bool serve_request();
  bool start_exchange(tg_exchange* exchange, tg_status created);
  bool send_continue(tg_exchange* exchange);
  bool give_up(BodyRead body, tg_exchange* exchange);
  bool answer_request(tg_exchange* exchange, bool whole);
  bool drive(tg_exchange* exchange, Answer* answer);
  bool refuse_request(const Refusal& refusal, uint32_t retry_after_seconds = 0);
  void linger(std::chrono::nanoseconds time);

  Service& service_;
  int fd_;
  Connections::Handle handle_;
  bool busy_ = false;
  std::unique_ptr<Transport> transport_;
  std::string address_;
  ReadBuffer buffer_;
  size_t head_size_ = 0;
  RequestHead head_;
  bool head_only_ = false;
  uint64_t wake_token_ = 0;
};

}  // namespace tollgate::server
