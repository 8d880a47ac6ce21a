#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tollgate {

/// A point in time as the host sees it. The library never reads a clock.
struct Time {
  uint64_t mono_ns = 0;
  int64_t wall_ms = 0;
};

inline constexpr uint64_t kMicrosecond = 1'000;
inline constexpr uint64_t kMillisecond = 1'000'000;
inline constexpr uint64_t kSecond = 1'000'000'000;
inline constexpr uint64_t kNoDeadline = UINT64_MAX;

/// `from + span`, or kNoDeadline where that would overflow.
constexpr uint64_t deadline_after(uint64_t from, uint64_t span) {
  return span > kNoDeadline - from ? kNoDeadline : from + span;
}

/// Nanoseconds from `from` to `to`, 0 when `to` lies before.
constexpr uint64_t elapsed(uint64_t from, uint64_t to) {
  return to > from ? to - from : 0;
}

/// RFC 3339 in UTC with milliseconds: "2026-11-22T09:00:00.000Z".
std::string format_rfc3339(int64_t wall_ms);

/// Reads "2026-11-22" or an RFC 3339 date and time; false when it is neither.
bool parse_rfc3339(std::string_view text, int64_t& wall_ms);

}  // namespace tollgate
