#include "ledger/scope.hpp"

#include "support/catch.hpp"

namespace tollgate::ledger {
namespace {

TEST_CASE("a window that is over is kept while something is reserved in it") {
  Scope scope;
  scope.window = {0, 100};
  scope.balance = {.settled = 5, .reserved = 2};
  scope.roll({100, 200});
  CHECK(scope.balance.settled == 0);
  REQUIRE(scope.balance_of(0) != nullptr);
  CHECK(scope.balance_of(0)->settled == 5);
  scope.roll({0, 100});
  CHECK(scope.window.start_ms == 100);
  scope.balance.settled = 7;
  scope.roll({200, 300});
  CHECK(scope.balance_of(100) == nullptr);
}

TEST_CASE("only what nobody needs is idle") {
  const Time later{1'000, 200};
  Scope scope;
  scope.window = {0, 100};
  scope.balance.settled = 5;
  CHECK_FALSE(scope.is_idle({0, 50}));
  CHECK(scope.is_idle(later));
  scope.journal_refs = 1;
  CHECK_FALSE(scope.is_idle(later));
  scope.journal_refs = 0;
  scope.balance.reserved = 1;
  CHECK_FALSE(scope.is_idle(later));
  scope.balance = {.limit = 5};
  CHECK_FALSE(scope.is_idle(later));

  Scope sliding;
  sliding.measure = Measure::kRequests;
  sliding.period = Period::kMinute;
  sliding.log = std::make_unique<SlidingLog>(60);
  sliding.log->add(1'000, 1);
  CHECK_FALSE(sliding.is_idle({1'059, 0}));
  CHECK(sliding.is_idle({1'060, 0}));
}

}  // namespace
}  // namespace tollgate::ledger
