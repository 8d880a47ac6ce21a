#include <string>

#include "support/fake_host.hpp"

namespace tollgate::test {
namespace {

constexpr std::string_view kGood = R"({"model":"claude-same","max_tokens":1,"messages":[]})";

struct RefusalCase {
  const char* name;
  HeaderList headers;
  std::string body;
  uint32_t status;
  const char* type;
  const char* text;
};

const HeaderList kAuth = {{"authorization", "Bearer token-1"}};

const RefusalCase kRefusals[] = {
    {"no credential", {}, std::string(kGood), 401, "authentication_error", "ANTHROPIC_AUTH_TOKEN"},
    {"wrong bearer",
     {{"authorization", "Bearer nope"}},
     std::string(kGood),
     401,
     "authentication_error",
     "does not know"},
    {"a dedicated header decides alone",
     {{"x-tollgate-api-key", "nope"}, {"authorization", "Bearer token-1"}},
     std::string(kGood),
     401,
     "authentication_error",
     "does not know"},
    {"not JSON", kAuth, "{\"model\":\"claude-same\",\n  oops}", 400, "invalid_request_error",
     "line 2"},
    {"empty body", kAuth, "", 400, "invalid_request_error", "no body"},
    {"unknown model", kAuth, R"({"model":"claude-sam","max_tokens":1,"messages":[]})", 400,
     "invalid_request_error", "did you mean claude-same"},
    {"two models", kAuth,
     R"({"model":"claude-same","mod\u0065l":"claude-secret","max_tokens":1,"messages":[]})", 400,
     "invalid_request_error", "model"},
    {"bad metadata",
     {{"authorization", "Bearer token-1"}, {"x-tfy-metadata", "[1]"}},
     std::string(kGood),
     400,
     "invalid_request_error",
     "x-tfy-metadata"},
    {"bad logging wish",
     {{"authorization", "Bearer token-1"}, {"x-tfy-logging-config", "yes"}},
     std::string(kGood),
     400,
     "invalid_request_error",
     "enabled"},
    {"header injection",
     {{"authorization", "Bearer token-1"}, {"x-a", "b\r\nx-c: d"}},
     std::string(kGood),
     400,
     "invalid_request_error",
     "headers"},
};

TEST_CASE("refusals have the right status, type and text, and call nobody") {
  for (const RefusalCase& row : kRefusals) {
    CAPTURE(row.name);
    FakeHost host(make_gateway());
    host.post(row.body, row.headers);
    CHECK(host.status == row.status);
    json::Document document;
    const json::Value error = document.parse(host.body).value();
    CHECK(error["type"].string_or("") == "error");
    CHECK(error["error"]["type"].string_or("") == row.type);
    CHECK(std::string(error["error"]["message"].string_or("")).find(row.text) != std::string::npos);
    CHECK(host.calls.empty());
    CHECK(host.done);
    CHECK(host.records.size() == 1);
    CHECK_FALSE(host.head_value("x-tollgate-request-id").empty());
  }
}

TEST_CASE("a bad key is not retried and does not look like a missing login") {
  FakeHost host(make_gateway());
  host.post(kGood, {{"x-api-key", "nope"}});
  CHECK(host.status == 401);
  CHECK(host.head_value("x-should-retry") == "false");
  CHECK(host.body.find("x-api-key") == std::string::npos);
}

TEST_CASE("of two credentials the one that authenticates wins") {
  FakeHost host(make_gateway());
  host.post(kGood, {{"authorization", "Bearer something-else"}, {"x-api-key", "token-2"}});
  REQUIRE(host.calls.size() == 1);
  host.upstream_failed(TG_FAILURE_CONNECT);
  CHECK(host.records.at(0).find("virtualaccount:ci-bot") != std::string::npos);
  CHECK(host.records.at(0).find(R"("environment":"ci")") != std::string::npos);
}

TEST_CASE("a stranger is refused at the head, before the body is taken") {
  const auto gateway = make_gateway();
  FakeHost host(gateway);
  const HeaderList headers = {{"content-length", "1000000"}};
  const HeaderViews views(headers);
  REQUIRE(host.exchange()
              .client_head("POST", "/v1/messages", views.data(), views.pairs(), host.now())
              .ok());
  host.pull();
  CHECK(host.status == 401);
  CHECK((host.head_flags & TG_FLAG_CLOSE) != 0);
  CHECK(host.exchange().client_body("{}", host.now()).ok());
  CHECK(gateway->environment()->body_bytes.load() == 0);
}

TEST_CASE("a body that is too large is refused with the real limit") {
  SECTION("by its length, at the head") {
    FakeHost host(make_gateway());
    const HeaderList headers = {{"authorization", "Bearer token-1"},
                                {"content-length", "33554433"}};
    const HeaderViews views(headers);
    REQUIRE(host.exchange()
                .client_head("POST", "/v1/messages", views.data(), views.pairs(), host.now())
                .ok());
    host.pull();
    CHECK(host.status == 413);
    CHECK(host.body.find("32 MB") != std::string::npos);
    CHECK(host.body.find("request_too_large") != std::string::npos);
  }
  SECTION("by what came, without a length") {
    const auto gateway = make_gateway();
    FakeHost host(gateway);
    const HeaderViews views(kAuth);
    REQUIRE(host.exchange()
                .client_head("POST", "/v1/messages", views.data(), views.pairs(), host.now())
                .ok());
    const std::string chunk(1024 * 1024, ' ');
    for (int i = 0; i < 33 && host.status == 0; ++i) {
      REQUIRE(host.exchange().client_body(chunk, host.now()).ok());
      host.pull();
    }
    CHECK(host.status == 413);
    CHECK(gateway->environment()->body_bytes.load() == 0);
  }
}

TEST_CASE("bodies in flight share one bound") {
  gateway::GatewayOptions options;
  options.body_bytes_max = 100'000;
  const auto gateway = make_gateway(kTestConfig, options);
  FakeHost first(gateway);
  const HeaderViews views(kAuth);
  REQUIRE(first.exchange()
              .client_head("POST", "/v1/messages", views.data(), views.pairs(), first.now())
              .ok());
  REQUIRE(first.exchange().client_body(std::string(80'000, ' '), first.now()).ok());
  FakeHost second(gateway);
  REQUIRE(second.exchange()
              .client_head("POST", "/v1/messages", views.data(), views.pairs(), second.now())
              .ok());
  REQUIRE(second.exchange().client_body(std::string(80'000, ' '), second.now()).ok());
  second.pull();
  CHECK(second.status == 503);
  CHECK(second.head_value("retry-after") == "1");
}

TEST_CASE("while draining new work is refused and readiness says so") {
  const auto gateway = make_gateway();
  gateway->environment()->draining.store(true);
  FakeHost host(gateway);
  host.post(kGood);
  CHECK(host.status == 503);
  CHECK_FALSE(host.head_value("retry-after").empty());
  FakeHost ready(gateway);
  ready.request("GET", "/readyz", {}, "");
  CHECK(ready.status == 503);
  FakeHost health(gateway);
  health.request("GET", "/healthz", {}, "");
  CHECK(health.status == 200);
}

TEST_CASE("a body that stops arriving is given up") {
  FakeHost host(make_gateway());
  const HeaderViews views(kAuth);
  REQUIRE(host.exchange()
              .client_head("POST", "/v1/messages", views.data(), views.pairs(), host.now())
              .ok());
  host.pull();
  host.pass(31 * kSecond);
  CHECK(host.status == 408);
  CHECK((host.head_flags & TG_FLAG_CLOSE) != 0);
}

TEST_CASE("a host that cannot call upstreams gets a plain refusal") {
  gateway::GatewayOptions options;
  options.host_capabilities = TG_CAPABILITY(TG_ACTION_CLIENT_HEAD) |
                              TG_CAPABILITY(TG_ACTION_CLIENT_BODY) |
                              TG_CAPABILITY(TG_ACTION_CLIENT_END);
  FakeHost host(make_gateway(kTestConfig, options));
  host.post(kGood);
  CHECK(host.status == 501);
  CHECK(host.records.empty());
}

TEST_CASE("a host that names no capabilities is sent the kinds of ABI 1 and no later ones") {
  const auto environment = make_gateway()->environment();
  for (int32_t kind = TG_ACTION_WAIT; kind < 64; ++kind) {
    CAPTURE(kind);
    CHECK(environment->host_can(kind) == (kind <= TG_ACTION_CLIENT_ABORT));
  }
}

TEST_CASE("a removed token stops at once, running exchanges go on") {
  const auto gateway = make_gateway();
  FakeHost running(gateway);
  running.post(kGood);
  REQUIRE(running.calls.size() == 1);
  std::string changed(kTestConfig);
  changed.replace(changed.find("env: TOKEN_1"), 12, "env: TOKEN_2");
  const size_t account = changed.find("type: virtual-account");
  changed.erase(account, changed.find("---", account) + 3 - account);
  REQUIRE(gateway->reload(changed, running.now()).ok());
  FakeHost next(gateway);
  next.post(kGood);
  CHECK(next.status == 401);
  running.upstream_failed(TG_FAILURE_CONNECT);
  CHECK(running.status == 502);
}

TEST_CASE("a bad configuration leaves the old one in force") {
  const auto gateway = make_gateway();
  const std::string version = gateway->configuration()->version;
  const Status status = gateway->reload("type: nonsense\n", {});
  CHECK(status.code() == Code::kInvalid);
  CHECK(gateway->configuration()->version == version);
}

}  // namespace
}  // namespace tollgate::test
