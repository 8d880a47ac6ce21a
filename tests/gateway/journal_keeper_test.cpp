#include "gateway/journal_keeper.hpp"

#include "support/catch.hpp"

namespace tollgate::gateway {
namespace {

Time at(uint64_t ms) {
  return {ms * kMillisecond, 1'795'338'000'000 + static_cast<int64_t>(ms)};
}

std::string answer(uint64_t number, const std::string& refused = "") {
  return R"({"batch":)" + std::to_string(number) + R"(,"refused":[)" + refused +
         R"(],"counters":[]})";
}

struct Kept {
  std::shared_ptr<exchange::Environment> environment = std::make_shared<exchange::Environment>();
  JournalKeeper keeper{environment};

  Kept() {
    REQUIRE(keeper.start(at(0)).ok());
    REQUIRE_FALSE(keeper.next(at(0)).empty());
    REQUIRE(keeper.done(answer(1), at(0)).ok());
  }
  uint64_t reserve(Time now) {
    ledger::Charge charge;
    charge.rule = "r";
    charge.hash = ledger::charge_hash(text_hash("r"), text_hash(""));
    charge.limit = 100;
    charge.need = 10;
    ledger::AdmissionRequest request;
    request.charges = {&charge, 1};
    const auto admission = environment->ledger->admit(request, now);
    REQUIRE(admission.ok());
    return admission.value().reservation;
  }
};

TEST_CASE("nothing is written before the start, and then every counter is asked for once") {
  const auto environment = std::make_shared<exchange::Environment>();
  JournalKeeper keeper(environment);
  CHECK(keeper.next(at(0)).empty());
  CHECK(keeper.deadline_ns(at(0)) == kNoDeadline);
  CHECK(keeper.done(answer(1), at(0)).code() == Code::kState);
  CHECK(keeper.failed(at(0)).code() == Code::kState);
  REQUIRE(keeper.start(at(0)).ok());
  CHECK(keeper.start(at(0)).code() == Code::kState);
  const std::string first(keeper.next(at(0)));
  CHECK(first.find(R"("counters":true)") != std::string::npos);
  REQUIRE(keeper.done(answer(1), at(0)).ok());
  CHECK(keeper.next(at(1)).empty());
  // A sign of life.
  const std::string second(keeper.next(at(5'000)));
  CHECK(second.find(R"("batch":2)") != std::string::npos);
  CHECK(second.find("counters") == std::string::npos);
}

TEST_CASE("who cannot be woken looks again soon") {
  Kept kept;
  CHECK(kept.keeper.deadline_ns(at(1)) == 51 * kMillisecond);
  kept.environment->waker.wake = [](uint64_t, void*) {};
  CHECK(kept.keeper.deadline_ns(at(1)) == 5 * kSecond);
  const uint64_t reservation = kept.reserve(at(2));
  CHECK(reservation != 0);
  CHECK(kept.keeper.deadline_ns(at(2)) == 52 * kMillisecond);
}

TEST_CASE("a batch that failed comes again as it was, later each time") {
  Kept kept;
  kept.reserve(at(1));
  const std::string batch(kept.keeper.next(at(1)));
  REQUIRE(batch.find(R"("kind":"reserve")") != std::string::npos);
  kept.reserve(at(2));
  CHECK(kept.keeper.next(at(2)).empty());
  REQUIRE(kept.keeper.failed(at(2)).ok());
  CHECK(kept.keeper.next(at(50)).empty());
  CHECK(kept.keeper.deadline_ns(at(50)) == 102 * kMillisecond);
  CHECK(kept.keeper.next(at(102)) == batch);
  // An answer to something else is no answer.
  CHECK(kept.keeper.done(answer(9), at(103)).code() == Code::kInvalid);
  CHECK(kept.keeper.deadline_ns(at(103)) == 303 * kMillisecond);
  CHECK(kept.keeper.next(at(303)) == batch);
  REQUIRE(kept.keeper.done(answer(2), at(304)).ok());
  CHECK(kept.keeper.next(at(304)).find(R"("batch":3)") != std::string::npos);
}

TEST_CASE("who was refused is not open any more, and safe is who was not") {
  Kept kept;
  const uint64_t refused = kept.reserve(at(1));
  const uint64_t granted = kept.reserve(at(1));
  REQUIRE_FALSE(kept.keeper.next(at(1)).empty());
  ledger::Ledger& ledger = *kept.environment->ledger;
  CHECK_FALSE(ledger.journal().is_durable(2, 0));
  REQUIRE(kept.keeper.done(answer(2, '"' + std::to_string(refused) + '"'), at(2)).ok());
  CHECK(ledger.journal().is_durable(2, 0));
  CHECK_FALSE(ledger.is_open(refused));
  CHECK(ledger.is_open(granted));
  CHECK(ledger.open_reservations() == 1);
  // Settlements are looked for while something is open.
  CHECK(kept.keeper.deadline_ns(at(3)) == 53 * kMillisecond);
}

}  // namespace
}  // namespace tollgate::gateway
