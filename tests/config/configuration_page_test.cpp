#include "config/account_types.hpp"
#include "config/support.hpp"
#include "support/catch.hpp"
#include "support/recordings.hpp"

// What docs/reference/configuration.md shows must load, and what it says must be so.
namespace tollgate::config {
namespace {

std::vector<std::string> yaml_blocks(const std::string& page) {
  constexpr std::string_view kOpen = "```yaml\n";
  std::vector<std::string> blocks;
  for (size_t at = page.find(kOpen); at != std::string::npos; at = page.find(kOpen, at)) {
    const size_t from = at + kOpen.size();
    const size_t to = page.find("```\n", from);
    if (to == std::string::npos) break;
    blocks.push_back(page.substr(from, to - from));
    at = to;
  }
  return blocks;
}

std::string page(const char* name) {
  return test::read_file(std::filesystem::path(TOLLGATE_SOURCE_DIR) / "docs" / "reference" / name);
}

std::string the_page() {
  return page("configuration.md");
}

TEST_CASE("the examples of the accounts page and the models page load without a finding") {
  const FakeHost host{{{"OPENAI_API_KEY", "sk-a"},
                       {"GROQ_API_KEY", "g"},
                       {"AZURE_API_KEY", "a"},
                       {"AZURE_CLIENT_SECRET", "s"}},
                      {}};
  for (const char* name : {"accounts.md", "models.md"}) {
    const std::vector<std::string> blocks = yaml_blocks(page(name));
    REQUIRE_FALSE(blocks.empty());
    for (const std::string& block : blocks) {
      CAPTURE(block);
      const LoadResult result = load_text(block, host);
      CHECK(findings_of(result).empty());
      CHECK(result.configuration);
    }
  }
}

TEST_CASE("the accounts page has a line for every type") {
  const std::string accounts = page("accounts.md");
  for (const AccountType& type : account_types()) {
    CAPTURE(type.type);
    const std::string line = "\n| `" + std::string(type.type) + "` |";
    CHECK((type.type == "anthropic" || accounts.find(line) != std::string::npos));
  }
}

TEST_CASE("the examples of the configuration page load without a finding") {
  const FakeHost host{{{"ANTHROPIC_API_KEY", "sk-a"}, {"DEV_1_TOKEN", "t1"}, {"CI_TOKEN", "t2"}},
                      {}};
  const std::vector<std::string> blocks = yaml_blocks(the_page());
  REQUIRE_FALSE(blocks.empty());
  for (const std::string& block : blocks) {
    CAPTURE(block);
    const LoadResult result = load_text(block, host);
    CHECK(lines_of(result).empty());
    CHECK(result.configuration);
  }
}

TEST_CASE("the whole example means what the page says") {
  const FakeHost host{{{"ANTHROPIC_API_KEY", "sk-a"}, {"DEV_1_TOKEN", "t1"}, {"CI_TOKEN", "t2"}},
                      {}};
  const LoadResult result = load_text(yaml_blocks(the_page()).at(0), host);
  REQUIRE(result.configuration);
  const Configuration& loaded = *result.configuration;
  CHECK(loaded.accounts.size() == 2);
  CHECK(loaded.catalog.resolve("subscription/claude-opus-4-6").target.model_id ==
        "claude-opus-4-6");
  CHECK(loaded.catalog.resolve("some-new-model").target.name == "subscription/some-new-model");
  CHECK(loaded.catalog.resolve("claude-sonnet-4-5").target.name ==
        "anthropic-main/claude-sonnet-4-5");
  REQUIRE(loaded.prices.at(0).has_value());
  CHECK(loaded.prices[0]->base.input.femto_usd_per_token == 2'760'000'000);
  const identity::Authentication manager = loaded.directory.authenticate("test", kTestNow);
  REQUIRE(manager.principal != nullptr);
  CHECK(policy::may_use(loaded.account_grants.at(0), *manager.principal));
  CHECK_FALSE(policy::may_use(loaded.integration_grants.at(1), *manager.principal));
}

TEST_CASE("the page names every type that loads") {
  const std::string page = the_page();
  for (const char* type : {"provider-account/anthropic", "user", "team", "virtual-account",
                           "gateway-global-settings", "tollgate-server"}) {
    CAPTURE(type);
    CHECK(page.find("\n## " + std::string(type) + "\n") != std::string::npos);
  }
}

}  // namespace
}  // namespace tollgate::config
