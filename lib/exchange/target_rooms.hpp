#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "exchange/waker.hpp"
#include "ledger/lease.hpp"
#include "router/routing.hpp"

namespace tollgate::exchange {

/// Bounds that a call has to keep, and for whose calls together.
struct RoomBounds {
  std::string holder;  ///< An account, a model of one, or a target of one route.
  router::Protection bounds;
};

/// Room at targets that somebody protects: calls at the same time, requests and tokens a minute. A
/// call that has entered holds a lease until it ends. Who finds no room may stand in line, first
/// come, first served, and nobody passes those who stand. Safe from many threads, bounded.
class TargetRooms {
 public:
  static constexpr size_t kInLineMax = 256;  ///< For each target.

  enum class Verdict : uint8_t {
    kEntered,
    kFull,  ///< Later there may be room.
    kNever  ///< The request alone is more than the bounds allow.
  };
  struct Entry {
    Verdict verdict = Verdict::kFull;
    std::optional<ledger::Lease> lease;  ///< kEntered.
    std::string reason;                  ///< What is in the way.
    uint64_t again_ns = kNoDeadline;     ///< When trying again helps, if time alone helps.
  };

  /// A place in the line of one target; leaving it lets the next one move up.
  class Place {
   public:
    Place(TargetRooms& rooms, std::string target, uint64_t ticket)
        : rooms_(rooms), target_(std::move(target)), ticket_(ticket) {}
    ~Place() { rooms_.leave(target_, ticket_); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    const std::string& target() const { return target_; }
    uint64_t ticket() const { return ticket_; }

   private:
    TargetRooms& rooms_;
    std::string target_;
    uint64_t ticket_;
  };

  /// Set before use; called with no lock held.
  void set_waker(Waker waker);

  /// `tokens` is what the request is known to need, `ticket` its place in the target's line, or 0.
  /// `wake_token` is woken when a call at the target ends.
  Entry enter(const std::vector<RoomBounds>& bounds, const std::string& target, int64_t tokens,
              uint64_t ticket, uint64_t wake_token, Time now);

  /// Null when the line is too long already.
  std::unique_ptr<Place> stand_in_line(const std::string& target, uint64_t wake_token);

  /// Calls under way at protected targets.
  size_t open() const { return counters_->open_reservations(); }

 private:
  struct Standing {
    uint64_t ticket = 0;
    uint64_t wake_token = 0;
  };

  bool may_pass(const std::string& target, uint64_t ticket) const;
  void leave(const std::string& target, uint64_t ticket) noexcept;

  /// Counters of this alone; what money and rate limits count is another ledger.
  std::shared_ptr<ledger::Ledger> counters_ = std::make_shared<ledger::Ledger>();
  Waker waker_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::deque<Standing>> lines_;  ///< None is empty.
  uint64_t next_ticket_ = 1;
};

}  // namespace tollgate::exchange
