#include "ledger/scope.hpp"

#include <utility>

namespace tollgate::ledger {

Balance* Scope::balance_of(int64_t window_start) {
  if (window.start_ms == window_start) return &balance;
  for (Past& entry : past) {
    if (entry.window_start == window_start) return &entry.balance;
  }
  return nullptr;
}

void Scope::roll(const Window& to) {
  if (to.start_ms <= window.start_ms) return;
  const Balance before = std::exchange(balance, Balance{.limit = balance.limit});
  if (before.reserved != 0) past.push_back({window.start_ms, before});
  window = to;
}

bool Scope::is_idle(Time now) {
  if (balance.reserved != 0 || !past.empty() || journal_refs != 0) return false;
  if (balance.limit != kUnlimited) return false;
  if (measure == Measure::kSlots) return true;
  if (log != nullptr) {
    log->advance(now.mono_ns);
    return log->size() == 0;
  }
  return window.end_ms <= now.wall_ms;
}

}  // namespace tollgate::ledger
