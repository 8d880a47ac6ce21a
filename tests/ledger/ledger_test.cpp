#include "ledger/ledger.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"

namespace tollgate::ledger {

namespace {

constexpr Time at(uint64_t mono_ns) {
  return Time{mono_ns, 0};
}

uint64_t reserve(Ledger& ledger, std::vector<std::string_view> scopes, int64_t amount,
                 uint64_t expires = kNoDeadline) {
  const Result<Admission> admission =
      ledger.admit({std::move(scopes), NanoUsd{amount}, expires}, at(0));
  REQUIRE(admission.ok());
  REQUIRE(admission.value().verdict == Verdict::kAdmitted);
  REQUIRE(admission.value().reservation != 0);
  return admission.value().reservation;
}

struct Books {
  int64_t limit, settled, reserved, overrun;
  friend bool operator==(const Books&, const Books&) = default;
};

Books books(Ledger& ledger, std::string_view scope, uint64_t now = 0) {
  const Balance balance = ledger.balance(scope, at(now));
  return {balance.limit, balance.settled, balance.reserved, balance.overrun};
}

/// One scope with these books, and what an amount comes to.
struct VerdictCase {
  const char* name;
  int64_t limit;
  int64_t settled;
  int64_t reserved;
  int64_t overrun;
  int64_t amount;
  Verdict verdict;
  int64_t left;
};

const VerdictCase kVerdictCases[] = {
    {"fits", 100, 0, 0, 0, 60, Verdict::kAdmitted, 0},
    {"fits exactly", 100, 40, 0, 0, 60, Verdict::kAdmitted, 0},
    {"fits exactly beside a reservation", 100, 20, 20, 0, 60, Verdict::kAdmitted, 0},
    {"one too much for what is spent", 100, 41, 0, 0, 60, Verdict::kRefused, 59},
    {"one too much for what is reserved", 100, 20, 21, 0, 60, Verdict::kWait, 80},
    {"above the whole limit", 100, 0, 50, 0, 101, Verdict::kRefused, 100},
    {"overrun counts as spent", 100, 10, 0, 50, 41, Verdict::kRefused, 40},
    {"what overrun leaves can be used", 100, 10, 0, 50, 40, Verdict::kAdmitted, 0},
    {"an overrun above the limit closes the scope", 100, 10, 0, 500, 1, Verdict::kRefused, 0},
    {"also for nothing", 100, 10, 0, 500, 0, Verdict::kRefused, 0},
    {"nothing fits into a full scope", 100, 100, 0, 0, 0, Verdict::kAdmitted, 0},
    {"nothing fits into a fully reserved scope", 100, 0, 100, 0, 0, Verdict::kAdmitted, 0},
    {"a limit of 0 refuses what costs", 0, 0, 0, 0, 1, Verdict::kRefused, 0},
    {"a limit of 0 admits what is free", 0, 0, 0, 0, 0, Verdict::kAdmitted, 0},
    {"no limit refuses nothing", kUnlimited, 5'000, 5'000, 5'000, 1'000'000'000'000'000,
     Verdict::kAdmitted, 0},
    // A wrong price must not block people who have no budget at all.
    {"no limit, even after an absurd cost", kUnlimited, 10, 0, INT64_MAX - 10, 1,
     Verdict::kAdmitted, 0},
    {"an absurd cost closes a limit", INT64_MAX - 1, 10, 0, INT64_MAX - 10, 1, Verdict::kRefused,
     0},
};

void prepare(Ledger& ledger, const VerdictCase& row) {
  const uint64_t spent = reserve(ledger, {"team:a"}, row.settled);
  REQUIRE(ledger.settle(spent, NanoUsd{row.settled + row.overrun}, at(0)).ok());
  if (row.reserved > 0) reserve(ledger, {"team:a"}, row.reserved);
  REQUIRE(ledger.set_limit("team:a", row.limit).ok());
}

struct ResolutionCase {
  const char* name;
  int64_t cost;  ///< -1: given back.
  Books after;
};

const ResolutionCase kResolutionCases[] = {
    {"below the reservation", 30, {1'000, 30, 0, 0}},
    {"exactly", 100, {1'000, 100, 0, 0}},
    {"for nothing", 0, {1'000, 0, 0, 0}},
    {"above the reservation", 130, {1'000, 100, 0, 30}},
    {"above the limit", 5'000, {1'000, 100, 0, 4'900}},
    {"given back", -1, {1'000, 0, 0, 0}},
};

Status resolve(Ledger& ledger, uint64_t id, int64_t cost, uint64_t now) {
  return cost < 0 ? ledger.release(id, at(now)) : ledger.settle(id, NanoUsd{cost}, at(now));
}

}  // namespace

TEST_CASE("a scope's books decide about an amount") {
  for (const VerdictCase& row : kVerdictCases) {
    INFO(row.name);
    Ledger ledger;
    prepare(ledger, row);
    const Books before = books(ledger, "team:a");
    REQUIRE(before == Books{row.limit, row.settled, row.reserved, row.overrun});
    const auto admission = ledger.admit({{"team:a"}, NanoUsd{row.amount}, kNoDeadline}, at(0));
    REQUIRE(admission.ok());
    const Admission& got = admission.value();
    CHECK(got.verdict == row.verdict);
    CHECK(got.left.value == row.left);
    CHECK(got.scope == (row.verdict == Verdict::kAdmitted ? "" : "team:a"));
    CHECK((got.reservation != 0) == (row.verdict == Verdict::kAdmitted));
    const int64_t added = row.verdict == Verdict::kAdmitted ? row.amount : 0;
    CHECK(books(ledger, "team:a").reserved == before.reserved + added);
  }
}

TEST_CASE("a reservation resolves once") {
  for (const ResolutionCase& row : kResolutionCases) {
    INFO(row.name);
    Ledger ledger;
    REQUIRE(ledger.set_limit("a", 1'000).ok());
    const uint64_t id = reserve(ledger, {"a"}, 100);
    CHECK(ledger.open_reservations() == 1);
    CHECK(resolve(ledger, id, row.cost, 0).ok());
    CHECK(ledger.open_reservations() == 0);
    CHECK(books(ledger, "a") == row.after);
    for (const ResolutionCase& again : kResolutionCases) {
      CHECK(resolve(ledger, id, again.cost, 0).code() == Code::kState);
    }
    CHECK(books(ledger, "a") == row.after);
  }
}

TEST_CASE("an id is not used again when its place is") {
  Ledger ledger;
  const uint64_t first = reserve(ledger, {"a"}, 10);
  REQUIRE(ledger.release(first, at(0)).ok());
  const uint64_t second = reserve(ledger, {"a"}, 20);
  CHECK(first != second);
  CHECK(ledger.settle(first, NanoUsd{10}, at(0)).code() == Code::kState);
  CHECK(books(ledger, "a").reserved == 20);
  CHECK(ledger.settle(0, NanoUsd{1}, at(0)).code() == Code::kState);
  CHECK(ledger.settle(UINT64_MAX, NanoUsd{1}, at(0)).code() == Code::kState);
}

TEST_CASE("a reservation takes all scopes or none") {
  Ledger ledger;
  REQUIRE(ledger.set_limit("team", 100).ok());
  REQUIRE(ledger.set_limit("user", 50).ok());

  const auto refused = ledger.admit({{"team", "fresh", "user"}, NanoUsd{51}, kNoDeadline}, at(0));
  REQUIRE(refused.ok());
  CHECK(refused.value().verdict == Verdict::kRefused);
  CHECK(refused.value().scope == "user");
  CHECK(books(ledger, "team").reserved == 0);
  CHECK(books(ledger, "fresh").reserved == 0);

  const uint64_t id = reserve(ledger, {"team", "fresh", "user"}, 50);
  for (const char* scope : {"team", "fresh", "user"})
    CHECK(books(ledger, scope).reserved == 50);
  REQUIRE(ledger.settle(id, NanoUsd{60}, at(0)).ok());
  CHECK(books(ledger, "team") == Books{100, 50, 0, 10});
  CHECK(books(ledger, "user") == Books{50, 50, 0, 10});
  CHECK(books(ledger, "fresh") == Books{kUnlimited, 50, 0, 10});
}

TEST_CASE("a scope that refuses is named before one that waits") {
  Ledger ledger;
  REQUIRE(ledger.set_limit("busy", 100).ok());
  REQUIRE(ledger.set_limit("busier", 100).ok());
  REQUIRE(ledger.set_limit("poor", 10).ok());
  reserve(ledger, {"busy", "busier"}, 95);

  const auto both = ledger.admit({{"busy", "busier", "poor"}, NanoUsd{20}, kNoDeadline}, at(0));
  REQUIRE(both.ok());
  CHECK(both.value().verdict == Verdict::kRefused);
  CHECK(both.value().scope == "poor");
  CHECK(both.value().left.value == 10);

  const auto waits = ledger.admit({{"busy", "busier"}, NanoUsd{20}, kNoDeadline}, at(0));
  REQUIRE(waits.ok());
  CHECK(waits.value().verdict == Verdict::kWait);
  CHECK(waits.value().scope == "busy");
}

TEST_CASE("a scope named twice counts once") {
  Ledger ledger;
  REQUIRE(ledger.set_limit("known", 100).ok());
  const uint64_t id = reserve(ledger, {"known", "new", "known", "new"}, 80);
  CHECK(books(ledger, "known").reserved == 80);
  CHECK(books(ledger, "new").reserved == 80);
  REQUIRE(ledger.settle(id, NanoUsd{80}, at(0)).ok());
  CHECK(books(ledger, "known") == Books{100, 80, 0, 0});
  CHECK(books(ledger, "new") == Books{kUnlimited, 80, 0, 0});
}

TEST_CASE("an expired reservation counts in full") {
  Ledger ledger;
  REQUIRE(ledger.set_limit("a", 100).ok());
  const uint64_t id = reserve(ledger, {"a"}, 60, 1'000);

  const auto waits = ledger.admit({{"a"}, NanoUsd{60}, kNoDeadline}, at(999));
  REQUIRE(waits.ok());
  CHECK(waits.value().verdict == Verdict::kWait);
  CHECK(waits.value().retry_at_ns == 1'000);
  CHECK(books(ledger, "a", 999) == Books{100, 0, 60, 0});
  CHECK(books(ledger, "a", 1'000) == Books{100, 60, 0, 0});

  const auto refused = ledger.admit({{"a"}, NanoUsd{60}, kNoDeadline}, at(1'000));
  REQUIRE(refused.ok());
  CHECK(refused.value().verdict == Verdict::kRefused);
  CHECK(refused.value().retry_at_ns == kNoDeadline);
  CHECK(ledger.settle(id, NanoUsd{1}, at(1'000)).code() == Code::kState);
  CHECK(ledger.release(id, at(1'001)).code() == Code::kState);
  CHECK(books(ledger, "a", 1'001) == Books{100, 60, 0, 0});
}

TEST_CASE("the resolving call itself sees the expiry") {
  Ledger ledger;
  const uint64_t id = reserve(ledger, {"a"}, 60, 1'000);
  CHECK(ledger.release(id, at(1'000)).code() == Code::kState);
  CHECK(books(ledger, "a") == Books{kUnlimited, 60, 0, 0});
}

TEST_CASE("a wait ends at the next expiry that still stands") {
  Ledger ledger;
  REQUIRE(ledger.set_limit("a", 100).ok());
  const uint64_t early = reserve(ledger, {"a"}, 10, 1'000);
  reserve(ledger, {"a"}, 80, 2'000);
  REQUIRE(ledger.settle(early, NanoUsd{1}, at(10)).ok());
  const auto waits = ledger.admit({{"a"}, NanoUsd{50}, kNoDeadline}, at(20));
  REQUIRE(waits.ok());
  CHECK(waits.value().verdict == Verdict::kWait);
  CHECK(waits.value().retry_at_ns == 2'000);
}

TEST_CASE("a lowered limit closes admission and undoes nothing") {
  Ledger ledger;
  REQUIRE(ledger.set_limit("a", 100).ok());
  const uint64_t id = reserve(ledger, {"a"}, 80);
  REQUIRE(ledger.set_limit("a", 50).ok());
  CHECK(books(ledger, "a") == Books{50, 0, 80, 0});
  const auto waits = ledger.admit({{"a"}, NanoUsd{1}, kNoDeadline}, at(0));
  REQUIRE(waits.ok());
  CHECK(waits.value().verdict == Verdict::kWait);
  REQUIRE(ledger.settle(id, NanoUsd{80}, at(0)).ok());
  CHECK(books(ledger, "a") == Books{50, 80, 0, 0});
  REQUIRE(ledger.set_limit("a", kUnlimited).ok());
  reserve(ledger, {"a"}, 1'000);
}

TEST_CASE("no scope means nothing in the way") {
  Ledger ledger;
  const uint64_t free = reserve(ledger, {}, 0);
  const uint64_t costly = reserve(ledger, {}, INT64_MAX);
  CHECK(ledger.settle(free, NanoUsd{0}, at(0)).ok());
  CHECK(ledger.settle(costly, NanoUsd{5}, at(0)).ok());
}

TEST_CASE("wrong arguments are refused and change nothing") {
  Ledger ledger;
  const std::string long_name(limits::kLedgerScopeNameBytesMax + 1, 'x');
  const std::string longest_name(limits::kLedgerScopeNameBytesMax, 'x');
  CHECK(ledger.set_limit("", 1).code() == Code::kInvalid);
  CHECK(ledger.set_limit(long_name, 1).code() == Code::kInvalid);
  CHECK(ledger.set_limit(longest_name, 1).ok());
  CHECK(ledger.set_limit("a", -1).code() == Code::kInvalid);

  const auto code_of = [&](std::vector<std::string_view> scopes, int64_t amount) {
    const auto admission = ledger.admit({std::move(scopes), NanoUsd{amount}, kNoDeadline}, at(0));
    return admission.ok() ? Code::kOk : admission.status().code();
  };
  CHECK(code_of({"a"}, -1) == Code::kInvalid);
  CHECK(code_of({""}, 1) == Code::kInvalid);
  CHECK(code_of({"a", long_name}, 1) == Code::kInvalid);
  CHECK(code_of(std::vector<std::string_view>(257, "a"), 1) == Code::kInvalid);
  CHECK(code_of(std::vector<std::string_view>(64, "a"), 1) == Code::kOk);

  const uint64_t id = reserve(ledger, {"b"}, 10);
  CHECK(ledger.settle(id, NanoUsd{-1}, at(0)).code() == Code::kInvalid);
  CHECK(books(ledger, "b") == Books{kUnlimited, 0, 10, 0});
}

TEST_CASE("sums that no amount can hold are refused where there is no limit") {
  Ledger ledger;
  const uint64_t huge = reserve(ledger, {"a"}, INT64_MAX);
  const auto second = ledger.admit({{"a"}, NanoUsd{1}, kNoDeadline}, at(0));
  REQUIRE_FALSE(second.ok());
  CHECK(second.status().code() == Code::kLimit);
  CHECK(second.status().path() == "a");
  REQUIRE(ledger.settle(huge, NanoUsd{7}, at(0)).ok());
  CHECK(books(ledger, "a") == Books{kUnlimited, 7, 0, 0});
}

TEST_CASE("open reservations are bounded") {
  Ledger ledger;
  std::vector<uint64_t> ids;
  for (size_t i = 0; i < limits::kLedgerOpenReservationsMax; ++i) {
    const auto admission = ledger.admit({{}, NanoUsd{1}, 1'000}, at(0));
    if (!admission.ok() || admission.value().verdict != Verdict::kAdmitted) break;
    ids.push_back(admission.value().reservation);
  }
  REQUIRE(ids.size() == limits::kLedgerOpenReservationsMax);
  const auto above = ledger.admit({{}, NanoUsd{1}, 1'000}, at(0));
  REQUIRE_FALSE(above.ok());
  CHECK(above.status().code() == Code::kLimit);
  REQUIRE(ledger.release(ids.front(), at(0)).ok());
  reserve(ledger, {}, 1);
  // All others expire at once, and their places are free again.
  CHECK(ledger.balance("a", at(1'000)).reserved == 0);
  CHECK(ledger.open_reservations() == 1);
  reserve(ledger, {}, 1);
}

TEST_CASE("scopes are bounded, and refused requests make none") {
  Ledger ledger;
  REQUIRE(ledger.set_limit("empty", 0).ok());
  size_t made = 1;
  for (; made + 1 < limits::kLedgerScopesMax; ++made) {
    if (!ledger.set_limit(std::to_string(made), 1).ok()) break;
  }
  REQUIRE(made + 1 == limits::kLedgerScopesMax);
  const auto refused = ledger.admit({{"stranger", "empty"}, NanoUsd{1}, kNoDeadline}, at(0));
  REQUIRE(refused.ok());
  CHECK(refused.value().verdict == Verdict::kRefused);

  // The refused one took no place: one more fits, and only one.
  CHECK(ledger.set_limit("last", 1).ok());
  CHECK(ledger.set_limit("one more", 1).code() == Code::kLimit);
  CHECK(ledger.set_limit("last", 5).ok());
  const auto admission = ledger.admit({{"last", "one more"}, NanoUsd{1}, kNoDeadline}, at(0));
  REQUIRE_FALSE(admission.ok());
  CHECK(admission.status().code() == Code::kLimit);
  CHECK(ledger.open_reservations() == 0);
  CHECK(books(ledger, "last") == Books{5, 0, 0, 0});
}

}  // namespace tollgate::ledger
