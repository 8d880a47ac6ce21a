#include "exchange/attempt.hpp"

#include <memory>
#include <type_traits>
#include <utility>

#include "support/catch.hpp"

namespace tollgate::exchange {
namespace {

ledger::Lease lease_of(const std::shared_ptr<ledger::Ledger>& ledger) {
  const ledger::Admission admission = ledger->admit({}, {}).value();
  return ledger::Lease::take(ledger, admission, NanoUsd{});
}

TEST_CASE("an attempt cannot be made without leases, and a lease only by admission") {
  CHECK_FALSE(std::is_default_constructible_v<Attempt>);
  CHECK_FALSE(std::is_default_constructible_v<ledger::Lease>);
  CHECK_FALSE(std::is_copy_constructible_v<ledger::Lease>);
}

TEST_CASE("an attempt shows its headers as the action wants them") {
  const auto ledger = std::make_shared<ledger::Ledger>();
  const ledger::Lease principal = lease_of(ledger);
  providers::UpstreamRequest request;
  REQUIRE(request.headers.add("a", "b").ok());
  const Attempt attempt(3, 0, principal, lease_of(ledger), std::move(request),
                        std::make_unique<RequestBody>(), {7, 0});
  CHECK(attempt.number() == 3);
  CHECK(attempt.opened_ns() == 7);
  CHECK(attempt.header_views().size() == 2);
}

TEST_CASE("a lease that nobody resolved is settled when its attempt goes") {
  const auto ledger = std::make_shared<ledger::Ledger>();
  const ledger::Lease principal = lease_of(ledger);
  {
    const Attempt attempt(1, 0, principal, lease_of(ledger), {}, std::make_unique<RequestBody>(),
                          {});
  }
  CHECK(ledger->open_reservations() == 1);
}

}  // namespace
}  // namespace tollgate::exchange
