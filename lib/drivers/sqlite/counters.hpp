#pragma once

// What the file has of the counters that were in use lately. A batch looks at the same few counters
// again and again: as long as nobody else writes the file nothing is read twice, and what a batch
// changes is written once, at its end.

#include <cstdint>
#include <memory>
#include <sqlite3.h>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "drivers/sqlite/statement.hpp"

namespace tollgate::sqlite_driver {

/// By what a counter is known.
struct CounterName {
  std::string rule;
  std::string entity;
  std::string measure;
  std::string period;
  int64_t start_ms = 0;
  int64_t end_ms = 0;
  int64_t slides_ms = 0;  ///< 0: a calendar window, or slots.
};

/// Amounts of a counter: of all instances, or of one.
struct Sums {
  int64_t settled = 0;
  int64_t overrun = 0;
  int64_t reserved = 0;
};

struct Counter {
  int64_t id = 0;
  CounterName name;
  Sums all;
  Sums own;  ///< The share of the instance whose batch is applied.
  bool changed = false;

  // Of windows that slide: the hits after `floor_ms`.
  bool slid = false;
  int64_t floor_ms = 0;
  int64_t hits = 0;
  int64_t others_hits = 0;

  // For the answer to the batch.
  bool told = false;
  int64_t wanted = 0;  ///< What somebody wanted of it in vain, if anything,
  int64_t limit = 0;   ///< and within what.
  std::string text;    ///< Its name as JSON, once it was needed.
};

/// One transaction at a time: begin(), changes, flush(), and committed() when it was.
class Counters {
 public:
  Counters() = default;
  explicit Counters(sqlite3* database);

  /// Forgets what may have changed in the file since the last flush(), and is false when that was
  /// all. `instance` writes.
  bool begin(int64_t instance);
  /// Writes what has changed.
  void flush();
  void committed() { sound_ = true; }
  /// Reads everything again: the file was changed by other means, in this transaction.
  void reload();

  /// The counter of this name, made where there is none. Valid until the next begin().
  Counter& find(const CounterName& name);
  Counter& find(int64_t id);

  /// Adds to the sums, as the instance's.
  void add(Counter& counter, int64_t settled, int64_t overrun, int64_t reserved);

  /// Moves a window that slides; gives what is in it.
  int64_t slide(Counter& counter, int64_t wall_ms);
  void add_hit(Counter& counter, int64_t wall_ms, std::string_view reservation, int64_t amount);
  void set_hit(Counter& counter, int64_t wall_ms, std::string_view reservation, int64_t from,
               int64_t to);
  /// How long until enough hits have left the window for what is wanted.
  int64_t room_ms(Counter& counter, int64_t wall_ms);

 private:
  Counter& keep(const std::string& key, int64_t id, const CounterName& name);
  void load(Counter& counter);

  int64_t instance_ = 0;
  int64_t version_ = -1;  ///< SQLite's count of what other connections have written.
  bool sound_ = false;    ///< The last transaction came to its end.
  std::unordered_map<std::string, std::unique_ptr<Counter>> by_name_;
  std::vector<Counter*> changed_;

  Statement data_version_, find_id_, add_, name_, sums_, share_, save_, save_share_;
  Statement hits_, left_, drop_hits_, list_hits_, add_hit_, set_hit_;
};

}  // namespace tollgate::sqlite_driver
