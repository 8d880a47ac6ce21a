#include "drivers/sqlite/store.hpp"

#include <fstream>
#include <vector>

#include "base/rng.hpp"
#include "kept_ledger.hpp"

namespace tollgate::sqlite_driver {
namespace {

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
  struct Case {
    const char* name;
    Measure measure;
    Period period;
  };
  const Case cases[] = {{"a day's money", Measure::kMoney, Period::kDay},
                        {"money for good", Measure::kMoney, Period::kLifetime},
                        {"a week's tokens", Measure::kTokens, Period::kWeek},
                        {"a month's requests", Measure::kRequests, Period::kMonth}};
  for (const Case& row : cases) {
    INFO(row.name);
    const Folder folder;
    KeptLedger one(folder.file(), 1);
    KeptLedger two(folder.file(), 2);
    KeptLedger three(folder.file(), 3);
    KeptLedger* const all[] = {&one, &two, &three};
    constexpr int64_t kLimit = 100'000;
    Rng rng(7);
    struct Open {
      KeptLedger* owner;
      uint64_t id;
      int64_t need;
    };
    std::vector<Open> open;
    int64_t held = 0;
    int64_t settled = 0;
    for (int64_t i = 0; i < 1'500; ++i) {
      const Time now = at(i * 300);
      KeptLedger& owner = *all[rng.below(3)];
      const int64_t need =
          row.measure == Measure::kRequests ? 1'000 : 1 + static_cast<int64_t>(rng.below(1'000));
      if (const uint64_t id =
              owner.reserve(charge("team", row.measure, row.period, kLimit, need), now)) {
        open.push_back({&owner, id, need});
        held += need;
      }
      REQUIRE(settled + held <= kLimit);
      if (open.size() > 8 || (!open.empty() && rng.below(3) == 0)) {
        const Open done = open[rng.below(open.size())];
        std::erase_if(open, [&](const Open& other) {
          return other.owner == done.owner && other.id == done.id;
        });
        const bool counts = row.measure == Measure::kRequests;
        const int64_t used =
            counts ? done.need : static_cast<int64_t>(rng.below(static_cast<uint64_t>(done.need)));
        REQUIRE(done.owner->ledger().settle(done.id, {NanoUsd{used}, used}, now).ok());
        done.owner->write(now);
        held -= done.need;
        settled += used;
      }
    }
    for (const Open& left : open) {
      REQUIRE(left.owner->ledger().release(left.id, at(500'000)).ok());
      left.owner->write(at(500'000));
    }
    CHECK(settled >= kLimit * 97 / 100);
    CHECK(number(folder.file(), "SELECT settled+overrun FROM counter") == settled);
    CHECK(number(folder.file(), "SELECT reserved FROM counter") == 0);
    CHECK(number(folder.file(), "SELECT count(*) FROM hold") == 0);
  }
}

TEST_CASE("a sliding window is exact over processes") {
  const Folder folder;
  KeptLedger one(folder.file(), 1);
  KeptLedger two(folder.file(), 2);
  const auto asked = charge("minute", Measure::kRequests, Period::kMinute, 10, 1);
  std::vector<int64_t> let_in;
  Rng rng(3);
  for (int64_t ms = 0; ms < 400'000; ms += 1 + static_cast<int64_t>(rng.below(900))) {
    KeptLedger& owner = rng.below(2) == 0 ? one : two;
    if (const uint64_t id = owner.reserve(asked, at(ms))) {
      let_in.push_back(ms);
      REQUIRE(owner.ledger().settle(id, NanoUsd{0}, at(ms)).ok());
      owner.write(at(ms));
    }
  }
  REQUIRE(let_in.size() >= 60);
  for (size_t i = 10; i < let_in.size(); ++i)
    CHECK(let_in[i] - let_in[i - 10] >= 60'000);
}

TEST_CASE("slots are shared, and come back when their request has ended") {
  const Folder folder;
  KeptLedger one(folder.file(), 1);
  KeptLedger two(folder.file(), 2);
  const auto slot = charge("side by side", Measure::kSlots, Period::kLifetime, 2, 1);
  const uint64_t first = one.reserve(slot, at(0));
  CHECK(first != 0);
  CHECK(two.reserve(slot, at(0)) != 0);
  CHECK(two.reserve(slot, at(1)) == 0);
  REQUIRE(one.ledger().settle(first, NanoUsd{0}, at(2)).ok());
  one.write(at(2));
  // What others hold is believed for a moment before the store is asked again.
  CHECK(two.reserve(slot, at(300)) != 0);
}

TEST_CASE("who starts later knows what was spent before") {
  const Folder folder;
  const auto spend = charge("team", Measure::kMoney, Period::kMonth, 1'000, 700);
  {
    KeptLedger before(folder.file(), 1);
    const uint64_t id = before.reserve(spend, at(0));
    REQUIRE(before.ledger().settle(id, NanoUsd{650}, at(1)).ok());
    before.write(at(1));
  }
  KeptLedger after(folder.file(), 2);
  CHECK(after.ledger().balance(spend, at(2)).spent() == 650);
  CHECK(after.reserve(spend, at(2)) == 0);
}

TEST_CASE("a batch that comes again is answered as before and booked once") {
  const Folder folder;
  const OwnedStore store = open_store(folder.file());
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
  const OwnedStore store = open_store(folder.file());
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
