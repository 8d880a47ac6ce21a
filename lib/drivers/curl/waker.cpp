#include "drivers/curl/waker.hpp"

#include <algorithm>
#include <new>
#include <sys/eventfd.h>
#include <unistd.h>

namespace tollgate::curl_driver {

std::unique_ptr<Waker> Waker::create() {
  const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) return nullptr;
  std::unique_ptr<Waker> waker(new (std::nothrow) Waker(fd));
  if (waker == nullptr) close(fd);
  return waker;
}

Waker::~Waker() {
  close(fd_);
}

void Waker::wake() noexcept {
  if (pending_.exchange(true)) return;
  const uint64_t one = 1;
  // It cannot fail: the counter is far from its end, and a full one is readable anyway.
  [[maybe_unused]] const ssize_t written = write(fd_, &one, sizeof one);
}

bool Waker::take() noexcept {
  uint64_t count = 0;
  // Reading comes first: a wake() right after it finds the old mark or makes a new one, and either
  // is seen below. At worst the descriptor stays readable for one look more.
  const ssize_t got = read(fd_, &count, sizeof count);
  return pending_.exchange(false) || got > 0;
}

void WakeRegistry::add(uint64_t token, WakeTarget& target) {
  const std::lock_guard lock(mutex_);
  targets_.emplace(token, &target);
  if (token == kAnyToken) return;
  const auto missed = std::find(missed_.begin(), missed_.end(), token);
  if (missed == missed_.end()) return;
  *missed = kAnyToken;
  target.on_wake(token);
}

void WakeRegistry::remove(uint64_t token, WakeTarget& target) noexcept {
  const std::lock_guard lock(mutex_);
  const auto [first, last] = targets_.equal_range(token);
  for (auto it = first; it != last; ++it) {
    if (it->second == &target) {
      targets_.erase(it);
      return;
    }
  }
}

void WakeRegistry::wake(uint64_t token) noexcept {
  const std::lock_guard lock(mutex_);
  const auto notify = [&](uint64_t key) {
    const auto [first, last] = targets_.equal_range(key);
    for (auto it = first; it != last; ++it)
      it->second->on_wake(token);
  };
  if (token != kAnyToken && targets_.count(token) == 0) {
    missed_[next_missed_++ % kMissedMax] = token;
  }
  notify(token);
  if (token != kAnyToken) notify(kAnyToken);
}

}  // namespace tollgate::curl_driver
