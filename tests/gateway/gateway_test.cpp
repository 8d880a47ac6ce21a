#include "gateway/gateway.hpp"

#include "support/fake_host.hpp"

namespace tollgate::test {
namespace {

TEST_CASE("a configuration with errors is refused with all of them") {
  gateway::GatewayOptions options;
  options.lookup = test_lookup;
  options.config_name = "team.yaml";
  const auto made = gateway::Gateway::create("type: nonsense\n---\ntype: user\n", options, {});
  REQUIRE_FALSE(made.ok());
  CHECK(made.status().code() == Code::kInvalid);
  CHECK(made.status().message().find("team.yaml:1:") != std::string::npos);
  CHECK(made.status().message().find("team.yaml:3:") != std::string::npos);
}

TEST_CASE("an exchange keeps the configuration it started with, and outlives the gateway") {
  auto gateway = make_gateway();
  FakeHost host(gateway);
  gateway.reset();
  host.post(R"({"model":"claude-same","max_tokens":1,"messages":[]})");
  REQUIRE(host.calls.size() == 1);
  host.upstream_failed(TG_FAILURE_CONNECT);
  CHECK(host.done);
}

TEST_CASE("open exchanges are bounded") {
  gateway::GatewayOptions options;
  options.exchanges_max = 1;
  const auto gateway = make_gateway(kTestConfig, options);
  auto first = gateway->new_exchange({}, {});
  REQUIRE(first.ok());
  CHECK(gateway->new_exchange({}, {}).status().code() == Code::kLimit);
  first.value().reset();
  CHECK(gateway->new_exchange({}, {}).ok());
}

TEST_CASE("the description is JSON and holds no secret") {
  const std::string text = make_gateway()->describe();
  json::Document document;
  const json::Value described = document.parse(text).value();
  CHECK(described["models"].size() == 4);
  CHECK(described["server"]["listen"].string_or("") == "127.0.0.1:8787");
  CHECK(described["policy_version"].string_or("").size() == 16);
  CHECK(text.find("canary") == std::string::npos);
  CHECK(text.find("token-1") == std::string::npos);
}

TEST_CASE("reload swaps the version, and the metrics go on") {
  const auto gateway = make_gateway();
  FakeHost host(gateway);
  host.post(R"({"model":"nope","max_tokens":1,"messages":[]})");
  const std::string before = gateway->configuration()->version;
  REQUIRE(gateway->reload(std::string(kTestConfig) + "# another text\n", {}).ok());
  CHECK(gateway->configuration()->version != before);
  CHECK(gateway->metrics().find("ai_gateway_requests_total{") != std::string::npos);
}

TEST_CASE("there is one background at a time") {
  const auto gateway = make_gateway();
  CHECK(gateway->take_background());
  CHECK_FALSE(gateway->take_background());
  gateway->give_background();
  CHECK(gateway->take_background());
}

}  // namespace
}  // namespace tollgate::test
