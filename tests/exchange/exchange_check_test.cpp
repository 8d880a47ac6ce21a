#include <string>

#include "exchange/routed_host.hpp"
#include "router/hash.hpp"

// Active health checks: lib/exchange/exchange_check.cpp.
namespace tollgate::test {
namespace {

constexpr std::string_view kChecked =
    "type: provider-account/anthropic\nname: one\nbase_url: http://127.0.0.1:9101/v9\n"
    "auth_data: {type: api-key, api_key: sk-one}\nintegrations: [{name: m, model_id: m-one}]\n"
    "health_check: {interval_seconds: 20}\n---\n"
    "type: provider-account/anthropic\nname: two\nbase_url: http://127.0.0.1:9102\n"
    "auth_data: {type: api-key, api_key: sk-two}\nintegrations: [{name: m, model_id: m-two}]\n"
    "health_check: {url: http://127.0.0.1:9102/health}\n---\n"
    "type: provider-account/anthropic\nname: six\nbase_url: http://127.0.0.1:9106\n"
    "auth_data: {type: api-key, api_key: sk-six}\nintegrations: [{name: m, model_id: m-six}]\n---\n"
    "type: user\nname: dev@corp.example\ntokens: [{env: TOKEN_1}]\n---\n"
    "name: coding\nrouting_config:\n  type: priority-based-routing\n  load_balance_targets:\n"
    "    - {target: one/m, priority: 0}\n    - {target: six/m, priority: 1}\n";

void ask(FakeHost& host) {
  host.request("GET", "/healthz/upstreams", {}, {});
}

/// The answer of the open call is only a status.
void answer(FakeHost& host, uint32_t status) {
  host.upstream_head(status, {});
}

router::TargetView view(const std::shared_ptr<gateway::Gateway>& gateway, const char* target,
                        Time now) {
  return gateway->environment()->router.health.view(router::hash_text(target),
                                                    router::EndpointClass::kMessages, now);
}

TEST_CASE("accounts that want it are asked once an interval, without key or prompt") {
  const auto gateway = make_gateway(kChecked);
  FakeHost host(gateway);
  ask(host);
  REQUIRE(host.calls.size() == 1);
  CHECK(host.calls[0].method == "GET");
  CHECK(host.calls[0].url == "http://127.0.0.1:9101/");
  CHECK(host.calls[0].body.empty());
  CHECK((host.calls[0].flags & TG_FLAG_AUXILIARY) != 0);
  for (const char* name : {"x-api-key", "authorization"})
    CHECK(host.calls[0].header(name).empty());
  answer(host, 404);
  REQUIRE(host.calls.size() == 2);
  CHECK(host.calls[1].url == "http://127.0.0.1:9102/health");
  answer(host, 200);
  REQUIRE(host.done);
  CHECK(host.status == 200);
  CHECK(host.body == R"({"checked":2,"failed":0,"next_seconds":15})");
  CHECK(host.records.empty());
  CHECK(gateway->environment()->ledger->open_reservations() == 0);

  FakeHost again(gateway);
  again.mono_ns = host.mono_ns;
  ask(again);
  CHECK(again.calls.empty());
  CHECK(again.body == R"({"checked":0,"failed":0,"next_seconds":15})");
}

TEST_CASE("two checks that fail make a target unhealthy before a request has to find out") {
  struct Row {
    const char* name;
    uint32_t status;  ///< 0: no answer.
    int32_t failure;
    bool counts;
    bool own_address;  ///< Of the second account.
  };
  const Row rows[] = {
      {"refused", 0, TG_FAILURE_CONNECT, true, false},
      {"TLS", 0, TG_FAILURE_TLS, true, false},
      {"the host would not call", 0, TG_FAILURE_HOST, false, false},
      {"503", 503, 0, true, false},
      {"401 without a key", 401, 0, false, false},
      {"an address of its own that says 404", 404, 0, true, true},
      {"an address of its own that says 200", 200, 0, false, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto gateway = make_gateway(kChecked);
    uint64_t mono_ns = 1'000 * kSecond;
    for (int round = 0; round < 2; ++round) {
      FakeHost host(gateway);
      host.mono_ns = mono_ns;
      ask(host);
      for (const bool own : {false, true}) {
        REQUIRE_FALSE(host.done);
        if (own != row.own_address) {
          answer(host, 200);
        } else if (row.status != 0) {
          answer(host, row.status);
        } else {
          host.upstream_failed(row.failure);
        }
      }
      REQUIRE(host.done);
      mono_ns = host.mono_ns + 20 * kSecond;
    }
    const Time now{mono_ns, 0};
    CHECK(view(gateway, row.own_address ? "two/m" : "one/m", now).healthy != row.counts);
    CHECK(view(gateway, row.own_address ? "one/m" : "two/m", now).healthy);
    CHECK(view(gateway, "six/m", now).healthy);
  }
}

TEST_CASE("a check that is not answered fails after ten seconds") {
  const auto gateway = make_gateway(kChecked);
  FakeHost host(gateway);
  ask(host);
  host.pass(10 * kSecond);
  REQUIRE(host.calls.size() == 2);
  CHECK(host.calls[0].cancelled);
  answer(host, 200);
  CHECK(host.body.find(R"("checked":2,"failed":1)") != std::string::npos);
}

TEST_CASE("where something answers again, the next request probes it") {
  const auto gateway = make_gateway(kChecked);
  const uint64_t key = router::hash_text("one/m");
  router::Health& health = gateway->environment()->router.health;
  router::TargetReport failed;
  failed.outcome = router::Outcome::kFailed;
  FakeHost host(gateway);
  for (int i = 0; i < 2; ++i)
    health.report(key, router::EndpointClass::kMessages, failed, host.now());
  host.mono_ns += kSecond;
  CHECK_FALSE(view(gateway, "one/m", host.now()).probe);
  ask(host);
  answer(host, 404);
  const router::TargetView seen = view(gateway, "one/m", host.now());
  CHECK_FALSE(seen.healthy);  // Only an answer to a request says that it works.
  CHECK(seen.probe);
}

TEST_CASE("without health_check nobody is asked, and none is due") {
  FakeHost host(
      routed_gateway("  type: priority-based-routing\n  load_balance_targets:\n"
                     "    - {target: one/m, priority: 0}\n"));
  ask(host);
  CHECK(host.calls.empty());
  CHECK(host.status == 200);
  CHECK(host.body == R"({"checked":0,"failed":0,"next_seconds":null})");
}

}  // namespace
}  // namespace tollgate::test
