#include <string>
#include <vector>

#include "exchange/routed_host.hpp"

namespace tollgate::test {
namespace {

constexpr std::string_view kDirect =
    R"({"model":"one/m","max_tokens":100,"messages":[{"role":"user","content":"hi"}]})";

/// "coding" over one and two, of which the first has this much room.
std::shared_ptr<gateway::Gateway> bounded(std::string_view keys) {
  return routed_gateway(
      "  type: priority-based-routing\n  load_balance_targets:\n"
      "    - {target: one/m, priority: 0, " +
      std::string(keys) + "}\n    - {target: two/m, priority: 1}\n");
}

std::shared_ptr<gateway::Gateway> bounded_alone(std::string_view keys) {
  return routed_gateway(
      "  type: priority-based-routing\n  load_balance_targets:\n    - {target: one/m, " +
      std::string(keys) + "}\n");
}

TEST_CASE("what is above the first target's room goes to the next one, and comes back") {
  const auto gateway = bounded("max_concurrent_requests: 2");
  std::vector<std::unique_ptr<FakeHost>> hosts;
  for (const char* account : {"one", "one", "two", "two"}) {
    hosts.push_back(std::make_unique<FakeHost>(gateway));
    hosts.back()->post(kCodingStream);
    REQUIRE(hosts.back()->calls.size() == 1);
    CHECK(account_of(hosts.back()->calls[0]) == account);
  }
  answer_well(*hosts[0], true);
  CHECK(hosts[0]->done);
  FakeHost later(gateway);
  later.post(kCodingStream);
  CHECK(account_of(later.calls.at(0)) == "one");
  FakeHost more(gateway);
  more.post(kCodingStream);
  CHECK(account_of(more.calls.at(0)) == "two");
  answer_well(*hosts[2], true);
  CHECK(hosts[2]->records.at(0).find("one/m: no room: 2 at the same time") != std::string::npos);
}

TEST_CASE("room comes back whichever way a call ends") {
  struct Row {
    const char* name;
    void (*end)(FakeHost&);
  };
  const Row kRows[] = {
      {"served", [](FakeHost& host) { answer_well(host, true); }},
      {"refused for good", [](FakeHost& host) { answer_error(host, 400); }},
      {"the client leaves",
       [](FakeHost& host) {
         REQUIRE(host.exchange().client_gone(host.now()).ok());
         host.pull();
       }},
      {"the host drops it", [](FakeHost& host) { host.drop(); }},
      {"timed out", [](FakeHost& host) { host.pass(4000 * kSecond); }},
      {"cut",
       [](FakeHost& host) {
         host.upstream_head(200, {{"content-type", "text/event-stream"}});
         host.upstream_body(kMessageStart);
         host.upstream_body(kMessageRest.substr(0, 80));
         host.upstream_failed(TG_FAILURE_RESET);
       }},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.name);
    const auto gateway =
        bounded_alone("max_concurrent_requests: 1, queue_seconds: 0, retry_config: {attempts: 0}");
    FakeHost host(gateway);
    host.post(kCodingStream);
    REQUIRE(host.calls.size() == 1);
    FakeHost full(gateway);
    full.post(kCodingStream);
    CHECK(full.calls.empty());
    row.end(host);
    FakeHost after(gateway);
    after.post(kCodingStream);
    CHECK(after.calls.size() == 1);
  }
}

TEST_CASE("where nobody else serves, requests wait in line and go in order") {
  const auto gateway = bounded_alone("max_concurrent_requests: 1");
  FakeHost first(gateway);
  first.post(kCodingStream);
  FakeHost second(gateway);
  second.post(kCodingStream);
  FakeHost third(gateway);
  third.post(kCodingStream);
  second.pass(10 * kSecond);
  third.pass(10 * kSecond);
  CHECK(second.calls.empty());
  CHECK(third.calls.empty());
  CHECK_FALSE(second.done);
  answer_well(first, true);
  // The third one looks first, and lets the second one go before it.
  third.pass(kSecond);
  CHECK(third.calls.empty());
  second.pass(kSecond);
  REQUIRE(second.calls.size() == 1);
  third.pass(kSecond);
  CHECK(third.calls.empty());
  answer_well(second, true);
  third.pass(kSecond);
  REQUIRE(third.calls.size() == 1);
  answer_well(third, true);
  CHECK(third.status == 200);
  CHECK(third.head_value("x-tollgate-attempts") == "1");
}

TEST_CASE("waiting has an end, which the client may take as an overload") {
  struct Row {
    const char* keys;
    uint64_t seconds;
  };
  for (const Row& row : {Row{"max_concurrent_requests: 1", 30},
                         Row{"max_concurrent_requests: 1, queue_seconds: 3", 3},
                         Row{"max_concurrent_requests: 1, queue_seconds: 0", 0}}) {
    CAPTURE(row.keys);
    const auto gateway = bounded_alone(row.keys);
    FakeHost first(gateway);
    first.post(kCodingWhole);
    FakeHost second(gateway);
    second.post(kCodingWhole);
    if (row.seconds != 0) {
      second.pass(row.seconds * kSecond - 1);
      CHECK_FALSE(second.done);
      second.pass(1);
    }
    CHECK(second.done);
    CHECK(second.calls.empty());
    CHECK(second.status == 529);
    CHECK(second.head_value("retry-after") == "1");
    CHECK(second.body.find("one/m has no room: 1 at the same time") != std::string::npos);
    CHECK(second.body.find("overloaded_error") != std::string::npos);
  }
}

TEST_CASE(
    "when the others have failed, the full one is waited for, and the failed not asked again") {
  const auto gateway = bounded("max_concurrent_requests: 1");
  FakeHost first(gateway);
  first.post(kCodingWhole);
  FakeHost second(gateway);
  second.post(kCodingWhole);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(second.calls.size() == static_cast<size_t>(i) + 1);
    CHECK(account_of(second.calls.back()) == "two");
    answer_error(second, 503);
    second.pass(100 * kMillisecond);
  }
  second.pass(5 * kSecond);
  CHECK(second.calls.size() == 3);
  CHECK_FALSE(second.done);
  answer_well(first, false);
  second.pass(kSecond);
  REQUIRE(second.calls.size() == 4);
  CHECK(account_of(second.calls.back()) == "one");
  answer_well(second, false);
  CHECK(second.status == 200);
}

TEST_CASE("a failure that is the request's answer is told at once, whoever has no room") {
  const auto gateway = bounded("max_concurrent_requests: 1");
  FakeHost first(gateway);
  first.post(kCodingWhole);
  FakeHost second(gateway);
  second.post(kCodingWhole);
  answer_error(second, 400);
  CHECK(second.done);
  CHECK(second.status == 400);
}

TEST_CASE("bounds of a model and of an account hold for direct requests and routed ones together") {
  for (const bool of_account : {false, true}) {
    CAPTURE(of_account);
    const std::string bound = "requests_per_minute: 2";
    const std::string text =
        "type: provider-account/anthropic\nname: one\nbase_url: http://127.0.0.1:9101\n"
        "auth_data: {type: api-key, api_key: sk-one}\n" +
        (of_account ? bound + "\nqueue_seconds: 90\n" : std::string()) +
        "integrations: [{name: m, model_id: m-one" +
        (of_account ? std::string() : ", " + bound + ", queue_seconds: 90") +
        "}]\n---\ntype: user\nname: dev@corp.example\ntokens: [{env: TOKEN_1}]\n---\n"
        "name: coding\nrouting_config: {type: priority-based-routing, load_balance_targets: "
        "[{target: one/m}]}\n";
    const auto gateway = make_gateway(text);
    for (const std::string_view body : {kDirect, kCodingWhole}) {
      FakeHost host(gateway);
      host.post(body);
      REQUIRE(host.calls.size() == 1);
      answer_well(host, false);
    }
    FakeHost third(gateway);
    third.post(kDirect);
    CHECK(third.calls.empty());
    third.pass(59 * kSecond);
    CHECK(third.calls.empty());
    third.pass(3 * kSecond);
    CHECK(third.calls.size() == 1);
  }
}

TEST_CASE("tokens a minute count what an answer used") {
  // kMessageWhole uses two tokens.
  const auto gateway = bounded("tokens_per_minute: 40");
  FakeHost first(gateway);
  first.post(kCodingWhole);  // 20 tokens at least, by its size.
  CHECK(account_of(first.calls.at(0)) == "one");
  FakeHost second(gateway);
  second.post(kCodingWhole);
  const std::string before = account_of(second.calls.at(0));
  answer_well(first, false);
  FakeHost third(gateway);
  third.post(kCodingWhole);
  CHECK(account_of(third.calls.at(0)) == "one");
  const std::string large =
      R"({"model":"coding","max_tokens":9,"messages":[{"role":"user","content":")" +
      std::string(400, 'x') + R"("}]})";
  FakeHost never(gateway);
  never.post(large);
  CHECK(account_of(never.calls.at(0)) == "two");
  CHECK(before == "one");
}

TEST_CASE("counting tokens needs no room") {
  const auto gateway = bounded("max_concurrent_requests: 1");
  FakeHost first(gateway);
  first.post(kCodingWhole);
  FakeHost count(gateway);
  count.request("POST", "/v1/messages/count_tokens", {{"authorization", "Bearer token-1"}},
                R"({"model":"coding","messages":[{"role":"user","content":"hi"}]})");
  CHECK(account_of(count.calls.at(0)) == "one");
}

}  // namespace
}  // namespace tollgate::test
