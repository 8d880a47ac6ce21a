#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tollgate::ledger {

/// What was taken within the last `window_ns`, exactly: an amount counts from the moment it was
/// taken until a whole window later. Above kEntriesMax entries neighbours are joined at the later
/// moment, so that never more than the limit is seen in any window, and memory stays bounded.
class SlidingLog {
 public:
  static constexpr size_t kEntriesMax = 4'096;

  explicit SlidingLog(uint64_t window_ns) : window_ns_(window_ns) {}

  /// Forgets what lies a whole window back.
  void advance(uint64_t now_ns);
  int64_t sum() const { return sum_; }

  /// Takes an amount. Tells the moment it is kept under, for adjust().
  uint64_t add(uint64_t now_ns, int64_t amount);
  /// Changes what was taken at `at_ns` by `delta`; what has left the window is not touched.
  void adjust(uint64_t at_ns, int64_t delta, uint64_t now_ns);
  /// The earliest moment at which `need` fits under `limit` if nothing more is taken; UINT64_MAX
  /// when it never does.
  uint64_t room_at(int64_t need, int64_t limit) const;

  size_t size() const { return entries_.size() - first_; }

 private:
  struct Entry {
    uint64_t at_ns = 0;
    int64_t amount = 0;
  };
  void compact();
  void join_neighbours();

  uint64_t window_ns_;
  std::vector<Entry> entries_;  ///< In rising order from first_ on.
  size_t first_ = 0;
  int64_t sum_ = 0;
};

}  // namespace tollgate::ledger
