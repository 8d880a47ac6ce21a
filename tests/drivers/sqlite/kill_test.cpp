// A process that spends is killed at random instants: nothing it had settled is lost, nothing stays
// reserved. TOLLGATE_KILLS says how often; 50 by default.

#include <csignal>
#include <cstdlib>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/sqlite/statement.hpp"
#include "file.hpp"

namespace tollgate::sqlite_driver {
namespace {

using drivers::at;
using drivers::charge;
using drivers::KeptLedger;

constexpr int64_t kLimit = 1'000'000'000;
constexpr int64_t kNeed = 90;
constexpr int64_t kCost = 70;

/// Reserves and settles for ever; says a byte when a settlement is in the store.
[[noreturn]] void spend(const std::string& file, int32_t durability, uint64_t seed, int out) {
  KeptLedger kept(apply_to(file, durability), seed);
  for (int64_t ms = 0;; ++ms) {
    const uint64_t id =
        kept.reserve(charge("team", Measure::kMoney, Period::kMonth, kLimit, kNeed), at(ms));
    if (id == 0 || !kept.ledger().settle(id, NanoUsd{kCost}, at(ms)).ok()) _exit(1);
    kept.write(at(ms));
    if (write(out, "s", 1) != 1) _exit(1);
  }
}

int64_t sum(sqlite3* database, const char* sql) {
  Statement statement(database, sql);
  return statement.step() ? statement.integer(0) : 0;
}

TEST_CASE("a process may be killed at any instant, at either durability") {
  const int32_t durability = GENERATE(TG_SQLITE_POWER_LOSS, TG_SQLITE_PROCESS);
  CAPTURE(durability);
  const char* wanted = std::getenv("TOLLGATE_KILLS");
  const int kills = wanted == nullptr ? 50 : std::atoi(wanted);
  const Folder folder;
  const std::string file = folder.file();
  Rng rng(11);
  int64_t told = 0;
  for (int round = 1; round <= kills; ++round) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    if (child == 0) {
      close(ends[0]);
      spend(file, durability, static_cast<uint64_t>(round), ends[1]);
    }
    close(ends[1]);
    usleep(static_cast<useconds_t>(rng.below(40'000)));
    kill(child, SIGKILL);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    char buffer[4'096];
    for (ssize_t got = read(ends[0], buffer, sizeof(buffer)); got > 0;
         got = read(ends[0], buffer, sizeof(buffer)))
      told += got;
    close(ends[0]);

    REQUIRE(open_store(file) != nullptr);
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(file.c_str(), &database) == SQLITE_OK);
    const int64_t settled = sum(database, "SELECT sum(settled+overrun) FROM counter");
    // What was told is there; one settlement more may have been on its way, and each killed process
    // had at most one reservation open, which counts in full.
    CHECK(settled >= told * kCost);
    CHECK(settled <= told * kCost + round * (kCost + kNeed));
    CHECK(sum(database, "SELECT sum(reserved) FROM counter") == 0);
    CHECK(sum(database, "SELECT count(*) FROM hold") == 0);
    CHECK(sum(database, "SELECT sum(amount+overrun) FROM entry") == settled);
    sqlite3_close(database);
  }
  CHECK(told > 0);
}

}  // namespace
}  // namespace tollgate::sqlite_driver
