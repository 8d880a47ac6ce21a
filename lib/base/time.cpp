#include "base/time.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>

namespace tollgate {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr int64_t kMsPerDay = 86'400'000;

void put_digits(char* at, int64_t value, int width) {
  for (int i = width - 1; i >= 0; --i) {
    at[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

bool take_digits(std::string_view text, size_t at, size_t width, int& value) {
  if (at + width > text.size()) return false;
  const char* first = text.data() + at;
  const auto [end, error] = std::from_chars(first, first + width, value);
  return error == std::errc{} && end == first + width && *first != '-';
}

/// Reads "Z" or "+02:00" at the end of a date and time, in minutes east.
bool take_offset(std::string_view text, int& minutes) {
  if (text == "Z" || text == "z") {
    minutes = 0;
    return true;
  }
  int hour = 0;
  int minute = 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return false;
  if (!take_digits(text, 1, 2, hour) || !take_digits(text, 4, 2, minute)) return false;
  if (hour > 23 || minute > 59) return false;
  minutes = (hour * 60 + minute) * (text[0] == '-' ? -1 : 1);
  return true;
}

}  // namespace

std::string format_rfc3339(int64_t wall_ms) {
  int64_t day_number = wall_ms / kMsPerDay;
  int64_t in_day = wall_ms % kMsPerDay;
  if (in_day < 0) {
    in_day += kMsPerDay;
    --day_number;
  }
  // Years outside 0..9999 do not fit the format; such a clock is broken, and the record still
  // needs a date.
  if (day_number < -719'528 || day_number > 2'932'896) return "0000-00-00T00:00:00.000Z";
  const year_month_day date{sys_days{days{day_number}}};
  std::array<char, 24> text{};
  put_digits(&text[0], static_cast<int>(date.year()), 4);
  text[4] = '-';
  put_digits(&text[5], static_cast<unsigned>(date.month()), 2);
  text[7] = '-';
  put_digits(&text[8], static_cast<unsigned>(date.day()), 2);
  text[10] = 'T';
  put_digits(&text[11], in_day / 3'600'000, 2);
  text[13] = ':';
  put_digits(&text[14], in_day / 60'000 % 60, 2);
  text[16] = ':';
  put_digits(&text[17], in_day / 1000 % 60, 2);
  text[19] = '.';
  put_digits(&text[20], in_day % 1000, 3);
  text[23] = 'Z';
  return std::string(text.data(), text.size());
}

bool parse_rfc3339(std::string_view text, int64_t& wall_ms) {
  int y = 0;
  int m = 0;
  int d = 0;
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return false;
  if (!take_digits(text, 0, 4, y) || !take_digits(text, 5, 2, m) || !take_digits(text, 8, 2, d)) {
    return false;
  }
  const year_month_day date{year{y}, month{static_cast<unsigned>(m)},
                            day{static_cast<unsigned>(d)}};
  if (!date.ok()) return false;
  int64_t ms = sys_days{date}.time_since_epoch().count() * kMsPerDay;
  if (text.size() == 10) {
    wall_ms = ms;
    return true;
  }
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (text.size() < 20 || (text[10] != 'T' && text[10] != ' ') || text[13] != ':' ||
      text[16] != ':' || !take_digits(text, 11, 2, hour) || !take_digits(text, 14, 2, minute) ||
      !take_digits(text, 17, 2, second) || hour > 23 || minute > 59 || second > 60) {
    return false;
  }
  ms += ((hour * 60 + minute) * 60 + second) * int64_t{1000};
  size_t at = 19;
  if (text[at] == '.') {
    int64_t scale = 100;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      ms += (text[at] - '0') * scale;
      scale /= 10;
    }
  }
  int offset = 0;
  if (!take_offset(text.substr(at), offset)) return false;
  wall_ms = ms - offset * int64_t{60'000};
  return true;
}

}  // namespace tollgate
