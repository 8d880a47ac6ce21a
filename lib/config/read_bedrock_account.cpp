#include "config/account_types.hpp"

namespace tollgate::config {
namespace {

void read_aws_keys(StrictMapping& auth, providers::Account& account) {
  account.auth = providers::AuthKind::kAwsKeys;
  const std::optional<Value> id = auth.require("access_key_id");
  if (id) {
    // An id is no secret, but it stands beside one: it may come by reference too.
    const std::optional<Secret> text = read_secret(auth.reading(), *id);
    if (text) account.access_key_id = text->reveal();
  }
  read_credential(auth, "secret_access_key", account);
  const std::optional<Value> token = auth.take("session_token");
  if (token) account.session_token = read_secret(auth.reading(), *token).value_or(Secret{});
}

constexpr AuthForm kBedrockAuthForms[] = {{"api-key", read_api_key},
                                          {"access-key-based", read_aws_keys},
                                          {"bearer-token", read_bearer_token}};
constexpr std::string_view kBedrockModelKinds[] = {"bedrock", "aws-bedrock"};
constexpr std::string_view kBedrockApis[] = {"invoke", "converse"};

bool is_arn_with_region(std::string_view id) {
  return id.starts_with("arn:aws") && id.find(":bedrock:") != std::string_view::npos;
}

/// A region is what the host is made of, and what a signature names.
void check_region(StrictMapping& model, const AccountDraft& account, IntegrationDraft& out) {
  const providers::Account& owner = account.account;
  const bool needed = owner.base_url.empty() || owner.auth == providers::AuthKind::kAwsKeys;
  if (!needed || !owner.region.empty() || !out.integration.region.empty() ||
      is_arn_with_region(out.integration.model_id)) {
    return;
  }
  model.reading().report.error(out.place,
                               "no region: give `region` on the account or on this model");
}

}  // namespace

std::vector<AccountType> bedrock_accounts() {
  AccountType type;
  type.type = "aws-bedrock";
  type.auth_forms = kBedrockAuthForms;
  type.model_kinds = kBedrockModelKinds;
  type.apis = kBedrockApis;
  type.has_region = true;
  type.read_model = check_region;
  return {type};
}

}  // namespace tollgate::config
