#include "exchange/attempt.hpp"

#include <type_traits>

#include "support/catch.hpp"

namespace tollgate::exchange {
namespace {

ledger::Lease lease_of(const std::shared_ptr<ledger::Ledger>& ledger) {
  const ledger::Admission admission = ledger->admit({}, {}).value();
  return ledger::Lease::take(ledger, admission, NanoUsd{});
}

std::string sent(const Attempt& attempt) {
  std::string body;
  for (uint32_t i = 0; i < attempt.span_count(); ++i) {
    const tg_bytes span = attempt.spans()[i];
    body.append(reinterpret_cast<const char*>(span.data), span.size);
  }
  return body;
}

TEST_CASE("an attempt cannot be made without leases, and a lease only by admission") {
  CHECK_FALSE(std::is_default_constructible_v<Attempt>);
  CHECK_FALSE(std::is_default_constructible_v<ledger::Lease>);
  CHECK_FALSE(std::is_copy_constructible_v<ledger::Lease>);
}

TEST_CASE("bodies go out as spans of what is there already") {
  const auto ledger = std::make_shared<ledger::Ledger>();
  const ledger::Lease principal = lease_of(ledger);
  providers::UpstreamRequest request;
  REQUIRE(request.headers.add("a", "b").ok());
  Attempt attempt(3, 0, principal, lease_of(ledger), std::move(request), {7, 0});
  CHECK(attempt.number() == 3);
  CHECK(attempt.header_views().size() == 2);
  const std::string body = R"({"model":"x","n":1})";
  SECTION("another model: three spans") {
    attempt.set_spliced_body(body, 9, 3, R"("longer")");
    CHECK(attempt.span_count() == 3);
    CHECK(sent(attempt) == R"({"model":"longer","n":1})");
  }
  SECTION("the same model: one span, the client's own bytes") {
    attempt.set_spliced_body(body, 9, 3, R"("x")");
    CHECK(attempt.span_count() == 1);
    CHECK(attempt.spans()[0].data == reinterpret_cast<const uint8_t*>(body.data()));
  }
  SECTION("a translation's body is kept and can be dropped") {
    attempt.set_own_body("own");
    CHECK(sent(attempt) == "own");
    CHECK(attempt.body_size() == 3);
    attempt.drop_body();
    CHECK(attempt.body_size() == 0);
  }
}

TEST_CASE("a lease that nobody resolved is settled when its attempt goes") {
  const auto ledger = std::make_shared<ledger::Ledger>();
  const ledger::Lease principal = lease_of(ledger);
  { const Attempt attempt(1, 0, principal, lease_of(ledger), {}, {}); }
  CHECK(ledger->open_reservations() == 1);
}

}  // namespace
}  // namespace tollgate::exchange
