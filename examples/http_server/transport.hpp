#pragma once

// The bytes of one client connection, in clear or through TLS. Nothing here waits: whoever wants
// more than there is comes again when the socket says so.

#include <cstddef>
#include <memory>
#include <sys/uio.h>

namespace tollgate::server {

class Transport {
 public:
  enum class Outcome { kBytes, kWait, kClosed };
  struct Result {
    Outcome outcome = Outcome::kClosed;
    size_t size = 0;
  };

  explicit Transport(int fd) : fd_(fd) {}
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  /// Prepares the connection: a step of the TLS handshake. kBytes when it is ready.
  virtual Outcome open() = 0;
  /// Reads what is there. Asks the socket only when there may be something.
  Result read(char* to, size_t size);
  /// The socket says that there is something to read; `ends`: behind it the end, of which it
  /// does not tell again.
  void set_readable(bool ends) {
    readable_ = true;
    ends_ = ends_ || ends;
  }
  /// Writes as much as the client takes, as one packet where it fits.
  virtual Result write(const iovec* pieces, size_t count) = 0;
  /// Says that nothing more will be written.
  virtual void end_writing() = 0;

 protected:
  /// `drained` becomes true when a next read would find nothing.
  virtual Result read_some(char* to, size_t size, bool& drained) = 0;

  int fd_;

 private:
  bool readable_ = true;
  bool ends_ = false;
};

/// A connection in clear. The socket, which never blocks, stays the caller's to close.
std::unique_ptr<Transport> make_plain_transport(int fd);

}  // namespace tollgate::server
