#pragma once

#include <vector>

#include "drivers/curl/transfer.hpp"

namespace tollgate::curl_driver {

class Hub;

/// The epoll of a loop, as far as hubs need it. libcurl ends its watch of a connection with each
/// request, and begins it with the next: what it opened stays in the epoll in between, until it is
/// closed or has something to say that nobody waits for. That spares a request two calls to the
/// kernel.
class SocketTable final : public SocketKeeper {
 public:
  explicit SocketTable(int epoll) : epoll_(epoll) {}

  bool on_open(curl_socket_t socket) noexcept override;
  void on_close(curl_socket_t socket) noexcept override;

  /// events: POLLIN and POLLOUT bits; 0 ends the watch.
  void watch(Hub& hub, curl_socket_t socket, short events) noexcept;
  /// Who waits for a socket that is ready. Null for one that nobody does, which is left alone then.
  Hub* take_ready(curl_socket_t socket) noexcept;

 private:
  struct Entry {
    Hub* hub = nullptr;  ///< Null while nobody waits.
    short events = 0;    ///< What the epoll has; 0: it does not have the socket.
    bool kept = false;   ///< Its end is told by on_close().
  };

  Entry* entry_of(curl_socket_t socket);
  void leave_epoll(curl_socket_t socket, Entry& entry) noexcept;

  int epoll_;
  std::vector<Entry> entries_;  ///< By descriptor: the kernel gives out the lowest numbers first.
};

}  // namespace tollgate::curl_driver
