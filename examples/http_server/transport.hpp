#pragma once

// The bytes of one client connection, in clear or through TLS, with time limits on every wait.

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <sys/uio.h>

namespace tollgate::server {

using Deadline = std::chrono::steady_clock::time_point;

inline Deadline deadline_in(std::chrono::nanoseconds time) {
  return std::chrono::steady_clock::now() + time;
}

class Transport {
 public:
  enum class Outcome { kBytes, kClosed, kTimeout };
  struct Read {
    Outcome outcome = Outcome::kClosed;
    size_t size = 0;
  };

  explicit Transport(int fd) : fd_(fd) {}
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  /// Reads what is there, or waits for the first bytes.
  virtual Read read_some(char* to, size_t size, Deadline deadline) = 0;
  /// The same between two requests, as cheaply as can be: kKeepAliveTime is the limit.
  virtual Read read_idle(char* to, size_t size) = 0;
  /// Writes all pieces, as one packet where it fits. False when the client has gone or takes
  /// nothing for kWriteTime. The pieces are used up.
  virtual bool write(iovec* pieces, int count) = 0;
  /// Says that nothing more will be written.
  virtual void end_writing() = 0;

  int fd() const { return fd_; }

 protected:
  int fd_;
};

/// A connection in clear. The socket stays the caller's to close.
std::unique_ptr<Transport> make_plain_transport(int fd);

/// Waits for one of the poll events. False at the deadline.
bool wait_for(int fd, short events, Deadline deadline, short& happened);

/// The peer's address without its port, empty when it is not known any more.
std::string peer_address(int fd);

}  // namespace tollgate::server
