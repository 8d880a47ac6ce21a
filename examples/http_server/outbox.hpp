#pragma once

// What goes out on one connection. Bytes that the client does not take at once wait here; whoever
// sends stops sending until they are gone, so they stay few.

#include <cstddef>
#include <string>
#include <string_view>
#include <sys/uio.h>

#include "transport.hpp"

namespace tollgate::server {

class Outbox {
 public:
  /// Before the first bytes. The transport stays the caller's and outlives the outbox.
  void attach(Transport& transport) { transport_ = &transport; }

  /// Sends in this order, as one packet where it fits. False when the client has gone. The pieces
  /// are used up.
  bool send(iovec* pieces, size_t count);
  bool send(std::string_view bytes);

  /// Sends what waits. False when the client has gone.
  bool flush();
  bool empty() const { return size() == 0; }
  size_t size() const { return unsent_.size() - begin_; }

 private:
  Transport* transport_ = nullptr;
  std::string unsent_;
  size_t begin_ = 0;
};

}  // namespace tollgate::server
