#include "drivers/curl/socket_table.hpp"

#include <cerrno>
#include <new>
#include <poll.h>
#include <sys/epoll.h>

namespace tollgate::curl_driver {

static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLERR == POLLERR);

bool SocketTable::on_open(curl_socket_t socket) noexcept {
  const auto place = static_cast<size_t>(socket);
  try {
    if (place >= entries_.size()) entries_.resize(place + 1);
  } catch (const std::bad_alloc&) {
    return false;
  }
  // Whatever was known of this number was of a socket that is gone, and left the epoll with that.
  entries_[place] = {nullptr, 0, true};
  return true;
}

void SocketTable::on_close(curl_socket_t socket) noexcept {
  Entry* entry = entry_of(socket);
  if (entry == nullptr) return;
  // A child of the host may hold the socket open, which would then stay in the epoll for ever.
  leave_epoll(socket, *entry);
  *entry = {};
}

void SocketTable::watch(Hub& hub, curl_socket_t socket, short events) noexcept {
  Entry* entry = entry_of(socket);
  if (events == 0) {
    if (entry == nullptr) return;
    entry->hub = nullptr;
    // A socket that can be written to is ready all the time.
    if (!entry->kept || entry->events != POLLIN) leave_epoll(socket, *entry);
    return;
  }
  if (entry == nullptr) {
    // Not a connection, but something that libcurl talks to itself through.
    if (!on_open(socket)) return;
    entry = entry_of(socket);
    entry->kept = false;
  }
  entry->hub = &hub;
  if (entry->events == events) return;
  const int call = entry->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  entry->events = events;
  epoll_event event{};
  event.events = static_cast<uint32_t>(events);
  event.data.u64 = static_cast<uint64_t>(socket);
  if (epoll_ctl(epoll_, call, socket, &event) == 0) return;
  // A number that was closed behind our back comes back as another socket.
  if (errno == ENOENT) epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
  if (errno == EEXIST) epoll_ctl(epoll_, EPOLL_CTL_MOD, socket, &event);
}

Hub* SocketTable::take_ready(curl_socket_t socket) noexcept {
  Entry* entry = entry_of(socket);
  if (entry == nullptr) return nullptr;
  // An idle connection that its server closes, mostly. libcurl finds that out when it wants it.
  if (entry->hub == nullptr) leave_epoll(socket, *entry);
  return entry->hub;
}

SocketTable::Entry* SocketTable::entry_of(curl_socket_t socket) {
  const auto place = static_cast<size_t>(socket);
  return place < entries_.size() ? &entries_[place] : nullptr;
}

void SocketTable::leave_epoll(curl_socket_t socket, Entry& entry) noexcept {
  epoll_event event{};
  if (entry.events != 0) epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, &event);
  entry.events = 0;
}

}  // namespace tollgate::curl_driver
