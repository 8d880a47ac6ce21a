#include "ledger/sliding_log.hpp"

#include <deque>

#include "support/catch.hpp"

namespace tollgate::ledger {
namespace {

TEST_CASE("an amount counts for exactly one window") {
  SlidingLog log(60);
  CHECK(log.add(100, 3) == 100);
  log.advance(159);
  CHECK(log.sum() == 3);
  log.advance(160);
  CHECK(log.sum() == 0);
  CHECK(log.size() == 0);
}

TEST_CASE("room comes when enough has left the window") {
  SlidingLog log(60);
  log.add(100, 2);
  log.add(110, 1);
  log.add(120, 2);
  CHECK(log.room_at(1, 6) == 0);
  CHECK(log.room_at(1, 5) == 160);
  CHECK(log.room_at(3, 5) == 170);
  CHECK(log.room_at(5, 5) == 180);
  CHECK(log.room_at(6, 5) == UINT64_MAX);
}

TEST_CASE("what was taken can be corrected while it counts, and not after") {
  SlidingLog log(60);
  const uint64_t early = log.add(100, 10);
  const uint64_t late = log.add(130, 10);
  log.adjust(early, -4, 140);
  CHECK(log.sum() == 16);
  log.adjust(early, 100, 160);
  CHECK(log.sum() == 10);
  log.adjust(late, 5, 161);
  CHECK(log.sum() == 15);
  log.advance(190);
  CHECK(log.sum() == 0);
}

TEST_CASE("a clock that steps back takes at the latest moment") {
  SlidingLog log(60);
  log.add(100, 1);
  CHECK(log.add(90, 1) == 100);
  log.advance(159);
  CHECK(log.sum() == 2);
}

TEST_CASE("no window ever holds more than was let in, also when entries are joined") {
  constexpr uint64_t kWindow = 50'000;
  constexpr int64_t kLimit = 9'000;
  SlidingLog log(kWindow);
  std::deque<std::pair<uint64_t, int64_t>> taken;
  uint64_t state = 7;
  uint64_t now = 0;
  size_t let_in = 0;
  for (int i = 0; i < 60'000; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    now += (state >> 40U) % 7;
    const int64_t need = 1 + static_cast<int64_t>((state >> 20U) % 3);
    log.advance(now);
    while (!taken.empty() && now - taken.front().first >= kWindow)
      taken.pop_front();
    int64_t truth = 0;
    if (i % 100 == 0) {
      for (const auto& [at, amount] : taken)
        truth += amount;
      REQUIRE(truth <= log.sum());
      REQUIRE(log.sum() <= kLimit);
    }
    if (log.room_at(need, kLimit) != 0) continue;
    log.add(now, need);
    taken.emplace_back(now, need);
    ++let_in;
  }
  CHECK(log.size() <= SlidingLog::kEntriesMax);
  CHECK(let_in > 10'000);
}

}  // namespace
}  // namespace tollgate::ledger
