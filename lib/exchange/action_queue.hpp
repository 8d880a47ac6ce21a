#pragma once

#include <cstdint>
#include <vector>

#include "tollgate/action.h"

namespace tollgate::exchange {

/// What the host is to do, in order. Bytes live elsewhere; consecutive bodies for the client are
/// one.
class ActionQueue {
 public:
  struct Entry {
    int32_t kind = TG_ACTION_WAIT;
    uint32_t upstream = 0;
  };

  void push(int32_t kind, uint32_t upstream = 0) {
    if (kind == TG_ACTION_CLIENT_BODY && !entries_.empty() && entries_.back().kind == kind) return;
    if (entries_.capacity() == 0) entries_.reserve(kUsual);
    entries_.push_back({kind, upstream});
  }
  /// Takes back what the host has not begun: an UPSTREAM_OPEN that was not pulled. False when there
  /// is none.
  bool withdraw_open(uint32_t upstream);
  /// Takes back everything for the client (it is gone).
  void withdraw_client();

  bool empty() const { return entries_.empty(); }
  Entry front() const { return entries_.empty() ? Entry{} : entries_.front(); }
  Entry pop();

 private:
  static constexpr size_t kUsual = 8;

  // A handful at most: erasing at the front is cheaper than a deque's first block.
  std::vector<Entry> entries_;
};

}  // namespace tollgate::exchange
