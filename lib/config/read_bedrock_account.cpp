#include <algorithm>
#include <string>

#include "config/account_types.hpp"

namespace tollgate::config {
namespace {

using providers::AuthKind;

/// "tollgate-prod": what AWS takes as a session's name.
bool is_session_name(std::string_view name) {
  constexpr std::string_view kMarks = "_+=,.@-";
  return name.size() >= 2 && name.size() <= 64 &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  kMarks.find(c) != std::string_view::npos;
         });
}

std::string read_role(StrictMapping& auth, std::string_view key, bool required) {
  const std::optional<Value> value = required ? auth.require(key) : auth.take(key);
  if (!value) return {};
  std::string arn = read_string(auth.reading(), *value).value_or("");
  if (!arn.starts_with("arn:aws") || arn.find(":role/") == std::string::npos) {
    auth.reading().report.error(value->place(),
                                "must be a role's ARN, as arn:aws:iam::123456789012:role/NAME");
  }
  return arn;
}

std::string read_address(StrictMapping& auth, std::string_view key) {
  providers::Account address;
  read_url(auth, key, address);
  return address.base_url;
}

/// What every form may have: a role that is taken on with its keys.
void read_assumed_role(StrictMapping& auth, providers::Account& account, bool required = false) {
  account.aws.assumed_role_arn = read_role(auth, "assumed_role_arn", required);
  account.aws.external_id = auth.string("external_id").value_or("");
  account.aws.sts_url = read_address(auth, "sts_endpoint");
  account.aws.session_name = "tollgate";
  if (const std::optional<Value> name = auth.take("session_name")) {
    account.aws.session_name = read_string(auth.reading(), *name).value_or("");
    if (!is_session_name(account.aws.session_name)) {
      auth.reading().report.error(name->place(), "must be 2 to 64 letters, digits and _+=,.@-");
    }
  }
}

void read_given_keys(StrictMapping& auth, providers::Account& account) {
  account.auth = AuthKind::kAwsKeys;
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

void read_aws_keys(StrictMapping& auth, providers::Account& account) {
  read_given_keys(auth, account);
  read_assumed_role(auth, account);
}

void read_keys_for_role(StrictMapping& auth, providers::Account& account) {
  read_given_keys(auth, account);
  read_assumed_role(auth, account, true);
}

/// The role of the EC2 instance that the gateway runs on.
void read_instance_profile(StrictMapping& auth, providers::Account& account) {
  account.auth = AuthKind::kAwsInstance;
  account.token_uri = read_address(auth, "endpoint");
  read_assumed_role(auth, account);
}

/// The role of the ECS task or of the EKS pod that the gateway runs in.
void read_container(StrictMapping& auth, providers::Account& account) {
  account.auth = AuthKind::kAwsContainer;
  account.token_uri = read_address(auth, "credentials_uri");
  if (account.token_uri.empty()) auth.require("credentials_uri");
  const std::optional<Value> token = auth.take("authorization_token");
  if (token) account.credential = read_secret(auth.reading(), *token).value_or(Secret{});
  read_assumed_role(auth, account);
}

/// A token of the cluster or of another identity provider, exchanged for a role's keys.
void read_web_identity(StrictMapping& auth, providers::Account& account) {
  account.auth = AuthKind::kAwsWebIdentity;
  account.aws.web_identity_role_arn = read_role(auth, "role_arn", true);
  read_credential(auth, "web_identity_token", account);
  read_assumed_role(auth, account);
}

constexpr AuthForm kBedrockAuthForms[] = {{"api-key", read_api_key},
                                          {"access-key-based", read_aws_keys},
                                          {"assumed-role-based", read_keys_for_role},
                                          {"instance-profile", read_instance_profile},
                                          {"container", read_container},
                                          {"web-identity", read_web_identity},
                                          {"bearer-token", read_bearer_token}};
constexpr std::string_view kBedrockModelKinds[] = {"bedrock", "aws-bedrock"};
constexpr std::string_view kBedrockApis[] = {"invoke", "converse"};

bool is_arn_with_region(std::string_view id) {
  return id.starts_with("arn:aws") && id.find(":bedrock:") != std::string_view::npos;
}

/// A region is what the host is made of, and what a signature names.
void check_region(StrictMapping& model, const AccountDraft& account, IntegrationDraft& out) {
  const providers::Account& owner = account.account;
  const bool has_key = owner.auth == AuthKind::kApiKey || owner.auth == AuthKind::kBearer;
  const bool needed = owner.base_url.empty() || !has_key;
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
