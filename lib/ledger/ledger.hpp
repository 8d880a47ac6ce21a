#pragma once

// ledger/ holds reservations against limits: the one choke point in front of every upstream call.
// Deterministic; time is an argument. May include base/ and model/.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/limits.hpp"
#include "base/money.hpp"
#include "base/status.hpp"
#include "base/time.hpp"
#include "ledger/charge.hpp"
#include "ledger/journal.hpp"
#include "ledger/scope.hpp"

namespace tollgate::ledger {

/// What an attempt asks of every counter that matches it.
struct AdmissionRequest {
  /// Counters by name alone, with the limits that set_limit() gave them. One named twice counts
  /// once.
  std::vector<std::string_view> scopes;
  NanoUsd amount;  ///< Upper bound of the cost: the need of `scopes` and of all money charges.
  uint64_t expires_mono_ns = kNoDeadline;
  std::span<const Charge> charges = {};
  uint64_t wake_token = 0;  ///< Woken when a counter that made it wait changes; 0: nobody.
};

enum class Verdict : uint8_t {
  kAdmitted,
  kWait,    ///< Only open reservations stand in the way: try again when woken or at retry_at_ns.
  kRefused  ///< settled + overrun + need > limit.
};

struct Admission {
  Verdict verdict = Verdict::kRefused;
  uint64_t reservation = 0;  ///< kAdmitted; never 0 then.
  uint64_t sequence = 0;     ///< kAdmitted: of the journal entry that holds it; 0: none does.
  std::string scope;         ///< kWait, kRefused: the first counter in the way, by its rule's key.
  size_t charge = SIZE_MAX;  ///< The same as an index; SIZE_MAX when it is one of `scopes`.
  int64_t spent = 0;         ///< Of that counter, reservations left out.
  NanoUsd left;              ///< limit - spent of that counter, 0 at least.
  uint64_t retry_at_ns = kNoDeadline;  ///< When trying again may help; kNoDeadline: unknown.

  // Of the money counters that enforce, whatever the verdict:
  int64_t room = kUnlimited;  ///< The least limit - spent - reserved before this request.
  bool contended = false;     ///< Reservations of others are open in the counter with that room.
  size_t fullest = SIZE_MAX;  ///< The charge with the highest spent / limit; SIZE_MAX: none.
  int64_t fullest_spent = 0;
  std::vector<size_t> audit_over;  ///< Charges that only count and have no room.
};

/// How a reservation ended.
struct Outcome {
  NanoUsd cost;
  int64_t tokens = -1;  ///< Of token counters; negative: as many as were reserved.
};

/// What is added to what is settled in a counter, in its own unit; may be negative.
struct Correction {
  Charge charge;
  int64_t delta = 0;
};

/// Counters with limits, and the reservations open in them. Safe from many threads; no lock is held
/// when a call returns. Invariants, by the names that docs/concepts/budgets.md and the simulation
/// use:
///  - no-overspend: settled + overrun + reserved <= limit in every counter that enforces, at each
///    admission, against the limit that the admission names;
///  - all-or-nothing: a request is in all its counters or in none;
///  - resolved-once: a reservation is settled, given back or expired, exactly once;
///  - own-window: a settlement is booked in the window that admitted it;
///  - never-to-zero: what nobody resolves is booked in full.
class Ledger {
 public:
  using Wake = std::function<void(uint64_t token)>;

  /// Called with the tokens of those who may try again, with no lock held. Set before use.
  void set_waker(Wake wake) { wake_ = std::move(wake); }

  /// kInvalid for a bad name or a negative limit, kLimit above limits::kLedgerScopesMax.
  Status set_limit(std::string_view scope, int64_t limit_nano_usd);

  /// Reserves in all counters at once, or in none. A counter that refuses is named before one that
  /// waits, since waiting would be in vain. kInvalid for a negative amount, a bad name or too many
  /// counters; kLimit above the bound of open reservations or of counters.
  Result<Admission> admit(const AdmissionRequest& request, Time now);

  /// Resolves a reservation with its true cost; what exceeds it is booked as overrun. kState when
  /// it was resolved or has expired before, kInvalid for a negative cost.
  Status settle(uint64_t reservation, const Outcome& outcome, Time now);
  Status settle(uint64_t reservation, NanoUsd cost, Time now) {
    return settle(reservation, Outcome{cost}, now);
  }
  /// Gives a reservation back unused. kState as above.
  Status release(uint64_t reservation, Time now);

  /// Of a counter by name alone.
  Balance balance(std::string_view scope, Time now);
  /// Of the counter a charge means, in the window it names.
  Balance balance(const Charge& charge, Time now);
  /// When a counter that refuses this charge may have room for it; kNoDeadline: never, or unknown.
  uint64_t retry_at(const Charge& charge, Time now);
  size_t open_reservations() const;
  /// False when a store refused the reservation, or it was resolved or has expired.
  bool is_open(uint64_t reservation) const;

  /// Corrects what is settled in a counter by `delta`, not below zero. The entry keeps the note.
  Status adjust(const Charge& charge, int64_t delta, std::string_view note, Time now);

  /// Corrects several counters as one entry that is made once: kState when a correction of this id
  /// was made before, by whichever process. Nothing goes below zero; windows that are over are left
  /// out. Gives the number of counters that were corrected. Where two processes make the same
  /// correction at once, a shared store takes one; the other counts it beside until its window
  /// ends.
  Result<size_t> correct(std::string_view id, std::span<const Correction> corrections,
                         std::string_view note, Time now);

  /// The journal: what has to outlive the process. Off until somebody keeps it.
  Journal& journal() { return journal_; }
  /// Puts a counter back as a store has it. Only before the first admission.
  Status restore(const Restored& counter, Time now);
  /// A shared store had no room for this reservation: it goes as if it had never been. Those who
  /// wait for the journal see that it is not open.
  void refuse(uint64_t reservation, Time now);
  /// What other processes have in a counter. kLimit when there is no room for one more counter.
  Status note_outside(const Outside& outside, Time now);

 private:
  friend class Lease;

  static constexpr int64_t kGivenBack = -1;  ///< A cost that books nothing.
  /// A limit that stands for the one set_limit() gave.
  static constexpr int64_t kOwnLimit = -1;
  // A reservation's id is its slot in the low bits and a sequence number above: found without a
  // hash, and never used again after it was resolved.
  static constexpr uint32_t kSlotBits = 20;
  static constexpr uint64_t kSlotMask = (uint64_t{1} << kSlotBits) - 1;
  static_assert(limits::kLedgerOpenReservationsMax <= kSlotMask + 1);

  /// One counter of a reservation.
  struct Hold {
    Scope* scope = nullptr;
    int64_t need = 0;
    Window window;               ///< Of calendar windows.
    int64_t limit = kUnlimited;  ///< For a store that judges; of counters that enforce.
    uint64_t at_ns = 0;          ///< Of sliding ones.
  };
  struct Reservation {
    uint64_t id = 0;  ///< 0 while the slot is free.
    int64_t amount = 0;
    std::vector<Hold> holds;  ///< Keeps its capacity from one reservation to the next.
  };
  struct Expiry {
    uint64_t mono_ns = 0;
    uint64_t id = 0;
    friend bool operator>(const Expiry& a, const Expiry& b) { return a.mono_ns > b.mono_ns; }
  };
  struct Key {
    uint64_t hash = 0;
    std::string_view rule;
    std::string_view entity;
    Measure measure = Measure::kMoney;
    Period period = Period::kLifetime;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const {
      return key.hash ^ (static_cast<size_t>(key.measure) << 3U) ^ static_cast<size_t>(key.period);
    }
  };
  using Scopes = std::unordered_map<Key, std::unique_ptr<Scope>, KeyHash>;
  struct Check;

  static Charge charge_by_name(std::string_view name, int64_t need);
  static Key key_of(const Charge& charge);
  Scope* find_scope(const Charge& charge);
  Result<Scope*> make_scope(const Charge& charge);
  /// True when counters were forgotten: pointers to idle ones are stale.
  bool make_room(size_t wanted, Time now);
  void sweep(Time now);
  Reservation* find_open(uint64_t id) noexcept;

  Status check(const AdmissionRequest& request, std::span<const Charge> charges, Time now,
               Admission& admission);
  Result<uint64_t> reserve(const AdmissionRequest& request, std::span<const Charge> charges,
                           Time now);
  void take_hold(uint64_t id, Hold& held, Time now);
  void wait_for(const AdmissionRequest& request, std::span<const Charge> charges);
  uint32_t take_slot();
  void remember_expiry(uint64_t mono_ns, uint64_t id);
  uint64_t next_expiry() noexcept;

  /// Books `cost`, which may be kGivenBack, and frees the slot; false when it is not open.
  /// Allocates nothing it needs, so that a Lease can call it while it is destroyed.
  bool resolve(uint64_t id, int64_t cost, int64_t tokens, Time now) noexcept;
  void expire(Time now) noexcept;
  void book(Reservation& reservation, int64_t cost, int64_t tokens, EntryKind kind,
            Time now) noexcept;
  void close(Reservation& reservation) noexcept;
  void unbook_hold(const Hold& held, Time now) noexcept;
  void book_hold(uint64_t id, const Hold& held, int64_t used, EntryKind kind, Time now) noexcept;
  void append_correction(Scope& scope, uint64_t id, const Window& window,
                         const Correction& correction, std::string_view note, Time now);
  void take_waiters(Scope& scope) noexcept;
  void wake_taken(std::vector<uint64_t> tokens) noexcept;

  mutable std::mutex mutex_;
  Scopes scopes_;
  std::vector<Reservation> slots_;
  std::vector<uint32_t> free_slots_;
  std::vector<Expiry> expiries_;  ///< Min-heap; entries of resolved reservations linger a while.
  uint64_t last_sequence_ = 0;
  size_t open_count_ = 0;
  size_t sweep_at_ = limits::kLedgerScopesMax;
  std::vector<Scope*> found_;  ///< Of the admission under way, beside its charges; null: not made.
  std::vector<uint64_t> woken_;  ///< Tokens to be woken when the lock is free.
  Wake wake_;
  Journal journal_{mutex_};
};

}  // namespace tollgate::ledger
