#pragma once

// A ledger whose journal a store keeps, as one process of several has it; and what every store that
// several share must do.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.hpp"
#include "gateway/journal_keeper.hpp"
#include "support/catch.hpp"
#include "support/charge.hpp"

namespace tollgate::drivers {

using test::charge;
using test::kToday;

inline Time at(int64_t ms) {
  return {static_cast<uint64_t>(1'000'000 + ms) * kMillisecond, kToday + ms};
}

/// The store's side: gives the answer to a batch.
using Apply = std::function<std::string(std::string_view batch)>;
/// Opens the store once more, for another process.
using Open = std::function<Apply()>;

struct KeptLedger {
  std::shared_ptr<exchange::Environment> environment = std::make_shared<exchange::Environment>();
  gateway::JournalKeeper keeper{environment};
  Apply apply;

  KeptLedger(Apply store, uint64_t seed) : apply(std::move(store)) {
    environment->seed_high = seed;
    environment->seed_low = seed + 1;
    REQUIRE(keeper.start(at(0)).ok());
    write(at(0));
  }

  ledger::Ledger& ledger() { return *environment->ledger; }

  /// Writes all there is.
  void write(Time now) {
    for (std::string_view batch = keeper.next(now); !batch.empty(); batch = keeper.next(now))
      REQUIRE(keeper.done(apply(batch), now).ok());
  }

  /// A reservation that the store granted, or 0.
  uint64_t reserve(const ledger::Charge& charge, Time now) {
    ledger::AdmissionRequest request;
    request.charges = {&charge, 1};
    request.amount = NanoUsd{charge.need};
    const Result<ledger::Admission> admission = ledger().admit(request, now);
    REQUIRE(admission.ok());
    if (admission.value().verdict != ledger::Verdict::kAdmitted) return 0;
    write(now);
    const uint64_t id = admission.value().reservation;
    return ledger().is_open(id) ? id : 0;
  }

  void settle(uint64_t id, int64_t used, Time now) {
    REQUIRE(ledger().settle(id, {NanoUsd{used}, used}, now).ok());
    write(now);
  }
};

/// A counter of calendar windows that several processes use up together.
struct SharedCase {
  const char* name;
  Measure measure;
  Period period;
};
inline constexpr SharedCase kSharedCases[] = {
    {"a day's money", Measure::kMoney, Period::kDay},
    {"money for good", Measure::kMoney, Period::kLifetime},
    {"a week's tokens", Measure::kTokens, Period::kWeek},
    {"a month's requests", Measure::kRequests, Period::kMonth}};
inline constexpr int64_t kSharedLimit = 100'000;

/// Three processes at random; checks that settled + reserved <= limit at every step and that nearly
/// all of it is used. Gives what was settled.
int64_t use_up_together(const SharedCase& row, const Open& open);
/// Slots of two processes, and what one learns that starts later.
void check_slots(const Open& open);
void check_late_start(const Open& open);
/// Corrections are made once, whichever process makes them, also two at the same moment.
void check_corrections(const Open& open);

}  // namespace tollgate::drivers
