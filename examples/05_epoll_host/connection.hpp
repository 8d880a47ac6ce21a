#pragma once

// One client's connection: bytes become events of an exchange, its actions become bytes.

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "host.hpp"

namespace epoll_host {

constexpr size_t kHeadReadBytes = 4096;
constexpr uint64_t kHeadNs = 10 * kSecond;
constexpr uint64_t kKeepAliveNs = 65 * kSecond;
constexpr uint64_t kLingerNs = 2 * kSecond;

/// One client: its socket, and the exchange of the request it has sent.
struct Connection {
  enum class Phase : uint8_t { kIdle, kBody, kAnswer, kLinger };

  Host& host;
  int fd;
  uint64_t id;
  Phase phase = Phase::kIdle;
  std::string in;  ///< Of a head that is not complete, or of a next request.
  std::string out;
  uint64_t body_left = 0;
  uint64_t deadline_ns = TG_NO_DEADLINE;
  uint64_t armed_ns = TG_NO_DEADLINE;  ///< When the loop looks; never after the deadline.
  tg_exchange* exchange = nullptr;
  Transfer* transfer = nullptr;
  bool readable = false;
  bool blocked = false;
  bool chunked = false;
  bool head_only = false;
  bool answer_ended = false;
  bool keep_alive = true;
  bool closed = false;

  Connection(Host& owner, int socket, uint64_t number) : host(owner), fd(socket), id(number) {
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // Edge-triggered: registered once, no system call when what is waited for changes.
    host.watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, id);
    arm(now().mono_ns + kHeadNs);
  }
  ~Connection() {
    tg_exchange_free(exchange);
    ::close(fd);
  }

  /// Deadlines move with every event; the loop's list only when one comes closer.
  void arm(uint64_t at_ns) {
    deadline_ns = at_ns;
    if (at_ns >= armed_ns) return;
    host.deadlines.erase({armed_ns, id});
    host.deadlines.insert({at_ns, id});
    armed_ns = at_ns;
  }

  void on_deadline(uint64_t now_ns) {
    armed_ns = TG_NO_DEADLINE;
    if (deadline_ns > now_ns) {
      arm(deadline_ns);
    } else if (exchange != nullptr) {
      tick();
    } else {
      close();
    }
  }

  void tick() {
    if (exchange == nullptr) return;
    tg_exchange_tick(exchange, now(), nullptr);
    pump();
  }

  void on_ready(uint32_t events) {
    if ((events & EPOLLIN) != 0) readable = true;
    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
      client_gone();
      return;
    }
    if ((events & EPOLLOUT) != 0 && !out.empty()) flush();
    read();
  }

  void read() {
    while (readable && !closed && phase != Phase::kAnswer) {
      // A body is received where the library wants it. What comes before one is short.
      auto* room = reinterpret_cast<uint8_t*>(host.scratch.data());
      size_t capacity = phase == Phase::kIdle ? kHeadReadBytes : host.scratch.size();
      if (phase == Phase::kBody && body_left > 0 &&
          tg_exchange_body_buffer(exchange, static_cast<size_t>(body_left), &room, &capacity,
                                  nullptr) == TG_OK) {
        capacity = static_cast<size_t>(std::min<uint64_t>(capacity, body_left));
      }
      const ssize_t got = recv(fd, room, capacity, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && would_block()) {
        readable = false;
        return;
      }
      if (got <= 0) {
        client_gone();
        return;
      }
      // Less than there was room for: the socket is empty, and new bytes will be a new event.
      readable = static_cast<size_t>(got) == capacity;
      take({reinterpret_cast<char*>(room), static_cast<size_t>(got)});
    }
  }

  void take(std::string_view bytes) {
    std::string joined;
    if (!in.empty()) {
      joined = std::exchange(in, {}).append(bytes);
      bytes = joined;
    }
    if (phase == Phase::kIdle) take_head(bytes);
    if (phase == Phase::kBody) take_body(bytes);
    // Behind the last request there is nothing to keep; it is read so that no reset is sent.
    if (phase != Phase::kLinger) in = bytes;
  }

  void take_head(std::string_view& bytes) {
    const size_t end = bytes.substr(0, kHeadBytesMax).find("\r\n\r\n");
    if (end == std::string_view::npos) {
      if (bytes.size() >= kHeadBytesMax) refuse(431);
      return;
    }
    RequestHead head;
    const uint32_t refused = head.parse(bytes.substr(0, end + 2));
    bytes.remove_prefix(end + 4);
    if (refused != 0) {
      refuse(refused);
      return;
    }
    const tg_time time = now();
    tg_exchange_options options = TG_EXCHANGE_OPTIONS_INIT;
    options.wake_token = id;
    if (tg_exchange_create(host.gateway, &options, time, &exchange, nullptr) != TG_OK) {
      refuse(503);
      return;
    }
    keep_alive = head.keep_alive;
    head_only = head.method == "HEAD";
    answer_ended = false;
    body_left = head.content_length;
    phase = Phase::kBody;
    tg_exchange_client_head(exchange, to_bytes(head.method), to_bytes(head.target),
                            head.headers.data(), static_cast<uint32_t>(head.headers.size() / 2),
                            time, nullptr);
    pump();  // A refusal may come out before the body has come.
    if (phase == Phase::kBody && head.expects_continue) {
      out += "HTTP/1.1 100 Continue\r\n\r\n";
      flush();
    }
  }

  void take_body(std::string_view& bytes) {
    while (body_left > 0 && !bytes.empty()) {
      uint8_t* room = nullptr;
      size_t capacity = 0;
      auto size = static_cast<size_t>(std::min<uint64_t>(bytes.size(), body_left));
      std::string_view piece = bytes.substr(0, size);
      if (tg_exchange_body_buffer(exchange, static_cast<size_t>(body_left), &room, &capacity,
                                  nullptr) == TG_OK) {
        piece = piece.substr(0, capacity);
        const tg_bytes received = to_bytes(piece);
        if (received.data != room) std::memcpy(room, received.data, received.size);
        piece = to_view({room, received.size});
      }  // Else it is too much; it is fed all the same, to bring the refusal out.
      tg_exchange_client_body(exchange, to_bytes(piece), now(), nullptr);
      body_left -= piece.size();
      bytes.remove_prefix(piece.size());
    }
    if (body_left == 0) {
      phase = Phase::kAnswer;
      tg_exchange_client_end(exchange, now(), nullptr);
    }
    pump();
  }

  /// Performs what the exchange wants now, and sends.
  void pump() {
    tg_action action = TG_ACTION_INIT;
    while (exchange != nullptr) {
      if (tg_exchange_next_action(exchange, &action, nullptr) != TG_OK) {
        close();  // Memory ran out; freeing the exchange settles it.
        return;
      }
      if (action.kind == TG_ACTION_WAIT) {
        arm(action.deadline_ns);
        break;
      }
      perform(action);
    }
    if (!closed) flush();
  }

  void perform(const tg_action& action) {
    switch (action.kind) {
      case TG_ACTION_UPSTREAM_OPEN:
        open_upstream(action);
        break;
      case TG_ACTION_UPSTREAM_CANCEL:
        cancel_upstream();
        break;
      case TG_ACTION_CLIENT_HEAD:
        send_head(action);
        break;
      case TG_ACTION_CLIENT_BODY:
        send_body(to_view(action.body));
        break;
      case TG_ACTION_CLIENT_END:
        if (chunked) out += "0\r\n\r\n";
        answer_ended = true;
        break;
      case TG_ACTION_RECORD:
        std::fwrite(action.body.data, 1, action.body.size, stdout);
        std::fputc('\n', stdout);
        break;
      case TG_ACTION_DONE:
        end_exchange();
        break;
      default:  // CLIENT_ABORT: an answer without CLIENT_END is cut off at DONE.
        break;
    }
  }

  void open_upstream(const tg_action& action);
  void cancel_upstream();

  void send_head(const tg_action& action) {
    if ((action.flags & TG_FLAG_CLOSE) != 0) keep_alive = false;
    const bool streams = action.body_size == TG_SIZE_UNKNOWN;
    chunked = streams && !head_only;
    out += "HTTP/1.1 " + std::to_string(action.http_status) + " \r\n";
    for (uint32_t i = 0; i < action.header_count; ++i) {
      const std::string_view name = to_view(action.headers[2 * i]);
      if (is_framing(name)) continue;
      out.append(name).append(": ").append(to_view(action.headers[2 * i + 1])).append("\r\n");
    }
    out += streams ? "transfer-encoding: chunked\r\n"
                   : "content-length: " + std::to_string(action.body_size) + "\r\n";
    out += keep_alive ? "\r\n" : "connection: close\r\n\r\n";
  }

  void send_body(std::string_view body) {
    if (head_only || body.empty()) return;
    char size[24] = "";
    if (chunked) std::snprintf(size, sizeof size, "%zx\r\n", body.size());
    out.append(size).append(body).append(chunked ? "\r\n" : "");
  }

  void flush() {
    while (!out.empty()) {
      const ssize_t put = send(fd, out.data(), out.size(), MSG_NOSIGNAL);
      if (put < 0 && errno == EINTR) continue;
      if (put < 0 && would_block()) {
        // Transfer::on_body takes no more now, so what is waiting here stays small.
        if (!std::exchange(blocked, true) && exchange != nullptr) {
          tg_exchange_client_blocked(exchange, now(), nullptr);
          pump();
        }
        return;
      }
      if (put < 0) {
        client_gone();
        return;
      }
      out.erase(0, static_cast<size_t>(put));
    }
    // What one large answer needed is not kept for the life of a stream.
    if (out.capacity() > 4096) std::string().swap(out);
    if (std::exchange(blocked, false)) unblock();
    if (!closed && exchange == nullptr && phase == Phase::kAnswer) next_request();
  }

  void unblock();

  void end_exchange() {
    tg_exchange_free(std::exchange(exchange, nullptr));
    cancel_upstream();
    phase = Phase::kAnswer;
    // Without its end an answer can only be cut, so that the client does not take it for whole.
    if (!answer_ended) close();
  }

  void next_request() {
    const bool again = keep_alive && body_left == 0;
    phase = again ? Phase::kIdle : Phase::kLinger;
    // Closing with unread bytes would reset the connection, and the answer with it.
    if (!again) shutdown(fd, SHUT_WR);
    arm(now().mono_ns + (again ? kKeepAliveNs : kLingerNs));
    if (in.empty() && !readable) return;
    host.later.emplace_back([this] {
      if (!closed) take({});
      read();
    });
  }

  /// Answers what never became an exchange.
  void refuse(uint32_t status) {
    constexpr std::string_view kBody =
        R"({"type":"error","error":{"type":"api_error","message":"This server cannot take the )"
        R"(request: too many at once, or a head it does not accept"}})";
    out += "HTTP/1.1 " + std::to_string(status) + " \r\nconnection: close\r\n" +
           "content-type: application/json\r\ncontent-length: " + std::to_string(kBody.size()) +
           "\r\n\r\n" + std::string(kBody);
    keep_alive = false;
    phase = Phase::kAnswer;
    flush();
  }

  void client_gone() {
    out.clear();
    if (exchange != nullptr) tg_exchange_client_gone(exchange, now(), nullptr);
    closed = true;  // Nothing is sent any more, but the record comes out.
    pump();
    closed = false;
    close();
  }

  void close() {
    if (std::exchange(closed, true)) return;
    cancel_upstream();
    host.deadlines.erase({armed_ns, id});
    armed_ns = 0;  // Never armed again.
    host.later.emplace_back([this] { host.connections.erase(id); });
  }
};

}  // namespace epoll_host
