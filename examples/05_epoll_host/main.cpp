// A whole gateway on one thread: epoll, libcurl's multi interface, and a small HTTP/1.1 server.
//
//     example_05_epoll_host CONFIG PORT
//
// A host that has an event loop keeps it, because the library does no I/O. This one shows all that
// such a host owes the library: what happens on sockets becomes events (tg_exchange_client_head(),
// tg_exchange_upstream_body(), …), and the actions that come out are performed.
//
//  * Back-pressure: while a client does not take its bytes, libcurl is paused and the exchange told
//    that its client is blocked. A client's bytes are read only while a request is expected.
//  * A client that leaves is noticed at once (EPOLLRDHUP), whatever its exchange is doing.
//  * A connection has one deadline: its own while it is idle, the exchange's while there is one.
//
// What a public server would add: TLS, request bodies in chunks, a drain before it stops.
//
// Here is the loop; request_head.hpp, connection.hpp and transfer.hpp hold what it moves.

#include <algorithm>
#include <arpa/inet.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/random.h>
#include <sys/socket.h>

#include "connection.hpp"
#include "host.hpp"
#include "transfer.hpp"

namespace epoll_host {

constexpr size_t kConnectionsMax = 20'000;

static volatile std::sig_atomic_t stop_asked = 0;

static int on_socket_change(CURL*, curl_socket_t fd, int what, void* user, void* known) {
  auto& host = *static_cast<Host*>(user);
  const uint32_t events =
      (what != CURL_POLL_OUT ? EPOLLIN : 0U) | (what != CURL_POLL_IN ? EPOLLOUT : 0U);
  const int operation = what == CURL_POLL_REMOVE ? EPOLL_CTL_DEL
                        : known != nullptr       ? EPOLL_CTL_MOD
                                                 : EPOLL_CTL_ADD;
  host.watch(fd, events, kCurlSocket | static_cast<uint64_t>(fd), operation);
  // Any pointer will do: libcurl gives it back as `known` as long as it uses the socket.
  if (what != CURL_POLL_REMOVE) curl_multi_assign(host.multi, fd, &host);
  return 0;
}

static int on_timer_change(CURLM*, long timeout_ms, void* user) {
  const uint64_t wait_ns = static_cast<uint64_t>(std::max(timeout_ms, 0L)) * 1'000'000;
  static_cast<Host*>(user)->curl_timer_ns =
      timeout_ms < 0 ? TG_NO_DEADLINE : now().mono_ns + wait_ns;
  return 0;
}

void Host::accept_all() {
  while (true) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    if (connections.size() >= kConnectionsMax) {
      ::close(fd);
      continue;
    }
    const uint64_t id = ++last_id;
    connections.emplace(id, std::make_unique<Connection>(*this, fd, id));
  }
}

void Host::on_event(const epoll_event& event) {
  const uint64_t tag = event.data.u64;
  if (tag == kListener) {
    accept_all();
  } else if (tag == kWaker) {
    uint64_t ids[64];
    const uint32_t count = tg_waker_take(waker, ids, 64);
    for (uint32_t i = 0; i < count; ++i) {
      if (const auto found = connections.find(ids[i]); found != connections.end())
        found->second->tick();
    }
  } else if ((tag & kCurlSocket) != 0) {
    const int happened = ((event.events & (EPOLLIN | EPOLLHUP)) != 0 ? CURL_CSELECT_IN : 0) |
                         ((event.events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
                         ((event.events & EPOLLERR) != 0 ? CURL_CSELECT_ERR : 0);
    int running = 0;
    curl_multi_socket_action(multi, static_cast<int>(tag & ~kCurlSocket), happened, &running);
  } else if (const auto found = connections.find(tag); found != connections.end()) {
    if (!found->second->closed) found->second->on_ready(event.events);
  }
}

/// Does what had to wait, which may lead to more of the same.
void Host::settle() {
  int left = 0;
  while (true) {
    for (const auto& task : std::exchange(later, {}))
      task();
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      Transfer* transfer = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
      transfer->finish(message->data.result);
    }
    if (now().mono_ns >= curl_timer_ns) {
      curl_timer_ns = TG_NO_DEADLINE;
      curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &left);
    } else if (later.empty()) {
      return;
    }
  }
}

void Host::fire_deadlines() {
  const uint64_t now_ns = now().mono_ns;
  while (!deadlines.empty() && deadlines.begin()->first <= now_ns) {
    const uint64_t id = deadlines.begin()->second;
    deadlines.erase(deadlines.begin());
    connections.at(id)->on_deadline(now_ns);
  }
}

void Host::run() {
  std::vector<epoll_event> ready(256);
  while (stop_asked == 0) {
    const uint64_t next =
        std::min(curl_timer_ns, deadlines.empty() ? TG_NO_DEADLINE : deadlines.begin()->first);
    const uint64_t now_ns = now().mono_ns;
    const uint64_t wait_ms = next <= now_ns ? 0 : (next - now_ns) / 1'000'000 + 1;
    const int count = epoll_wait(epoll, ready.data(), static_cast<int>(ready.size()),
                                 static_cast<int>(std::min<uint64_t>(wait_ms, 60'000)));
    for (int i = 0; i < count; ++i)
      on_event(ready[static_cast<size_t>(i)]);
    fire_deadlines();
    settle();
  }
  for (const auto& [id, connection] : connections)
    connection->client_gone();
  settle();
}

static int listen_on(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  return bound && listen(fd, 4096) == 0 ? fd : -1;
}

int serve(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s CONFIG PORT\n", argv[0]);
    return 2;
  }
  std::ifstream file(argv[1]);
  const std::string config((std::istreambuf_iterator<char>(file)), {});
  curl_global_init(CURL_GLOBAL_DEFAULT);
  Host host;
  tg_waker_create(&host.waker, nullptr);
  tg_gateway_options options = TG_GATEWAY_OPTIONS_INIT;
  options.config_name = to_bytes(argv[1]);
  options.wake = tg_waker_wake;
  options.wake_user = host.waker;
  // Ids of requests must not be guessable.
  if (getrandom(&options.seed_high, 8, 0) != 8 || getrandom(&options.seed_low, 8, 0) != 8) return 1;
  tg_error* error = nullptr;
  if (tg_gateway_create(to_bytes(config), &options, now(), &host.gateway, &error) != TG_OK) {
    const std::string_view message = to_view(tg_error_message(error));
    std::fprintf(stderr, "%.*s\n", static_cast<int>(message.size()), message.data());
    tg_error_free(error);
    return 1;
  }
  host.listener = listen_on(static_cast<uint16_t>(std::strtoul(argv[2], nullptr, 10)));
  if (host.listener < 0) {
    std::perror("cannot listen");
    return 1;
  }
  host.watch(host.listener, EPOLLIN, kListener);
  host.watch(tg_waker_fd(host.waker), EPOLLIN, kWaker);
  curl_multi_setopt(host.multi, CURLMOPT_SOCKETFUNCTION, on_socket_change);
  curl_multi_setopt(host.multi, CURLMOPT_SOCKETDATA, &host);
  curl_multi_setopt(host.multi, CURLMOPT_TIMERFUNCTION, on_timer_change);
  curl_multi_setopt(host.multi, CURLMOPT_TIMERDATA, &host);
  curl_multi_setopt(host.multi, CURLMOPT_MAXCONNECTS, 256L);
  for (const int signal : {SIGINT, SIGTERM})
    std::signal(signal, [](int) { stop_asked = 1; });
  std::fprintf(stderr, "listening on http://127.0.0.1:%s\n", argv[2]);
  host.run();

  for (CURL* easy : host.idle_handles)
    curl_easy_cleanup(easy);
  curl_multi_cleanup(host.multi);
  tg_gateway_free(host.gateway);
  tg_waker_free(host.waker);
  curl_global_cleanup();
  return 0;
}

}  // namespace epoll_host

int main(int argc, char** argv) {
  return epoll_host::serve(argc, argv);
}
