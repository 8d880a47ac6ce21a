// What each durability asks of the disk: the syncs that SQLite makes are counted where it makes
// them.

#include <atomic>
#include <sys/syscall.h>
#include <unistd.h>

#include "file.hpp"

namespace {

std::atomic<int> syncs = 0;

}  // namespace

// Taken by libsqlite3 in the place of the C library's.
extern "C" __attribute__((visibility("default"))) int fdatasync(int file) {
  ++syncs;
  return static_cast<int>(syscall(SYS_fdatasync, file));
}

extern "C" __attribute__((visibility("default"))) int fsync(int file) {
  ++syncs;
  return static_cast<int>(syscall(SYS_fsync, file));
}

namespace tollgate::sqlite_driver {
namespace {

using drivers::at;
using drivers::charge;
using drivers::KeptLedger;

constexpr int kRounds = 20;

int syncs_of(int32_t durability) {
  const Folder folder;
  KeptLedger kept(apply_to(folder.file(), durability), 1);
  syncs = 0;
  for (int round = 1; round <= kRounds; ++round) {
    const uint64_t id =
        kept.reserve(charge("team", Measure::kMoney, Period::kMonth, 1'000'000, 90), at(round));
    REQUIRE(id != 0);
    REQUIRE(kept.ledger().settle(id, NanoUsd{70}, at(round)).ok());
    kept.write(at(round));
  }
  const int found = syncs;
  CHECK(number(folder.file(), "SELECT sum(settled) FROM counter") == kRounds * 70);
  return found;
}

TEST_CASE("what survives power loss is synced before anybody relies on it") {
  // Each round writes its reservation, and then its settlement.
  CHECK(syncs_of(TG_SQLITE_POWER_LOSS) >= 2 * kRounds);
}

TEST_CASE("what need not survive power loss does not wait for the disk") {
  CHECK(syncs_of(TG_SQLITE_PROCESS) <= 2);
}

}  // namespace
}  // namespace tollgate::sqlite_driver
