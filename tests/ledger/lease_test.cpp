#include "ledger/lease.hpp"

#include <memory>
#include <type_traits>
#include <utility>

#include "support/catch.hpp"

namespace tollgate::ledger {

namespace {

constexpr Time at(uint64_t mono_ns) {
  return Time{mono_ns, 0};
}

// One attempt, one lease: it cannot be made of nothing, copied, or written over.
static_assert(!std::is_default_constructible_v<Lease>);
static_assert(!std::is_copy_constructible_v<Lease>);
static_assert(!std::is_copy_assignable_v<Lease>);
static_assert(!std::is_move_assignable_v<Lease>);
static_assert(std::is_nothrow_move_constructible_v<Lease>);

struct Fixture {
  std::shared_ptr<Ledger> ledger = std::make_shared<Ledger>();

  Lease lease(int64_t amount, uint64_t expires = kNoDeadline) {
    const auto admission = ledger->admit({{"a"}, NanoUsd{amount}, expires}, at(0));
    REQUIRE(admission.ok());
    return Lease::take(ledger, admission.value(), NanoUsd{amount});
  }
  Balance balance(uint64_t now = 0) { return ledger->balance("a", at(now)); }
};

}  // namespace

TEST_CASE("a lease settles once") {
  Fixture fixture;
  Lease lease = fixture.lease(100);
  CHECK(lease.open());
  CHECK(lease.amount() == NanoUsd{100});
  CHECK(lease.settle(NanoUsd{30}, at(0)));
  CHECK_FALSE(lease.open());
  CHECK_FALSE(lease.settle(NanoUsd{30}, at(0)));
  CHECK_FALSE(lease.release(at(0)));
  CHECK(fixture.balance().settled == 30);
  CHECK(fixture.balance().reserved == 0);
}

TEST_CASE("a lease is released once") {
  Fixture fixture;
  Lease lease = fixture.lease(100);
  CHECK(lease.release(at(0)));
  CHECK_FALSE(lease.release(at(0)));
  CHECK_FALSE(lease.settle(NanoUsd{30}, at(0)));
  CHECK(fixture.balance().spent() == 0);
  CHECK(fixture.balance().reserved == 0);
}

TEST_CASE("a lease above its amount books the overrun") {
  Fixture fixture;
  CHECK(fixture.lease(100).settle(NanoUsd{130}, at(0)));
  CHECK(fixture.balance().settled == 100);
  CHECK(fixture.balance().overrun == 30);
}

TEST_CASE("a dropped lease settles in full") {
  Fixture fixture;
  { const Lease lease = fixture.lease(100); }
  CHECK(fixture.balance().settled == 100);
  CHECK(fixture.balance().reserved == 0);
  CHECK(fixture.ledger->open_reservations() == 0);
}

TEST_CASE("a resolved lease settles nothing more when it is dropped") {
  Fixture fixture;
  {
    Lease settled = fixture.lease(100);
    CHECK(settled.settle(NanoUsd{1}, at(0)));
    Lease released = fixture.lease(100);
    CHECK(released.release(at(0)));
  }
  CHECK(fixture.balance().settled == 1);
}

TEST_CASE("a moved lease is one lease") {
  Fixture fixture;
  {
    Lease first = fixture.lease(100);
    Lease second = std::move(first);
    CHECK_FALSE(first.open());  // NOLINT(bugprone-use-after-move): what a moved lease says.
    CHECK_FALSE(first.settle(NanoUsd{1}, at(0)));
    CHECK(second.open());
  }
  CHECK(fixture.balance().settled == 100);
}

TEST_CASE("an expired lease resolves no more, whoever noticed first") {
  Fixture fixture;
  {
    Lease lease = fixture.lease(100, 1'000);
    CHECK_FALSE(lease.settle(NanoUsd{1}, at(1'000)));
    Lease unnoticed = fixture.lease(100, 1'000);
  }
  CHECK(fixture.balance(5'000).settled == 200);
  CHECK(fixture.balance(5'000).reserved == 0);
}

TEST_CASE("a lease keeps its ledger alive") {
  std::weak_ptr<Ledger> watched;
  {
    Fixture fixture;
    watched = fixture.ledger;
    const Lease lease = fixture.lease(100);
    fixture.ledger.reset();
    CHECK_FALSE(watched.expired());
  }
  CHECK(watched.expired());
}

}  // namespace tollgate::ledger
