#include "record/prometheus.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "json/utf8.hpp"

namespace tollgate::record {

namespace {

constexpr size_t kLabelBytesMax = 256;

// "le" is a histogram's own; names in two underscores belong to Prometheus.
constexpr std::array<std::string_view, 6> kTakenNames = {"model_name", "username",   "target",
                                                         "status",     "error_code", "le"};

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

/// ASCII that stands for itself in a label.
bool is_plain(char c) {
  return static_cast<uint8_t>(c) < 0x80 && c != '\\' && c != '"' && c != '\n';
}

void append_escaped(std::string& out, std::string_view character) {
  if (character == "\\") {
    out += "\\\\";
  } else if (character == "\"") {
    out += "\\\"";
  } else if (character == "\n") {
    out += "\\n";
  } else {
    out += character;
  }
}

/// Appends `value` / 10^digits without trailing zeros.
void append_fraction(std::string& out, uint64_t value, size_t digits) {
  uint64_t scale = 1;
  for (size_t i = 0; i < digits; ++i)
    scale *= 10;
  out += std::to_string(value / scale);
  if (value % scale == 0) return;
  const std::string fraction = std::to_string(value % scale);
  out += '.';
  out.append(digits - fraction.size(), '0');
  out.append(fraction, 0, fraction.find_last_not_of('0') + 1);
}

}  // namespace

std::string label_name(std::string_view metadata_key) {
  std::string name;
  for (const char c : metadata_key.substr(0, kLabelBytesMax))
    name += is_name_char(c) ? c : '_';
  const bool taken = std::find(kTakenNames.begin(), kTakenNames.end(), name) != kTakenNames.end();
  if (taken || name.empty() || is_digit(name.front()) || name.starts_with("__")) {
    name.insert(0, "metadata_");
  }
  return name;
}

void append_label(std::string& labels, std::string_view name, std::string_view value) {
  if (!labels.empty()) labels += ',';
  labels += name;
  labels += "=\"";
  for (size_t at = 0; at < value.size();) {
    size_t end = at;
    while (end < value.size() && end < kLabelBytesMax && is_plain(value[end]))
      ++end;
    labels.append(value.substr(at, end - at));
    at = end;
    if (at == value.size()) break;
    const json::Utf8Step step = json::utf8_step(value, at);
    if (at + step.size > kLabelBytesMax) break;
    append_escaped(labels, step.valid ? value.substr(at, step.size) : "\xEF\xBF\xBD");
    at += step.size;
  }
  labels += '"';
}

void append_usd(std::string& out, NanoUsd amount) {
  // A cost is never negative; a counter that went down would read as a restart.
  append_fraction(out, static_cast<uint64_t>(std::max<int64_t>(amount.value, 0)), 9);
}

void append_ms(std::string& out, uint64_t microseconds) {
  append_fraction(out, microseconds, 3);
}

}  // namespace tollgate::record
