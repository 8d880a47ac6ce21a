#include <string>

#include "support/catch.hpp"
#include "support/fake_host.hpp"

namespace tollgate::test {
namespace {

constexpr const char* kBody =
    R"({"model":"claude-same","max_tokens":9,"messages":[{"role":"user","content":"hi"}]})";

TEST_CASE("no upstream is called without leases, and none stays open behind an answer") {
  const auto gateway = make_gateway();
  FakeHost host(gateway);
  host.post(kBody);
  REQUIRE(host.calls.size() == 1);
  CHECK(gateway->environment()->ledger->open_reservations() == 2);
  host.upstream_failed(TG_FAILURE_CONNECT);
  while (!host.done)
    host.pass(kSecond);
  CHECK(gateway->environment()->ledger->open_reservations() == 0);
}

TEST_CASE("a client who leaves leaves no lease behind") {
  const auto gateway = make_gateway();
  FakeHost host(gateway);
  host.post(kBody);
  REQUIRE(host.exchange().client_gone(host.now()).ok());
  host.pull();
  CHECK(gateway->environment()->ledger->open_reservations() == 0);
}

}  // namespace
}  // namespace tollgate::test
