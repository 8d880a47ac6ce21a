#include <string>

#include "base/limits.hpp"
#include "support/catch.hpp"
#include "support/fake_host.hpp"
#include "support/issued_tokens.hpp"

namespace tollgate::test {
namespace {

const std::string kIssuerConfig = std::string(kTestConfig) +
                                  "---\ntype: identity-provider\nname: corp\n"
                                  "issuer: https://idp.corp.example/\naudience: [tollgate]\n"
                                  "jwks_uri: https://idp.corp.example/keys\n";
constexpr const char* kBody =
    R"({"model":"claude-same","max_tokens":9,"messages":[{"role":"user","content":"hi"}]})";

HeaderList bearer(const std::string& token) {
  return {{"authorization", "Bearer " + token}};
}

void answer_keys(FakeHost& host, uint32_t status = 200, const char* body = kKeySet) {
  host.upstream_head(status, {});
  host.upstream_body(body);
  host.upstream_end();
}

struct Woken {
  std::vector<uint64_t> tokens;
  static void wake(uint64_t token, void* user) {
    static_cast<Woken*>(user)->tokens.push_back(token);
  }
};

TEST_CASE("a token of the identity provider is checked with keys that are fetched once") {
  const auto gateway = make_gateway(kIssuerConfig.c_str());
  FakeHost first(gateway);
  first.post(kBody, bearer(kRs256Token));
  REQUIRE(first.calls.size() == 1);
  CHECK(first.calls[0].method == "GET");
  CHECK(first.calls[0].url == "https://idp.corp.example/keys");
  CHECK((first.calls[0].flags & TG_FLAG_AUXILIARY) != 0);
  CHECK(first.exchange().state() == exchange::State::kIdentifying);
  answer_keys(first);
  REQUIRE(first.calls.size() == 2);
  CHECK(first.calls[1].header("authorization").empty());  // The caller's token stays here.
  first.upstream_failed(TG_FAILURE_CONNECT);
  REQUIRE(first.records.size() == 1);
  CHECK_THAT(first.records[0], Catch::Contains(R"("principal":"user:dev-1@corp.example")"));

  FakeHost second(gateway);
  second.post(kBody, {{"x-api-key", kEs256Token}});
  REQUIRE(second.calls.size() == 1);
  CHECK_THAT(second.calls[0].url, Catch::Contains("/v1/messages"));
}

TEST_CASE("a token that is not right is refused, and why is said") {
  struct Row {
    const char* name;
    std::string token;
    const char* reason;
  };
  const auto row = GENERATE(values<Row>({
      {"expired", kExpiredToken, "it has expired"},
      {"a key nobody knows", kOtherKidToken, "no key of its issuer signed it"},
      {"changed", std::string(kRs256Token).replace(600, 1, kRs256Token[600] == 'A' ? "B" : "A"),
       "its signature is wrong"},
      {"no user in it", kBotToken, "names a user"},
  }));
  CAPTURE(row.name);
  const auto gateway = make_gateway(kIssuerConfig.c_str());
  FakeHost host(gateway);
  host.post(kBody, bearer(row.token));
  if (!host.calls.empty()) answer_keys(host);
  CHECK(host.status == 401);
  CHECK(host.head_value("x-should-retry") == "false");
  CHECK_THAT(host.body, Catch::Contains(row.reason));
  CHECK(host.calls.size() <= 1);
  CHECK(host.done);
}

TEST_CASE("the provider's absence is not the caller's fault") {
  const auto gateway = make_gateway(kIssuerConfig.c_str());
  struct Row {
    const char* name;
    void (*fail)(FakeHost& host);
  };
  const auto row = GENERATE(values<Row>({
      {"refused", [](FakeHost& host) { host.upstream_failed(TG_FAILURE_CONNECT); }},
      {"an error", [](FakeHost& host) { answer_keys(host, 500, "{}"); }},
      {"no key set", [](FakeHost& host) { answer_keys(host, 200, "<html>"); }},
      {"silent", [](FakeHost& host) { host.pass(31 * kSecond); }},
  }));
  CAPTURE(row.name);
  FakeHost host(gateway);
  host.post(kBody, bearer(kRs256Token));
  row.fail(host);
  CHECK(host.status == 503);
  CHECK_FALSE(host.head_value("retry-after").empty());
  CHECK(host.done);
}

TEST_CASE("old keys serve while their issuer is away, for a day") {
  const auto gateway = make_gateway(kIssuerConfig.c_str());
  FakeHost first(gateway);
  first.post(kBody, bearer(kRs256Token));
  answer_keys(first);
  FakeHost later(gateway);
  later.mono_ns += 2 * 3'600 * kSecond;
  later.post(kBody, bearer(kRs256Token));
  CHECK(later.exchange().state() == exchange::State::kIdentifying);
  later.upstream_failed(TG_FAILURE_CONNECT);
  REQUIRE(later.calls.size() == 2);
  CHECK_THAT(later.calls[1].url, Catch::Contains("/v1/messages"));
  FakeHost much_later(gateway);
  much_later.mono_ns += 25 * 3'600 * kSecond;
  much_later.post(kBody, bearer(kRs256Token));
  much_later.upstream_failed(TG_FAILURE_CONNECT);
  CHECK(much_later.status == 503);
}

TEST_CASE("an unknown key makes the keys be fetched again, but not for every request") {
  const auto gateway = make_gateway(kIssuerConfig.c_str());
  FakeHost first(gateway);
  first.post(kBody, bearer(kRs256Token));
  answer_keys(first);
  FakeHost soon(gateway);
  soon.post(kBody, bearer(kOtherKidToken));
  CHECK(soon.calls.empty());
  CHECK(soon.status == 401);
  FakeHost later(gateway);
  later.mono_ns += 61 * kSecond;
  later.post(kBody, bearer(kOtherKidToken));
  CHECK(later.calls.size() == 1);
  answer_keys(later);
  CHECK(later.status == 401);
}

TEST_CASE("those who need the keys at once share one call") {
  Woken woken;
  gateway::GatewayOptions options;
  options.waker = {&Woken::wake, &woken, 0};
  const auto gateway = make_gateway(kIssuerConfig.c_str(), options);
  exchange::ExchangeOptions waits;
  waits.wake_token = 7;
  FakeHost first(gateway);
  FakeHost second(gateway, waits);
  first.post(kBody, bearer(kRs256Token));
  second.post(kBody, bearer(kEs256Token));
  CHECK(second.calls.empty());
  CHECK(second.exchange().state() == exchange::State::kIdentifying);
  answer_keys(first);
  CHECK(woken.tokens == std::vector<uint64_t>{7});
  REQUIRE(second.exchange().tick(second.now()).ok());
  second.pull();
  REQUIRE(second.calls.size() == 1);
  CHECK_THAT(second.calls[0].url, Catch::Contains("/v1/messages"));
}

TEST_CASE("a caller who leaves while the keys are fetched lets another one fetch") {
  const auto gateway = make_gateway(kIssuerConfig.c_str());
  FakeHost first(gateway);
  FakeHost second(gateway);
  first.post(kBody, bearer(kRs256Token));
  second.post(kBody, bearer(kEs256Token));
  REQUIRE(first.exchange().client_gone(first.now()).ok());
  first.pull();
  CHECK(first.calls[0].cancelled);
  second.pass(limits::kAuxiliaryPollNs);
  REQUIRE(second.calls.size() == 1);
  answer_keys(second);
  CHECK(second.calls.size() == 2);
}

TEST_CASE("the models' list needs a caller too") {
  const auto gateway = make_gateway(kIssuerConfig.c_str());
  FakeHost host(gateway);
  host.request("GET", "/v1/models", bearer(kRs256Token), "");
  REQUIRE(host.calls.size() == 1);
  answer_keys(host);
  CHECK(host.status == 200);
  FakeHost wrong(gateway);
  wrong.request("GET", "/v1/models", bearer(kOtherKidToken), "");
  CHECK(wrong.status == 401);
}

}  // namespace
}  // namespace tollgate::test
