#include "drivers/sqlite/counters.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <sqlite3.h>
#include <string>
#include <vector>

#include "base/rng.hpp"
#include "drivers/sqlite/schema.hpp"
#include "drivers/sqlite/transaction.hpp"
#include "file.hpp"

namespace tollgate::sqlite_driver {
namespace {

const CounterName kMonth{"team", "", "money", "month", 5, 6, 0};
const CounterName kPace{"pace", "", "requests", "minute", 0, INT64_MAX, 60'000};

/// One process with the file.
struct Connection {
  struct Close {
    void operator()(sqlite3* opened) const { sqlite3_close_v2(opened); }
  };
  std::unique_ptr<sqlite3, Close> database;
  Counters counters;

  explicit Connection(const std::string& file) {
    sqlite3* opened = nullptr;
    REQUIRE(sqlite3_open(file.c_str(), &opened) == SQLITE_OK);
    database.reset(opened);
    execute(opened, "PRAGMA journal_mode=WAL");
    execute(opened, "PRAGMA synchronous=OFF");
    prepare_schema(opened);
    counters = Counters(opened);
  }

  /// Changes counters as the batch of an instance does.
  template <typename Body>
  void write(int64_t instance, const Body& body) {
    Transaction transaction(database.get());
    counters.begin(instance);
    body(counters);
    counters.flush();
    transaction.commit();
    counters.committed();
  }
};

TEST_CASE("sums are written once a batch, for all and for the instance") {
  const Folder folder;
  Connection one(folder.file());
  one.write(1, [](Counters& counters) {
    Counter& counter = counters.find(kMonth);
    counters.add(counter, 0, 0, 90);
    counters.add(counter, 70, 5, -90);
    CHECK(&counters.find(kMonth) == &counter);
    CHECK(&counters.find(counter.id) == &counter);
  });
  CHECK(number(folder.file(), "SELECT settled*10000+overrun*100+reserved FROM counter") == 700'500);
  CHECK(number(folder.file(), "SELECT settled FROM share WHERE instance=1") == 70);
  one.write(2, [](Counters& counters) {
    Counter& counter = counters.find(kMonth);
    CHECK(counter.all.settled == 70);
    CHECK(counter.own.settled == 0);  // The other instance's.
    counters.add(counter, -100, 0, 0);
  });
  CHECK(number(folder.file(), "SELECT settled FROM counter") == 0);
  CHECK(number(folder.file(), "SELECT sum(settled) FROM share") == -30);
}

TEST_CASE("what another process wrote is seen") {
  const Folder folder;
  Connection one(folder.file());
  Connection other(folder.file());
  const auto spend = [](Counters& counters) { counters.add(counters.find(kMonth), 10, 0, 0); };
  one.write(1, spend);
  other.write(2, spend);
  other.write(2, spend);
  one.write(1, [&](Counters& counters) {
    CHECK(counters.find(kMonth).all.settled == 30);
    CHECK(counters.find(kMonth).own.settled == 10);
    spend(counters);
  });
  CHECK(number(folder.file(), "SELECT settled FROM counter") == 40);
}

TEST_CASE("what was undone is not remembered") {
  const Folder folder;
  Connection one(folder.file());
  one.write(1, [](Counters& counters) { counters.add(counters.find(kMonth), 10, 0, 0); });
  {
    Transaction undone(one.database.get());
    one.counters.begin(1);
    one.counters.add(one.counters.find(kMonth), 500, 0, 0);
    one.counters.flush();
  }
  one.write(1, [](Counters& counters) {
    CHECK(counters.find(kMonth).all.settled == 10);
    counters.add(counters.find(kMonth), 1, 0, 0);
  });
  CHECK(number(folder.file(), "SELECT settled FROM counter") == 11);
}

TEST_CASE("a sliding window holds what a count of its hits finds") {
  const Folder folder;
  Connection one(folder.file());
  Connection other(folder.file());
  Rng rng(7);
  struct Hit {
    int64_t wall_ms;
    int64_t instance;
    int64_t amount;
  };
  std::vector<Hit> hits;
  int64_t wall_ms = 1'000'000;
  for (int round = 0; round < 400; ++round) {
    // Now and then the clock steps back.
    wall_ms += rng.below(20) == 0 ? -1'500 : static_cast<int64_t>(rng.below(3'000));
    const int64_t instance = rng.below(4) == 0 ? 2 : 1;
    const std::string reservation = std::to_string(round);
    (instance == 1 ? one : other).write(instance, [&](Counters& counters) {
      Counter& counter = counters.find(kPace);
      const auto in = [&](const Hit& hit) { return hit.wall_ms > wall_ms - 60'000; };
      hits.erase(std::remove_if(hits.begin(), hits.end(), std::not_fn(in)), hits.end());
      int64_t all = 0;
      int64_t others = 0;
      for (const Hit& hit : hits) {
        all += hit.amount;
        others += hit.instance == instance ? 0 : hit.amount;
      }
      CHECK(counters.slide(counter, wall_ms) == all);
      CHECK(counter.others_hits == others);
      counters.add_hit(counter, wall_ms, reservation, 5);
      const auto amount = static_cast<int64_t>(rng.below(9));
      counters.set_hit(counter, wall_ms, reservation, 5, amount);
      hits.push_back({wall_ms, instance, amount});
      CHECK(counters.slide(counter, wall_ms) == all + amount);
    });
  }
  CHECK(number(folder.file(), "SELECT count(*) FROM hit") < 100);
}

}  // namespace
}  // namespace tollgate::sqlite_driver
