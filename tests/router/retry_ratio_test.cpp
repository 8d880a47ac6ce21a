#include "router/retry_ratio.hpp"

#include "support/catch.hpp"

namespace tollgate::router {
namespace {

uint64_t take_all(RetryRatio& ratio, Time now) {
  uint64_t taken = 0;
  while (taken < 100'000 && ratio.take(now))
    ++taken;
  return taken;
}

TEST_CASE("a fifth of a minute's requests may be retried, and ten in any case") {
  struct Row {
    uint64_t requests;
    uint64_t retries;
  };
  for (const Row& row : {Row{0, 10}, Row{1, 10}, Row{50, 10}, Row{51, 10}, Row{1'000, 200}}) {
    CAPTURE(row.requests);
    RetryRatio ratio;
    for (uint64_t i = 0; i < row.requests; ++i)
      ratio.note_request({i * 10 * kMillisecond, 0});
    CHECK(take_all(ratio, {15 * kSecond, 0}) == row.retries);
  }
}

TEST_CASE("what lies more than a minute back does not count") {
  RetryRatio ratio;
  for (int i = 0; i < 1'000; ++i)
    ratio.note_request({kSecond, 0});
  CHECK(take_all(ratio, {50 * kSecond, 0}) == 200);
  CHECK(take_all(ratio, {65 * kSecond, 0}) == 0);
  CHECK(take_all(ratio, {120 * kSecond, 0}) == 10);
}

}  // namespace
}  // namespace tollgate::router
