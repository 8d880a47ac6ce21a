#pragma once

#include <chrono>
#include <ctime>
#include <functional>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include "tollgate/curl.h"

#include "drivers/fake_exchange.hpp"
#include "support/http_peer.hpp"

namespace tollgate::test {

using std::chrono::milliseconds;

/// A tg_curl for one test.
class Curl {
 public:
  explicit Curl(tg_curl_options options = TG_CURL_OPTIONS_INIT) {
    status_ = tg_curl_create(&options, &curl_, &error_);
  }
  ~Curl() {
    tg_curl_free(curl_);
    tg_error_free(error_);
  }
  Curl(const Curl&) = delete;
  Curl& operator=(const Curl&) = delete;

  tg_curl* get() const { return curl_; }
  tg_status status() const { return status_; }
  const tg_error* error() const { return error_; }

 private:
  tg_curl* curl_ = nullptr;
  tg_error* error_ = nullptr;
  tg_status status_;
};

/// The client's side of one exchange, remembered.
struct Client {
  uint32_t status = 0;
  std::string body;
  std::string record;
  size_t pieces = 0;
  std::string more;  ///< One digit for each body: its `more`.
  int ended = -1;    ///< aborted of on_end; -1 before.
  int32_t answer = TG_CURL_CLIENT_OK;
  std::function<void(Client&)> on_piece;
  Signal done;
  tg_curl_client callbacks = TG_CURL_CLIENT_INIT;

  explicit Client(int fd = -1) {
    callbacks.on_head = [](const tg_action* action, void* user) {
      auto* self = static_cast<Client*>(user);
      self->status = action->http_status;
      return self->answer;
    };
    callbacks.on_body = [](tg_bytes piece, int32_t follows, void* user) {
      auto* self = static_cast<Client*>(user);
      self->body.append(reinterpret_cast<const char*>(piece.data), piece.size);
      self->more += follows != 0 ? '1' : '0';
      ++self->pieces;
      if (self->on_piece) self->on_piece(*self);
      return self->answer;
    };
    callbacks.on_end = [](int32_t aborted, void* user) {
      static_cast<Client*>(user)->ended = aborted;
    };
    callbacks.on_record = [](tg_bytes json, void* user) {
      static_cast<Client*>(user)->record.assign(reinterpret_cast<const char*>(json.data),
                                                json.size);
    };
    callbacks.on_done = [](tg_exchange*, void* user) { static_cast<Client*>(user)->done.set(); };
    callbacks.client_fd = fd;
    callbacks.user = this;
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
};

/// A connected pair of sockets in place of a client's connection.
class Pair {
 public:
  Pair() {
    int fds[2] = {-1, -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) std::abort();
    ours_ = fds[0];
    theirs_ = fds[1];
  }
  ~Pair() {
    close(ours_);
    hang_up();
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  int fd() const { return ours_; }
  void hang_up() {
    if (theirs_ >= 0) close(theirs_);
    theirs_ = -1;
  }

 private:
  int ours_;
  int theirs_;
};

inline tg_exchange::Open post(std::string url, std::string body = "{}") {
  tg_exchange::Open open;
  open.url = std::move(url);
  open.headers = {{"content-type", "application/json"}};
  open.spans = {std::move(body)};
  return open;
}

inline uint64_t mono_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<uint64_t>(now.tv_nsec);
}

/// A server that sends this and then waits to be closed.
inline HttpPeer::Script hang(std::string answer, Signal& arrived, Signal& closed,
                             milliseconds patience = milliseconds(5000)) {
  return [&arrived, &closed, patience, answer = std::move(answer)](PeerConnection& connection) {
    PeerRequest request;
    if (!connection.read_request(request)) return;
    connection.write(answer);
    arrived.set();
    if (connection.wait_closed(patience)) closed.set();
  };
}

/// A server that answers every request with its own body.
inline void echo(PeerConnection& connection) {
  PeerRequest request;
  while (connection.read_request(request) && connection.write(json_answer(request.body))) {
  }
}

/// A script of an exchange that ends with its first tick.
inline bool end_on_tick(tg_exchange& exchange, const tg_exchange::Event& event) {
  if (event.name == "tick") exchange.finish();
  return true;
}

/// Runs an exchange on this thread.
inline tg_status run(const Curl& curl, tg_exchange& exchange, Client& client) {
  return tg_curl_run(curl.get(), &exchange, &client.callbacks, nullptr);
}

}  // namespace tollgate::test
