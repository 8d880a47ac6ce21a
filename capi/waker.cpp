// The one place where the library touches the operating system, and only for hosts that ask for it.

#include "tollgate/waker.h"

#include <memory>
#include <mutex>
#include <sys/eventfd.h>
#include <unistd.h>
#include <unordered_set>

#include "capi/guard.hpp"

struct tg_waker {
  int fd = -1;
  std::mutex mutex;
  std::unordered_set<uint64_t> tokens;
};

using tollgate::Code;
using tollgate::Status;

tg_status tg_waker_create(tg_waker** waker, tg_error** error) {
  if (waker != nullptr) *waker = nullptr;
  return tollgate::capi::guard(error, [&]() -> Status {
    if (waker == nullptr) return tollgate::invalid("waker is NULL");
    auto made = std::make_unique<tg_waker>();
    made->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (made->fd < 0) return Status(Code::kLimit, "no descriptor is left for an eventfd");
    *waker = made.release();
    return Status();
  });
}

int32_t tg_waker_fd(const tg_waker* waker) {
  return waker == nullptr ? -1 : waker->fd;
}

void tg_waker_wake(uint64_t token, void* user) {
  auto* waker = static_cast<tg_waker*>(user);
  if (waker == nullptr) return;
  try {
    const std::lock_guard lock(waker->mutex);
    waker->tokens.insert(token);
  } catch (...) {
    // Out of memory: the exchange looks again by its own deadline.
    return;
  }
  const uint64_t one = 1;
  // A full counter is readable already; nothing is lost when this does not write.
  static_cast<void>(!write(waker->fd, &one, sizeof one));
}

uint32_t tg_waker_take(tg_waker* waker, uint64_t* tokens, uint32_t capacity) {
  if (waker == nullptr || tokens == nullptr || capacity == 0) return 0;
  const std::lock_guard lock(waker->mutex);
  uint32_t count = 0;
  while (count < capacity && !waker->tokens.empty()) {
    const auto first = waker->tokens.begin();
    tokens[count++] = *first;
    waker->tokens.erase(first);
  }
  if (waker->tokens.empty()) {
    uint64_t value = 0;
    static_cast<void>(!read(waker->fd, &value, sizeof value));
  }
  return count;
}

void tg_waker_free(tg_waker* waker) {
  if (waker == nullptr) return;
  close(waker->fd);
  delete waker;
}
