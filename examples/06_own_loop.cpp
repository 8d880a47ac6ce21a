// A service with an epoll loop of its own: clients are served by that loop, upstreams by the
// driver's. The driver's callbacks run on the driver's thread, so they put bytes into the client's
// outbox and wake our loop with a tg_waker. Argument: the URL of an Anthropic upstream.
#include <array>
#include <chrono>
#include <iostream>
#include <mutex>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "tollgate/curl.h"
#include "tollgate/tollgate.hpp"

namespace {

std::string config(const std::string& url) {
  return "type: provider-account/anthropic\nname: anthropic\nbase_url: " + url +
         "\nauth_data: {type: api-key, api_key: the-account-key}\nintegrations:\n"
         "  - {name: claude, model_id: claude-sonnet-4-5, type: integration/model/anthropic,\n"
         "     model_types: [chat]}\n---\ntype: user\nname: ada@corp.example\ntokens:\n"
         "  - sha256: 849bcdf2697a91c638e19b84148f16dfc88df7d48e384922ea779360f0837bc4\n";  // "tg_example"
}

tg_time clock_now() {
  using std::chrono::duration_cast, std::chrono::milliseconds, std::chrono::nanoseconds,
      std::chrono::steady_clock, std::chrono::system_clock;
  return {static_cast<uint64_t>(
              duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count()),
          duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

/// One client. What both threads touch is behind the mutex.
struct Client {
  int socket = -1;
  int far_end = -1;
  uint64_t token = 0;
  tg_waker* waker = nullptr;
  std::mutex mutex;
  std::string outbox;
  bool blocked = false;
  tg_exchange* finished = nullptr;
};

// On the driver's thread.
int32_t on_body(tg_bytes body, int32_t /*more*/, void* user) {
  auto* client = static_cast<Client*>(user);
  const std::lock_guard lock(client->mutex);
  client->outbox += tollgate::to_view(body);
  client->blocked = client->outbox.size() > 65536;
  tg_waker_wake(client->token, client->waker);
  return client->blocked ? TG_CURL_CLIENT_BLOCKED : TG_CURL_CLIENT_OK;
}

void on_done(tg_exchange* exchange, void* user) {
  auto* client = static_cast<Client*>(user);
  const std::lock_guard lock(client->mutex);
  client->finished = exchange;
  tg_waker_wake(client->token, client->waker);
}

// On our thread: a request is here. A real service would parse HTTP; ours takes one prompt.
void start(const tollgate::Gateway& gateway, tg_curl_loop* loop, Client& client) {
  char prompt[256];
  const ssize_t size = read(client.socket, prompt, sizeof prompt);
  if (size <= 0) return;
  const tg_time now = clock_now();
  tg_exchange_options options = TG_EXCHANGE_OPTIONS_INIT;
  options.wake_token = client.token;
  tollgate::Exchange exchange(gateway, options, now);
  exchange.client_head("POST", "/v1/messages", {{"x-api-key", "tg_example"}}, now);
  exchange.client_body(R"({"model":"claude","max_tokens":64,"stream":true,"messages":)"
                       R"([{"role":"user","content":")" +
                           std::string(prompt, static_cast<size_t>(size)) + "\"}]}",
                       now);
  exchange.client_end(now);
  tg_curl_client callbacks = TG_CURL_CLIENT_INIT;
  callbacks.on_body = on_body;
  callbacks.on_done = on_done;
  callbacks.user = &client;
  tg_error* error = nullptr;
  tollgate::check(tg_curl_loop_submit(loop, exchange.get(), client.token, &callbacks, &error),
                  error);
  static_cast<void>(exchange.release());  // It comes back in on_done.
}

/// On our thread: sends what has come; these sockets block, others would wait for EPOLLOUT. True
/// when the client was served to the end. A token may come once more after that.
bool flush(tg_curl_loop* loop, Client& client) {
  const std::lock_guard lock(client.mutex);
  if (client.socket < 0) return false;
  const ssize_t sent = write(client.socket, client.outbox.data(), client.outbox.size());
  if (sent > 0) client.outbox.erase(0, static_cast<size_t>(sent));
  if (std::exchange(client.blocked, false)) tg_curl_loop_unblock(loop, client.token);
  if (client.finished == nullptr) return false;
  tg_exchange_free(client.finished);
  close(std::exchange(client.socket, -1));
  return true;
}

int watch(int epoll, int fd, uint64_t token) {
  epoll_event event{EPOLLIN, {.u64 = token}};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) return 2;
  tg_error* error = nullptr;
  tg_curl* curl = nullptr;
  tollgate::check(tg_curl_create(nullptr, &curl, &error), error);
  tg_gateway_options options = TG_GATEWAY_OPTIONS_INIT;
  options.wake = tg_curl_wake;  // Who waits in the library waits in the driver's loop.
  options.wake_user = curl;
  const tollgate::Gateway gateway(config(argv[1]), options, clock_now());
  tg_curl_loop* loop = nullptr;
  tollgate::check(tg_curl_loop_create(curl, &loop, &error), error);

  tollgate::Waker waker;
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (watch(epoll, waker.fd(), 0) != 0) return 1;
  std::array<Client, 2> clients;
  for (size_t i = 0; i < clients.size(); ++i) {  // Clients of the same process, for the example.
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 || write(ends[1], "Hello", 5) != 5) return 1;
    clients[i].socket = ends[0];
    clients[i].far_end = ends[1];
    clients[i].token = i + 1;
    clients[i].waker = waker.get();
    if (watch(epoll, ends[0], i + 1) != 0) return 1;
  }
  for (size_t served = 0; served < clients.size();) {
    epoll_event event{};
    if (epoll_wait(epoll, &event, 1, -1) != 1) continue;
    if (event.data.u64 != 0) start(gateway, loop, clients[event.data.u64 - 1]);
    for (const uint64_t token : waker.take())
      served += flush(loop, clients[token - 1]) ? 1 : 0;
  }
  for (const Client& client : clients) {
    char buffer[4096];
    for (ssize_t size = 0; (size = read(client.far_end, buffer, sizeof buffer)) > 0;)
      std::cout.write(buffer, size);
  }
  tg_curl_loop_free(loop);
  tg_curl_free(curl);
  return 0;
} catch (const std::exception& failure) {
  std::fputs(failure.what(), stderr);
  return 1;
}
