#pragma once

// The ledger's journal in tables, and the judge of reservations for all processes with the file.

#include <cstdint>
#include <memory>
#include <sqlite3.h>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "drivers/sqlite/batch_text.hpp"
#include "drivers/sqlite/counters.hpp"
#include "drivers/sqlite/statement.hpp"

namespace tollgate::sqlite_driver {

/// An entry of a batch, with the counter it is about.
struct Entry {
  const BatchEntry* text = nullptr;
  Counter* counter = nullptr;
};

/// What a reservation holds in a counter.
struct Hold {
  int64_t counter = 0;
  int64_t amount = 0;
  int64_t since_ms = 0;
};

class Store {
 public:
  Store(const std::string& path, bool survives_power_loss, int64_t wall_ms);
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Throws Failure when the file cannot be written, std::invalid_argument for a bad batch.
  const std::string& apply(std::string_view batch);

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };

  void prepare_statements();
  bool enter(const BatchText& head);

  void recover_dead(int64_t wall_ms);
  void recover(int64_t instance, const std::string& name, int64_t wall_ms);
  void forget_old(int64_t wall_ms);

  void apply(const Entry* begin, const Entry* end, int64_t wall_ms);
  bool reserve(const Entry* begin, const Entry* end, int64_t wall_ms);
  bool fits(const Entry& entry, int64_t wall_ms);
  std::vector<Hold>& holds_of(const std::string& reservation);
  void resolve(const Entry* begin, const Entry* end);
  void book(const Entry& entry, const Hold& held);
  void adjust(const Entry& entry);
  void log(const Entry& entry);
  /// Has the answer tell of the counter; `wanted` is what there was no room for.
  void tell(Counter& counter, int64_t wanted = 0, int64_t limit = 0);

  std::string reply_text(const BatchText& head);
  std::string counter_text(Counter& counter, int64_t wall_ms);

  std::unique_ptr<sqlite3, Close> database_;
  int64_t self_ = 0;  ///< This batch's instance.
  std::string self_name_;
  int64_t recovered_ms_ = 0;
  bool is_new_ = false;  ///< This batch is the first one of its instance.
  /// Of this batch's instance, by reservation: those that were looked at, or all of them.
  std::unordered_map<std::string, std::vector<Hold>> holds_;
  bool knows_all_holds_ = false;
  std::vector<std::string> refused_;
  std::vector<Counter*> told_;
  std::string reply_;

  Counters counters_;
  Statement find_instance_, add_instance_, save_instance_;
  Statement counter_json_, live_counters_, find_holds_, add_hold_, drop_hold_, drop_holds_,
      add_entry_;
};

}  // namespace tollgate::sqlite_driver
