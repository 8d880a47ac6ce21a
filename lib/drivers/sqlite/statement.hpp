#pragma once

// SQLite with values of C++: failures are exceptions of this driver's, which never leave it.

#include <cstdint>
#include <memory>
#include <sqlite3.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

namespace tollgate::sqlite_driver {

/// What SQLite said. `code` is its extended result code.
struct Failure : std::runtime_error {
  Failure(const std::string& what, int of) : std::runtime_error(what), code(of) {}
  int code;
};

/// A prepared statement, used again and again: bind(), then step() or run().
class Statement {
 public:
  Statement() = default;
  Statement(sqlite3* database, const char* sql);

  /// Texts are not copied: they stay as they are until the statement was stepped, and it is bound
  /// anew before it is stepped again.
  template <typename... Values>
  Statement& bind(Values&&... values) {
    static_assert((!std::is_same_v<Values, std::string> && ...), "a text that is gone too early");
    sqlite3_reset(handle_.get());
    int at = 0;
    (bind_one(++at, values), ...);
    return *this;
  }
  /// True when there is a row.
  bool step();
  /// Steps to the end.
  void run() {
    while (step()) {
    }
  }
  void reset() { sqlite3_reset(handle_.get()); }

  int64_t integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }
  bool is_null(int column) const {
    return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
  }
  std::string text(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  void bind_one(int at, int64_t value) { check(sqlite3_bind_int64(handle_.get(), at, value)); }
  void bind_one(int at, std::string_view value) {
    // A null pointer would be NULL instead of an empty text.
    check(sqlite3_bind_text64(handle_.get(), at, value.data() == nullptr ? "" : value.data(),
                              value.size(), SQLITE_STATIC, SQLITE_UTF8));
  }
  void bind_one(int at, std::nullptr_t) { check(sqlite3_bind_null(handle_.get(), at)); }
  void check(int code) const;

  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

/// Runs statements without results.
void execute(sqlite3* database, const char* sql);

}  // namespace tollgate::sqlite_driver
