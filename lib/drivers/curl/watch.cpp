#include "drivers/curl/watch.hpp"

#include <new>
#include <sys/epoll.h>
#include <unistd.h>
#include <utility>

namespace tollgate::curl_driver {

std::unique_ptr<Watch> Watch::create() {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) return nullptr;
  std::unique_ptr<Watch> watch(new (std::nothrow) Watch(epoll));
  if (watch == nullptr) {
    close(epoll);
    return nullptr;
  }
  watch->waker_ = Waker::create();
  if (watch->waker_ == nullptr || !watch->add(watch->waker_->fd(), EPOLLIN)) return nullptr;
  return watch;
}

Watch::~Watch() {
  close(epoll_);
}

bool Watch::add(int fd, uint32_t events) const noexcept {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  return epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0;
}

void Watch::set_client(int fd) noexcept {
  if (fd == client_) return;
  epoll_event none{};
  if (client_ >= 0) epoll_ctl(epoll_, EPOLL_CTL_DEL, client_, &none);
  // A client that cannot be watched is found to be gone when something is sent to it.
  client_ = fd >= 0 && add(fd, EPOLLRDHUP) ? fd : -1;
}

Watch::Seen Watch::look() noexcept {
  Seen seen;
  epoll_event ready[2];
  const int count = epoll_wait(epoll_, ready, 2, 0);
  for (int i = 0; i < count; ++i) {
    if (ready[i].data.fd == waker_->fd()) {
      seen.woken = waker_->take();
    } else {
      seen.client_gone = true;
    }
  }
  return seen;
}

std::unique_ptr<Watch> WatchPool::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Watch> watch = std::move(idle_.back());
      idle_.pop_back();
      return watch;
    }
  }
  return Watch::create();
}

void WatchPool::give(std::unique_ptr<Watch> watch) noexcept {
  watch->set_client(-1);
  if (watch->waker().pending()) watch->waker().take();
  const std::lock_guard lock(mutex_);
  if (idle_.size() >= kIdleMax) return;
  try {
    idle_.push_back(std::move(watch));
  } catch (const std::bad_alloc&) {
    return;
  }
}

}  // namespace tollgate::curl_driver
