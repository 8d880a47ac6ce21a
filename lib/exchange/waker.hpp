#pragma once

#include <cstdint>

namespace tollgate::exchange {

/// Wakes exchanges that wait for something shared. Plain function, as the host gave it.
struct Waker {
  void (*wake)(uint64_t token, void* user) = nullptr;
  void* user = nullptr;
  uint64_t background_token = 0;

  void operator()(uint64_t token) const {
    if (wake != nullptr) wake(token, user);
  }
};

}  // namespace tollgate::exchange
