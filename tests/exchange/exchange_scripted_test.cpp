#include "exchange/routed_host.hpp"

namespace tollgate::test {
namespace {

TEST_CASE("a scripted answer ends the exchange well, once") {
  for (const auto body : {kCodingStream, kCodingWhole}) {
    const auto gateway = routed_gateway(
        "  type: priority-based-routing\n  load_balance_targets: [{target: one/m}]\n");
    FakeHost host(gateway);
    CHECK(host.exchange().open_target().empty());
    host.post(body);
    CHECK(host.exchange().open_target() == "one/m");
    CHECK(host.exchange().serve_scripted(7, {}, host.now()).code() == Code::kState);
    REQUIRE(host.exchange().serve_scripted(host.calls[0].number, {}, host.now()).ok());
    host.pull();
    CHECK(host.done);
    CHECK(host.status == 200);
    CHECK(host.exchange().record().target == "one/m");
    CHECK(host.exchange().serve_scripted(host.calls[0].number, {}, host.now()).code() ==
          Code::kState);
    CHECK(gateway->environment()->ledger->open_reservations() == 0);
  }
}

}  // namespace
}  // namespace tollgate::test
