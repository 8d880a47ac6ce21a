// Budgets and limits as a client meets them.

#include <memory>
#include <string>
#include <vector>

#include "exchange/money_host.hpp"
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

const std::string kDaily =
    "name: daily\ntype: tenant-budget-config\nlimits: {cost_per_day: 10}\n"
    "applies_to: {type: per-user}\n";

int64_t spend(const std::shared_ptr<gateway::Gateway>& gateway, const std::string& who,
              int64_t output, const std::string& model = "opus", uint64_t at_s = 0) {
  MoneyHost host(gateway, at_s);
  host.ask(who, money_request(model, output));
  CAPTURE(host.body);
  REQUIRE(host.called());
  host.answer(0, output);
  REQUIRE(host.done);
  return output;
}

TEST_CASE("seniors have more a day, everybody else less, and Opus a month for all together") {
  const auto gateway = money_gateway(R"(
name: senior-daily
type: tenant-budget-config
when: {subjects: {teams: {in: [senior]}}}
limits: {cost_per_day: 50}
applies_to: {type: per-user}
on_insufficient: reject
---
name: default-daily
type: tenant-budget-config
when: {subjects: {teams: {not_in: [senior]}}}
limits: {cost_per_day: 10}
applies_to: {type: per-user}
on_insufficient: reject
---
name: opus-month
type: tenant-budget-config
when: {models: {in: ["*opus*"]}}
limits: {cost_per_month: 55}
on_insufficient: reject
)");
  // 200,000 tokens of Opus are 5 USD.
  spend(gateway, "BOB", 200'000);
  spend(gateway, "BOB", 190'000);
  MoneyHost bob(gateway);
  bob.ask("BOB", money_request("opus", 20'000));
  CHECK(bob.status == 402);
  CHECK(bob.body.find("Budget default-daily (bob) has no room for this request: $9.75 of $10.00 "
                      "spent") != std::string::npos);
  CHECK(bob.body.find("resets 2026-11-23") != std::string::npos);
  CHECK(bob.head_value("x-should-retry") == "false");
  CHECK(bob.body.find("billing_error") != std::string::npos);

  for (int i = 0; i < 9; ++i)
    spend(gateway, "ANN", 200'000);
  MoneyHost ann(gateway);
  ann.ask("ANN", money_request("opus", 20'000));
  CHECK(ann.status == 402);
  CHECK(ann.body.find("Budget opus-month has no room for this request: $54.75 of $55.00") !=
        std::string::npos);
  CHECK(ann.body.find("resets 2026-12-01") != std::string::npos);
  // Her own budget has 5 USD left, and another model is not Opus.
  spend(gateway, "ANN", 200'000, "haiku");
}

TEST_CASE("in the first generation the first match decides, and all count") {
  const auto gateway = money_gateway(R"(
name: budgets-v1
type: gateway-budget-config
rules:
  - {id: senior, when: {subjects: ["team:senior"]}, limit_to: 6, unit: cost_per_day, budget_applies_per: [user]}
  - {id: default, when: {}, limit_to: 1, unit: cost_per_day, budget_applies_per: [user]}
)");
  spend(gateway, "ANN", 200'000);
  MoneyHost ann(gateway);
  ann.ask("ANN", money_request("opus", 100'000));
  CHECK(ann.called());
  CHECK(ann.head_value("x-tollgate-max-tokens").empty());
  MoneyHost bob(gateway);
  bob.ask("BOB", money_request("opus", 3'000));
  CHECK(bob.called());
}

TEST_CASE("a request that does not fit is given less output, and told so") {
  const auto gateway = money_gateway(kDaily);
  spend(gateway, "ANN", 300'000);
  MoneyHost host(gateway);
  host.ask("ANN", money_request("opus", 128'000, 400));
  REQUIRE(host.called());
  // 2.5 USD are left; 400 bytes of prompt at 6.25 a million are 0.0025 USD of them.
  CHECK(host.calls[0].body.find("\"max_tokens\":99900,") != std::string::npos);
  host.answer(10, 99'900);
  CHECK(host.head_value("x-tollgate-max-tokens") == "99900");
  CHECK(host.record().find("max_tokens 128000 -> 99900 (budget)") != std::string::npos);
}

TEST_CASE("a cap leaves room to think and to answer, or the request is refused") {
  struct Case {
    const char* name;
    const char* members;
    int64_t spent_tokens;
    uint32_t status;
  };
  const Case cases[] = {
      {"just enough to answer", "", 395'000, 0},
      {"not enough to answer", "", 396'100, 402},
      {"enough to answer, not to think", R"(,"thinking":{"type":"enabled","budget_tokens":8000})",
       395'000, 402},
      {"enough to think", R"(,"thinking":{"type":"enabled","budget_tokens":8000})", 390'000, 0},
  };
  for (const Case& row : cases) {
    CAPTURE(row.name);
    const auto gateway = money_gateway(kDaily);
    spend(gateway, "ANN", row.spent_tokens);
    MoneyHost host(gateway);
    host.ask("ANN", money_request("opus", 64'000, 300, row.members));
    CHECK(host.called() == (row.status == 0));
    if (row.status != 0) CHECK(host.status == row.status);
  }
}

TEST_CASE("a small request is refused rather than cut") {
  const auto gateway = money_gateway(kDaily);
  spend(gateway, "ANN", 399'950);
  MoneyHost host(gateway);
  host.ask("ANN", money_request("opus", 1'000));
  CHECK(host.status == 402);
  MoneyHost tiny(gateway);
  tiny.ask("ANN", money_request("opus", 1, 120));
  CHECK(tiny.called());
}

TEST_CASE("sub-agents of one developer run side by side on ten dollars") {
  const auto gateway = money_gateway(kDaily);
  std::vector<std::unique_ptr<MoneyHost>> running;
  // What Claude Code's first turn on Opus looks like: each bounds at over two dollars.
  const std::string turn = money_request("opus", 64'000, 77'000);
  for (int i = 0; i < 6; ++i) {
    running.push_back(std::make_unique<MoneyHost>(gateway));
    running.back()->ask("ANN", turn);
    CAPTURE(i, running.back()->body);
    CHECK(running.back()->called());
  }
  for (auto& host : running) {
    host->answer(20'000, 2'000);
    CHECK(host->status == 200);
  }
  // 0.15 USD each: more than nine dollars are left, and the next has its whole output again.
  MoneyHost next(gateway);
  next.ask("ANN", turn);
  REQUIRE(next.called());
  CHECK(next.calls[0].body == running[0]->calls[0].body);
}

TEST_CASE("behind running requests one waits two seconds at most, and is woken when they end") {
  const std::string limits =
      "name: daily\ntype: tenant-budget-config\nlimits: {cost_per_day: 1}\n"
      "on_insufficient: reject\n";
  const auto gateway = money_gateway(limits);
  MoneyHost first(gateway);
  first.ask("ANN", money_request("opus", 30'000));
  REQUIRE(first.called());
  MoneyHost second(gateway);
  second.ask("ANN", money_request("opus", 30'000));
  CHECK_FALSE(second.called());
  CHECK_FALSE(second.done);
  CHECK(second.deadline_ns <= second.mono_ns + 2 * kSecond);

  SECTION("it ends") {
    first.answer(10, 100);
    REQUIRE(second.exchange().tick(second.now()).ok());
    second.pull();
    CHECK(second.called());
  }
  SECTION("it does not") {
    second.pass(2 * kSecond);
    CHECK(second.status == 429);
    CHECK(second.head_value("retry-after") == "1");
    CHECK(second.body.find("requests that are running now") != std::string::npos);
  }
}

TEST_CASE("a request that could never fit is refused at once, whatever runs") {
  const auto gateway = money_gateway(
      "name: daily\ntype: tenant-budget-config\nlimits: {cost_per_day: 1}\n"
      "on_insufficient: reject\n");
  MoneyHost first(gateway);
  first.ask("ANN", money_request("opus", 30'000));
  REQUIRE(first.called());
  MoneyHost second(gateway);
  second.ask("ANN", money_request("opus", 64'000));
  CHECK(second.status == 402);
  CHECK(second.body.find("it may need up to $1.61 where $1.00 is left") != std::string::npos);
}

TEST_CASE("500 requests a day of CI on one model, by tag, header or force") {
  const std::string limit = R"(
name: rate-limits
type: gateway-rate-limiting-config
rules:
  - id: ci-claude
    when: {models: [eng/haiku], metadata: {environment: ci}}
    limit_to: 5
    unit: requests_per_day
)";
  const auto exhaust = [](const auto& gateway, const std::string& who, const HeaderList& headers) {
    const std::string content = money_request("haiku", 10);
    for (int i = 0; i < 5; ++i) {
      MoneyHost host(gateway);
      host.ask(who, content, headers);
      REQUIRE(host.called());
      host.answer(1, 1);
    }
    MoneyHost sixth(gateway, 60);
    sixth.ask(who, content, headers);
    CHECK(sixth.status == 429);
    // 2026-11-22 09:01:00 UTC until midnight.
    CHECK(sixth.head_value("retry-after") == std::to_string(15 * 3'600 - 60));
    CHECK(sixth.body.find("Rate limit ci-claude is reached: 5 requests per day") !=
          std::string::npos);
    MoneyHost tomorrow(gateway, 15 * 3'600);
    tomorrow.ask(who, content, headers);
    CHECK(tomorrow.called());
    MoneyHost other_model(gateway);
    other_model.ask(who, money_request("opus", 10), headers);
    CHECK(other_model.called());
  };
  SECTION("by the account's tag") {
    exhaust(money_gateway(limit), "CI", {});
  }
  SECTION("by a header") {
    const auto gateway = money_gateway(limit);
    exhaust(gateway, "BOB", {{"x-tfy-metadata", R"({"environment":"ci"})"}});
    MoneyHost without(gateway);
    without.ask("BOB", money_request("haiku", 10));
    CHECK(without.called());
  }
  SECTION("by force") {
    exhaust(
        money_gateway(limit + "---\nname: forced\ntype: gateway-metadata-config\nrules:\n"
                              "  - {id: ci, when: {subjects: [\"user:bob\"]}, metadata_override: "
                              "{environment: ci}}\n"),
        "BOB", {{"x-tollgate-metadata", R"({"environment":"prod"})"}});
  }
}

TEST_CASE("a request refused by one limit uses nothing up in another") {
  const auto gateway = money_gateway(
      "name: pace\ntype: tenant-rate-limit-config/model\nlimits: {requests_per_minute: 2}\n---\n"
      "name: opus\ntype: tenant-rate-limit-config/model\nwhen: {models: {in: [eng/opus]}}\n"
      "limits: {requests_per_minute: 1}\n");
  spend(gateway, "ANN", 10);
  for (int i = 0; i < 3; ++i) {
    MoneyHost refused(gateway);
    refused.ask("ANN", money_request("opus", 10));
    CHECK(refused.status == 429);
    CHECK(refused.body.find("Rate limit opus") != std::string::npos);
  }
  spend(gateway, "ANN", 10, "haiku");
  MoneyHost third(gateway);
  third.ask("ANN", money_request("haiku", 10));
  CHECK(third.status == 429);
  CHECK(third.body.find("Rate limit pace") != std::string::npos);
}

TEST_CASE("slots are free again when a request ends, is refused, or its client leaves") {
  const auto gateway = money_gateway(
      "name: slots\ntype: tenant-rate-limit-config/model\nlimits: {concurrent_requests: 1}\n");
  for (int i = 0; i < 3; ++i) {
    MoneyHost host(gateway);
    host.ask("ANN", money_request("haiku", 10));
    REQUIRE(host.called());
    MoneyHost waiting(gateway);
    waiting.ask("ANN", money_request("haiku", 10));
    CHECK_FALSE(waiting.called());
    REQUIRE(waiting.exchange().client_gone(waiting.now()).ok());
    if (i == 0) host.answer(1, 1);
    if (i == 1) host.upstream_failed(TG_FAILURE_CONNECT);
    if (i == 2) host.drop();
  }
  MoneyHost last(gateway);
  last.ask("ANN", money_request("haiku", 10));
  CHECK(last.called());
}

TEST_CASE("counting tokens and listing models is never blocked") {
  const auto gateway = money_gateway(
      "name: none\ntype: tenant-budget-config\nlimits: {cost_per_day: 0}\n---\n"
      "name: nobody\ntype: tenant-rate-limit-config/model\nlimits: {requests_per_day: 0}\n");
  MoneyHost message(gateway);
  message.ask("ANN", money_request("opus", 10));
  CHECK(message.status == 429);
  MoneyHost count(gateway);
  count.request("POST", "/v1/messages/count_tokens", {{"authorization", "Bearer token-ANN"}},
                money_request("opus", 10));
  CHECK(count.called());
  MoneyHost models(gateway);
  models.request("GET", "/v1/models", {{"authorization", "Bearer token-ANN"}}, "");
  CHECK(models.status == 200);
}

TEST_CASE("no budget and a budget of nothing are different things") {
  MoneyHost free(
      money_gateway("name: a\ntype: tenant-budget-config\nmode: audit\n"
                    "limits: {cost_per_day: 0}\n"));
  free.ask("ANN", money_request("opus", 10));
  CHECK(free.called());
  CHECK(free.record().empty());
  free.answer(1, 1);
  CHECK(free.record().find("would have been refused") != std::string::npos);
  MoneyHost none(money_gateway("name: a\ntype: tenant-budget-config\nlimits: {cost_per_day: 0}\n"));
  none.ask("ANN", money_request("opus", 10));
  CHECK(none.status == 402);
  CHECK(none.body.find("Budget a is used up: $0.00 of $0.00 spent") != std::string::npos);
}

TEST_CASE("searches by the provider are bounded, not taken for a small request") {
  const auto gateway = money_gateway(
      "name: day\ntype: tenant-budget-config\nlimits: {cost_per_day: 1}\n"
      "on_insufficient: reject\n");
  const auto ask = [&](const std::string& tools) {
    MoneyHost host(gateway);
    host.ask("ANN", money_request("opus", 1'000, 625, R"(,"tools":[)" + tools + "]"));
    return host.called();
  };
  CHECK(ask(R"({"type":"web_search_20250305","name":"web_search","max_uses":1})"));
  CHECK_FALSE(ask(R"({"type":"web_search_20250305","name":"web_search","max_uses":8})"));
  CHECK_FALSE(ask(R"({"type":"web_search_20250305","name":"web_search"})"));
}

TEST_CASE("a budget that is nearly gone says so in a header") {
  const auto gateway = money_gateway(kDaily);
  spend(gateway, "ANN", 304'000);
  MoneyHost host(gateway);
  host.ask("ANN", money_request("haiku", 10));
  host.answer(1, 1);
  CHECK(host.head_value("x-tollgate-budget-warning") ==
        "daily: $7.60 of $10.00 spent (76 %), resets 2026-11-23");
  CHECK(host.head_value("anthropic-ratelimit-unified-status") == "allowed_warning");
  CHECK(host.head_value("anthropic-ratelimit-unified-reset") == "1795392000");
  CHECK(host.head_value("x-tollgate-applied-rules").find("\"daily:allowed\"") != std::string::npos);
}

TEST_CASE("what the upstream says of the client's own plan is not said twice") {
  const auto gateway = money_gateway(kDaily +
                                     "---\ntype: provider-account/anthropic\nname: plan\n"
                                     "integrations: [{name: mine, model_id: claude-haiku-4-5}]\n");
  spend(gateway, "ANN", 304'000);
  MoneyHost host(gateway);
  host.post(money_request("plan/mine", 10),
            {{"authorization", "Bearer sk-ant-oat"}, {"x-tollgate-api-key", "token-ANN"}});
  REQUIRE(host.called());
  host.upstream_head(200, {{"content-type", "application/json"},
                           {"anthropic-ratelimit-unified-status", "allowed"}});
  host.upstream_body(money_answer(1, 1));
  host.upstream_end();
  CHECK_FALSE(host.head_value("x-tollgate-budget-warning").empty());
  CHECK(host.head_value("anthropic-ratelimit-unified-status") == "allowed");
  CHECK(host.head_value("anthropic-ratelimit-unified-reset").empty());
}

TEST_CASE("429 in place of 402 where it is configured") {
  const auto gateway = money_gateway(
      "name: none\ntype: tenant-budget-config\nlimits: {cost_per_day: 0}\n---\n"
      "type: gateway-global-settings\nname: g\nbudget_exceeded_status: 429\n");
  MoneyHost host(gateway);
  host.ask("ANN", money_request("opus", 10));
  CHECK(host.status == 429);
  CHECK(host.head_value("x-should-retry") == "false");
  CHECK(host.head_value("retry-after") == std::to_string(15 * 3'600));
}

TEST_CASE("a model without a price is refused where that is wished") {
  const auto gateway = money_gateway(
      "type: gateway-global-settings\nname: g\nunknown_price: refuse\n---\n"
      "type: provider-account/anthropic\nname: own\nauth_data: {type: api-key, api_key: k}\n"
      "integrations: [{name: secret, model_id: inhouse-1}]\n");
  MoneyHost host(gateway);
  host.ask("ANN", money_request("secret", 10));
  CHECK(host.status == 400);
  CHECK(host.body.find("No price is known for own/secret") != std::string::npos);
}

TEST_CASE("an attempt waits until its reservation is in the journal") {
  const auto gateway = money_gateway(kDaily);
  ledger::Journal& journal = gateway->environment()->ledger->journal();
  journal.enable();
  MoneyHost host(gateway);
  host.ask("ANN", money_request("opus", 10));
  CHECK_FALSE(host.called());
  SECTION("it is written") {
    static_cast<void>(journal.acknowledge(journal.take()));
    REQUIRE(host.exchange().tick(host.now()).ok());
    host.pull();
    CHECK(host.called());
  }
  SECTION("it cannot be written") {
    host.pass(5 * kSecond);
    CHECK_FALSE(host.called());
    CHECK(host.status == 503);
    CHECK(host.body.find("cannot write its ledger") != std::string::npos);
    CHECK(gateway->environment()->ledger->open_reservations() == 0);
  }
}

}  // namespace
}  // namespace tollgate::test
