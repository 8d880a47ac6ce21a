#include "drivers/sqlite/statement.hpp"

#include "support/catch.hpp"

namespace tollgate::sqlite_driver {
namespace {

TEST_CASE("a statement is used again and again, and faults are told") {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(":memory:", &database) == SQLITE_OK);
  execute(database, "CREATE TABLE t(a INTEGER UNIQUE, b TEXT)");
  {
    Statement add(database, "INSERT INTO t VALUES(?1, ?2)");
    add.bind(int64_t{INT64_MAX}, "x").run();
    const std::string with_null("a\0b", 3);
    add.bind(int64_t{-1}, with_null).run();
    CHECK_THROWS_AS(add.bind(int64_t{-1}, "again").run(), Failure);
    Statement all(database, "SELECT a, b FROM t ORDER BY a");
    all.bind();
    REQUIRE(all.step());
    CHECK(all.integer(0) == -1);
    CHECK(all.text(1) == with_null);
    REQUIRE(all.step());
    CHECK(all.integer(0) == INT64_MAX);
    CHECK_FALSE(all.step());
    Statement none(database, "SELECT NULL");
    REQUIRE(none.bind().step());
    CHECK(none.is_null(0));
    CHECK(none.text(0).empty());
  }
  CHECK_THROWS_AS(Statement(database, "SELECT nothing FROM nowhere"), Failure);
  CHECK_THROWS_AS(execute(database, "DROP TABLE nowhere"), Failure);
  sqlite3_close(database);
}

}  // namespace
}  // namespace tollgate::sqlite_driver
