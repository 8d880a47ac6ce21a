#pragma once

// Reads the text of a batch. SQLite could do it with its own functions, at ten times the cost.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/sqlite/counters.hpp"

namespace tollgate::sqlite_driver {

/// One entry, as the journal wrote it.
struct BatchEntry {
  std::string kind;
  std::string reservation;
  CounterName counter;
  int64_t wall_ms = 0;
  int64_t amount = 0;
  int64_t overrun = 0;
  int64_t limit = INT64_MAX;
  std::string note;
};

struct BatchText {
  std::string instance;
  int64_t batch = 0;
  int64_t wall_ms = 0;
  bool wants_counters = false;
  std::vector<BatchEntry> entries;
};

/// Throws std::invalid_argument for what is no batch. Members it does not know are passed over.
BatchText read_batch(std::string_view text);

}  // namespace tollgate::sqlite_driver
