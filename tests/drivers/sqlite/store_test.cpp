#include "drivers/sqlite/store.hpp"

#include <fstream>
#include <vector>

#include "file.hpp"

namespace tollgate::sqlite_driver {
namespace {

using drivers::at;
using drivers::charge;
using drivers::KeptLedger;

int64_t number(const std::string& file, const char* sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &database) == SQLITE_OK);
  int64_t found = 0;
  {
    Statement statement(database, sql);
    REQUIRE(statement.step());
    found = statement.integer(0);
  }
  sqlite3_close(database);
  return found;
}

TEST_CASE("several processes never hold or spend more than one budget has") {
  for (const drivers::SharedCase& row : drivers::kSharedCases) {
    INFO(row.name);
    const Folder folder;
    const int64_t settled = drivers::use_up_together(row, [&] { return apply_to(folder.file()); });
    CHECK(number(folder.file(), "SELECT settled+overrun FROM counter") == settled);
    CHECK(number(folder.file(), "SELECT reserved FROM counter") == 0);
    CHECK(number(folder.file(), "SELECT count(*) FROM hold") == 0);
  }
}

TEST_CASE("a sliding window is exact over processes") {
  const Folder folder;
  KeptLedger one(apply_to(folder.file()), 1);
  KeptLedger two(apply_to(folder.file()), 2);
  const auto asked = charge("minute", Measure::kRequests, Period::kMinute, 10, 1);
  std::vector<int64_t> let_in;
  Rng rng(3);
  for (int64_t ms = 0; ms < 400'000; ms += 1 + static_cast<int64_t>(rng.below(900))) {
    KeptLedger& owner = rng.below(2) == 0 ? one : two;
    if (const uint64_t id = owner.reserve(asked, at(ms))) {
      let_in.push_back(ms);
      owner.settle(id, 0, at(ms));
    }
  }
  REQUIRE(let_in.size() >= 60);
  for (size_t i = 10; i < let_in.size(); ++i)
    CHECK(let_in[i] - let_in[i - 10] >= 60'000);
}

TEST_CASE("slots are shared, and come back when their request has ended") {
  const Folder folder;
  drivers::check_slots([&] { return apply_to(folder.file()); });
}

TEST_CASE("who starts later knows what was spent before") {
  const Folder folder;
  drivers::check_late_start([&] { return apply_to(folder.file()); });
}

TEST_CASE("a batch that comes again is answered as before and booked once") {
  const Folder folder;
  const std::shared_ptr<tg_sqlite> store = open_store(folder.file());
  REQUIRE(store != nullptr);
  const std::string batch =
      R"({"instance":"a","batch":1,"wall_ms":1795338000000,"entries":[)"
      R"({"kind":"reserve","reservation":"5","rule":"r","entity":"","measure":"money",)"
      R"("period":"lifetime","wall_ms":1795338000000,"amount":70,"limit":100},)"
      R"({"kind":"reserve","reservation":"6","rule":"r","entity":"","measure":"money",)"
      R"("period":"lifetime","wall_ms":1795338000000,"amount":70,"limit":100}]})";
  tg_bytes reply = {nullptr, 0};
  REQUIRE(tg_sqlite_apply(store.get(), bytes(batch), &reply, nullptr) == TG_OK);
  const std::string first = text(reply);
  CHECK(first.find(R"("refused":["6"])") != std::string::npos);
  REQUIRE(tg_sqlite_apply(store.get(), bytes(batch), &reply, nullptr) == TG_OK);
  CHECK(text(reply) == first);
  CHECK(number(folder.file(), "SELECT reserved FROM counter") == 70);
}

TEST_CASE("what is no batch is refused and changes nothing") {
  const Folder folder;
  const std::shared_ptr<tg_sqlite> store = open_store(folder.file());
  for (const std::string_view batch :
       {"", "[", "{}", R"({"instance":"","batch":1})", R"({"instance":"a","batch":0})"}) {
    INFO(batch);
    tg_bytes reply = {nullptr, 0};
    tg_error* error = nullptr;
    CHECK(tg_sqlite_apply(store.get(), bytes(batch), &reply, &error) == TG_E_INVALID);
    CHECK(tg_error_message(error).size != 0);
    tg_error_free(error);
  }
  CHECK(number(folder.file(), "SELECT count(*) FROM instance") == 0);
}

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
