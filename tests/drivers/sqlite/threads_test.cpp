// Threads that spend while another one writes the journal, as in a server. Under the thread
// sanitizer this shows races of ledger, limiter, journal and store; in every build it shows that
// the limits hold and that the file has what was settled.

#include <array>
#include <atomic>
#include <barrier>
#include <string>
#include <thread>
#include <vector>

#include "file.hpp"
#include "ledger/lease.hpp"

namespace tollgate::sqlite_driver {
namespace {

using drivers::at;
using drivers::charge;
using drivers::KeptLedger;
using ledger::Charge;
using ledger::Lease;

constexpr size_t kSpenders = 3;
constexpr int64_t kLimit = 20'000;
constexpr int64_t kNeed = 90;
constexpr int64_t kCost = 70;
constexpr int64_t kPace = 1'000'000;

struct Tally {
  int64_t settled = 0;
  int64_t given_back = 0;
  int64_t faults = 0;
};

/// Waits until the writer has the reservation in the file. False when the store refused it.
bool await_file(ledger::Ledger& ledger, const Lease& lease) {
  while (!ledger.journal().is_durable(lease.sequence(), 0))
    std::this_thread::yield();
  return lease.is_held();
}

/// Spends until the budget has no room; every seventh attempt is given back.
Tally spend(const std::shared_ptr<ledger::Ledger>& ledger, std::atomic<int64_t>& clock) {
  Tally tally;
  const Charge budget = charge("team", Measure::kMoney, Period::kMonth, kLimit, kNeed);
  const Charge pace = charge("pace", Measure::kRequests, Period::kMinute, kPace, 1);
  const Charge slots = charge("slots", Measure::kSlots, Period::kLifetime, kSpenders, 1);
  const std::array<Charge, 3> charges = {budget, pace, slots};
  while (true) {
    const Time now = at(clock.fetch_add(1));
    ledger::AdmissionRequest request;
    request.charges = charges;
    request.amount = NanoUsd{kNeed};
    const Result<ledger::Admission> admission = ledger->admit(request, now);
    if (!admission.ok()) {
      ++tally.faults;
      return tally;
    }
    if (admission.value().verdict == ledger::Verdict::kWait) continue;
    if (admission.value().verdict == ledger::Verdict::kRefused) return tally;
    Lease lease = Lease::take(ledger, admission.value(), NanoUsd{kNeed});
    if (!await_file(*ledger, lease)) continue;
    const ledger::Balance seen = ledger->balance(budget, now);
    if (seen.settled + seen.reserved > kLimit) ++tally.faults;
    if ((tally.settled + tally.given_back) % 7 == 6) {
      if (!lease.release(now)) ++tally.faults;
      ++tally.given_back;
    } else {
      if (!lease.settle(NanoUsd{kCost}, now)) ++tally.faults;
      ++tally.settled;
    }
  }
}

TEST_CASE("threads spend from one budget while another writes the file") {
  const Folder folder;
  KeptLedger kept(apply_to(folder.file()), 1);
  const std::shared_ptr<ledger::Ledger> shared = kept.environment->ledger;
  std::atomic<int64_t> clock = 1;
  std::atomic<size_t> at_work = kSpenders;
  std::array<Tally, kSpenders> tallies;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kSpenders; ++i) {
    threads.emplace_back([&, i] {
      tallies[i] = spend(shared, clock);
      --at_work;
    });
  }
  while (at_work != 0)
    kept.write(at(clock));
  for (std::thread& thread : threads)
    thread.join();
  kept.write(at(clock));

  int64_t settled = 0;
  for (const Tally& tally : tallies) {
    CHECK(tally.faults == 0);
    settled += tally.settled * kCost;
  }
  CHECK(settled <= kLimit);
  CHECK(settled > kLimit - kNeed);
  CHECK(shared->open_reservations() == 0);
  CHECK(number(folder.file(), "SELECT settled FROM counter WHERE rule='team'") == settled);
  CHECK(number(folder.file(), "SELECT sum(reserved) FROM counter") == 0);
  CHECK(number(folder.file(), "SELECT count(*) FROM hold") == 0);
}

/// What any of those who open the file at the same moment were told.
std::string open_together(const std::string& file) {
  constexpr size_t kOpeners = 4;
  std::array<std::string, kOpeners> told;
  std::barrier start(kOpeners);
  {
    std::array<std::jthread, kOpeners> threads;
    for (size_t i = 0; i < kOpeners; ++i) {
      threads[i] = std::jthread([&, i] {
        start.arrive_and_wait();
        if (open_store(file, &told[i]) == nullptr && told[i].empty()) told[i] = "nothing";
      });
    }
  }
  for (const std::string& why : told) {
    if (!why.empty()) return why;
  }
  return {};
}

TEST_CASE("workers that start together open a new file together") {
  for (int round = 0; round < 40; ++round) {
    const Folder folder;
    const std::string why = open_together(folder.file());
    REQUIRE(why == "");
  }
}

}  // namespace
}  // namespace tollgate::sqlite_driver
