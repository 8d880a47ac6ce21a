// A provider that costs as little as it can: one thread, one loop. POST /v1/messages is answered
// as the model's name asks: "…-json" with one JSON answer, "…-eN-iM" with a stream of N events, one
// each M milliseconds (N = 0: until the client leaves). GET /bench/open tells how many streams are
// open.

#include <algorithm>
#include <deque>
#include <queue>
#include <string>
#include <vector>

#include "bench/http_text.hpp"
#include "bench/sockets.hpp"

namespace tollgate::bench {
namespace {

constexpr uint64_t kListenerTag = UINT64_MAX;
constexpr size_t kRequestBytesMax = 64 * 1024 * 1024;

struct Connection {
  int fd = -1;
  uint64_t serial = 0;  ///< Tells this use of the slot from earlier ones.
  std::string head;     ///< The request's first bytes; the rest is only counted.
  size_t head_size = 0;
  uint64_t received = 0;
  uint64_t wanted = 0;  ///< Of the whole request; 0: not known yet.
  bool streaming = false;
  uint64_t events_left = 0;
  bool endless = false;
  uint64_t interval_ns = 0;
};

struct Timer {
  uint64_t due_ns;
  uint64_t serial;
  size_t slot;
  bool operator>(const Timer& other) const { return due_ns > other.due_ns; }
};

std::string chunk(std::string_view text) {
  char size[20];
  const int length = std::snprintf(size, sizeof size, "%zx\r\n", text.size());
  return std::string(size, static_cast<size_t>(length)).append(text).append("\r\n");
}

/// An event of about 175 bytes, as Anthropic's are, that carries the time of its making.
std::string text_event() {
  char text[256];
  const int length = std::snprintf(
      text, sizeof text,
      "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
      "\"delta\":{\"type\":\"text_delta\",\"text\":\"t=%016llx and about eight words more "
      "follow\"}}\n\n",
      static_cast<unsigned long long>(mono_ns()));
  return std::string(text, static_cast<size_t>(length));
}

constexpr std::string_view kUsage =
    R"("usage":{"input_tokens":15000,"cache_creation_input_tokens":0,)"
    R"("cache_read_input_tokens":12000,"output_tokens":50})";

class MockUpstream {
 public:
  explicit MockUpstream(uint16_t port) : listener_(listen_on(port)), epoll_(epoll_create1(0)) {
    if (epoll_ < 0) fail("epoll_create1");
    watch(epoll_, listener_, EPOLLIN, kListenerTag);
  }

  [[noreturn]] void run() {
    std::vector<epoll_event> ready(512);
    while (true) {
      timespec wait{};
      timespec* until = nullptr;
      if (!timers_.empty()) {
        const uint64_t now = mono_ns();
        const uint64_t due = timers_.top().due_ns;
        wait = timespec_of(due > now ? due - now : 0);
        until = &wait;
      }
      const int count = epoll_pwait2(epoll_, ready.data(), 512, until, nullptr);
      if (count < 0 && errno != EINTR) fail("epoll_pwait2");
      for (int i = 0; i < count; ++i) {
        const uint64_t tag = ready[static_cast<size_t>(i)].data.u64;
        tag == kListenerTag ? accept_all() : read_from(tag);
      }
      send_due_events();
    }
  }

 private:
  void accept_all() {
    while (true) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      no_delay(fd);
      size_t slot = connections_.size();
      if (free_.empty()) {
        connections_.emplace_back();
      } else {
        slot = free_.back();
        free_.pop_back();
      }
      connections_[slot] = Connection{};
      connections_[slot].fd = fd;
      connections_[slot].serial = ++serials_;
      watch(epoll_, fd, EPOLLIN | EPOLLRDHUP, slot);
    }
  }

  void read_from(size_t slot) {
    Connection& peer = connections_[slot];
    if (peer.fd < 0) return;
    static char buffer[256 * 1024];
    const ssize_t got = recv(peer.fd, buffer, sizeof buffer, 0);
    if (got < 0 && (would_block() || errno == EINTR)) return;
    if (got <= 0) {
      drop(slot);
      return;
    }
    const std::string_view bytes(buffer, static_cast<size_t>(got));
    peer.received += bytes.size();
    if (peer.wanted == 0) read_head(peer, bytes);
    if (peer.wanted > kRequestBytesMax) drop(slot);
    if (peer.fd >= 0 && peer.wanted != 0 && peer.received >= peer.wanted) answer(slot);
  }

  static void read_head(Connection& peer, std::string_view bytes) {
    peer.head += bytes;
    const size_t end = peer.head.find("\r\n\r\n");
    if (end == std::string::npos) return;
    peer.head_size = end + 4;
    const std::string_view head = std::string_view(peer.head).substr(0, end + 2);
    peer.wanted = peer.head_size + number(field(head, "content-length:")).value_or(0);
  }

  void answer(size_t slot) {
    Connection& peer = connections_[slot];
    const std::string request = std::move(peer.head);
    const size_t head_size = peer.head_size;
    peer.head.clear();
    peer.received = peer.wanted = peer.head_size = 0;
    if (request.starts_with("GET /bench/open")) {
      send_whole(slot, R"({"open_streams":)" + std::to_string(open_streams_) + "}");
      return;
    }
    constexpr std::string_view kKey = "\"model\":\"";
    std::string_view model = std::string_view(request).substr(head_size).substr(0, 512);
    const size_t at = model.find(kKey);
    model = at == std::string_view::npos ? std::string_view() : model.substr(at + kKey.size());
    model = model.substr(0, model.find('"'));
    const size_t events = model.rfind("-e");
    const size_t interval = model.rfind("-i");
    if (events == std::string_view::npos || interval == std::string_view::npos) {
      send_whole(slot, json_answer(model));
      return;
    }
    peer.events_left = number(model.substr(events + 2)).value_or(0);
    peer.endless = peer.events_left == 0;
    peer.interval_ns = number(model.substr(interval + 2)).value_or(100) * 1'000'000U;
    begin_stream(slot, model);
  }

  static std::string json_answer(std::string_view model) {
    return R"({"model":")" + std::string(model) +
           R"(","id":"msg_bench","type":"message","role":"assistant","content":[{"type":"text",)"
           R"("text":"A short answer, as a title or a yes."}],"stop_reason":"end_turn",)"
           R"("stop_sequence":null,)" +
           std::string(kUsage) + "}";
  }

  void send_whole(size_t slot, const std::string& body) {
    put(slot,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nrequest-id: req_bench\r\n"
        "content-length: " +
            std::to_string(body.size()) + "\r\n\r\n" + body);
  }

  void begin_stream(size_t slot, std::string_view model) {
    Connection& peer = connections_[slot];
    peer.streaming = true;
    ++open_streams_;
    const std::string start =
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"" +
        std::string(model) +
        "\",\"id\":\"msg_bench\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],"
        "\"stop_reason\":null,\"stop_sequence\":null," +
        std::string(kUsage) +
        "}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
        "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n";
    put(slot,
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
        "request-id: req_bench\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n" +
            chunk(start + text_event()));
    timers_.push({mono_ns() + peer.interval_ns, peer.serial, slot});
  }

  void send_due_events() {
    while (!timers_.empty() && timers_.top().due_ns <= mono_ns()) {
      const Timer timer = timers_.top();
      timers_.pop();
      Connection& peer = connections_[timer.slot];
      if (peer.fd < 0 || peer.serial != timer.serial || !peer.streaming) continue;
      if (peer.endless || --peer.events_left > 0) {
        // From the planned time, not from now: a late event must not slow the stream down.
        timers_.push({timer.due_ns + peer.interval_ns, timer.serial, timer.slot});
        put(timer.slot, chunk(text_event()));
        continue;
      }
      put(timer.slot,
          chunk("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
                "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{"
                "\"stop_reason\":\"end_turn\",\"stop_sequence\":null}," +
                std::string(kUsage) +
                "}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n") +
              "0\r\n\r\n");
      if (peer.streaming) --open_streams_;
      peer.streaming = false;
    }
  }

  /// A client that does not read is dropped: nothing is kept for it.
  void put(size_t slot, const std::string& bytes) {
    size_t sent = 0;
    if (!send_some(connections_[slot].fd, bytes, sent) || sent < bytes.size()) drop(slot);
  }

  void drop(size_t slot) {
    Connection& peer = connections_[slot];
    if (peer.fd < 0) return;
    if (peer.streaming) --open_streams_;
    close(peer.fd);
    peer = Connection{};
    free_.push_back(slot);
  }

  int listener_;
  int epoll_;
  uint64_t serials_ = 0;
  uint64_t open_streams_ = 0;
  std::deque<Connection> connections_;
  std::vector<size_t> free_;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
};

}  // namespace
}  // namespace tollgate::bench

int main(int argc, char** argv) {
  const auto port = argc == 2 ? tollgate::bench::number(argv[1]) : std::nullopt;
  if (!port || *port == 0 || *port > 65535) {
    std::fprintf(stderr, "usage: bench_mock_upstream PORT\n");
    return 2;
  }
  tollgate::bench::MockUpstream(static_cast<uint16_t>(*port)).run();
}
