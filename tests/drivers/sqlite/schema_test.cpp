#include "drivers/sqlite/schema.hpp"

#include <fstream>

#include "file.hpp"

namespace tollgate::sqlite_driver {
namespace {

TEST_CASE("a file that is not ours, or newer, is not touched") {
  struct Case {
    const char* name;
    const char* sql;
    const char* says;
  };
  const Case cases[] = {{"another program's", "CREATE TABLE mine(a)", "another program"},
                        {"newer", "PRAGMA application_id=1952935012; PRAGMA user_version=99",
                         "newer version of tollgate"}};
  for (const Case& row : cases) {
    INFO(row.name);
    const Folder folder;
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(folder.file().c_str(), &database) == SQLITE_OK);
    execute(database, row.sql);
    sqlite3_close(database);
    std::string why;
    CHECK(open_store(folder.file(), &why) == nullptr);
    CHECK(why.find(row.says) != std::string::npos);
  }
  const Folder folder;
  std::ofstream(folder.file()) << std::string(5'000, 'x');
  std::string why;
  CHECK(open_store(folder.file(), &why) == nullptr);
  CHECK_FALSE(why.empty());
  CHECK(open_store(folder.path / "none" / "ledger.db", &why) == nullptr);
  CHECK_FALSE(why.empty());
}

TEST_CASE("a file that another program keeps locked is waited for once, not for ever") {
  const Folder folder;
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(folder.file().c_str(), &database) == SQLITE_OK);
  execute(database, "PRAGMA application_id=1952935012; BEGIN EXCLUSIVE");
  std::string why;
  CHECK(open_store(folder.file(), &why) == nullptr);
  CHECK(why.find("locked") != std::string::npos);
  sqlite3_close(database);
}

TEST_CASE("a file of the first layout is brought up to date and keeps what it had") {
  const Folder folder;
  REQUIRE(open_store(folder.file(), nullptr) != nullptr);
  {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(folder.file().c_str(), &database) == SQLITE_OK);
    execute(database,
            "CREATE INDEX entry_by_time ON entry(wall_ms); PRAGMA user_version=1;"
            "INSERT INTO counter VALUES(1, 'r', 'e', 'money', 'lifetime', 0, 9223372036854775807,"
            " 0, 7, 0, 0);"
            // Older than 400 days, and younger; one whose clock stood still in between.
            "INSERT INTO entry VALUES(1, 'i', 'settle', '1', 1, 1, 3, 0, ''),"
            "(2, 'i', 'settle', '2', 1, 1795338000000, 4, 0, ''),"
            "(3, 'i', 'settle', '3', 1, 2, 5, 0, '')");
    sqlite3_close(database);
  }
  REQUIRE(open_store(folder.file(), nullptr) != nullptr);
  CHECK(number(folder.file(), "PRAGMA user_version") == kSchemaVersion);
  CHECK(number(folder.file(), "SELECT count(*) FROM sqlite_schema WHERE name='entry_by_time'") ==
        0);
  CHECK(number(folder.file(), "SELECT settled FROM counter") == 7);
  // Entries go by their order: what stands behind a young one stays with it.
  CHECK(number(folder.file(), "SELECT min(sequence) FROM entry") == 2);
  CHECK(number(folder.file(), "SELECT count(*) FROM entry") == 2);
}

}  // namespace
}  // namespace tollgate::sqlite_driver
