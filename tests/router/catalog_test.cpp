#include "router/catalog.hpp"

#include "base/limits.hpp"
#include "support/catch.hpp"

namespace tollgate::router {
namespace {

Integration integration(uint32_t account, std::string account_name, std::string name,
                        std::string model_id = {}) {
  return {account, std::move(account_name), std::move(name), std::move(model_id), {}, {"chat"}};
}

/// Two accounts with models, one of them with a wildcard too.
Catalog mixed() {
  return Catalog::build({integration(0, "main", "sonnet", "claude-sonnet-4"),
                         integration(0, "main", "haiku", "claude-haiku-4"),
                         integration(1, "spare", "haiku", "spare-haiku"),
                         integration(1, "spare", "vendor/opus", "vendor-opus"),
                         integration(2, "open", "*"),
                         integration(2, "open", "pinned", "pinned-2026")})
      .value();
}

struct ResolveCase {
  const char* name;
  std::string_view model;
  const char* target;  ///< Null: unknown.
  const char* model_id;
};

const ResolveCase kModels[] = {
    {"account and integration", "main/sonnet", "main/sonnet", "claude-sonnet-4"},
    {"a bare name of one account", "sonnet", "main/sonnet", "claude-sonnet-4"},
    {"the name of the other account", "spare/haiku", "spare/haiku", "spare-haiku"},
    {"an integration with a slash", "spare/vendor/opus", "spare/vendor/opus", "vendor-opus"},
    {"a bare name with a slash", "vendor/opus", "spare/vendor/opus", "vendor-opus"},
    {"an account's wildcard", "open/claude-new", "open/claude-new", "claude-new"},
    {"a wildcard's id may have slashes", "open/a/b", "open/a/b", "a/b"},
    {"the integration goes before the wildcard", "open/pinned", "open/pinned", "pinned-2026"},
    {"the only wildcard takes a bare name", "claude-new", "open/claude-new", "claude-new"},
    {"and one whose prefix is no account", "other/model", "open/other/model", "other/model"},
    {"an account that lacks the model", "main/opus", nullptr, nullptr},
    {"names keep their case", "Main/sonnet", "open/Main/sonnet", "Main/sonnet"},
    {"a wildcard needs an id", "open/", nullptr, nullptr},
    {"nothing", "", nullptr, nullptr},
    {"a line break", "open/a\nb", nullptr, nullptr},
    {"a space", "open/a b", nullptr, nullptr},
};

TEST_CASE("a model name finds its target") {
  const Catalog catalog = mixed();
  for (const ResolveCase& row : kModels) {
    CAPTURE(row.name);
    const Resolved found = catalog.resolve(row.model);
    if (row.target == nullptr) {
      CHECK(found.resolution == Resolution::kUnknown);
      continue;
    }
    REQUIRE(found.resolution == Resolution::kFound);
    CHECK(found.target.name == row.target);
    CHECK(found.target.model_id == row.model_id);
  }
}

TEST_CASE("a bare name that two accounts have is ambiguous, wildcard or not") {
  const Resolved found = mixed().resolve("haiku");
  REQUIRE(found.resolution == Resolution::kAmbiguous);
  CHECK(found.alternatives == std::vector<std::string>{"main/haiku", "spare/haiku"});
}

TEST_CASE("two wildcards answer no bare name") {
  const Catalog catalog =
      Catalog::build({integration(0, "one", "*"), integration(1, "two", "*")}).value();
  CHECK(catalog.resolve("claude-new").resolution == Resolution::kUnknown);
  CHECK(catalog.resolve("two/claude-new").target.integration == 1);
}

TEST_CASE("a name past the bound is unknown") {
  const Catalog catalog = Catalog::build({integration(0, "one", "*")}).value();
  CHECK(catalog.resolve(std::string(limits::kModelNameBytesMax, 'x')).resolution ==
        Resolution::kFound);
  CHECK(catalog.resolve(std::string(limits::kModelNameBytesMax + 1, 'x')).resolution ==
        Resolution::kUnknown);
}

TEST_CASE("two models of one name are refused with the second's position") {
  const Result<Catalog> same = Catalog::build(
      {integration(0, "main", "sonnet", "a"), integration(0, "main", "sonnet", "b")});
  REQUIRE_FALSE(same.ok());
  CHECK(same.status().path() == "integrations[1]");
  const Result<Catalog> wildcards =
      Catalog::build({integration(0, "main", "*"), integration(0, "main", "*")});
  REQUIRE_FALSE(wildcards.ok());
  CHECK(wildcards.status().message() == "the account main has two wildcards");
}

}  // namespace
}  // namespace tollgate::router
