#include "drivers/sqlite/store.hpp"

#include <vector>

#include "file.hpp"

namespace tollgate::sqlite_driver {
namespace {

using drivers::at;
using drivers::charge;
using drivers::KeptLedger;

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

TEST_CASE("a correction is made once, by whichever process") {
  const Folder folder;
  drivers::check_corrections([&] { return apply_to(folder.file()); });
}

}  // namespace
}  // namespace tollgate::sqlite_driver
