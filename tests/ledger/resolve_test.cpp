#include "ledger/ledger.hpp"
#include "support/catch.hpp"

namespace tollgate::ledger {
namespace {

constexpr Time kNow{1'000, 1'795'338'000'000};

Charge charge(std::string_view rule, int64_t need, int64_t limit) {
  Charge made;
  made.rule = rule;
  made.hash = charge_hash(text_hash(rule), 0);
  made.period = Period::kMonth;
  made.window = window_at(Period::kMonth, kNow.wall_ms, Zone());
  made.need = need;
  made.limit = limit;
  return made;
}

uint64_t reserve(Ledger& ledger, const Charge& one, uint64_t expires_ns = kNoDeadline) {
  AdmissionRequest request;
  request.charges = {&one, 1};
  request.amount = NanoUsd{one.need};
  request.expires_mono_ns = expires_ns;
  const Result<Admission> admitted = ledger.admit(request, kNow);
  REQUIRE(admitted.ok());
  REQUIRE(admitted.value().verdict == Verdict::kAdmitted);
  return admitted.value().reservation;
}

TEST_CASE("what is billed above a reservation is overrun and closes the counter") {
  Ledger ledger;
  const Charge one = charge("a", 10, 20);
  REQUIRE(ledger.settle(reserve(ledger, one), NanoUsd{25}, kNow).ok());
  const Balance balance = ledger.balance(one, kNow);
  CHECK(balance.settled == 10);
  CHECK(balance.overrun == 15);
  AdmissionRequest request;
  request.charges = {&one, 1};
  request.amount = NanoUsd{10};
  CHECK(ledger.admit(request, kNow).value().verdict == Verdict::kRefused);
}

TEST_CASE("a reservation nobody resolves is booked in full") {
  Ledger ledger;
  const Charge one = charge("a", 10, 20);
  const uint64_t id = reserve(ledger, one, 2'000);
  CHECK(ledger.balance(one, {1'999, kNow.wall_ms}).reserved == 10);
  CHECK(ledger.balance(one, {2'000, kNow.wall_ms}).settled == 10);
  CHECK(ledger.settle(id, NanoUsd{1}, kNow).code() == Code::kState);
}

TEST_CASE("corrections go on top, overrun first, and never below zero") {
  Ledger ledger;
  ledger.journal().enable();
  const Charge one = charge("a", 10, 1'000);
  REQUIRE(ledger.settle(reserve(ledger, one), NanoUsd{25}, kNow).ok());
  const auto spent = [&] { return ledger.balance(one, kNow); };
  REQUIRE(ledger.adjust(one, -20, "refund of order 7", kNow).ok());
  CHECK(spent().overrun == 0);
  CHECK(spent().settled == 5);
  REQUIRE(ledger.adjust(one, -100, "too much", kNow).ok());
  CHECK(spent().settled == 0);
  REQUIRE(ledger.adjust(one, 40, "a month's fee", kNow).ok());
  CHECK(spent().settled == 40);
  const Batch batch = ledger.journal().take();
  CHECK(batch.entries.back().note == "a month's fee");
  CHECK(batch.entries.back().kind == EntryKind::kAdjust);

  Charge sliding = one;
  sliding.measure = Measure::kRequests;
  sliding.period = Period::kMinute;
  CHECK(ledger.adjust(sliding, 1, "", kNow).code() == Code::kInvalid);
}

}  // namespace
}  // namespace tollgate::ledger
