#include "drivers/sqlite/statement.hpp"

namespace tollgate::sqlite_driver {

Statement::Statement(sqlite3* database, const char* sql) {
  sqlite3_stmt* made = nullptr;
  const int code = sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  handle_.reset(made);
  if (code != SQLITE_OK) throw Failure(sqlite3_errmsg(database), code);
}

bool Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) check(code);
  sqlite3_reset(handle_.get());
  return false;
}

std::string Statement::text(int column) const {
  const unsigned char* found = sqlite3_column_text(handle_.get(), column);
  if (found == nullptr) return {};
  return {reinterpret_cast<const char*>(found),
          static_cast<size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

void Statement::check(int code) const {
  if (code == SQLITE_OK) return;
  const std::string what = sqlite3_errmsg(sqlite3_db_handle(handle_.get()));
  sqlite3_reset(handle_.get());
  throw Failure(what, code);
}

void execute(sqlite3* database, const char* sql) {
  const int code = sqlite3_exec(database, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw Failure(sqlite3_errmsg(database), code);
}

}  // namespace tollgate::sqlite_driver
