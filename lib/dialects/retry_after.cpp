#include "dialects/retry_after.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "base/ascii.hpp"
#include "base/time.hpp"

namespace tollgate::dialects {
namespace {

constexpr double kDerivedMax = 60;
constexpr double kAbsurd = 1e9;

/// A number at the text's beginning, which it is taken off; nothing when there is none.
std::optional<double> take_decimal(std::string_view& text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || !(value >= 0) || value > 1e15) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

struct Unit {
  std::string_view name;
  double seconds;
};

// The longer spelling first.
constexpr std::array<Unit, 13> kUnits = {{
    {"milliseconds", 0.001},
    {"millisecond", 0.001},
    {"minutes", 60},
    {"minute", 60},
    {"seconds", 1},
    {"second", 1},
    {"hours", 3600},
    {"hour", 3600},
    {"ms", 0.001},
    {"d", 86400},
    {"h", 3600},
    {"m", 60},
    {"s", 1},
}};

/// "6m0s", "1.898s", "20ms", "6 seconds", "1h2m"; a number without unit is seconds.
std::optional<double> take_duration(std::string_view text) {
  double total = 0;
  bool any = false;
  while (true) {
    std::string_view rest = ascii::trim(text);
    const std::optional<double> value = take_decimal(rest);
    if (!value) break;
    rest = ascii::trim(rest);
    const auto unit = std::find_if(kUnits.begin(), kUnits.end(),
                                   [&](const Unit& each) { return rest.starts_with(each.name); });
    if (unit == kUnits.end()) return any ? total : *value;
    total += *value * unit->seconds;
    any = true;
    text = rest.substr(unit->name.size());
  }
  return any ? std::optional<double>(total) : std::nullopt;
}

}  // namespace

std::optional<int64_t> http_date(std::string_view text) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const size_t comma = text.find(", ");
  if (comma == std::string_view::npos) return std::nullopt;
  text.remove_prefix(comma + 2);
  if (text.size() != 24 || !text.ends_with(" GMT")) return std::nullopt;
  const size_t month = kMonths.find(text.substr(3, 3));
  if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
  const std::string number = std::to_string(month / 3 + 1);
  const std::string spelled =
      std::string(text.substr(7, 4)) + "-" + (number.size() == 1 ? "0" : "") + number + "-" +
      std::string(text.substr(0, 2)) + "T" + std::string(text.substr(12, 8)) + "Z";
  int64_t wall_ms = 0;
  if (!parse_rfc3339(spelled, wall_ms)) return std::nullopt;
  return wall_ms;
}

namespace {

std::optional<double> told_outright(const wire::Headers& headers,
                                    std::optional<int64_t> upstream_now_ms) {
  if (const auto text = headers.get("retry-after-ms")) {
    std::string_view rest = *text;
    if (const auto ms = take_decimal(rest)) return *ms / 1000;
  }
  const auto text = headers.get("retry-after");
  if (!text) return std::nullopt;
  if (const auto duration = take_duration(*text)) return duration;
  const std::optional<int64_t> date = http_date(*text);
  if (!date || !upstream_now_ms) return std::nullopt;
  return std::max(0.0, static_cast<double>(*date - *upstream_now_ms) / 1000);
}

std::optional<double> told_in_words(std::string_view message) {
  const std::string lower = ascii::to_lower(message.substr(0, 4096));
  for (const std::string_view words : {"try again in ", "retry after ", "retry in ", "wait "}) {
    const size_t at = lower.find(words);
    if (at == std::string::npos) continue;
    const auto duration = take_duration(std::string_view(lower).substr(at + words.size()));
    if (duration) return duration;
  }
  return std::nullopt;
}

/// The reset of a rate of which nothing remains; the last of several to come.
std::optional<double> reset_of_rates(const wire::Headers& headers,
                                     std::optional<int64_t> upstream_now_ms) {
  constexpr std::string_view kPrefix = "x-ratelimit-reset";
  constexpr double kEpochMs = 1e11;
  std::optional<double> wait;
  for (size_t i = 0; i < headers.size(); ++i) {
    const auto [name, value] = headers.at(i);
    if (!ascii::starts_with_ignore_case(name, kPrefix)) continue;
    const std::string remaining =
        "x-ratelimit-remaining" + std::string(name.substr(kPrefix.size()));
    if (headers.get(remaining).value_or("0") != "0") continue;
    std::optional<double> reset = take_duration(value);
    if (!reset) continue;
    if (*reset >= kAbsurd) {
      if (!upstream_now_ms) continue;
      const double at_ms = *reset >= kEpochMs ? *reset : *reset * 1000;
      reset = std::max(0.0, (at_ms - static_cast<double>(*upstream_now_ms)) / 1000);
    }
    wait = std::max(wait.value_or(0), *reset);
  }
  return wait;
}

}  // namespace

std::optional<int64_t> retry_after_seconds(const wire::Headers& headers, std::string_view message) {
  const std::optional<int64_t> upstream_now_ms = http_date(headers.get("date").value_or(""));
  std::optional<double> wait = told_outright(headers, upstream_now_ms);
  if (!wait) {
    wait = told_in_words(message);
    if (!wait) wait = reset_of_rates(headers, upstream_now_ms);
    if (wait) wait = std::min(*wait, kDerivedMax);
  }
  if (!wait) return std::nullopt;
  return static_cast<int64_t>(std::ceil(std::min(*wait, kAbsurd)));
}

}  // namespace tollgate::dialects
