#pragma once

#include <cstdint>

namespace tollgate {

/// What a limit counts.
enum class Measure : uint8_t {
  kMoney,   ///< Nano-USD.
  kTokens,  ///< Of prompt and answer.
  kRequests,
  kSlots  ///< Requests at the same time; a period means nothing here.
};

}  // namespace tollgate
