#include "connections.hpp"

#include <sys/socket.h>

namespace tollgate::server {

// A descriptor is shut down under the lock only, and removed under the lock before it is closed: it
// cannot be another connection's by then.

Connections::Handle Connections::add(int fd, bool dismissible) {
  const std::lock_guard lock(mutex_);
  idle_.push_back({fd, !dismissible});
  return std::prev(idle_.end());
}

void Connections::remove(Handle handle, bool busy) {
  const std::lock_guard lock(mutex_);
  (busy ? busy_ : idle_).erase(handle);
}

bool Connections::begin_request(Handle handle) {
  const std::lock_guard lock(mutex_);
  if (handle->dismissed) return false;
  busy_.splice(busy_.end(), idle_, handle);
  return true;
}

bool Connections::end_request(Handle handle) {
  const std::lock_guard lock(mutex_);
  handle->dismissed = handle->dismissed || closing_;
  idle_.splice(idle_.end(), busy_, handle);
  return !handle->dismissed;
}

bool Connections::dismiss_one() {
  const std::lock_guard lock(mutex_);
  for (Entry& entry : idle_) {
    if (entry.dismissed) continue;
    entry.dismissed = true;
    shutdown(entry.fd, SHUT_RD);
    return true;
  }
  return false;
}

void Connections::dismiss_idle() {
  const std::lock_guard lock(mutex_);
  closing_ = true;
  for (Entry& entry : idle_) {
    if (entry.dismissed) continue;
    entry.dismissed = true;
    shutdown(entry.fd, SHUT_RD);
  }
}

void Connections::break_busy() {
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : busy_)
    shutdown(entry.fd, SHUT_RDWR);
}

size_t Connections::busy() const {
  const std::lock_guard lock(mutex_);
  return busy_.size();
}

size_t Connections::open() const {
  const std::lock_guard lock(mutex_);
  return busy_.size() + idle_.size();
}

}  // namespace tollgate::server
