#include "ledger/sliding_log.hpp"

#include <algorithm>

namespace tollgate::ledger {

void SlidingLog::advance(uint64_t now_ns) {
  while (first_ < entries_.size() &&
         now_ns - std::min(now_ns, entries_[first_].at_ns) >= window_ns_) {
    sum_ -= entries_[first_].amount;
    ++first_;
  }
  if (first_ > 64 && first_ * 2 > entries_.size()) compact();
}

void SlidingLog::compact() {
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(first_));
  first_ = 0;
}

uint64_t SlidingLog::add(uint64_t now_ns, int64_t amount) {
  // A clock that stands still or steps back adds to the latest moment known.
  if (first_ < entries_.size() && entries_.back().at_ns >= now_ns) {
    entries_.back().amount += amount;
  } else {
    if (size() >= kEntriesMax) join_neighbours();
    entries_.push_back({now_ns, amount});
  }
  sum_ += amount;
  return entries_.back().at_ns;
}

void SlidingLog::join_neighbours() {
  size_t out = 0;
  for (size_t i = first_; i < entries_.size(); i += 2) {
    Entry joined = entries_[std::min(i + 1, entries_.size() - 1)];
    if (i + 1 < entries_.size()) joined.amount += entries_[i].amount;
    entries_[out++] = joined;
  }
  entries_.resize(out);
  first_ = 0;
}

void SlidingLog::adjust(uint64_t at_ns, int64_t delta, uint64_t now_ns) {
  advance(now_ns);
  if (now_ns - std::min(now_ns, at_ns) >= window_ns_) return;
  // Joined entries stand at a later moment, never at an earlier one.
  const auto begin = entries_.begin() + static_cast<std::ptrdiff_t>(first_);
  const auto found =
      std::lower_bound(begin, entries_.end(), at_ns,
                       [](const Entry& entry, uint64_t moment) { return entry.at_ns < moment; });
  if (found == entries_.end()) return;
  found->amount += delta;
  sum_ += delta;
}

uint64_t SlidingLog::room_at(int64_t need, int64_t limit) const {
  if (need > limit) return UINT64_MAX;
  int64_t sum = sum_;
  if (sum <= limit - need) return 0;
  for (size_t i = first_; i < entries_.size(); ++i) {
    sum -= entries_[i].amount;
    if (sum <= limit - need) return entries_[i].at_ns + window_ns_;
  }
  return UINT64_MAX;
}

}  // namespace tollgate::ledger
