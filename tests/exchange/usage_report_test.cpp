#include "exchange/usage_report.hpp"

#include <string>

#include "exchange/money_host.hpp"
#include "json/reader.hpp"

namespace tollgate::test {
namespace {

const std::string kBudgets = R"(
name: daily
type: tenant-budget-config
limits: {cost_per_day: 10, cost_per_lifetime: 500}
applies_to: {type: per-user, overrides: [{users: [ann], limits: {cost_per_day: 4}}]}
---
name: by-model
type: tenant-budget-config
mode: audit
limits: {cost_per_month: 100}
applies_to: {type: per-model}
---
name: seniors
type: team-budget-config
team_name: senior
limits: {cost_per_week: 40}
---
name: opus
type: gateway-budget-config
rules: [{id: opus-tokens, when: {models: [eng/opus]}, limit_to: 1000000, unit: tokens_per_day}]
---
name: pace
type: tenant-rate-limit-config/model
limits: {requests_per_minute: 60}
)";

std::string report_for(const std::shared_ptr<gateway::Gateway>& gateway, const std::string& who,
                       const char* path = "/v1/usage/me") {
  MoneyHost host(gateway);
  host.request("GET", path, {{"authorization", "Bearer token-" + who}}, "");
  CHECK(host.status == 200);
  CHECK(host.head_value("content-type") == "application/json");
  CHECK_FALSE(host.called());
  return host.body;
}

TEST_CASE("callers see their own budgets, in exact dollars and epoch seconds") {
  const auto gateway = money_gateway(kBudgets);
  MoneyHost spent(gateway);
  spent.ask("ANN", money_request("opus", 40'000));
  spent.answer(1, 39'999);  // 0.000005 and 0.999975 USD.
  const std::string told = report_for(gateway, "ANN");
  CAPTURE(told);
  CHECK(told.find(R"({"name":"daily","type":"tenant-budget-config","team_name":null,)"
                  R"("applies_to":"per-user","mode":"enforce","entities":[{"entity":"{user:ann}",)"
                  R"("periods":{"cost_per_day":{"limit":4.000000000,"used":0.999980000,)"
                  R"("reserved":0.000000000,"percentage":24.99,"start":1795305600,)"
                  R"("end":1795392000,"is_blocked":false}}}]})") != std::string::npos);
  CHECK(told.find(R"("entity":"{model:eng/opus}","periods":{"cost_per_month":{"limit":)"
                  R"(100.000000000,"used":0.999980000)") != std::string::npos);
  CHECK(told.find(R"("entity":"{model:eng/haiku}","periods":{"cost_per_month":{"limit":)"
                  R"(100.000000000,"used":0.000000000)") != std::string::npos);
  CHECK(told.find(R"("type":"team-budget-config","team_name":"senior")") != std::string::npos);
  CHECK(told.find(R"("name":"opus-tokens","type":"gateway-budget-config")") != std::string::npos);
  CHECK(told.find(R"("tokens_per_day":{"limit":1000000,"used":40000,"reserved":0)") !=
        std::string::npos);
  // The request has left its minute's window 60 s after it began.
  CHECK(told.find(
            R"("rate_limits":[{"name":"pace","type":"tenant-rate-limit-config/model",)"
            R"("applies_to":"aggregate","mode":"enforce","entities":[{"entity":"{aggregate}",)"
            R"("limits":{"requests_per_minute":{"limit":60,"used":1,"reserved":0,)"
            R"("percentage":1.66,"start":1795337940,"end":1795338060,"is_blocked":false}}}]}]})") !=
        std::string::npos);

  const std::string other = report_for(gateway, "BOB");
  CHECK(other.find("{user:bob}") != std::string::npos);
  CHECK(other.find("{user:ann}") == std::string::npos);
  CHECK(other.find("senior") == std::string::npos);
  CHECK(other.find(R"("cost_per_lifetime":{"limit":500.000000000,"used":0.000000000,)"
                   R"("reserved":0.000000000,"percentage":0.00,"start":null,"end":null)") !=
        std::string::npos);
}

TEST_CASE("a budget that is gone says that it blocks, and is told all the same") {
  const auto gateway =
      money_gateway("name: a\ntype: tenant-budget-config\nlimits: {cost_per_day: 0}\n");
  for (const char* path :
       {"/v1/usage/me", "/usage/me", "/api/svc/v1/llm-gateway/budgets/my-usage"}) {
    CAPTURE(path);
    const std::string told = report_for(gateway, "ANN", path);
    CHECK(told.find(R"("entity":"{aggregate}")") != std::string::npos);
    CHECK(told.find(R"("percentage":100.00,)") != std::string::npos);
    CHECK(told.find(R"("is_blocked":true)") != std::string::npos);
  }
  MoneyHost stranger(gateway);
  stranger.request("GET", "/v1/usage/me", {}, "");
  CHECK(stranger.status == 401);
}

TEST_CASE("rate limits tell days, slots, and the first rule of a group that matches") {
  const auto gateway = money_gateway(R"(
name: limits
type: gateway-rate-limiting-config
rules:
  - {id: mine, when: {subjects: ["user:ann"]}, limit_to: 2, unit: requests_per_day, rate_limit_applies_per: [user]}
  - {id: rest, when: {}, limit_to: 9, unit: requests_per_day}
---
name: side
type: tenant-rate-limit-config/model
mode: audit
limits: {concurrent_requests: 3, tokens_per_hour: 1000000}
applies_to: {type: per-user}
)");
  MoneyHost done(gateway);
  done.ask("ANN", money_request("opus", 1'000));
  done.answer(40, 10);
  MoneyHost open(gateway);
  open.ask("ANN", money_request("opus", 1'000));
  const std::string told = report_for(gateway, "ANN");
  CAPTURE(told);
  CHECK(told.find(R"("matched":[],"rate_limits":[{"name":"mine","type":)"
                  R"("gateway-rate-limiting-config","applies_to":"per-user","mode":"enforce",)"
                  R"("entities":[{"entity":"{user:ann}","limits":{"requests_per_day":{"limit":2,)"
                  R"("used":1,"reserved":1,"percentage":50.00,"start":1795305600,)"
                  R"("end":1795392000,"is_blocked":false}}}]},)") != std::string::npos);
  CHECK(told.find("rest") == std::string::npos);
  CHECK(told.find(R"("concurrent_requests":{"limit":3,"used":1,"percentage":33.33,"start":null,)"
                  R"("end":null,"is_blocked":false})") != std::string::npos);
  CHECK(told.find(R"("tokens_per_hour":{"limit":1000000,"used":50,"reserved":1200,)") !=
        std::string::npos);
  CHECK(told.find(R"("start":1795334400,"end":1795341600)") != std::string::npos);
  CHECK(report_for(gateway, "BOB").find("\"name\":\"rest\"") != std::string::npos);
  open.answer(40, 10);
}

TEST_CASE("without rules there is nothing to tell") {
  const auto gateway = money_gateway("name: s\ntype: gateway-global-settings\n");
  CHECK(report_for(gateway, "ANN") == R"({"principal":"user:ann","matched":[],"rate_limits":[]})");
}

}  // namespace
}  // namespace tollgate::test
