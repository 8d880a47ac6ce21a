#include "base/calendar.hpp"

#include <string>

#include "base/time.hpp"
#include "support/catch.hpp"

namespace tollgate {
namespace {

int64_t at(std::string_view text) {
  int64_t wall_ms = 0;
  REQUIRE(parse_rfc3339(text, wall_ms));
  return wall_ms;
}

std::string span(const Window& window) {
  return format_rfc3339(window.start_ms) + " " + format_rfc3339(window.end_ms);
}

struct WindowCase {
  const char* name;
  Period period;
  const char* moment;
  const char* offset;
  const char* start;
  const char* end;
};

const WindowCase kWindows[] = {
    {"day", Period::kDay, "2026-11-22T09:00:00Z", "UTC", "2026-11-22", "2026-11-23"},
    {"a day's first moment", Period::kDay, "2026-11-22T00:00:00Z", "UTC", "2026-11-22",
     "2026-11-23"},
    {"a day's last moment", Period::kDay, "2026-11-22T23:59:59.999Z", "UTC", "2026-11-22",
     "2026-11-23"},
    {"a day east", Period::kDay, "2026-11-22T23:00:00Z", "+02:00", "2026-11-22T22:00:00Z",
     "2026-11-23T22:00:00Z"},
    {"a day west", Period::kDay, "2026-11-22T04:00:00Z", "-0530", "2026-11-21T05:30:00Z",
     "2026-11-22T05:30:00Z"},
    {"a week ends on Sunday", Period::kWeek, "2026-11-22T09:00:00Z", "UTC", "2026-11-16",
     "2026-11-23"},
    {"a week begins on Monday", Period::kWeek, "2026-11-23T00:00:00Z", "UTC", "2026-11-23",
     "2026-11-30"},
    {"before 1970", Period::kWeek, "1969-12-31T12:00:00Z", "UTC", "1969-12-29", "1970-01-05"},
    {"month", Period::kMonth, "2026-11-22T09:00:00Z", "UTC", "2026-11-01", "2026-12-01"},
    {"December", Period::kMonth, "2026-12-31T23:59:59Z", "UTC", "2026-12-01", "2027-01-01"},
    {"February of a leap year", Period::kMonth, "2028-02-29T01:00:00Z", "UTC", "2028-02-01",
     "2028-03-01"},
    {"quarter", Period::kQuarter, "2026-11-22T09:00:00Z", "UTC", "2026-10-01", "2027-01-01"},
    {"first quarter", Period::kQuarter, "2027-03-31T23:00:00Z", "UTC", "2027-01-01", "2027-04-01"},
};

TEST_CASE("windows begin and end where calendars say") {
  for (const WindowCase& row : kWindows) {
    CAPTURE(row.name);
    Zone zone;
    REQUIRE(parse_zone_offset(row.offset, zone));
    const Window window = window_at(row.period, at(row.moment), zone);
    CHECK(span(window) == format_rfc3339(at(row.start)) + " " + format_rfc3339(at(row.end)));
    CHECK(window.contains(at(row.moment)));
    CHECK(window_at(row.period, window.end_ms, zone).start_ms == window.end_ms);
    CHECK(window_at(row.period, window.end_ms - 1, zone) == window);
  }
  CHECK(window_at(Period::kLifetime, at("2026-11-22"), Zone()).contains(0));
}

TEST_CASE("days of a zone are longer and shorter when its clocks change") {
  constexpr int64_t kHour = 3'600'000;
  const Zone berlin(kHour,
                    {{at("2026-03-29T01:00:00Z"), 2 * kHour}, {at("2026-10-25T01:00:00Z"), kHour}});
  CHECK(span(window_at(Period::kDay, at("2026-03-29T12:00:00Z"), berlin)) ==
        "2026-03-28T23:00:00.000Z 2026-03-29T22:00:00.000Z");
  CHECK(span(window_at(Period::kDay, at("2026-10-25T12:00:00Z"), berlin)) ==
        "2026-10-24T22:00:00.000Z 2026-10-25T23:00:00.000Z");
  CHECK(span(window_at(Period::kMonth, at("2026-10-25T12:00:00Z"), berlin)) ==
        "2026-09-30T22:00:00.000Z 2026-10-31T23:00:00.000Z");
}

TEST_CASE("every moment is in one window, and windows touch") {
  const Zone zone(5 * 3'600'000 + 1'800'000);
  for (const Period period : {Period::kDay, Period::kWeek, Period::kMonth, Period::kQuarter}) {
    Window window = window_at(period, at("1999-01-01"), zone);
    for (int i = 0; i < 500; ++i) {
      const Window next = window_at(period, window.end_ms, zone);
      REQUIRE(next.start_ms == window.end_ms);
      REQUIRE(next.end_ms > next.start_ms);
      window = next;
    }
  }
}

TEST_CASE("offsets that are none are refused") {
  Zone zone;
  for (const char* text : {"", "utc", "+2", "+2:00", "+02:60", "+15:00", "02:00", "+0x:00",
                           "Europe/Berlin", "+02:000"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_zone_offset(text, zone));
  }
}

std::string big_endian(int64_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i)
    text += static_cast<char>(static_cast<uint64_t>(value) >> (8U * static_cast<unsigned>(i)));
  return text;
}

std::string zone_part(char version, int time_size, const std::vector<int64_t>& times) {
  std::string text = "TZif";
  text += version;
  text += std::string(15, '\0');
  for (const int64_t count : {0, 0, 0, static_cast<int>(times.size()), 2, 4})
    text += big_endian(count, 4);
  for (const int64_t time : times)
    text += big_endian(time, time_size);
  for (size_t i = 0; i < times.size(); ++i)
    text += static_cast<char>(1 - i % 2);
  text += big_endian(3'600, 4) + std::string(2, '\0') + big_endian(7'200, 4) + std::string(2, '\0');
  return text + std::string(4, 'x');
}

TEST_CASE("a compiled zone is read, and half of one is not") {
  const std::vector<int64_t> times = {at("2026-03-29T01:00:00Z") / 1'000,
                                      at("2026-10-25T01:00:00Z") / 1'000};
  const std::string file = zone_part('2', 4, {}) + zone_part('2', 8, times) + "\nCET-1CEST\n";
  Zone zone;
  REQUIRE(parse_zone_file(file, zone));
  CHECK(zone.offset_at(at("2026-01-01")) == 3'600'000);
  CHECK(zone.offset_at(at("2026-07-01")) == 7'200'000);
  CHECK(zone.offset_at(at("2030-01-01")) == 3'600'000);
  for (size_t size = 0; size + 16 < file.size(); ++size) {
    CHECK_FALSE(parse_zone_file(std::string_view(file).substr(0, size), zone));
  }
  CHECK(parse_zone_file(zone_part('\0', 4, times), zone));
}

}  // namespace
}  // namespace tollgate
