#pragma once

// Sums over records: what `tollgate usage` prints.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json.hpp"

namespace tollgate::server {

/// What one row adds up.
struct UsageSums {
  int64_t requests = 0;
  int64_t refused = 0;
  int64_t input_tokens = 0;
  int64_t cache_read_tokens = 0;
  int64_t cache_write_tokens = 0;
  int64_t output_tokens = 0;
  int64_t cost_nano_usd = 0;

  void add(const UsageSums& other);
};

/// Rows by the values of some dimensions: user, team, model, account, day, metadata.KEY.
class UsageTable {
 public:
  static constexpr size_t kRowsMax = 1'000'000;

  /// Nothing when a dimension is none of these, or stands twice.
  static std::optional<UsageTable> by(std::vector<std::string> dimensions);

  /// Records of `from` and later but before `to` are taken: beginnings of RFC 3339 times in UTC;
  /// empty: no bound.
  void set_span(std::string from, std::string to);

  /// Takes one line of a record file. Lines that are no record are counted, records of other
  /// operations than generating are passed over. False when there would be too many rows.
  bool add_line(std::string_view line);

  uint64_t bad_lines() const { return bad_lines_; }

  std::string to_text() const;
  std::string to_csv() const;
  std::string to_json() const;

 private:
  using Key = std::vector<std::string>;

  explicit UsageTable(std::vector<std::string> dimensions) : dimensions_(std::move(dimensions)) {}
  void keys_of(JsonValue record, size_t dimension, Key& key, std::vector<Key>& out) const;

  std::vector<std::string> dimensions_;
  std::string from_;
  std::string to_;
  std::map<Key, UsageSums> rows_;
  UsageSums total_;  ///< Each record once, also where it is in several rows.
  uint64_t bad_lines_ = 0;
  std::unique_ptr<JsonDocument> document_ = std::make_unique<JsonDocument>();
};

}  // namespace tollgate::server
