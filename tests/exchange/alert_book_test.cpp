#include "exchange/alert_book.hpp"

#include "ledger/ledger.hpp"
#include "support/catch.hpp"

namespace tollgate::exchange {
namespace {

Alert alert_due(uint64_t due_ns, const std::string& budget = "b") {
  Alert alert;
  alert.budget = budget;
  alert.due_ns = due_ns;
  return alert;
}

TEST_CASE("a threshold is noted once for each counter and window") {
  AlertBook book;
  const Window today{0, 100};
  const Window tomorrow{100, 200};
  CHECK(book.is_new("alert/b/75", "ann", today, 1));
  CHECK_FALSE(book.is_new("alert/b/75", "ann", today, 2));
  CHECK(book.is_new("alert/b/90", "ann", today, 2));
  CHECK(book.is_new("alert/b/75", "bob", today, 2));
  CHECK(book.is_new("alert/b/75", "ann", tomorrow, 101));
  CHECK_FALSE(book.is_new("alert/b/75", "ann", tomorrow, 102));
}

TEST_CASE("alerts come out when they are due, the first one first") {
  AlertBook book;
  CHECK_FALSE(book.waits());
  book.put(alert_due(50, "later"));
  book.put(alert_due(10, "sooner"));
  CHECK(book.waits());
  CHECK_FALSE(book.take({9, 0}));
  CHECK(book.take({10, 0})->budget == "sooner");
  CHECK_FALSE(book.take({10, 0}));
  CHECK(book.take({60, 0})->budget == "later");
  CHECK_FALSE(book.waits());
}

TEST_CASE("more alerts than there is room for are dropped and counted") {
  AlertBook book;
  for (size_t i = 0; i < AlertBook::kWaitingMax + 3; ++i)
    book.put(alert_due(0));
  CHECK(book.counts().dropped == 3);
  book.count_delivered();
  book.count_retry();
  book.count_failure();
  CHECK(book.counts().delivered == 1);
  CHECK(book.counts().retried == 1);
  CHECK(book.counts().failed == 1);
}

TEST_CASE("what is known of thresholds is bounded") {
  AlertBook book;
  for (size_t i = 0; i < AlertBook::kKnownMax; ++i)
    REQUIRE(book.is_new("m", std::to_string(i), {0, 100}, 1));
  CHECK_FALSE(book.is_new("m", "7", {0, 100}, 1));
  // Windows that are over make room.
  CHECK(book.is_new("m", "one more", {100, 200}, 100));
  CHECK_FALSE(book.is_new("m", "one more", {100, 200}, 101));
}

TEST_CASE("a mark is a limit of one in the budget's own window") {
  Alert alert;
  alert.mark = "alert/budget/b/cost_per_day/75/webhook:1";
  alert.entity = "ann";
  alert.period = Period::kDay;
  alert.window = {0, 100};
  const ledger::Charge charge = alert.charge();
  ledger::Ledger ledger;
  ledger::AdmissionRequest request;
  request.charges = {&charge, 1};
  const auto first = ledger.admit(request, {1, 1});
  REQUIRE(first.value().verdict == ledger::Verdict::kAdmitted);
  CHECK(ledger.admit(request, {1, 1}).value().verdict != ledger::Verdict::kAdmitted);
  REQUIRE(ledger.settle(first.value().reservation, NanoUsd{}, {2, 2}).ok());
  CHECK(ledger.admit(request, {3, 3}).value().verdict == ledger::Verdict::kRefused);
}

}  // namespace
}  // namespace tollgate::exchange
