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

}  // namespace
}  // namespace tollgate::sqlite_driver
