#include "base/calendar.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/time.hpp"

namespace tollgate {
namespace {

constexpr int64_t kMinuteMs = 60'000;
constexpr int64_t kHourMs = 60 * kMinuteMs;
constexpr int64_t kDayMs = 24 * kHourMs;
constexpr int64_t kZoneOffsetMax = 26 * kHourMs;

constexpr int64_t floor_div(int64_t a, int64_t b) {
  return a / b - (a % b != 0 && (a % b < 0) != (b < 0) ? 1 : 0);
}

struct Date {
  int64_t year;
  int64_t month;  ///< 1 to 12.
};

// Days and dates of the proleptic Gregorian calendar; eras of 400 years begin in March.
int64_t days_from_date(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = floor_div(year, 400);
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

Date date_from_days(int64_t days) {
  days += 719'468;
  const int64_t era = floor_div(days, 146'097);
  const int64_t day_of_era = days - era * 146'097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted = (5 * day_of_year + 2) / 153;
  const int64_t month = shifted + (shifted < 10 ? 3 : -9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month};
}

/// The moment at which local time shows this midnight.
int64_t utc_of_local_midnight(int64_t local_day, const Zone& zone) {
  const int64_t local_ms = local_day * kDayMs;
  // Twice, since the offset that holds at the guess may not hold at the moment itself.
  int64_t utc_ms = local_ms - zone.offset_at(local_ms);
  utc_ms = local_ms - zone.offset_at(utc_ms);
  return utc_ms;
}

struct Days {
  int64_t first;
  int64_t next;
};

Days months_around(int64_t day, int64_t months) {
  const Date date = date_from_days(day);
  const int64_t first = (date.month - 1) / months * months;  // Counted from 0.
  const int64_t after = first + months;
  return {days_from_date(date.year, first + 1, 1),
          days_from_date(date.year + after / 12, after % 12 + 1, 1)};
}

Days days_around(Period period, int64_t day) {
  switch (period) {
    case Period::kWeek: {
      // Day 0, the first of January 1970, was a Thursday.
      const int64_t monday = day - ((day + 3) % 7 + 7) % 7;
      return {monday, monday + 7};
    }
    case Period::kMonth:
      return months_around(day, 1);
    case Period::kQuarter:
      return months_around(day, 3);
    default:
      return {day, day + 1};
  }
}

bool digits_of(std::string_view text, int64_t& value) {
  value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + (c - '0');
  }
  return text.size() == 2;
}

/// Reads big-endian numbers of a TZif file; out of the text is zero and marks the reader.
class TzReader {
 public:
  explicit TzReader(std::string_view bytes) : bytes_(bytes) {}
  int64_t number(size_t size) {
    uint64_t value = 0;
    for (size_t i = 0; i < size; ++i)
      value = value << 8U | static_cast<unsigned char>(byte());
    const uint64_t sign = uint64_t{1} << (size * 8 - 1);
    return static_cast<int64_t>((value ^ sign) - sign);
  }
  size_t count() { return static_cast<size_t>(std::max<int64_t>(number(4), 0)); }
  char byte() {
    if (at_ >= bytes_.size()) {
      sound_ = false;
      return 0;
    }
    return bytes_[at_++];
  }
  void skip(size_t size) {
    sound_ = sound_ && size <= bytes_.size() - std::min(at_, bytes_.size());
    at_ = sound_ ? at_ + size : bytes_.size();
  }
  bool sound() const { return sound_; }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
  bool sound_ = true;
};

struct TzHeader {
  char version = 0;
  size_t utc_flags, standard_flags, leaps, times, types, name_bytes;
};

bool read_header(TzReader& reader, TzHeader& header) {
  for (const char expected : std::string_view("TZif")) {
    if (reader.byte() != expected) return false;
  }
  header.version = reader.byte();
  reader.skip(15);
  header.utc_flags = reader.count();
  header.standard_flags = reader.count();
  header.leaps = reader.count();
  header.times = reader.count();
  header.types = reader.count();
  header.name_bytes = reader.count();
  constexpr size_t kMost = 100'000;
  return reader.sound() && header.times < kMost && header.types < kMost && header.leaps < kMost &&
         header.name_bytes < kMost && header.utc_flags < kMost && header.standard_flags < kMost;
}

size_t body_size(const TzHeader& header, size_t time_size) {
  return header.times * (time_size + 1) + header.types * 6 + header.name_bytes +
         header.leaps * (time_size + 4) + header.standard_flags + header.utc_flags;
}

}  // namespace

std::string_view period_name(Period period) {
  constexpr std::string_view kNames[] = {"minute", "hour",    "day",     "week",
                                         "month",  "quarter", "lifetime"};
  return kNames[static_cast<size_t>(period)];
}

Zone::Zone(int64_t offset_ms, std::vector<Change> changes)
    : offset_ms_(offset_ms), changes_(std::move(changes)) {}

int64_t Zone::offset_at(int64_t wall_ms) const {
  if (changes_.empty() || wall_ms < changes_.front().from_ms) return offset_ms_;
  const auto after = std::upper_bound(
      changes_.begin(), changes_.end(), wall_ms,
      [](int64_t moment, const Change& change) { return moment < change.from_ms; });
  return std::prev(after)->offset_ms;
}

bool parse_zone_offset(std::string_view text, Zone& zone) {
  if (text == "UTC" || text == "Z") {
    zone = Zone();
    return true;
  }
  if (text.size() < 5 || (text[0] != '+' && text[0] != '-')) return false;
  const bool colon = text[3] == ':';
  int64_t hours = 0;
  int64_t minutes = 0;
  if (!digits_of(text.substr(1, 2), hours) || !digits_of(text.substr(colon ? 4 : 3), minutes)) {
    return false;
  }
  if (hours > 14 || minutes > 59) return false;
  const int64_t offset = hours * kHourMs + minutes * kMinuteMs;
  zone = Zone(text[0] == '-' ? -offset : offset);
  return true;
}

bool parse_zone_file(std::string_view bytes, Zone& zone) {
  TzReader reader(bytes);
  TzHeader header{};
  if (!read_header(reader, header)) return false;
  size_t time_size = 4;
  if (header.version >= '2') {
    // The second part says the same with 64 bits.
    reader.skip(body_size(header, 4));
    if (!read_header(reader, header)) return false;
    time_size = 8;
  }
  if (header.types == 0) return false;
  std::vector<int64_t> times(header.times);
  for (int64_t& time : times)
    time = reader.number(time_size);
  std::vector<size_t> types(header.times);
  for (size_t& type : types)
    type = static_cast<unsigned char>(reader.byte());
  std::vector<int64_t> offsets(header.types);
  for (int64_t& offset : offsets) {
    offset = reader.number(4) * 1'000;
    reader.skip(2);
  }
  if (!reader.sound()) return false;
  std::vector<Zone::Change> changes;
  for (size_t i = 0; i < times.size(); ++i) {
    if (types[i] >= offsets.size() || offsets[types[i]] > kZoneOffsetMax ||
        offsets[types[i]] < -kZoneOffsetMax) {
      return false;
    }
    // Before the year 0 nobody has a budget, and milliseconds would not fit.
    const int64_t from_ms = std::max<int64_t>(times[i], -100'000'000'000) * 1'000;
    if (!changes.empty() && from_ms < changes.back().from_ms) return false;
    changes.push_back({from_ms, offsets[types[i]]});
  }
  zone = Zone(offsets[0], std::move(changes));
  return true;
}

Window window_at(Period period, int64_t wall_ms, const Zone& zone) {
  if (period == Period::kLifetime) return {};
  if (period == Period::kMinute || period == Period::kHour) {
    const int64_t length = period == Period::kMinute ? kMinuteMs : kHourMs;
    const int64_t start = floor_div(wall_ms, length) * length;
    return {start, start + length};
  }
  const int64_t local_day = floor_div(wall_ms + zone.offset_at(wall_ms), kDayMs);
  const Days days = days_around(period, local_day);
  return {utc_of_local_midnight(days.first, zone), utc_of_local_midnight(days.next, zone)};
}

uint64_t sliding_ns(Period period) {
  if (period == Period::kMinute) return 60 * kSecond;
  if (period == Period::kHour) return 3'600 * kSecond;
  return 0;
}

}  // namespace tollgate
