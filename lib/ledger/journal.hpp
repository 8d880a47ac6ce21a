#pragma once

// The seam between the ledger and what outlives the process.
//
// Counters of calendar windows (money, and tokens and requests by day or longer) are journaled:
// every change is one entry per counter. Sliding windows and slots are not: they begin anew with
// the process, an hour at most is forgotten, and slots are free then in truth.
//
// A store, driven by the background:
//  1. opens, before the first admission: Journal::enable(), then Ledger::restore() for every
//  counter
//     whose window is not over, with what was reserved and never resolved as `open`. What was open
//     in windows that are over it books in full by itself;
//  2. runs: takes a batch, writes it whole and in order, makes it durable, acknowledges it and
//     wakes the tokens it is given; or puts it back. Who waits for a reservation to be durable has
//     woken the background. One batch is under way at a time;
//  3. replays an entry by its kind, for the counter that is (rule, entity, measure, period,
//     window_start):
//       kReserve           reserved += amount; remember `held[run, reservation, counter] = amount`
//       kSettle, kExpire   reserved -= held; settled += amount; overrun += overrun; forget it
//       kRelease           reserved -= held; forget it
//       kRecover           reserved of earlier runs in this counter = 0; settled += amount
//       kAdjust            settled += amount; overrun += overrun; either may be negative
//     A reservation's id is unique within a run of the process only.
// What is lost with a process that is killed is at most the entries after the last durable batch.
// Those are settlements (their reservation then counts in full) or reservations whose call was
// never opened, since an exchange opens its call only when its reservation is durable.

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
///
/// A store plugs in so: whoever keeps the journal calls enable() before the first admission, writes
/// what take() gives, in order, and then acknowledges it. A store that several processes share is
/// the judge of every reservation in it: what it refused goes to Ledger::refuse(), what it knows of
/// the others to Ledger::note_outside(), both before acknowledge(). Each reservation's entries
/// stand together, and each entry says all that a store must know to book it alone.
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
