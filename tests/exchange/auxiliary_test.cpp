#include "exchange/auxiliary.hpp"

#include <vector>

#include "support/fake_host.hpp"
#include "support/token_provider.hpp"

namespace tollgate::test {
namespace {

using exchange::Auxiliary;

TEST_CASE("one leads, the others wait and are woken") {
  Auxiliary auxiliary;
  const Time now{10 * kSecond, 0};
  CHECK(auxiliary.ask("k", 1, 11, now).role == Auxiliary::Role::kLead);
  CHECK(auxiliary.ask("k", 2, 22, now).role == Auxiliary::Role::kWait);
  CHECK(auxiliary.ask("k", 2, 22, now).role == Auxiliary::Role::kWait);
  CHECK(auxiliary.succeed("k", 9, {"other", kNoDeadline}).empty());
  CHECK(auxiliary.succeed("k", 1, {"token", now.mono_ns + kSecond}) == std::vector<uint64_t>{22});
  CHECK(auxiliary.ask("k", 2, 22, now).value == "token");
  const Time later{12 * kSecond, 0};
  CHECK(auxiliary.knows("k", now));
  CHECK_FALSE(auxiliary.knows("k", later));
  CHECK_FALSE(auxiliary.knows("another", now));
  CHECK(auxiliary.ask("k", 3, 33, later).role == Auxiliary::Role::kLead);
}

TEST_CASE("a failure is remembered for a moment, then somebody tries again") {
  Auxiliary auxiliary;
  const Time now{10 * kSecond, 0};
  CHECK(auxiliary.ask("k", 1, 11, now).role == Auxiliary::Role::kLead);
  CHECK(auxiliary.fail("k", 1, "refused", now).empty());
  CHECK(auxiliary.ask("k", 2, 22, now).role == Auxiliary::Role::kFailed);
  CHECK(auxiliary.ask("k", 2, 22, {12 * kSecond, 0}).role == Auxiliary::Role::kLead);
}

TEST_CASE("what should be renewed serves until it is, or ends") {
  Auxiliary auxiliary;
  using Role = Auxiliary::Role;
  const auto ask = [&](uint64_t who, uint64_t second) {
    return auxiliary.ask("k", who, who, {second * kSecond, 0});
  };
  CHECK(ask(1, 10).role == Role::kLead);
  CHECK(auxiliary.succeed("k", 1, {"old", 100 * kSecond, 50 * kSecond}).empty());
  CHECK(ask(2, 49).value == "old");
  CHECK_FALSE(auxiliary.knows("k", {50 * kSecond, 0}));
  CHECK(ask(2, 50).role == Role::kLead);
  CHECK(auxiliary.knows("k", {50 * kSecond, 0}));
  CHECK(ask(3, 51).value == "old");
  CHECK(auxiliary.fail("k", 2, "away", {52 * kSecond, 0}).empty());
  CHECK(ask(2, 52).value == "old");
  CHECK(ask(3, 60).role == Role::kLead);
  CHECK(auxiliary.fail("k", 3, "away", {99 * kSecond, 0}).empty());
  CHECK(ask(3, 99).value == "old");
  CHECK(ask(3, 100).role == Role::kLead);
  CHECK(auxiliary.succeed("k", 3, {"new", 200 * kSecond, 150 * kSecond}).empty());
  CHECK(ask(2, 101).value == "new");
}

TEST_CASE("something newer is asked for at once, but not again for a while") {
  Auxiliary auxiliary;
  const Time now{10 * kSecond, 0};
  const auto ask = [&](uint64_t who, uint64_t second) {
    return auxiliary.ask_newer("k", who, who, 10 * kSecond, {second * kSecond, 0}).role;
  };
  CHECK(ask(1, 10) == Auxiliary::Role::kLead);
  CHECK(ask(2, 10) == Auxiliary::Role::kWait);
  static_cast<void>(auxiliary.succeed("k", 1, {"v", now.mono_ns}));
  CHECK(ask(2, 11) == Auxiliary::Role::kReady);
  CHECK(ask(2, 19) == Auxiliary::Role::kReady);
  CHECK(ask(2, 20) == Auxiliary::Role::kLead);
  static_cast<void>(auxiliary.fail("k", 2, "refused", {20 * kSecond, 0}));
  CHECK(ask(3, 29) == Auxiliary::Role::kFailed);
  CHECK(ask(3, 30) == Auxiliary::Role::kLead);
}

TEST_CASE("who leads and goes away is replaced, but not without end") {
  Auxiliary auxiliary;
  const Time now{10 * kSecond, 0};
  for (uint64_t who = 1; who <= 3; ++who) {
    CHECK(auxiliary.ask_newer("k", who, who, 10 * kSecond, now).role == Auxiliary::Role::kLead);
    static_cast<void>(auxiliary.leave("k", who));
  }
  CHECK(auxiliary.ask_newer("k", 4, 4, 10 * kSecond, now).role == Auxiliary::Role::kFailed);
  const Time later{20 * kSecond, 0};
  CHECK(auxiliary.ask_newer("k", 4, 4, 10 * kSecond, later).role == Auxiliary::Role::kLead);
}

TEST_CASE("a refused value is forgotten, a newer one is not") {
  Auxiliary auxiliary;
  const Time now{kSecond, 0};
  static_cast<void>(auxiliary.ask("k", 1, 11, now));
  static_cast<void>(auxiliary.succeed("k", 1, {"new"}));
  auxiliary.forget("k", "old");
  CHECK(auxiliary.ask("k", 1, 11, now).role == Auxiliary::Role::kReady);
  auxiliary.forget("k", "new");
  CHECK(auxiliary.ask("k", 1, 11, now).role == Auxiliary::Role::kLead);
}

constexpr std::string_view kBody = R"({"model":"claude-same","max_tokens":1,"messages":[]})";

struct Woken {
  std::vector<uint64_t> tokens;
  static void wake(uint64_t token, void* user) {
    static_cast<Woken*>(user)->tokens.push_back(token);
  }
};

struct TokenGateway {
  TokenProvider provider;
  Woken woken;
  std::shared_ptr<gateway::Gateway> gateway;
  std::shared_ptr<config::Configuration> configuration;

  TokenGateway() {
    gateway::GatewayOptions options;
    options.waker = {&Woken::wake, &woken, 0};
    gateway = make_gateway(kTestConfig, options);
    configuration = std::make_shared<config::Configuration>(*gateway->configuration());
    for (providers::Account& account : configuration->accounts)
      account.provider = &provider;
  }
  FakeHost host(uint64_t wake_token) const {
    exchange::ExchangeOptions options;
    options.wake_token = wake_token;
    return FakeHost(std::make_unique<exchange::Exchange>(
        gateway->environment(), configuration, options, Time{1'000'000'000, 1'795'338'000'000}));
  }
};

TEST_CASE("exchanges that need the same token share one fetch, which is no attempt") {
  TokenGateway shared;
  FakeHost first = shared.host(1);
  FakeHost second = shared.host(2);
  first.post(kBody);
  second.post(kBody);
  REQUIRE(first.calls.size() == 1);
  CHECK((first.calls[0].flags & TG_FLAG_AUXILIARY) != 0);
  CHECK(first.calls[0].body == "grant");
  CHECK(second.calls.empty());
  CHECK(second.exchange().state() == exchange::State::kWaitingAux);

  first.upstream_head(200, {});
  first.upstream_body("tok");
  first.upstream_body("en");
  first.upstream_end();
  CHECK(shared.woken.tokens == std::vector<uint64_t>{2});
  REQUIRE(first.calls.size() == 2);
  CHECK(first.calls[1].header("authorization") == "Bearer token");
  REQUIRE(second.exchange().tick(second.now()).ok());
  second.pull();
  REQUIRE(second.calls.size() == 1);
  CHECK(second.calls[0].header("authorization") == "Bearer token");
  second.upstream_failed(TG_FAILURE_CONNECT);
  CHECK(second.head_value("x-tollgate-attempts") == "1");
}

TEST_CASE("a leader that is cancelled lets another one lead") {
  TokenGateway shared;
  FakeHost first = shared.host(1);
  FakeHost second = shared.host(2);
  first.post(kBody);
  second.post(kBody);
  REQUIRE(first.exchange().client_gone(first.now()).ok());
  first.pull();
  CHECK(first.calls[0].cancelled);
  CHECK(shared.woken.tokens == std::vector<uint64_t>{2});
  REQUIRE(second.exchange().tick(second.now()).ok());
  second.pull();
  REQUIRE(second.calls.size() == 1);
  CHECK((second.calls[0].flags & TG_FLAG_AUXILIARY) != 0);
  second.upstream_head(200, {});
  second.upstream_body("token");
  second.upstream_end();
  REQUIRE(second.calls.size() == 2);
  CHECK(second.calls[1].header("authorization") == "Bearer token");
}

TEST_CASE("who waits for another's call is bound by its own time") {
  TokenGateway shared;
  FakeHost first = shared.host(1);
  exchange::ExchangeOptions options;
  options.wake_token = 2;
  options.timeout_ns = kSecond;
  FakeHost second(std::make_unique<exchange::Exchange>(shared.gateway->environment(),
                                                       shared.configuration, options, first.now()));
  first.post(kBody);
  second.post(kBody);
  second.pass(2 * kSecond);
  CHECK(second.done);
  CHECK(second.status == 503);
  CHECK(second.calls.empty());
}

TEST_CASE("the bytes of a call that is cancelled stay until the host was told") {
  TokenGateway shared;
  FakeHost raw = shared.host(1);
  const HeaderList headers = {{"authorization", "Bearer token-1"}};
  const HeaderViews views(headers);
  exchange::Exchange& exchange = raw.exchange();
  REQUIRE(
      exchange.client_head("POST", "/v1/messages", views.data(), views.pairs(), raw.now()).ok());
  REQUIRE(exchange.client_body(kBody, raw.now()).ok());
  REQUIRE(exchange.client_end(raw.now()).ok());
  tg_action open = TG_ACTION_INIT;
  exchange.next_action(open);
  REQUIRE(open.kind == TG_ACTION_UPSTREAM_OPEN);
  REQUIRE(exchange.client_gone(raw.now()).ok());
  tg_action cancel = TG_ACTION_INIT;
  exchange.next_action(cancel);
  REQUIRE(cancel.kind == TG_ACTION_UPSTREAM_CANCEL);
  CHECK(std::string_view(reinterpret_cast<const char*>(open.body_spans[0].data),
                         open.body_spans[0].size) == "grant");
}

TEST_CASE("a token that cannot be had is our fault, not the client's login") {
  TokenGateway shared;
  FakeHost host = shared.host(1);
  host.post(kBody);
  SECTION("refused") {
    host.upstream_head(403, {});
    host.upstream_end();
  }
  SECTION("unreachable") {
    host.upstream_failed(TG_FAILURE_CONNECT);
  }
  SECTION("silent") {
    host.pass(31 * kSecond);
  }
  CHECK(host.status == 502);
  CHECK(host.head_value("x-should-retry") == "false");
  CHECK(host.body.find("administrator") != std::string::npos);
  CHECK(host.done);
}

}  // namespace
}  // namespace tollgate::test
