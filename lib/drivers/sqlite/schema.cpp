#include "drivers/sqlite/schema.hpp"

#include <string>

#include "drivers/sqlite/statement.hpp"

namespace tollgate::sqlite_driver {
namespace {

// "tgld" in SQLite's header: tells our files from those of others.
constexpr int kApplicationId = 0x74676c64;

// Amounts are nano-USD, tokens or requests, as `measure` says. A counter of a calendar window has
// start_ms and perhaps end_ms; one that slides has slides_ms and its hits. `counter` holds the sums
// over all instances, `share` each instance's part; what dead instances had is instance 0's.
constexpr const char* kMigrations[kSchemaVersion] = {R"sql(
CREATE TABLE instance(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, batch INTEGER NOT NULL, reply TEXT NOT NULL,
  seen_ms INTEGER NOT NULL, process TEXT NOT NULL);
CREATE TABLE counter(
  id INTEGER PRIMARY KEY, rule TEXT NOT NULL, entity TEXT NOT NULL, measure TEXT NOT NULL,
  period TEXT NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL,
  slides_ms INTEGER NOT NULL, settled INTEGER NOT NULL DEFAULT 0,
  overrun INTEGER NOT NULL DEFAULT 0, reserved INTEGER NOT NULL DEFAULT 0,
  UNIQUE(rule, entity, measure, period, start_ms));
CREATE INDEX counter_by_end ON counter(end_ms);
CREATE TABLE share(
  counter INTEGER NOT NULL, instance INTEGER NOT NULL, settled INTEGER NOT NULL DEFAULT 0,
  overrun INTEGER NOT NULL DEFAULT 0, reserved INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(counter, instance)) WITHOUT ROWID;
CREATE INDEX share_by_instance ON share(instance);
CREATE TABLE hold(
  instance INTEGER NOT NULL, reservation TEXT NOT NULL, counter INTEGER NOT NULL,
  amount INTEGER NOT NULL, wall_ms INTEGER NOT NULL,
  PRIMARY KEY(instance, reservation, counter)) WITHOUT ROWID;
CREATE TABLE hit(
  counter INTEGER NOT NULL, wall_ms INTEGER NOT NULL, instance INTEGER NOT NULL,
  reservation TEXT NOT NULL, amount INTEGER NOT NULL,
  PRIMARY KEY(counter, wall_ms, instance, reservation)) WITHOUT ROWID;
CREATE TABLE entry(
  sequence INTEGER PRIMARY KEY, instance TEXT NOT NULL, kind TEXT NOT NULL,
  reservation TEXT NOT NULL, counter INTEGER NOT NULL, wall_ms INTEGER NOT NULL,
  amount INTEGER NOT NULL, overrun INTEGER NOT NULL, note TEXT NOT NULL);
CREATE INDEX entry_by_time ON entry(wall_ms);
)sql",
                                                     // Nobody looks for entries by their time.
                                                     "DROP INDEX entry_by_time;"};

int64_t pragma(sqlite3* database, const char* sql) {
  Statement statement(database, sql);
  return statement.step() ? statement.integer(0) : 0;
}

}  // namespace

void prepare_schema(sqlite3* database) {
  execute(database, "BEGIN IMMEDIATE");
  const int64_t version = pragma(database, "PRAGMA user_version");
  const int64_t application = pragma(database, "PRAGMA application_id");
  const int64_t tables = pragma(database, "SELECT count(*) FROM sqlite_schema");
  if (application != kApplicationId && (tables != 0 || application != 0)) {
    throw Failure("the file is a database of another program", SQLITE_NOTADB);
  }
  if (version > kSchemaVersion) {
    throw Failure("the file was written by a newer version of tollgate (layout " +
                      std::to_string(version) + ", this one knows " +
                      std::to_string(kSchemaVersion) + "): use that version, or another file",
                  SQLITE_NOTADB);
  }
  for (int64_t next = version; next < kSchemaVersion; ++next)
    execute(database, kMigrations[next]);
  if (version != kSchemaVersion) {
    execute(database, ("PRAGMA application_id=" + std::to_string(kApplicationId) +
                       ";PRAGMA user_version=" + std::to_string(kSchemaVersion))
                          .c_str());
  }
  execute(database, "COMMIT");
}

}  // namespace tollgate::sqlite_driver
