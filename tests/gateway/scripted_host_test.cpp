#include "gateway/scripted_host.hpp"

#include "exchange/routed_host.hpp"

namespace tollgate::gateway {
namespace {

using Outcome = config::ScriptedOutcome;

std::unique_ptr<exchange::Exchange> new_exchange(const std::shared_ptr<Gateway>& gateway) {
  return std::move(gateway->new_exchange({}, {kSecond, 0}).value());
}

TEST_CASE("every outcome ends the exchange, and no target is called for long") {
  const auto gateway = test::routed_gateway(
      "  type: priority-based-routing\n  load_balance_targets: [{target: one/m}]\n");
  struct Row {
    const char* name;
    Outcome outcome;
    uint32_t status;
  };
  const Row rows[] = {
      {"served", {}, 200},
      {"an error", {Outcome::Kind::kStatus, 529, 0, 3, "busy"}, 529},
      {"refused", {Outcome::Kind::kTransport, 0, TG_FAILURE_CONNECT, {}, {}}, 503},
      {"empty", {Outcome::Kind::kEmpty, 200, 0, {}, {}}, 503},
      {"silence", {Outcome::Kind::kTimeout, 200, 0, {}, {}}, 504},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const std::vector<config::ScriptedTarget> script = {{"one/m", {row.outcome}}};
    ScriptedHost host(new_exchange(gateway), script, {kSecond, 0});
    REQUIRE(
        host.run({{"authorization", "Bearer token-1"}}, "/v1/messages", test::kCodingWhole).ok());
    CHECK(host.exchange().state() == exchange::State::kDone);
    CHECK(host.exchange().record().status == row.status);
    CHECK(gateway->environment()->ledger->open_reservations() == 0);
  }
}

}  // namespace
}  // namespace tollgate::gateway
