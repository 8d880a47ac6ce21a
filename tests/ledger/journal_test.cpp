#include "ledger/journal.hpp"

#include "ledger/ledger.hpp"
#include "support/catch.hpp"

namespace tollgate::ledger {
namespace {

constexpr Time kNow{1'000, 1'795'338'000'000};

Charge day_charge(std::string_view rule, int64_t need, int64_t limit = 100) {
  Charge charge;
  charge.rule = rule;
  charge.hash = charge_hash(text_hash(rule), 0);
  charge.period = Period::kDay;
  charge.window = window_at(Period::kDay, kNow.wall_ms, Zone());
  charge.need = need;
  charge.limit = limit;
  return charge;
}

Result<Admission> admit(Ledger& ledger, std::vector<Charge> charges, int64_t amount) {
  AdmissionRequest request;
  request.charges = charges;
  request.amount = NanoUsd{amount};
  return ledger.admit(request, kNow);
}

std::string shown(const Batch& batch) {
  std::string text;
  for (const Entry& entry : batch.entries) {
    text += std::string(entry_kind_name(entry.kind)) + " " + entry.scope->rule + " " +
            std::to_string(entry.amount) + "+" + std::to_string(entry.overrun) + "; ";
  }
  return text;
}

TEST_CASE("every change of a calendar counter is written in order") {
  Ledger ledger;
  ledger.journal().enable();
  const auto first = admit(ledger, {day_charge("a", 10), day_charge("b", 10)}, 10);
  const auto second = admit(ledger, {day_charge("a", 20)}, 20);
  REQUIRE(ledger.settle(first.value().reservation, NanoUsd{12}, kNow).ok());
  REQUIRE(ledger.release(second.value().reservation, kNow).ok());
  CHECK(shown(ledger.journal().take()) ==
        "reserve a 10+0; reserve b 10+0; reserve a 20+0; settle a 10+2; settle b 10+2; "
        "release a 0+0; ");
  CHECK(ledger.journal().take().entries.empty());
}

TEST_CASE("an entry names the window it belongs to, whatever is in force when it is written") {
  Ledger ledger;
  ledger.journal().enable();
  const auto one = admit(ledger, {day_charge("a", 10)}, 10);
  const Window day = day_charge("a", 0).window;
  const Time tomorrow{2'000, day.end_ms + 1};
  Charge next = day_charge("a", 1);
  next.window = window_at(Period::kDay, tomorrow.wall_ms, Zone());
  AdmissionRequest request;
  const std::vector<Charge> charges = {next};
  request.charges = charges;
  request.amount = NanoUsd{1};
  REQUIRE(ledger.admit(request, tomorrow).ok());
  REQUIRE(ledger.settle(one.value().reservation, NanoUsd{4}, tomorrow).ok());
  const Batch batch = ledger.journal().take();
  REQUIRE(batch.entries.size() == 3);
  CHECK(batch.entries[0].window == day);
  CHECK(batch.entries[1].window == next.window);
  CHECK(batch.entries[2].window == day);
  CHECK(batch.entries[2].kind == EntryKind::kSettle);
}

TEST_CASE("an entry is durable once its batch is acknowledged, and who waited is told") {
  Ledger ledger;
  ledger.journal().enable();
  Journal& journal = ledger.journal();
  const auto first = admit(ledger, {day_charge("a", 1)}, 1);
  REQUIRE(first.value().sequence == 1);
  CHECK_FALSE(journal.is_durable(1, 71));
  const Batch batch = journal.take();
  const auto second = admit(ledger, {day_charge("a", 1)}, 1);
  CHECK_FALSE(journal.is_durable(second.value().sequence, 72));
  CHECK(journal.acknowledge(batch) == std::vector<uint64_t>{71});
  CHECK(journal.is_durable(1, 71));
  CHECK_FALSE(journal.is_durable(2, 0));
}

TEST_CASE("a batch that could not be written comes first the next time") {
  Ledger ledger;
  ledger.journal().enable();
  admit(ledger, {day_charge("a", 1)}, 1).value();
  Batch batch = ledger.journal().take();
  admit(ledger, {day_charge("b", 1)}, 1).value();
  ledger.journal().put_back(std::move(batch));
  CHECK(shown(ledger.journal().take()) == "reserve a 1+0; reserve b 1+0; ");
}

TEST_CASE("without a keeper nothing is written and nobody waits") {
  Ledger ledger;
  const auto admitted = admit(ledger, {day_charge("a", 1)}, 1);
  CHECK(admitted.value().sequence == 0);
  CHECK(ledger.journal().is_durable(0, 1));
  CHECK(ledger.journal().take().entries.empty());
}

TEST_CASE("a counter comes back as it was, open reservations in full") {
  Ledger ledger;
  ledger.journal().enable();
  const Window today = day_charge("a", 0).window;
  REQUIRE(ledger.restore({"a", "", Measure::kMoney, Period::kDay, today, 40, 3, 20}, kNow).ok());
  const Balance balance = ledger.balance(day_charge("a", 0), kNow);
  CHECK(balance.settled == 60);
  CHECK(balance.overrun == 3);
  CHECK(shown(ledger.journal().take()) == "recover a 20+0; ");
  CHECK(admit(ledger, {day_charge("a", 38)}, 38).value().verdict == Verdict::kRefused);
  CHECK(admit(ledger, {day_charge("a", 37)}, 37).value().verdict == Verdict::kAdmitted);
}

}  // namespace
}  // namespace tollgate::ledger
