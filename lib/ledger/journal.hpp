#pragma once

// The seam between the ledger and what outlives the process, or is shared with other processes.
//
// Every change of every counter is one entry. Whoever keeps the journal calls Journal::enable()
// before the first admission; from then on an exchange opens its call only when the reservation is
// safe. One batch is under way at a time: take() gives it, a store applies it whole and in order,
// and with the store's answer come, in this order,
//   Ledger::note_outside()  what other processes have in the counters of the batch,
//   Ledger::refuse()        the reservations for which the store found no room, since it judges
//                           each against what all processes hold together,
//   Journal::acknowledge()  the batch is safe; those who waited are woken and look again.
// A store books an entry by its kind, for the counter that is (rule, entity, measure, period,
// window_start):
//   kReserve           refused when an entry of the same reservation has no room; else
//                      reserved += amount, and held[process, reservation, counter] = amount
//   kSettle, kExpire   reserved -= held; settled += amount; overrun += overrun; forget it
//   kRelease           reserved -= held; forget it
//   kAdjust            settled += amount; overrun += overrun; either may be negative
// Windows that slide count hits at their time instead, and slots only `reserved`. What a process
// held that runs no more counts in full, except slots. A reservation's id is unique within a
// process only. What is lost with a process that is killed is at most the entries after the last
// safe batch: settlements (their reservation then counts in full), or reservations whose call was
// never opened.

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/calendar.hpp"
#include "base/measure.hpp"
#include "ledger/scope.hpp"

namespace tollgate::ledger {

enum class EntryKind : uint8_t {
  kReserve,
  kSettle,
  kRelease,
  kExpire,   ///< Nobody resolved it in time: booked in full.
  kRecover,  ///< Open when a process ended: booked in full.
  kAdjust
};

std::string_view entry_kind_name(EntryKind kind);

/// One change of one counter, as a store keeps it.
struct Entry {
  uint64_t sequence = 0;
  EntryKind kind = EntryKind::kReserve;
  uint64_t reservation = 0;  ///< 0: kAdjust.
  Scope* scope = nullptr;
  Window window;
  int64_t wall_ms = 0;
  int64_t amount = 0;  ///< kReserve: held; else settled.
  int64_t overrun = 0;
  int64_t limit = kUnlimited;  ///< kReserve: the store refuses what would pass it.
  std::string note;
};

/// A counter as a store has it.
struct Restored {
  std::string_view rule;
  std::string_view entity;
  Measure measure = Measure::kMoney;
  Period period = Period::kLifetime;
  Window window;
  int64_t settled = 0;
  int64_t overrun = 0;
  int64_t open = 0;  ///< Reserved and never resolved: booked in full, marked kRecover.
};

/// A batch on its way to the store.
struct Batch {
  std::vector<Entry> entries;
  uint64_t last_sequence = 0;  ///< 0: there was nothing to write.
};

/// What others have in a counter that a store shares between processes, as it told with a batch.
struct Outside {
  std::string_view rule;
  std::string_view entity;
  Measure measure = Measure::kMoney;
  Period period = Period::kLifetime;
  Window window;
  int64_t spent = 0;
  int64_t reserved = 0;
  /// Of sliding windows that refused: when there will be room, from now. 0: unknown.
  uint64_t room_in_ns = 0;
};

/// The entries that are not written yet, in order. Shares the ledger's lock.
class Journal {
 public:
  explicit Journal(std::mutex& mutex) : mutex_(mutex) {}

  /// From now on changes are kept for a store.
  void enable();
  bool enabled() const;

  /// Takes what there is to write, at least `most` entries when there are more. The store writes
  /// batches in order; the scopes stay valid until the batch is acknowledged.
  Batch take(size_t most = SIZE_MAX);
  /// True when something waits to be written.
  bool pending() const;
  /// The batch is safe. Returns the tokens of those who waited for it.
  std::vector<uint64_t> acknowledge(const Batch& batch);
  /// The batch could not be written: it comes again with the next take().
  void put_back(Batch batch);

  /// True when the entry is safe. Else the token is woken when it is.
  bool is_durable(uint64_t sequence, uint64_t wake_token);

 private:
  friend class Ledger;

  struct Waiter {
    uint64_t sequence = 0;
    uint64_t token = 0;
  };

  // Under the ledger's lock. append() gives 0 while nobody keeps the journal; it does not fail when
  // there is room.
  void reserve_room(size_t entries);
  uint64_t append(Entry entry);

  std::mutex& mutex_;
  bool enabled_ = false;
  std::vector<Entry> pending_;
  std::vector<Waiter> waiters_;
  uint64_t last_ = 0;
  uint64_t durable_ = 0;
};

}  // namespace tollgate::ledger
