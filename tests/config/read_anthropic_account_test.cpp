#include "config/account_types.hpp"
#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

TEST_CASE("an account without auth_data passes the client's own credential") {
  const LoadResult result = load_text(
      "type: provider-account/anthropic\nname: main\nintegrations: [{name: a, model_id: b}]\n");
  REQUIRE(result.configuration);
  const providers::Account& account = result.configuration->accounts.at(0);
  CHECK(account.name == "main");
  CHECK(account.type == "anthropic");
  CHECK(account.base_url == "https://api.anthropic.com");
  CHECK(account.auth == providers::AuthKind::kClientPassThrough);
  CHECK(account.credential.empty());
  CHECK(account.first_byte_timeout_ns == 0);
  CHECK_FALSE(account.deny_private);
  CHECK_FALSE(account.tls_unverified);
}

}  // namespace
}  // namespace tollgate::config
