#include "config/load.hpp"

#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

const char* const kExample = R"(type: tollgate-server
listen: 127.0.0.1:8787
---
type: provider-account/anthropic
name: anthropic-main
base_url: http://127.0.0.1:9101        # default https://api.anthropic.com
auth_data: {type: api-key, api_key: "${ANTHROPIC_API_KEY}"}
integrations:
  - {name: claude-sonnet-4-20250514, model_id: claude-sonnet-4-20250514, type: integration/model/anthropic, model_types: [chat]}
---
type: user
name: dev-1@corp.example
tokens: [{env: DEV_1_TOKEN}, {sha256: "9F86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}]
---
type: team
name: platform
members: [dev-1@corp.example]
---
type: virtual-account
name: ci-bot
tags: {environment: ci}
tokens: [{env: CI_TOKEN}]
)";

const FakeHost kHost{
    {{"ANTHROPIC_API_KEY", "upstream-key"}, {"DEV_1_TOKEN", "dev-token"}, {"CI_TOKEN", "ci-token"}},
    {}};

TEST_CASE("the example of the documentation loads") {
  const LoadResult result = load_text(kExample, kHost);
  CHECK(lines_of(result).empty());
  REQUIRE(result.configuration);
  const Configuration& loaded = *result.configuration;
  CHECK(loaded.version.size() == 16);
  CHECK(loaded.server.listen == "127.0.0.1:8787");
  REQUIRE(loaded.accounts.size() == 1);
  CHECK(loaded.accounts[0].base_url == "http://127.0.0.1:9101");
  CHECK(loaded.accounts[0].auth == providers::AuthKind::kApiKey);
  CHECK(loaded.accounts[0].credential.reveal() == "upstream-key");
  CHECK(loaded.account_grants.size() == 1);
  CHECK(loaded.catalog.integrations().size() == 1);
  CHECK(loaded.integration_grants.size() == 1);
  REQUIRE(loaded.prices.size() == 1);
  CHECK_FALSE(loaded.prices[0].has_value());
  CHECK(loaded.catalog.resolve("claude-sonnet-4-20250514").resolution ==
        router::Resolution::kFound);
  for (const char* token : {"dev-token", "test"}) {
    CAPTURE(token);
    const identity::Authentication who = loaded.directory.authenticate(token, kTestNow);
    REQUIRE(who.principal != nullptr);
    CHECK(who.principal->name == "dev-1@corp.example");
    CHECK(who.principal->teams == std::vector<std::string>{"everyone", "platform"});
  }
  const identity::Authentication bot = loaded.directory.authenticate("ci-token", kTestNow);
  REQUIRE(bot.principal != nullptr);
  CHECK(bot.principal->tags == model::Metadata{{"environment", "ci"}});
}

TEST_CASE("JSON loads as YAML does") {
  const LoadResult result = load_text(
      "{\"type\":\"provider-account\\/anthropic\",\"name\":\"main\",\n"
      "\t\"auth_data\":{\"type\":\"api-key\",\"api_key\":\"${ANTHROPIC_API_KEY}\"},\n"
      "\t\"deny_private\":true,\"timeouts\":{\"idle_seconds\":5},\n"
      "\t\"integrations\":[{\"name\":\"caf\\u00e9\",\"model_id\":\"m\"}]}\n",
      kHost);
  CHECK(findings_of(result).empty());
  REQUIRE(result.configuration);
  CHECK(result.configuration->accounts.at(0).deny_private);
  CHECK(result.configuration->catalog.integrations().at(0).name == "café");
}

TEST_CASE("every fault of every document is reported at once, in the order of the text") {
  const LoadResult result = load_text(
      "type: tollgate-server\n"
      "listen: nowhere\n"
      "---\n"
      "type: provider-account/anthropic\n"
      "name: anthropic-main\n"
      "auth_data: {type: api-key, api_key: \"${UNSET_KEY}\"}\n"
      "integrations:\n"
      "  - {name: a, model_id: a}\n"
      "  - {name: b, model_id: b}\n"
      "  - {name: c, modelid: c}\n"
      "---\n"
      "type: team\n"
      "name: platform\n"
      "members: [nobody]\n"
      "---\n"
      "type: gateway-guardrails-config\n");
  CHECK_FALSE(result.configuration);
  CHECK(findings_of(result) ==
        "t.yaml:2:9: listen: must be HOST:PORT, as 127.0.0.1:8787\n"
        "t.yaml:6:37: auth_data.api_key: the environment variable UNSET_KEY is not set\n"
        "t.yaml:10:5: integrations[2].model_id: is required\n"
        "t.yaml:10:15: integrations[2].modelid: unknown key (did you mean model_id?)\n"
        "t.yaml:14:11: members[0]: no user document has this name\n"
        "t.yaml:16:7: type: this version of tollgate does not know guardrails: nothing in a "
        "gateway-guardrails-config document would be kept, remove it\n");
}

TEST_CASE("documents before a syntax fault are still checked") {
  CHECK(findings_of(load_text("type: tollgate-server\nthreads: -1\n---\ntype: [user\n---\n")) ==
        "t.yaml:2:10: threads: must be a whole number from 0 to 65536\n"
        "t.yaml:5:1: not valid YAML: did not find expected ',' or ']'\n");
}

TEST_CASE("a text without documents is refused") {
  for (const char* text : {"", "\n\n", "# only a remark\n", "---\n---\n", "\xef\xbb\xbf"}) {
    CAPTURE(text);
    const LoadResult result = load_text(text);
    CHECK_FALSE(result.configuration);
    CHECK(lines_of(result) == "t.yaml:1:1: there is no document in this text\n");
  }
}

TEST_CASE("a byte order mark and Windows line ends are no fault") {
  const LoadResult result =
      load_text("\xef\xbb\xbftype: tollgate-server\r\nlisten: 127.0.0.1:1\r\n");
  REQUIRE(result.configuration);
  CHECK(result.configuration->server.listen == "127.0.0.1:1");
}

TEST_CASE("the version follows the text") {
  const std::string one = load_text("type: tollgate-server\n").configuration->version;
  CHECK(one == load_text("type: tollgate-server\n").configuration->version);
  CHECK(one != load_text("type: tollgate-server\n\n").configuration->version);
  CHECK(one.find_first_not_of("0123456789abcdef") == std::string::npos);
}

/// Each of these puts the secret where a slip of the pen could.
const char* const kPlanted[] = {
    "type: CANARY\n",
    "CANARY\n",
    "type: provider-account/anthropic\nname: main\nauth_data: {type: CANARY}\n",
    "type: provider-account/anthropic\nname: main\nauth_data: {CANARY: api-key, CANARY: 1}\n",
    "type: provider-account/anthropic\nname: main\nauth_data: [CANARY]\n",
    "type: provider-account/anthropic\nname: main\nauth_data: {type: api-key, api_key: [CANARY]}\n",
    "type: provider-account/anthropic\nname: main\nauth_data: {type: api-key, api_key: &a "
    "CANARY}\n",
    "type: provider-account/anthropic\nname: main\nauth_data: {type: api-key, api_key: CANARY\n",
    "type: provider-account/anthropic\nname: main\nauth_data: {type: api-key, api_key: "
    "\"${CANARY\"}\n",
    "type: provider-account/anthropic\nname: main\nauth_data: {type: api-key, api_key: "
    "\"${K}\\n\"}\n",
    "type: provider-account/anthropic\nname: main\nbase_url: https://CANARY@host\n",
    "type: provider-account/anthropic\nname: main\nbase_url: \"${K}\"\n",
    "type: provider-account/anthropic\nname: \"${K}\"\n",
    "type: provider-account/anthropic\nname: main\nheaders: {authorization: CANARY}\n",
    "type: provider-account/anthropic\nname: main\nheaders: {x-a: \"CANARY\\r\\n\"}\n",
    "type: provider-account/anthropic\nname: main\nproxy: \"http://u:CANARY @p\"\n",
    "type: provider-account/anthropic\nname: main\ntls_settings: {client_cert_file: \"${K}\"}\n",
    "type: \"${K}\"\n",
    "type: user\nname: a\ntokens: [CANARY]\n",
    "type: user\nname: a\ntokens: [{sha256: CANARY}]\n",
    "type: user\nname: a\ntokens: [{env: CANARY}]\n",
    "type: user\nname: a\ntokens: [{CANARY: 1}]\n",
    "type: user\nname: a\ntokens: [{env: K}, {env: K}]\n",
    "type: user\nname: a\ntokens: [{env: K, expires: \"${K}\"}]\n",
    "type: team\nname: a\nmembers: [\"${K}\"]\n",
    "type: tollgate-server\nlisten: \"${K}\"\nthreads: \"${K}\"\nstate: \"redis://:${K}@h/0\"\n",
    "type: gateway-global-settings\nlogging_settings: {type: \"${K}\"}\n",
};

TEST_CASE("no diagnostic shows a secret") {
  const std::string canary = "sk-canary-7f3a";
  FakeHost host{{{"K", canary}}, {}};
  for (const char* planted : kPlanted) {
    std::string text = planted;
    const bool whole_type = text.starts_with("type: CANARY") || text.starts_with("CANARY");
    for (size_t at = text.find("CANARY"); at != std::string::npos; at = text.find("CANARY", at)) {
      text.replace(at, 6, canary);
    }
    CAPTURE(text);
    const LoadResult result = load_text(text, host);
    CHECK_FALSE(result.diagnostics.empty());
    if (whole_type) continue;  // A `type` is quoted: it is the one word a reader needs to see.
    CHECK(lines_of(result).find(canary) == std::string::npos);
    CHECK(to_json(result.diagnostics).find(canary) == std::string::npos);
  }
}

}  // namespace
}  // namespace tollgate::config
