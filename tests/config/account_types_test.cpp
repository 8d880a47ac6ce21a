#include "config/account_types.hpp"

#include <set>

#include "providers/provider.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

TEST_CASE("every account type stands once, is served and can be written") {
  std::set<std::string_view> seen;
  for (const AccountType& type : account_types()) {
    CAPTURE(type.type);
    CHECK(seen.insert(type.type).second);
    CHECK(providers::find_provider(type.type) != nullptr);
    CHECK_FALSE(type.auth_forms.empty());
    CHECK_FALSE(type.model_kinds.empty());
    CHECK((type.base_url.empty() || !type.base_url_required));
    CHECK_FALSE(type.base_url.ends_with('/'));
  }
  CHECK(seen.count("anthropic") == 1);
}

}  // namespace
}  // namespace tollgate::config
