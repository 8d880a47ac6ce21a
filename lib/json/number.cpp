#include "json/number.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>

namespace tollgate::json {
namespace {

/// With fewer digits than this and no exponent no number is beyond a double.
constexpr size_t kDigitsOfADouble = 300;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Steps over digits; false when there is none.
bool skip_digits(std::string_view token, size_t& at) {
  const size_t begin = at;
  while (at < token.size() && is_digit(token[at]))
    ++at;
  return at > begin;
}

}  // namespace

bool is_number(std::string_view token) {
  size_t at = token.starts_with('-') ? 1 : 0;
  const bool leading_zero = at < token.size() && token[at] == '0';
  const size_t begin = at;
  if (!skip_digits(token, at) || (leading_zero && at > begin + 1)) return false;
  if (at < token.size() && token[at] == '.') {
    ++at;
    if (!skip_digits(token, at)) return false;
  }
  const bool exponent = at < token.size() && (token[at] == 'e' || token[at] == 'E');
  if (exponent) {
    ++at;
    if (at < token.size() && (token[at] == '+' || token[at] == '-')) ++at;
    if (!skip_digits(token, at)) return false;
  }
  if (at != token.size()) return false;
  return (!exponent && token.size() < kDigitsOfADouble) || !overflows(token);
}

/// from_chars gives one error for "too large" and "too small"; only the first is a fault.
bool overflows(std::string_view number) {
  double value = 0;
  const char* const end = number.data() + number.size();
  if (std::from_chars(number.data(), end, value).ec == std::errc{}) return false;
  if (number.front() == '-') number.remove_prefix(1);
  const size_t e = std::min(number.find_first_of("eE"), number.size());
  if (number.substr(0, e).find_first_not_of("0.") == std::string_view::npos) return false;
  // Out of range on the large side means an exponent above that of one, wherever the point stands.
  const size_t point = std::min(number.find('.'), e);
  const size_t first = number.find_first_not_of("0.");
  const auto magnitude = static_cast<int64_t>(point) - static_cast<int64_t>(first);
  if (e == number.size()) return magnitude > 0;
  const char* digits = number.data() + e + 1;
  const bool negative = *digits == '-';
  if (*digits == '+' || *digits == '-') ++digits;
  int64_t exponent = 0;
  const auto read = std::from_chars(digits, end, exponent);
  if (read.ec != std::errc{}) exponent = INT64_MAX / 2;
  exponent = std::min(exponent, INT64_MAX / 2);
  return magnitude + (negative ? -exponent : exponent) > 0;
}

bool is_whole(std::string_view number) {
  return number.find_first_of(".eE") == std::string_view::npos;
}

double to_double(std::string_view number) {
  double value = 0;
  std::from_chars(number.data(), number.data() + number.size(), value);
  return value;
}

}  // namespace tollgate::json
