#include "router/check_schedule.hpp"

#include "support/catch.hpp"

namespace tollgate::router {
namespace {

Time at(uint64_t seconds) {
  return {seconds * kSecond, 0};
}

TEST_CASE("an account is due when it was never asked, and then once an interval") {
  CheckSchedule schedule;
  const uint64_t interval = 15 * kSecond;
  CHECK(schedule.due_ns(1, interval, at(100)) == 100 * kSecond);
  CHECK(schedule.take(1, interval, at(100)));
  CHECK_FALSE(schedule.take(1, interval, at(100)));
  CHECK_FALSE(schedule.take(1, interval, at(114)));
  CHECK(schedule.due_ns(1, interval, at(114)) == 115 * kSecond);
  CHECK(schedule.take(2, interval, at(114)));
  CHECK(schedule.take(1, interval, at(115)));
  CHECK(schedule.due_ns(1, interval, at(115)) == 130 * kSecond);
}

TEST_CASE("accounts that nobody has any more do not pile up") {
  CheckSchedule schedule;
  for (uint64_t i = 0; i < 3 * CheckSchedule::kAccountsMax; ++i)
    CHECK(schedule.take(i, kSecond, at(1)));
  CHECK_FALSE(schedule.take(3 * CheckSchedule::kAccountsMax - 1, kSecond, at(1)));
}

}  // namespace
}  // namespace tollgate::router
