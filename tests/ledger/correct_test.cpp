#include "ledger/journal_text.hpp"
#include "ledger/ledger.hpp"
#include "support/catch.hpp"

namespace tollgate::ledger {
namespace {

constexpr Time kNow{1'000, 1'795'338'000'000};

Charge charge(std::string_view rule, Period period = Period::kMonth) {
  Charge made;
  made.rule = rule;
  made.hash = charge_hash(text_hash(rule), text_hash(""));
  made.period = period;
  made.window = window_at(period, kNow.wall_ms, Zone());
  made.limit = 100;
  return made;
}

void spend(Ledger& ledger, Charge one, int64_t need, int64_t cost) {
  one.need = need;
  AdmissionRequest request;
  request.charges = {&one, 1};
  request.amount = NanoUsd{need};
  const Result<Admission> admitted = ledger.admit(request, kNow);
  REQUIRE(admitted.value().verdict == Verdict::kAdmitted);
  REQUIRE(ledger.settle(admitted.value().reservation, NanoUsd{cost}, kNow).ok());
}

TEST_CASE("a correction is made once, in all its counters") {
  Ledger ledger;
  const Charge month = charge("m");
  const Charge day = charge("d", Period::kDay);
  spend(ledger, month, 50, 50);
  const Correction both[] = {{month, 20}, {day, 5}};
  CHECK(ledger.correct("c-1", both, "by hand", kNow).value() == 2);
  CHECK(ledger.balance(month, kNow).spent() == 70);
  CHECK(ledger.balance(day, kNow).spent() == 5);
  CHECK(ledger.correct("c-1", both, "by hand", kNow).status().code() == Code::kState);
  CHECK(ledger.balance(month, kNow).spent() == 70);
  CHECK(ledger.correct("c-2", both, "again, on purpose", kNow).value() == 2);
  CHECK(ledger.balance(month, kNow).spent() == 90);
  CHECK(ledger.open_reservations() == 0);
}

TEST_CASE("a refund takes overrun first, and nothing below zero") {
  Ledger ledger;
  const Charge month = charge("m");
  spend(ledger, month, 50, 80);
  const Correction some[] = {{month, -40}};
  REQUIRE(ledger.correct("a", some, "", kNow).ok());
  CHECK(ledger.balance(month, kNow).overrun == 0);
  CHECK(ledger.balance(month, kNow).settled == 40);
  const Correction more[] = {{month, -400}};
  REQUIRE(ledger.correct("b", more, "", kNow).ok());
  CHECK(ledger.balance(month, kNow).spent() == 0);
}

TEST_CASE("what was settled before a restart, or elsewhere, can be given back") {
  Ledger ledger;
  const Charge month = charge("m");
  Outside outside;
  outside.rule = "m";
  outside.period = Period::kMonth;
  outside.window = month.window;
  outside.spent = 60;
  REQUIRE(ledger.note_outside(outside, kNow).ok());
  spend(ledger, month, 10, 10);
  const Correction some[] = {{month, -30}};
  REQUIRE(ledger.correct("a", some, "", kNow).ok());
  CHECK(ledger.balance(month, kNow).spent() == 40);
  const Correction more[] = {{month, -300}};
  REQUIRE(ledger.correct("b", more, "", kNow).ok());
  CHECK(ledger.balance(month, kNow).spent() == 0);
  spend(ledger, month, 100, 100);
  CHECK(ledger.balance(month, kNow).spent() == 100);
}

TEST_CASE("what cannot be corrected") {
  Ledger ledger;
  Charge minute = charge("r", Period::kMinute);
  minute.measure = Measure::kTokens;
  const Correction sliding[] = {{minute, 1}};
  CHECK(ledger.correct("x", sliding, "", kNow).status().code() == Code::kInvalid);
  CHECK(ledger.correct("", {}, "", kNow).status().code() == Code::kInvalid);
  CHECK(ledger.correct(std::string(129, 'x'), {}, "", kNow).status().code() == Code::kInvalid);
  // A day that is over limits nothing any more; the rest of the correction is made.
  const Charge day = charge("d", Period::kDay);
  const Time tomorrow{kNow.mono_ns, kNow.wall_ms + 86'400'000};
  Charge today = day;
  today.window = window_at(Period::kDay, tomorrow.wall_ms, Zone());
  Charge need = today;
  need.need = 1;
  AdmissionRequest request;
  request.charges = {&need, 1};
  REQUIRE(ledger.admit(request, tomorrow).ok());
  const Correction both[] = {{day, 5}, {charge("m"), 5}};
  CHECK(ledger.correct("late", both, "", tomorrow).value() == 1);
}

TEST_CASE("a window that has not begun ends none that is running") {
  Ledger ledger;
  const Correction today[] = {{charge("d", Period::kDay), 5}};
  REQUIRE(ledger.correct("now", today, "", kNow).value() == 1);
  Charge tomorrow = charge("d", Period::kDay);
  tomorrow.window = window_at(Period::kDay, kNow.wall_ms + 86'400'000, Zone());
  const Correction early[] = {{tomorrow, 7}};
  CHECK(ledger.correct("early", early, "", kNow).value() == 0);
  REQUIRE(ledger.correct("more", today, "", kNow).value() == 1);
  const Correction least[] = {{charge("d", Period::kDay), INT64_MIN}};
  REQUIRE(ledger.correct("all", least, "", kNow).value() == 1);
}

TEST_CASE("the journal has a correction as one reservation that a store takes or refuses whole") {
  Ledger ledger;
  ledger.journal().enable();
  const Correction one[] = {{charge("m"), -7}};
  REQUIRE(ledger.correct("c-1", one, "a refund", kNow).ok());
  const Batch batch = ledger.journal().take(1);
  REQUIRE(batch.entries.size() == 4);
  for (const Entry& entry : batch.entries)
    CHECK(entry.reservation == batch.entries[0].reservation);
  const std::string text = batch_text({"i", 1, kNow.wall_ms, false}, batch);
  CHECK(text.find(
            R"("rule":"correction/c-1","entity":"","measure":"requests","period":"lifetime")") !=
        std::string::npos);
  CHECK(text.find(R"("limit":1)") != std::string::npos);
  CHECK(text.find(R"("note":"a refund")") != std::string::npos);
  // What another process has made is known from the store.
  Ledger other;
  Outside outside;
  outside.rule = "correction/c-1";
  outside.measure = Measure::kRequests;
  outside.spent = 1;
  REQUIRE(other.note_outside(outside, kNow).ok());
  CHECK(other.correct("c-1", one, "a refund", kNow).status().code() == Code::kState);
}

}  // namespace
}  // namespace tollgate::ledger
