#pragma once

// The list of open client connections: which wait for their next request and which are at work.

#include <cstddef>
#include <list>
#include <mutex>

namespace tollgate::server {

class Connections {
 public:
  struct Entry {
    int fd = -1;
    bool dismissed = false;  ///< Told to end; it must not begin another request.
  };
  using Handle = std::list<Entry>::iterator;

  /// A new connection begins as an idle one. `dismissible`: its end gives a serving thread back.
  Handle add(int fd, bool dismissible);
  /// Before the socket is closed.
  void remove(Handle handle, bool busy);

  /// The first bytes of a request are here. False when the connection was dismissed meanwhile: it
  /// must end without an answer, as a client expects of a kept connection at any time.
  bool begin_request(Handle handle);
  /// The answer is out. False when the connection shall not wait for another request.
  bool end_request(Handle handle);

  /// Ends the connection that has been idle longest, to make room. False when none is.
  bool dismiss_one();
  /// Ends all idle connections, and from now on every other one, new ones too, after a request.
  void dismiss_idle();
  /// Breaks the connections that are at work, as if their clients had gone.
  void break_busy();

  size_t busy() const;
  size_t open() const;

 private:
  mutable std::mutex mutex_;
  std::list<Entry> idle_;  ///< The longest idle first.
  std::list<Entry> busy_;
  bool closing_ = false;
};

}  // namespace tollgate::server
