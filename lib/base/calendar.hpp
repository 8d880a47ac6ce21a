#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace tollgate {

/// The spans of time that limits are stated for.
enum class Period : uint8_t { kMinute, kHour, kDay, kWeek, kMonth, kQuarter, kLifetime };

/// "minute", "day"…
std::string_view period_name(Period period);

/// Offsets of local time from UTC, and when they change. Default: UTC.
class Zone {
 public:
  struct Change {
    int64_t from_ms = 0;
    int64_t offset_ms = 0;
  };

  Zone() = default;
  explicit Zone(int64_t offset_ms) : offset_ms_(offset_ms) {}
  /// `changes` in rising order; `offset_ms` holds before the first one.
  Zone(int64_t offset_ms, std::vector<Change> changes);

  int64_t offset_at(int64_t wall_ms) const;

 private:
  int64_t offset_ms_ = 0;
  std::vector<Change> changes_;
};

/// Reads "UTC", "Z", "+02:00" or "-0530"; false when it is none of them.
bool parse_zone_offset(std::string_view text, Zone& zone);

/// Reads a compiled zone of the tz database (TZif, any version); false when it is none. The last
/// listed change holds for good: a file that lists none to come should not be relied on for long.
bool parse_zone_file(std::string_view bytes, Zone& zone);

/// From one reset to the next. A moment belongs to it when start <= moment < end.
struct Window {
  int64_t start_ms = INT64_MIN;
  int64_t end_ms = INT64_MAX;

  bool contains(int64_t wall_ms) const { return start_ms <= wall_ms && wall_ms < end_ms; }
  friend bool operator==(const Window&, const Window&) = default;
};

/// The calendar window around a moment: days begin at local midnight, weeks on Monday, quarters on
/// the first of January, April, July and October. A lifetime has no ends.
Window window_at(Period period, int64_t wall_ms, const Zone& zone);

/// How long a sliding window is; 0 for periods that are no such windows.
uint64_t sliding_ns(Period period);

}  // namespace tollgate
