#include <string>

#include "exchange/routed_host.hpp"

namespace tollgate::test {
namespace {

constexpr std::string_view kTwo =
    "  type: priority-based-routing\n"
    "  load_balance_targets:\n"
    "    - {target: one/m, priority: 0}\n"
    "    - {target: two/m, priority: 1}\n";

TEST_CASE("a blip is retried at the same target after its delay") {
  FakeHost host(routed_gateway(kTwo));
  host.post(kCodingStream);
  REQUIRE(host.calls.size() == 1);
  answer_error(host, 529);
  CHECK(host.calls.size() == 1);
  CHECK(host.deadline_ns == host.mono_ns + 100 * kMillisecond);
  // A tick that comes early changes nothing.
  REQUIRE(host.exchange().tick(host.now()).ok());
  host.pull();
  CHECK(host.calls.size() == 1);
  host.pass(100 * kMillisecond);
  REQUIRE(host.calls.size() == 2);
  CHECK(account_of(host.calls[1]) == "one");
  answer_well(host, true);
  CHECK(host.status == 200);
  CHECK(host.head_value("x-tollgate-attempts") == "2");
  CHECK(host.head_value("x-tollgate-resolved-model") == "one/m");
}

TEST_CASE("when its retries are used up, the next target is called") {
  FakeHost host(routed_gateway(kTwo));
  host.post(kCodingWhole);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(host.calls.size() == static_cast<size_t>(i) + 1);
    CHECK(account_of(host.calls.back()) == "one");
    answer_error(host, 503);
    host.pass(100 * kMillisecond);
  }
  REQUIRE(host.calls.size() == 4);
  CHECK(account_of(host.calls[3]) == "two");
  answer_well(host, false);
  CHECK(host.status == 200);
  CHECK(host.head_value("x-tfy-resolved-model") == "two/m");
  CHECK(host.head_value("x-tollgate-attempts") == "4");
}

TEST_CASE("retries of all targets together are few") {
  FakeHost host(
      routed_gateway("  type: priority-based-routing\n  load_balance_targets:\n"
                     "    - {target: one/m, priority: 0}\n    - {target: two/m, priority: 1}\n"
                     "    - {target: six/m, priority: 2}\n"));
  host.post(kCodingWhole);
  for (int i = 0; i < 20 && !host.done; ++i) {
    answer_error(host, 529);
    host.pass(100 * kMillisecond);
  }
  CHECK(host.done);
  CHECK(host.calls.size() == 7);  // Three targets and four retries.
  CHECK(host.status == 529);
  CHECK(host.head_value("retry-after") == "1");
  for (const char* name : {"one/m (status 529)", "two/m (status 529)", "six/m (status 529)"})
    CHECK(host.body.find(name) != std::string::npos);
}

TEST_CASE("retries that a target asks for are all made") {
  FakeHost host(routed_gateway(
      "  type: priority-based-routing\n  load_balance_targets:\n"
      "    - {target: one/m, priority: 0, retry_config: {attempts: 6, delay: 0, on_status_codes: "
      "[\"500\"]}}\n    - {target: two/m, priority: 1, retry_config: {attempts: 0}}\n"));
  host.post(kCodingWhole);
  for (int i = 0; i < 7; ++i) {
    CHECK(account_of(host.calls.back()) == "one");
    answer_error(host, 500);
  }
  REQUIRE(host.calls.size() == 8);
  answer_well(host, false);
  CHECK(host.status == 200);
}

TEST_CASE("retry-after is waited for while that is short") {
  struct Row {
    const char* name;
    const char* retry_after;
    uint64_t waits_s;     ///< 0: it is not waited for.
    const char* account;  ///< Called then.
  };
  for (const Row& row : {Row{"two seconds", "2", 2, "one"}, Row{"five seconds", "5", 5, "one"},
                         Row{"six seconds", "6", 0, "two"}, Row{"an hour", "3600", 0, "two"}}) {
    CAPTURE(row.name);
    FakeHost host(routed_gateway(kTwo));
    host.post(kCodingWhole);
    answer_error(host, 429, {{"retry-after", row.retry_after}});
    if (row.waits_s != 0) {
      host.pass(row.waits_s * kSecond - 1);
      CHECK(host.calls.size() == 1);
      host.pass(1);
    }
    REQUIRE(host.calls.size() == 2);
    CHECK(account_of(host.calls[1]) == row.account);
  }
}

TEST_CASE("where nobody else is left, a longer retry-after is waited for, up to twenty seconds") {
  for (const bool short_enough : {true, false}) {
    FakeHost host(routed_gateway(
        "  type: priority-based-routing\n  load_balance_targets: [{target: one/m}]\n"));
    host.post(kCodingWhole);
    answer_error(host, 429, {{"retry-after", short_enough ? "15" : "25"}});
    host.pass(15 * kSecond);
    CHECK(host.calls.size() == (short_enough ? 2U : 1U));
    CHECK(host.done != short_enough);
    if (!short_enough) CHECK(host.head_value("retry-after") == "25");
  }
}

TEST_CASE("an upstream that says no retry helps gets none") {
  FakeHost host(routed_gateway(kTwo));
  host.post(kCodingWhole);
  answer_error(host, 429, {{"x-should-retry", "false"}});
  REQUIRE(host.calls.size() == 2);
  CHECK(account_of(host.calls[1]) == "two");
}

struct ListCase {
  const char* name;
  const char* keys;  ///< Of the first target.
  router::StatusCodes retried;
  router::StatusCodes fallen_back;
};

// As the documentation has them, so that a change of a default is noticed.
const router::StatusCodes kRetried = {429, 500, 502, 503, 529};
const router::StatusCodes kFallenBack = {401, 403, 404, 408, 429, 500, 502, 503, 529};

const ListCase kLists[] = {
    {"defaults", "", kRetried, kFallenBack},
    {"no retries", ", retry_config: {attempts: 0}", {}, kFallenBack},
    {"own retries, default fallback",
     ", retry_config: {attempts: 2, delay: 1, on_status_codes: [\"404\", \"529\"]}",
     {404, 529},
     kFallenBack},
    {"default retries, own fallback",
     ", fallback_status_codes: [\"418\", \"408\"]",
     kRetried,
     {408, 418}},
    {"own lists",
     ", retry_config: {attempts: 1, delay: 5, on_status_codes: [\"409\", 500]}, "
     "fallback_status_codes: [\"400\", \"504\"]",
     {409, 500},
     {400, 504}},
    {"nothing at all",
     ", retry_config: {attempts: 3, on_status_codes: []}, fallback_status_codes: []",
     {},
     {}},
};

TEST_CASE("every status does what the lists say") {
  for (const ListCase& row : kLists) {
    for (uint32_t status = 400; status < 600; ++status) {
      CAPTURE(row.name, status);
      FakeHost host(routed_gateway(
          "  type: priority-based-routing\n  load_balance_targets:\n    - {target: one/m, "
          "priority: 0" +
          std::string(row.keys) +
          "}\n    - {target: two/m, priority: 1, retry_config: {attempts: 0}}\n"));
      host.post(kCodingWhole);
      answer_error(host, status);
      host.pass(100 * kMillisecond);
      const bool retried = row.retried.has(status);
      while (host.calls.size() > 1 && account_of(host.calls.back()) == "one") {
        REQUIRE(retried);
        answer_error(host, status);
        host.pass(100 * kMillisecond);
        if (host.done) break;
      }
      const bool other = account_of(host.calls.back()) == "two";
      CHECK(other == row.fallen_back.has(status));
      CHECK(retried == (host.calls.size() > (other ? 2U : 1U)));
      CHECK(host.done == !other);
      if (host.done && status != 401 && status != 403) CHECK(host.status == status);
    }
  }
}

TEST_CASE("an error event before content counts as its status") {
  for (const bool listed : {true, false}) {
    FakeHost host(routed_gateway(
        "  type: priority-based-routing\n  load_balance_targets:\n    - {target: one/m, priority: "
        "0, retry_config: {attempts: 0}, fallback_status_codes: [" +
        std::string(listed ? "529" : "500") + "]}\n    - {target: two/m, priority: 1}\n"));
    host.post(kCodingStream);
    host.upstream_head(200, {{"content-type", "text/event-stream"}});
    host.upstream_body(kMessageStart);
    host.upstream_body("event: error\ndata: " + std::string(kOverloaded) + "\n\n");
    CHECK(host.calls.size() == (listed ? 2U : 1U));
    if (!listed) CHECK(host.status == 529);
  }
}

TEST_CASE("a stream that stalls before its first byte goes to the next target, listed or not") {
  for (const char* codes : {"[\"408\"]", "[\"500\"]"}) {
    for (const bool head : {false, true}) {
      CAPTURE(codes, head);
      FakeHost host(routed_gateway(
          "  type: priority-based-routing\n  load_balance_targets:\n    - {target: one/m, "
          "priority: 0, retry_config: {attempts: 0}, fallback_status_codes: " +
          std::string(codes) +
          ", timeouts: {first_byte_seconds: 3}}\n    - {target: two/m, priority: 1}\n"));
      host.post(kCodingStream);
      if (head) host.upstream_head(200, {{"content-type", "text/event-stream"}});
      host.pass(3 * kSecond);
      REQUIRE(host.calls.size() == 2);
      CHECK(host.calls[0].cancelled);
      CHECK(account_of(host.calls[1]) == "two");
    }
  }
}

TEST_CASE("silence in the middle falls back when 408 is listed, and is a 504 otherwise") {
  for (const bool listed : {true, false}) {
    FakeHost host(routed_gateway(
        "  type: priority-based-routing\n  load_balance_targets:\n    - {target: one/m, priority: "
        "0, retry_config: {attempts: 0}, fallback_status_codes: [" +
        std::string(listed ? "408" : "500") +
        "], timeouts: {idle_seconds: 2}}\n    - {target: two/m, priority: 1}\n"));
    host.post(kCodingStream);
    host.upstream_head(200, {{"content-type", "text/event-stream"}});
    host.upstream_body(kMessageStart);
    host.pass(2 * kSecond);
    CHECK(host.calls.size() == (listed ? 2U : 1U));
    if (!listed) CHECK(host.status == 504);
  }
}

TEST_CASE("a stream is not waited for ten minutes while another target is left") {
  FakeHost host(routed_gateway(kTwo));
  host.post(kCodingStream);
  host.pass(60 * kSecond);
  REQUIRE(host.calls.size() == 2);
  host.pass(200 * kSecond);
  CHECK(host.calls.size() == 2);
}

TEST_CASE("what cannot be reached is asked again only when nobody else is left") {
  FakeHost host(routed_gateway(kTwo));
  host.post(kCodingStream);
  host.upstream_failed(TG_FAILURE_CONNECT);
  REQUIRE(host.calls.size() == 2);
  CHECK(account_of(host.calls[1]) == "two");
  host.upstream_failed(TG_FAILURE_CONNECT);
  host.pass(100 * kMillisecond);
  REQUIRE(host.calls.size() == 3);
  CHECK(account_of(host.calls[2]) == "two");
  answer_well(host, true);
  CHECK(host.status == 200);
}

TEST_CASE("a broken certificate is not asked again, but another target is") {
  FakeHost host(routed_gateway(kTwo));
  host.post(kCodingStream);
  host.upstream_failed(TG_FAILURE_TLS);
  host.upstream_failed(TG_FAILURE_TLS);
  host.pass(kSecond);
  CHECK(host.calls.size() == 2);
  CHECK(host.status == 503);
  CHECK(host.head_value("x-should-retry") == "false");
}

TEST_CASE("a target that fails twice is called last by the next request") {
  const auto gateway = routed_gateway(kTwo);
  FakeHost first(gateway);
  first.post(kCodingWhole);
  while (account_of(first.calls.back()) == "one") {
    answer_error(first, 529);
    first.pass(100 * kMillisecond);
  }
  answer_well(first, false);
  FakeHost second(gateway);
  second.mono_ns = first.mono_ns;
  second.post(kCodingWhole);
  REQUIRE(second.calls.size() == 1);
  CHECK(account_of(second.calls[0]) == "two");
  answer_error(second, 500);
  second.pass(kSecond);
  answer_error(second, 500);
  second.pass(kSecond);
  answer_error(second, 500);
  REQUIRE(second.calls.size() == 4);
  CHECK(account_of(second.calls[3]) == "one");
}

TEST_CASE("faults of the client never make a target unhealthy") {
  const auto gateway = routed_gateway(kTwo);
  for (const uint32_t status : {400U, 404U, 413U, 422U}) {
    FakeHost host(gateway);
    host.post(kCodingWhole);
    CHECK(account_of(host.calls[0]) == "one");
    answer_error(host, status);
  }
}

TEST_CASE("a conversation stays where it was served, and what a switch loses is recorded") {
  const auto gateway = routed_gateway(
      "  type: weight-based-routing\n  load_balance_targets:\n"
      "    - {target: one/m, weight: 50, retry_config: {attempts: 0}}\n"
      "    - {target: two/m, weight: 50, retry_config: {attempts: 0}}\n");
  const HeaderList headers = {{"authorization", "Bearer token-1"},
                              {"x-claude-code-session-id", "s-1"}};
  FakeHost first(gateway);
  first.post(kCodingStream, headers);
  const std::string home = account_of(first.calls[0]);
  answer_well(first, true);
  FakeHost moved(gateway);
  moved.post(kCodingStream, headers);
  REQUIRE(account_of(moved.calls[0]) == home);
  answer_error(moved, 529);
  REQUIRE(moved.calls.size() == 2);
  const std::string away = account_of(moved.calls[1]);
  CHECK(away != home);
  answer_well(moved, true);
  CHECK(moved.records.at(0).find("to " + away +
                                 "/m; 4000 tokens in the prompt cache of the target before are "
                                 "left behind") != std::string::npos);
  for (int i = 0; i < 20; ++i) {
    FakeHost later(gateway);
    later.post(kCodingStream, headers);
    CHECK(account_of(later.calls[0]) == away);
    answer_well(later, true);
  }
}

TEST_CASE("override_params and headers change what is sent, and nothing else") {
  FakeHost host(routed_gateway(
      "  type: priority-based-routing\n  load_balance_targets:\n    - target: one/m\n"
      "      override_params: {speed: fast, max_tokens: 7, temperature: null}\n"
      "      headers_override: {set: {anthropic-beta: fast-mode-2026-02-01, x-cost: \"9\"}, "
      "remove: [x-app]}\n"));
  const std::string body =
      R"({"model":"coding", "max_tokens":100,"temperature":1 ,"messages":[{"role":"user","content":"hi"}]})";
  host.post(body, {{"authorization", "Bearer token-1"},
                   {"anthropic-beta", "one-thing,another"},
                   {"x-app", "cli"}});
  REQUIRE(host.calls.size() == 1);
  const SeenCall& call = host.calls[0];
  CHECK(call.header("anthropic-beta") == "one-thing,another,fast-mode-2026-02-01");
  CHECK(call.header("x-cost") == "9");
  CHECK(call.header("x-app").empty());
  json::Document document;
  const json::Value sent = document.parse(call.body).value();
  CHECK(sent["model"].string_or("") == "m-one");
  CHECK(sent["speed"].string_or("") == "fast");
  CHECK(sent["max_tokens"].integer() == 7);
  CHECK_FALSE(sent["temperature"].exists());
  CHECK(call.body.find(R"("messages":[{"role":"user","content":"hi"}])") != std::string::npos);
}

TEST_CASE("a request that begins at the client's own login never goes to another account") {
  const auto gateway = routed_gateway(
      "  type: priority-based-routing\n  load_balance_targets:\n    - {target: own/m, priority: "
      "0}\n    - {target: one/m, priority: 1}\n    - {target: own/n, priority: 2}\n");
  FakeHost host(gateway);
  host.post(kCodingWhole,
            {{"x-tollgate-api-key", "token-1"}, {"authorization", "Bearer sk-ant-oat"}});
  for (int i = 0; i < 10 && !host.done; ++i) {
    answer_error(host, 529);
    host.pass(kSecond);
  }
  for (const SeenCall& call : host.calls)
    CHECK(call.header("authorization") == "Bearer sk-ant-oat");
  CHECK(host.body.find("one/m (a login of the client's own stays with its account)") !=
        std::string::npos);
  FakeHost without(gateway);
  without.post(kCodingWhole);
  CHECK(account_of(without.calls.at(0)) == "one");
}

TEST_CASE("targets that cannot serve are skipped, and none at all is the client's to know") {
  const auto gateway = make_gateway(R"(
type: provider-account/anthropic
name: small
auth_data: {type: api-key, api_key: sk-a}
integrations:
  - {name: blind, model_id: b, capabilities: {images: false, context_window: 200}}
  - {name: short, model_id: s, capabilities: {context_window: 100}}
---
type: user
name: dev@corp.example
tokens: [{env: TOKEN_1}]
---
name: coding
routing_config:
  type: priority-based-routing
  load_balance_targets:
    - {target: small/blind, priority: 0}
    - {target: small/short, priority: 1}
)");
  const std::string image =
      R"({"model":"coding","max_tokens":1,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"aGk="}}]}]})";
  FakeHost seeing(gateway);
  seeing.post(image);
  REQUIRE(seeing.calls.size() == 1);
  CHECK(seeing.calls[0].body.find(R"("model":"s")") != std::string::npos);
  FakeHost neither(gateway);
  neither.post(R"({"model":"coding","max_tokens":1,"messages":[{"role":"user","content":")" +
               std::string(2'000, 'x') + "\"}]}");
  CHECK(neither.calls.empty());
  CHECK(neither.status == 400);
  CHECK(neither.body.find("prompt is too long: ") != std::string::npos);
  CHECK(neither.body.find(" tokens > 200 maximum") != std::string::npos);
}

TEST_CASE("retries of all requests together are a fifth of them, and ten") {
  const auto gateway = routed_gateway(
      "  type: priority-based-routing\n  load_balance_targets:\n"
      "    - {target: one/m, retry_config: {attempts: 3, delay: 1}}\n");
  size_t calls = 0;
  constexpr size_t kRequests = 100;
  for (size_t i = 0; i < kRequests; ++i) {
    FakeHost host(gateway);
    host.post(kCodingWhole);
    while (!host.done) {
      answer_error(host, 529);
      host.pass(kMillisecond);
    }
    calls += host.calls.size();
  }
  CHECK(calls == kRequests + kRequests / 5);
}

TEST_CASE("rules are looked at in order, by subject, model and metadata") {
  const auto gateway = routed_gateway(
      "  type: priority-based-routing\n  load_balance_targets: [{target: one/m}]\n"
      "---\ntype: gateway-load-balancing-config\nname: rules\nrules:\n"
      "  - id: ci\n    type: priority-based-routing\n"
      "    when: {subjects: [\"virtualaccount:ci-bot\"], models: [coding], metadata: "
      "{environment: ci}}\n"
      "    load_balance_targets: [{target: two/m}]\n"
      "  - id: night\n    type: priority-based-routing\n"
      "    when: {models: [one/m], metadata: {shift: night}}\n"
      "    load_balance_targets: [{target: six/m}]\n");
  struct Row {
    const char* name;
    const char* token;
    const char* model;
    const char* metadata;
    const char* account;
  };
  const Row rows[] = {
      {"no rule", "token-1", "coding", "{}", "one"},
      {"by subject and tag", "token-2", "coding", "{}", "two"},
      {"another model", "token-2", "six/m", "{}", "six"},
      {"by metadata", "token-1", "one/m", "{\"shift\":\"night\"}", "six"},
      {"other metadata", "token-1", "one/m", "{\"shift\":\"day\"}", "one"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    FakeHost host(gateway);
    host.post(R"({"model":")" + std::string(row.model) + R"(","max_tokens":1,"messages":[]})",
              {{"authorization", "Bearer " + std::string(row.token)},
               {"x-tollgate-metadata", row.metadata}});
    REQUIRE(host.calls.size() == 1);
    CHECK(account_of(host.calls[0]) == row.account);
  }
}

}  // namespace
}  // namespace tollgate::test
