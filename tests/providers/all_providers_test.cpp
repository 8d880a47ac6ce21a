#include "providers/anthropic/provider.hpp"
#include "providers/provider.hpp"
#include "support/catch.hpp"

namespace tollgate::providers {
namespace {

TEST_CASE("a provider is found by the type of its accounts") {
  REQUIRE(find_provider("anthropic") == &anthropic_provider());
  CHECK(find_provider("anthropic")->type() == "anthropic");
  CHECK(find_provider("") == nullptr);
  CHECK(find_provider("Anthropic") == nullptr);
}

TEST_CASE("most providers make no auxiliary calls") {
  const Account account;
  CHECK(anthropic_provider().auxiliary_key(account).empty());
  CHECK(anthropic_provider().auxiliary(account, {}).status().code() == Code::kInternal);
  CHECK(anthropic_provider().read_auxiliary({Account(), {}, 200, "{}", {}}).status().code() ==
        Code::kInternal);
}

}  // namespace
}  // namespace tollgate::providers
