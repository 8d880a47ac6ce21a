#include "base/time.hpp"

#include "support/catch.hpp"

namespace tollgate {
namespace {

struct DateCase {
  const char* text;
  int64_t wall_ms;
};

const DateCase kDates[] = {
    {"1970-01-01T00:00:00.000Z", 0},
    {"1969-12-31T23:59:59.999Z", -1},
    {"2026-11-22T09:00:00.000Z", 1795338000000},
    {"2000-02-29T12:34:56.789Z", 951827696789},
};

TEST_CASE("a date is written and read back") {
  for (const DateCase& row : kDates) {
    CAPTURE(row.text);
    CHECK(format_rfc3339(row.wall_ms) == row.text);
    int64_t read = 0;
    REQUIRE(parse_rfc3339(row.text, read));
    CHECK(read == row.wall_ms);
  }
}

TEST_CASE("other spellings of a date are read") {
  int64_t ms = 0;
  REQUIRE(parse_rfc3339("2026-11-22", ms));
  CHECK(ms == 1795305600000);
  REQUIRE(parse_rfc3339("2026-11-22T10:30:00+01:30", ms));
  CHECK(ms == 1795338000000);
  REQUIRE(parse_rfc3339("2026-11-22 09:00:00.5Z", ms));
  CHECK(ms == 1795338000500);
}

TEST_CASE("what is not a date is refused") {
  int64_t ms = 0;
  for (const char* text :
       {"", "today", "2026-13-01", "2026-02-30", "2026-11-22T", "2026-11-22T25:00:00Z",
        "2026-11-22T09:00:00", "2026-11-22T09:00:00X", "2026-1-2", "-026-11-22"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rfc3339(text, ms));
  }
}

TEST_CASE("a deadline never wraps") {
  CHECK(deadline_after(5, 7) == 12);
  CHECK(deadline_after(UINT64_MAX - 1, 7) == kNoDeadline);
  CHECK(elapsed(7, 5) == 0);
}

}  // namespace
}  // namespace tollgate
