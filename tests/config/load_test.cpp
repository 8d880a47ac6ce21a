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

const FakeHost kHost{{{"ANTHROPIC_API_KEY", "upstream-key"},
                      {"DEV_1_TOKEN", "dev-token"},
                      {"CI_TOKEN", "ci-token"}},
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

}  // namespace
}  // namespace tollgate::config
