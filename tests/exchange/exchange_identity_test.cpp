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

/// A key set that holds none of the keys that signed the tokens.
constexpr const char* kOtherKeySet =
    R"({"keys":[{"kty":"EC","crv":"P-256","kid":"x1","x":"5RpA8zwGpZcKWXkgM5DBAoqni2sAwBVV7Bt9DK8)"
    R"(Og_g","y":"1JvgxZv394dghTVtnoe0R0xx8UsOkKIaHkz8K0IuaHo"}]})";

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
  FakeHost at_once(gateway);
  at_once.post(kBody, bearer(kOtherKidToken));
  REQUIRE(at_once.calls.size() == 1);
  answer_keys(at_once);
  CHECK(at_once.status == 401);
  FakeHost soon(gateway);
  soon.mono_ns += 9 * kSecond;
  soon.post(kBody, bearer(kOtherKidToken));
  CHECK(soon.calls.empty());
  CHECK(soon.status == 401);
  FakeHost known(gateway);
  known.post(kBody, bearer(kEs256Token));
  CHECK(known.calls.size() == 1);  // Only the provider's.
  FakeHost later(gateway);
  later.mono_ns += 11 * kSecond;
  later.post(kBody, bearer(kOtherKidToken));
  CHECK(later.calls.size() == 1);
}

TEST_CASE("a key that is new is found as soon as its issuer shows it") {
  const char* token = GENERATE(kRs256Token, kNoKidToken);
  const auto gateway = make_gateway(kIssuerConfig.c_str());
  FakeHost first(gateway);
  first.post(kBody, bearer(token));
  answer_keys(first, 200, kOtherKeySet);
  CHECK(first.status == 401);
  FakeHost rotated(gateway);
  rotated.mono_ns += kSecond / 1000;
  rotated.post(kBody, bearer(token));
  REQUIRE(rotated.calls.size() == 1);
  answer_keys(rotated);
  REQUIRE(rotated.calls.size() == 2);
  CHECK_THAT(rotated.calls[1].url, Catch::Contains("/v1/messages"));
}

TEST_CASE("an unknown key is not the caller's fault while its issuer is away") {
  const auto gateway = make_gateway(kIssuerConfig.c_str());
  FakeHost first(gateway);
  first.post(kBody, bearer(kRs256Token));
  answer_keys(first);
  FakeHost unknown(gateway);
  unknown.post(kBody, bearer(kOtherKidToken));
  unknown.upstream_failed(TG_FAILURE_CONNECT);
  CHECK(unknown.status == 503);
  FakeHost soon(gateway);
  soon.mono_ns += 5 * kSecond;
  soon.post(kBody, bearer(kOtherKidToken));
  CHECK(soon.calls.empty());
  CHECK(soon.status == 503);
}

TEST_CASE("nobody waits long for newer keys than those that do") {
  const auto gateway = make_gateway(kIssuerConfig.c_str());
  FakeHost first(gateway);
  first.post(kBody, bearer(kRs256Token));
  answer_keys(first);
  const Time later{first.mono_ns + 2 * 3'600 * kSecond, first.now().wall_ms};
  const auto host_at = [&](Time now) {
    FakeHost host(std::make_unique<exchange::Exchange>(
        gateway->environment(), gateway->configuration(), exchange::ExchangeOptions(), now));
    host.mono_ns = now.mono_ns;
    return host;
  };
  FakeHost leader = host_at(later);
  FakeHost other = host_at(later);
  leader.post(kBody, bearer(kRs256Token));
  CHECK(leader.exchange().state() == exchange::State::kIdentifying);
  other.post(kBody, bearer(kEs256Token));
  REQUIRE(other.calls.size() == 1);
  CHECK_THAT(other.calls[0].url, Catch::Contains("/v1/messages"));
  leader.pass(3 * kSecond);
  CHECK(leader.calls[0].cancelled);
  CHECK(leader.calls[0].cancelled);
  REQUIRE(leader.calls.size() == 2);
  CHECK_THAT(leader.calls[1].url, Catch::Contains("/v1/messages"));
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
  answer_keys(wrong);
  CHECK(wrong.status == 401);
}

}  // namespace
}  // namespace tollgate::test
