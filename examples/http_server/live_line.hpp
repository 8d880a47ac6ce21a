#pragma once

#include <string>
#include <string_view>

#include "json.hpp"

namespace tollgate::server {

/// Makes the live line of a record: time of day, status, model and target, tokens, cost where
/// known, duration. What a client chose (names, paths) is cut and stripped of control characters,
/// so that nobody draws on the operator's terminal.
class LiveLine {
 public:
  /// Appends the line with its line break; nothing for what is not a record.
  void append(std::string& out, std::string_view record);

 private:
  JsonDocument document_;
};

}  // namespace tollgate::server
