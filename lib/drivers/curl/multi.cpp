#include "drivers/curl/multi.hpp"

#include <climits>
#include <new>
#include <poll.h>

#include "tollgate/action.h"

#include "drivers/curl/host.hpp"

namespace tollgate::curl_driver {
namespace {

CURL* take_finished(CURLM* multi, CURLcode& code) {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    code = message->data.result;
    return message->easy_handle;
  }
  return nullptr;
}

}  // namespace

std::unique_ptr<Multi> Multi::create(SocketWatcher& watcher) {
  CURLM* raw = curl_multi_init();
  if (raw == nullptr) return nullptr;
  std::unique_ptr<Multi> multi(new (std::nothrow) Multi(raw, watcher));
  if (multi == nullptr) {
    curl_multi_cleanup(raw);
    return nullptr;
  }
  curl_multi_setopt(raw, CURLMOPT_SOCKETFUNCTION, &Multi::on_socket_change);
  curl_multi_setopt(raw, CURLMOPT_SOCKETDATA, multi.get());
  curl_multi_setopt(raw, CURLMOPT_TIMERFUNCTION, &Multi::on_timer_change);
  curl_multi_setopt(raw, CURLMOPT_TIMERDATA, multi.get());
  return multi;
}

Multi::~Multi() {
  curl_multi_cleanup(multi_);
}

bool Multi::add(CURL* easy) {
  return curl_multi_add_handle(multi_, easy) == CURLM_OK;
}

void Multi::remove(CURL* easy) {
  curl_multi_remove_handle(multi_, easy);
}

void Multi::keep_connections(long count) {
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, count);
}

void Multi::on_ready(curl_socket_t socket, uint32_t revents) {
  int events = 0;
  if ((revents & (POLLIN | POLLHUP)) != 0) events |= CURL_CSELECT_IN;
  if ((revents & POLLOUT) != 0) events |= CURL_CSELECT_OUT;
  // With an error pending a read says which; libcurl knows what to do with that.
  if ((revents & (POLLERR | POLLNVAL)) != 0) events |= CURL_CSELECT_ERR | CURL_CSELECT_IN;
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
}

void Multi::on_timer() {
  timer_ns_ = TG_NO_DEADLINE;  // libcurl sets the next one from within the call.
  int running = 0;
  curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
}

CURL* Multi::next_finished(CURLcode& code) {
  return take_finished(multi_, code);
}

int Multi::on_socket_change(CURL*, curl_socket_t socket, int what, void* user, void*) {
  short events = 0;
  if (what == CURL_POLL_IN || what == CURL_POLL_INOUT) events |= POLLIN;
  if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT) events |= POLLOUT;
  static_cast<Multi*>(user)->watcher_.watch(socket, events);
  return 0;
}

int Multi::on_timer_change(CURLM*, long timeout_ms, void* user) {
  auto* self = static_cast<Multi*>(user);
  if (timeout_ms < 0) {
    self->timer_ns_ = TG_NO_DEADLINE;
  } else if (timeout_ms == 0) {
    self->timer_ns_ = 0;
  } else {
    self->timer_ns_ = read_mono_ns() + static_cast<uint64_t>(timeout_ms) * 1'000'000U;
  }
  return 0;
}

std::unique_ptr<WaitingMulti> WaitingMulti::create(long connections_max) {
  CURLM* raw = curl_multi_init();
  if (raw == nullptr) return nullptr;
  std::unique_ptr<WaitingMulti> multi(new (std::nothrow) WaitingMulti(raw));
  if (multi == nullptr) {
    curl_multi_cleanup(raw);
    return nullptr;
  }
  curl_multi_setopt(raw, CURLMOPT_MAXCONNECTS, connections_max);
  return multi;
}

void WaitingMulti::perform() {
  int running = 0;
  curl_multi_perform(multi_, &running);
}

bool WaitingMulti::wait(int fd, int timeout_ms) {
  curl_waitfd other{};
  other.fd = fd;
  other.events = CURL_WAIT_POLLIN;
  // libcurl does not know waiting for ever; without a timer of its own it waits as long as it may.
  curl_multi_poll(multi_, &other, 1, timeout_ms < 0 ? INT_MAX : timeout_ms, nullptr);
  return other.revents != 0;
}

CURL* WaitingMulti::next_finished(CURLcode& code) {
  return take_finished(multi_, code);
}

}  // namespace tollgate::curl_driver
