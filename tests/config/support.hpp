#pragma once

#include <map>
#include <string>
#include <string_view>

#include "config/load.hpp"

namespace tollgate::config {

/// What the tests' host knows: variables and files by name.
struct FakeHost {
  std::map<std::string, std::string, std::less<>> variables;
  std::map<std::string, std::string, std::less<>> files;

  Lookup lookup() const {
    return [this](ReferenceKind kind, std::string_view name, std::string& value) {
      const auto& known = kind == ReferenceKind::kEnvironment ? variables : files;
      const auto found = known.find(name);
      if (found == known.end()) return false;
      value = found->second;
      return true;
    };
  }
};

inline constexpr Time kTestNow{1'000'000'000, 1'795'338'000'000};  // 2026-11-22T09:00:00Z

/// All diagnostics as lines, for comparing a whole report at once.
inline std::string lines_of(const LoadResult& result) {
  std::string lines;
  for (const Diagnostic& one : result.diagnostics)
    lines += to_line(one) + "\n";
  return lines;
}

/// The same without the warnings about the text as a whole (no accounts, no tokens), which short
/// examples have by their nature.
inline std::string findings_of(const LoadResult& result) {
  std::string lines;
  for (const Diagnostic& one : result.diagnostics) {
    if (one.severity == Severity::kWarning && one.path.empty()) continue;
    lines += to_line(one) + "\n";
  }
  return lines;
}

inline LoadResult load_text(std::string_view text, const FakeHost& host = {}) {
  return load(text, "t.yaml", host.lookup(), kTestNow);
}

/// A text and all that there is to say about it.
struct FindingCase {
  const char* name;
  std::string_view text;
  std::string_view findings;
};

}  // namespace tollgate::config
