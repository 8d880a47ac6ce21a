// Four threads on one ledger. Under a thread sanitizer this shows races; in every build it shows
// that the limit holds while many admit at once, and that each reservation resolves exactly once.

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/rng.hpp"
#include "ledger/lease.hpp"
#include "support/catch.hpp"

namespace tollgate::ledger {

namespace {

constexpr size_t kThreads = 4;
constexpr size_t kRounds = 20'000;
constexpr int64_t kLimit = 2'000'000;

template <typename Body>
void in_threads(const Body& body) {
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kThreads; ++i)
    threads.emplace_back([&body, i] { body(i); });
  for (std::thread& thread : threads)
    thread.join();
}

struct Tally {
  int64_t settled = 0;
  int64_t overrun = 0;
  size_t admitted = 0;
  size_t broken = 0;
};

/// One thread's work: reserves in the shared scope and its own, and resolves in every way.
Tally work(const std::shared_ptr<Ledger>& ledger, size_t number) {
  Tally tally;
  Rng rng(number + 1);
  const std::string own = "own:" + std::to_string(number);
  for (size_t round = 0; round < kRounds; ++round) {
    const Time now{round, 0};
    const auto amount = static_cast<int64_t>(1 + rng.below(300));
    const auto admission = ledger->admit({{"shared", own}, NanoUsd{amount}, kNoDeadline}, now);
    if (!admission.ok()) {
      ++tally.broken;
      continue;
    }
    if (admission.value().verdict != Verdict::kAdmitted) continue;
    ++tally.admitted;
    std::optional<Lease> lease = Lease::take(ledger, admission.value(), NanoUsd{amount});
    const Balance seen = ledger->balance("shared", now);
    if (seen.settled + seen.reserved > kLimit) ++tally.broken;

    const uint64_t way = rng.below(100);
    if (way < 60) {
      if (!lease->settle(NanoUsd{amount / 2}, now)) ++tally.broken;
      tally.settled += amount / 2;
    } else if (way < 80) {
      if (!lease->release(now)) ++tally.broken;
    } else if (way < 81) {
      if (!lease->settle(NanoUsd{amount + 5}, now)) ++tally.broken;
      tally.settled += amount;
      tally.overrun += 5;
    } else {
      lease.reset();
      tally.settled += amount;
    }
  }
  return tally;
}

}  // namespace

TEST_CASE("four threads never spend above the limit, and no cost is lost") {
  const auto ledger = std::make_shared<Ledger>();
  REQUIRE(ledger->set_limit("shared", kLimit).ok());
  std::array<Tally, kThreads> tallies;
  in_threads([&](size_t i) { tallies[i] = work(ledger, i); });

  Tally sum;
  for (size_t i = 0; i < kThreads; ++i) {
    const Balance own = ledger->balance("own:" + std::to_string(i), Time{});
    CHECK(own.settled == tallies[i].settled);
    CHECK(own.overrun == tallies[i].overrun);
    sum.settled += tallies[i].settled;
    sum.overrun += tallies[i].overrun;
    sum.admitted += tallies[i].admitted;
    sum.broken += tallies[i].broken;
  }
  CHECK(sum.broken == 0);
  const Balance shared = ledger->balance("shared", Time{});
  CHECK(shared.settled == sum.settled);
  CHECK(shared.overrun == sum.overrun);
  CHECK(shared.reserved == 0);
  CHECK(shared.settled <= kLimit);
  CHECK(ledger->open_reservations() == 0);
  // The limit was met: without it the threads would have admitted every round.
  CHECK(sum.admitted < kThreads * kRounds);
}

TEST_CASE("of four threads that resolve the same reservation one wins") {
  Ledger ledger;
  constexpr size_t kCount = 2'000;
  std::vector<uint64_t> ids;
  for (size_t i = 0; i < kCount; ++i) {
    const auto admission = ledger.admit({{"a"}, NanoUsd{10}, 1'000}, Time{});
    REQUIRE(admission.ok());
    ids.push_back(admission.value().reservation);
  }
  std::atomic<size_t> won{0};
  in_threads([&](size_t thread) {
    for (const uint64_t id : ids) {
      const Status status =
          thread % 2 == 0 ? ledger.settle(id, NanoUsd{10}, Time{}) : ledger.release(id, Time{});
      if (status.ok()) ++won;
    }
  });
  CHECK(won == kCount);
  CHECK(ledger.open_reservations() == 0);
  CHECK(ledger.balance("a", Time{}).reserved == 0);
}

TEST_CASE("limits may change while others admit") {
  Ledger ledger;
  std::atomic<size_t> broken{0};
  in_threads([&](size_t thread) {
    Rng rng(thread + 100);
    for (size_t round = 0; round < kRounds / 4; ++round) {
      const std::string name = "scope:" + std::to_string(rng.below(50));
      if (thread == 0) {
        if (!ledger.set_limit(name, static_cast<int64_t>(rng.below(100'000))).ok()) ++broken;
        continue;
      }
      const uint64_t expires = round + rng.below(20);
      const auto admission = ledger.admit({{name, "all"}, NanoUsd{10}, expires}, Time{round, 0});
      if (!admission.ok()) ++broken;
    }
  });
  CHECK(broken == 0);
  ledger.balance("all", Time{kRounds, 0});
  CHECK(ledger.open_reservations() == 0);
}

}  // namespace tollgate::ledger
