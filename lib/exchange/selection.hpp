#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace tollgate::exchange {

/// What has been spent on finding a target that serves.
struct Selection {
  uint32_t retries_here = 0;   ///< Of the candidate in hand.
  uint32_t retries = 0;        ///< Of all candidates.
  uint64_t waited_ns = 0;      ///< Before retries.
  uint64_t retry_at_ns = 0;    ///< A retry waits until then; 0: none does.
  uint64_t room_again_ns = 0;  ///< Room is looked for again then; 0: nobody waits for room.
  uint64_t room_until_ns = 0;  ///< And no longer than that.

  // A client that waits longer than this is better served by another target.
  static constexpr uint64_t kWaitForSameNs = 5 * kSecond;
  // All waits of one request together: its client has a patience of its own.
  static constexpr uint64_t kWaitNs = 20 * kSecond;
  // While another target is left, a stream's first byte is not waited for longer than this.
  static constexpr uint64_t kFirstByteNs = 60 * kSecond;
};

}  // namespace tollgate::exchange
