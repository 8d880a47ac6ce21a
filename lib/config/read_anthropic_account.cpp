#include "config/account_types.hpp"

namespace tollgate::config {
namespace {

constexpr AuthForm kAuthForms[] = {{"api-key", read_api_key}, {"access-token", read_access_token}};
constexpr std::string_view kModelKinds[] = {"anthropic"};

}  // namespace

std::vector<AccountType> anthropic_accounts() {
  AccountType type;
  type.type = "anthropic";
  type.base_url = "https://api.anthropic.com";
  type.auth_forms = kAuthForms;
  // The client's own Authorization goes upstream, as Claude subscriptions need it.
  type.without_auth = providers::AuthKind::kClientPassThrough;
  type.model_kinds = kModelKinds;
  return {type};
}

}  // namespace tollgate::config
