#include "config/report.hpp"

#include <algorithm>
#include <utility>

#include "router/catalog.hpp"

namespace tollgate::config {
namespace {

// A hostile text could have a fault in every line; nobody reads more than this.
constexpr size_t kDiagnosticsMax = 500;
constexpr size_t kShownBytesMax = 64;

}  // namespace

void Report::error(const Place& place, std::string message, std::string suggestion) {
  add(Severity::kError, place, std::move(message), std::move(suggestion));
}

void Report::warning(const Place& place, std::string message, std::string suggestion) {
  add(Severity::kWarning, place, std::move(message), std::move(suggestion));
}

void Report::add(Severity severity, const Place& place, std::string message,
                 std::string suggestion) {
  if (severity == Severity::kError) ++errors_;
  // The first error is always kept: a report of warnings alone would look like a sound text.
  const bool first_error = severity == Severity::kError && errors_ == 1;
  if (full() && !first_error) {
    ++left_out_;
    return;
  }
  diagnostics_.push_back({severity, file_, place.mark.line, place.mark.column, place.path,
                          std::move(message), std::move(suggestion)});
}

bool Report::full() const {
  return diagnostics_.size() >= kDiagnosticsMax;
}

std::vector<Diagnostic> Report::take() {
  std::stable_sort(diagnostics_.begin(), diagnostics_.end(),
                   [](const Diagnostic& a, const Diagnostic& b) {
                     return a.line != b.line ? a.line < b.line : a.column < b.column;
                   });
  if (left_out_ > 0 && !diagnostics_.empty()) {
    const Diagnostic& last = diagnostics_.back();
    diagnostics_.push_back({errors_ > 0 ? Severity::kError : Severity::kWarning, file_, last.line,
                            last.column, "",
                            std::to_string(left_out_) + " further findings are not shown", ""});
  }
  return std::move(diagnostics_);
}

std::string shown(std::string_view text) {
  bool cut = false;
  if (text.size() > kShownBytesMax) {
    size_t end = kShownBytesMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
      --end;
    text = text.substr(0, end);
    cut = true;
  }
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
  }
  return cut ? out + "…" : out;
}

std::string nearest(std::string_view name, const std::vector<std::string_view>& names) {
  const std::vector<std::string> candidates(names.begin(), names.end());
  std::vector<std::string> found = router::near_names(name, candidates, 1);
  return found.empty() ? std::string() : std::move(found.front());
}

}  // namespace tollgate::config
