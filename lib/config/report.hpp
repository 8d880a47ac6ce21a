#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"

namespace tollgate::config {

/// A place in the text, both from 1; columns count characters.
struct Mark {
  uint32_t line = 1;
  uint32_t column = 1;
};

/// Where a value stands: in the text, and in its document.
struct Place {
  Mark mark;
  std::string path;
};

/// Collects everything there is to say about one text.
class Report {
 public:
  explicit Report(std::string_view file) : file_(file) {}

  void error(const Place& place, std::string message, std::string suggestion = {});
  void warning(const Place& place, std::string message, std::string suggestion = {});

  bool has_errors() const { return errors_ > 0; }
  /// True when further findings are only counted: working out advice for them is in vain.
  bool full() const;
  /// In the order of the text. The report is spent.
  std::vector<Diagnostic> take();

 private:
  void add(Severity severity, const Place& place, std::string message, std::string suggestion);

  std::string file_;
  std::vector<Diagnostic> diagnostics_;
  size_t errors_ = 0;
  size_t left_out_ = 0;
};

/// Text of the configuration as a message may quote it: short, on one line.
std::string shown(std::string_view text);

/// The nearest of `names`, or nothing when all are far off.
std::string nearest(std::string_view name, const std::vector<std::string_view>& names);

}  // namespace tollgate::config
