// What a proxy on libcurl costs that looks into nothing: one thread, epoll, curl_multi, no copy of
// a body but libcurl's own. It is the floor of every host that sends its requests with libcurl; a
// measuring tool, not a server.

#include <algorithm>
#include <csignal>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include "bench/http_text.hpp"
#include "bench/sockets.hpp"

namespace tollgate::bench {
namespace {

constexpr uint64_t kListenerTag = UINT64_MAX;
constexpr uint64_t kCurlTag = uint64_t{1} << 62U;
constexpr size_t kHeadBytesMax = 16 * 1024;
constexpr size_t kBodyBytesMax = 64 * 1024 * 1024;

/// One client, and the one request of its that is on its way.
struct Client {
  int fd = -1;
  CURL* easy = nullptr;
  curl_slist* fields = nullptr;
  std::unique_ptr<char[]> bytes;  ///< Head and body of the request, as they came.
  size_t capacity = 0;
  size_t received = 0;
  size_t head_size = 0;
  size_t wanted = 0;  ///< Of the whole request; 0: not known yet.
  std::string out;
  bool readable = false;
  bool calling = false;
  bool chunked = false;
};

bool is_framing(std::string_view line) {
  const std::string_view name = line.substr(0, line.find(':'));
  constexpr std::string_view kFraming[] = {"connection", "content-length", "host",
                                           "transfer-encoding"};
  return std::any_of(std::begin(kFraming), std::end(kFraming), [&](std::string_view framing) {
    return name.size() == framing.size() &&
           strncasecmp(name.data(), framing.data(), framing.size()) == 0;
  });
}

class BareProxy {
 public:
  BareProxy(uint16_t port, uint16_t upstream)
      : listener_(listen_on(port)),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        multi_(curl_multi_init()),
        upstream_("http://127.0.0.1:" + std::to_string(upstream)) {
    if (epoll_ < 0 || multi_ == nullptr) fail("start");
    watch(epoll_, listener_, EPOLLIN, kListenerTag);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &BareProxy::on_socket_change);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &BareProxy::on_timer_change);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 4096L);
  }

  [[noreturn]] void run() {
    std::vector<epoll_event> ready(256);
    while (true) {
      const uint64_t now = mono_ns();
      const int wait_ms =
          due_ns_ == UINT64_MAX
              ? -1
              : static_cast<int>(due_ns_ <= now ? 0 : (due_ns_ - now) / 1'000'000U + 1);
      const int count = epoll_wait(epoll_, ready.data(), 256, wait_ms);
      if (count < 0 && errno != EINTR) fail("epoll_wait");
      for (int i = 0; i < count; ++i)
        on_event(ready[static_cast<size_t>(i)]);
      settle();
    }
  }

 private:
  void on_event(const epoll_event& event) {
    const uint64_t tag = event.data.u64;
    if (tag == kListenerTag) {
      accept_all();
    } else if ((tag & kCurlTag) != 0) {
      const int happened = ((event.events & (EPOLLIN | EPOLLHUP)) != 0 ? CURL_CSELECT_IN : 0) |
                           ((event.events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
                           ((event.events & EPOLLERR) != 0 ? CURL_CSELECT_ERR : 0);
      int running = 0;
      curl_multi_socket_action(multi_, static_cast<int>(tag & ~kCurlTag), happened, &running);
    } else if (Client& client = clients_[tag]; client.fd >= 0) {
      if ((event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
        drop(client);
        return;
      }
      client.readable = true;
      read_from(client);
    }
  }

  void accept_all() {
    while (true) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      no_delay(fd);
      size_t slot = clients_.size();
      if (free_.empty()) {
        clients_.emplace_back();
      } else {
        slot = free_.back();
        free_.pop_back();
      }
      clients_[slot].fd = fd;
      watch(epoll_, fd, EPOLLIN | EPOLLRDHUP | EPOLLET, slot);
    }
  }

  void read_from(Client& client) {
    while (client.readable && !client.calling) {
      const size_t most = client.wanted == 0 ? kHeadBytesMax : client.wanted;
      if (client.capacity < most) grow(client, most);
      const size_t room = most - client.received;
      const ssize_t got = recv(client.fd, client.bytes.get() + client.received, room, 0);
      client.readable = static_cast<size_t>(got) == room;
      if (got < 0 && would_block()) return;
      if (got <= 0) {
        drop(client);
        return;
      }
      client.received += static_cast<size_t>(got);
      if (client.wanted == 0 && !read_head(client)) return;
      if (client.wanted != 0 && client.received >= client.wanted) call(client);
    }
  }

  static void grow(Client& client, size_t capacity) {
    std::unique_ptr<char[]> larger(new char[capacity]);
    if (client.received > 0) std::memcpy(larger.get(), client.bytes.get(), client.received);
    client.bytes = std::move(larger);
    client.capacity = capacity;
  }

  bool read_head(Client& client) {
    const std::string_view bytes(client.bytes.get(), client.received);
    const size_t end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) return client.received < kHeadBytesMax;
    client.head_size = end + 4;
    const uint64_t body = number(field(bytes.substr(0, end + 2), "content-length:")).value_or(0);
    client.wanted = client.head_size + static_cast<size_t>(std::min(body, uint64_t{kBodyBytesMax}));
    return true;
  }

  void call(Client& client) {
    const std::string_view head(client.bytes.get(), client.head_size);
    CURL* easy = take_handle();
    client.easy = easy;
    client.calling = true;
    std::string line;
    for (size_t at = head.find("\r\n") + 2; at + 2 < head.size();) {
      const size_t end = head.find("\r\n", at);
      line = head.substr(at, end - at);
      if (!is_framing(line)) client.fields = curl_slist_append(client.fields, line.c_str());
      at = end + 2;
    }
    client.fields = curl_slist_append(client.fields, "Expect:");
    const size_t space = head.find(' ');
    line = upstream_;
    line += head.substr(space + 1, head.find(' ', space + 1) - space - 1);
    curl_easy_setopt(easy, CURLOPT_URL, line.c_str());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, client.fields);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, client.bytes.get() + client.head_size);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(client.wanted - client.head_size));
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &client);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &client);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &client);
    curl_multi_add_handle(multi_, easy);
  }

  CURL* take_handle() {
    if (!idle_.empty()) {
      CURL* easy = idle_.back();
      idle_.pop_back();
      return easy;
    }
    CURL* easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 4096L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &BareProxy::on_header);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &BareProxy::on_body);
    return easy;
  }

  void let_go(Client& client) {
    if (client.easy == nullptr) return;
    curl_multi_remove_handle(multi_, client.easy);
    curl_easy_setopt(client.easy, CURLOPT_HTTPHEADER, nullptr);
    curl_slist_free_all(client.fields);
    idle_.push_back(client.easy);
    client.easy = nullptr;
    client.fields = nullptr;
  }

  void drop(Client& client) {
    // libcurl may not be entered from its own callbacks: this is done when they have returned.
    dropped_.push_back(&client);
  }

  static size_t on_header(char* data, size_t size, size_t count, void* user) {
    Client& client = *static_cast<Client*>(user);
    const std::string_view line(data, size * count);
    if (line.size() > 2) {
      constexpr std::string_view kChunked = "transfer-encoding:";
      client.chunked = client.chunked || strncasecmp(line.data(), kChunked.data(),
                                                     std::min(line.size(), kChunked.size())) == 0;
      client.out += line;
    } else {
      client.out += "\r\n";
    }
    return line.size();
  }

  static size_t on_body(char* data, size_t size, size_t count, void* user) {
    Client& client = *static_cast<Client*>(user);
    const std::string_view piece(data, size * count);
    if (client.chunked) {
      char text[24];
      const int length = std::snprintf(text, sizeof text, "%zx\r\n", piece.size());
      client.out.append(text, static_cast<size_t>(length)).append(piece).append("\r\n");
      flush(client);
    } else {
      client.out += piece;
    }
    return piece.size();
  }

  static void flush(Client& client) {
    size_t sent = 0;
    if (client.fd >= 0) send_some(client.fd, client.out, sent);
    client.out.clear();
  }

  void finish(Client& client) {
    if (client.chunked) client.out += "0\r\n\r\n";
    flush(client);
    let_go(client);
    client.calling = client.chunked = false;
    client.received = client.wanted = client.head_size = 0;
    // What came meanwhile makes no new event.
    if (client.fd >= 0) read_from(client);
  }

  void settle() {
    int left = 0;
    while (true) {
      for (Client* client : std::exchange(dropped_, {})) {
        if (client->fd < 0) continue;
        let_go(*client);
        close(client->fd);
        *client = Client{};
        free_.push_back(slot_of(*client));
      }
      while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        Client* client = nullptr;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &client);
        message->data.result == CURLE_OK ? finish(*client) : drop(*client);
      }
      if (mono_ns() >= due_ns_) {
        due_ns_ = UINT64_MAX;
        curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &left);
      } else if (dropped_.empty()) {
        return;
      }
    }
  }

  size_t slot_of(const Client& client) const {
    size_t slot = 0;
    while (&clients_[slot] != &client)
      ++slot;
    return slot;
  }

  static int on_socket_change(CURL*, curl_socket_t fd, int what, void* user, void* known) {
    const auto& self = *static_cast<BareProxy*>(user);
    epoll_event event{};
    event.events = (what != CURL_POLL_OUT ? EPOLLIN : 0U) | (what != CURL_POLL_IN ? EPOLLOUT : 0U);
    event.data.u64 = kCurlTag | static_cast<uint64_t>(fd);
    const int operation = what == CURL_POLL_REMOVE ? EPOLL_CTL_DEL
                          : known != nullptr       ? EPOLL_CTL_MOD
                                                   : EPOLL_CTL_ADD;
    epoll_ctl(self.epoll_, operation, fd, &event);
    if (what != CURL_POLL_REMOVE) curl_multi_assign(self.multi_, fd, user);
    return 0;
  }

  static int on_timer_change(CURLM*, long timeout_ms, void* user) {
    static_cast<BareProxy*>(user)->due_ns_ =
        timeout_ms < 0 ? UINT64_MAX : mono_ns() + static_cast<uint64_t>(timeout_ms) * 1'000'000U;
    return 0;
  }

  int listener_;
  int epoll_;
  CURLM* multi_;
  std::string upstream_;
  uint64_t due_ns_ = UINT64_MAX;
  std::deque<Client> clients_;
  std::vector<size_t> free_;
  std::vector<Client*> dropped_;
  std::vector<CURL*> idle_;
};

}  // namespace
}  // namespace tollgate::bench

int main(int argc, char** argv) {
  using tollgate::bench::number;
  const auto port = argc == 3 ? number(argv[1]) : std::nullopt;
  const auto upstream = argc == 3 ? number(argv[2]) : std::nullopt;
  if (!port || !upstream || *port > 65535 || *upstream > 65535) {
    std::fprintf(stderr, "usage: bench_bare_proxy PORT UPSTREAM_PORT\n");
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  tollgate::bench::BareProxy(static_cast<uint16_t>(*port), static_cast<uint16_t>(*upstream)).run();
}
