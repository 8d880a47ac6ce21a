#include "ledger/journal.hpp"

#include <algorithm>
#include <utility>

namespace tollgate::ledger {

std::string_view entry_kind_name(EntryKind kind) {
  constexpr std::string_view kNames[] = {"reserve", "settle",  "release",
                                         "expire",  "recover", "adjust"};
  return kNames[static_cast<size_t>(kind)];
}

void Journal::enable() {
  const std::lock_guard lock(mutex_);
  enabled_ = true;
}

bool Journal::enabled() const {
  const std::lock_guard lock(mutex_);
  return enabled_;
}

void Journal::reserve_room(size_t entries) {
  if (!enabled_) return;
  const size_t wanted = pending_.size() + entries;
  if (wanted > pending_.capacity()) pending_.reserve(std::max(wanted, 2 * pending_.capacity()));
}

uint64_t Journal::append(Entry entry) {
  if (!enabled_) return 0;
  entry.sequence = last_ + 1;
  Scope* scope = entry.scope;
  pending_.push_back(std::move(entry));
  ++last_;
  ++scope->journal_refs;
  return last_;
}

bool Journal::pending() const {
  const std::lock_guard lock(mutex_);
  return !pending_.empty();
}

Batch Journal::take(size_t most) {
  const std::lock_guard lock(mutex_);
  Batch batch;
  size_t count = std::min(most, pending_.size());
  // All entries of a reservation are judged together.
  while (count > 0 && count < pending_.size() &&
         pending_[count].reservation == pending_[count - 1].reservation)
    ++count;
  if (count == pending_.size()) {
    batch.entries.swap(pending_);
  } else {
    const auto end = pending_.begin() + static_cast<std::ptrdiff_t>(count);
    batch.entries.assign(std::make_move_iterator(pending_.begin()), std::make_move_iterator(end));
    pending_.erase(pending_.begin(), end);
  }
  if (!batch.entries.empty()) batch.last_sequence = batch.entries.back().sequence;
  return batch;
}

std::vector<uint64_t> Journal::acknowledge(const Batch& batch) {
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : batch.entries)
    --entry.scope->journal_refs;
  durable_ = std::max(durable_, batch.last_sequence);
  std::vector<uint64_t> tokens;
  const auto waits = [&](const Waiter& waiter) {
    if (waiter.sequence > durable_) return true;
    tokens.push_back(waiter.token);
    return false;
  };
  waiters_.erase(std::stable_partition(waiters_.begin(), waiters_.end(), waits), waiters_.end());
  return tokens;
}

void Journal::put_back(Batch batch) {
  const std::lock_guard lock(mutex_);
  batch.entries.insert(batch.entries.end(), std::make_move_iterator(pending_.begin()),
                       std::make_move_iterator(pending_.end()));
  pending_ = std::move(batch.entries);
}

bool Journal::is_durable(uint64_t sequence, uint64_t wake_token) {
  const std::lock_guard lock(mutex_);
  if (sequence <= durable_) return true;
  const auto same = [&](const Waiter& waiter) {
    return waiter.token == wake_token && waiter.sequence == sequence;
  };
  if (wake_token != 0 && std::none_of(waiters_.begin(), waiters_.end(), same)) {
    waiters_.push_back({sequence, wake_token});
  }
  return false;
}

}  // namespace tollgate::ledger
