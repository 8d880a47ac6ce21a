#include <string>
#include <string_view>

#include "config/account_types.hpp"

namespace tollgate::config {
namespace {

using providers::AuthKind;

constexpr std::string_view kOpenAiKinds[] = {"azure-openai"};
constexpr std::string_view kFoundryKinds[] = {"azure-foundry"};
constexpr std::string_view kAzureApis[] = {"responses", "chat"};

/// An application at its tenant.
void read_application(StrictMapping& auth, providers::Account& account) {
  account.client_email = auth.require_string("client_id").value_or("");
  account.key_id = auth.require_string("tenant_id").value_or("");
  account.scope = auth.string("scope").value_or("");
  auth.take("subscription_id");
  providers::Account authority;
  authority.base_url = "https://login.microsoftonline.com";
  read_url(auth, "authority", authority);
  account.token_uri = authority.base_url + "/" + account.key_id + "/oauth2/v2.0/token";
}

/// Its credentials, exchanged for tokens.
void read_entra(StrictMapping& auth, providers::Account& account) {
  account.auth = AuthKind::kEntra;
  read_credential(auth, "client_secret", account);
  read_application(auth, account);
}

/// A token of a cluster or of CI, which the application trusts, in place of its secret.
void read_workload_identity(StrictMapping& auth, providers::Account& account) {
  account.auth = AuthKind::kEntraFederated;
  read_credential(auth, "federated_token", account);
  read_application(auth, account);
}

/// The identity of the machine that the gateway runs on; `client_id` chooses among several.
void read_managed_identity(StrictMapping& auth, providers::Account& account) {
  account.auth = AuthKind::kAzureManaged;
  account.client_email = auth.string("client_id").value_or("");
  account.scope = auth.string("scope").value_or("");
  providers::Account service;
  read_url(auth, "endpoint", service);
  account.token_uri = service.base_url;
}

constexpr AuthForm kAzureAuthForms[] = {{"api-key", read_api_key},
                                        {"access-token", read_access_token},
                                        {"oauth", read_entra},
                                        {"entra", read_entra},
                                        {"workload-identity", read_workload_identity},
                                        {"managed-identity", read_managed_identity}};

void read_endpoint(StrictMapping& document, AccountDraft& out) {
  read_url(document, "azure_endpoint", out.account);
}

/// The bare host is wanted; the paths that consoles show behind it are taken off.
void read_openai_endpoint(StrictMapping& document, AccountDraft& out) {
  read_endpoint(document, out);
  std::string& base = out.account.base_url;
  for (const std::string_view path : {"/openai/v1", "/openai"}) {
    if (base.ends_with(path)) base.resize(base.size() - path.size());
  }
}

void read_openai_model(StrictMapping& model, const AccountDraft& /*account*/,
                       IntegrationDraft& out) {
  out.known_as = model.string("foundation_model").value_or("");
  model.take("deployment_type");
}

/// Models in Foundry may each have an endpoint and a key of their own.
void read_foundry_model(StrictMapping& model, const AccountDraft& account, IntegrationDraft& out) {
  providers::Account own = account.account;
  own.base_url.clear();
  read_url(model, "azure_endpoint", own);
  const bool has_key = read_auth(model, kAzureAuthForms, own);
  if (!has_key && own.base_url.empty()) {
    if (account.account.credential.empty()) model.require("auth_data");
    return;
  }
  if (own.base_url.empty()) own.base_url = account.account.base_url;
  if (!has_key && !account.account.base_url.empty()) {
    // A key given for one address is not shown to another.
    model.require("auth_data");
  }
  out.own_account = std::move(own);
}

AccountType azure(std::string_view type, std::span<const std::string_view> kinds) {
  AccountType account;
  account.type = type;
  account.base_url_required = true;
  account.auth_forms = kAzureAuthForms;
  account.model_kinds = kinds;
  account.apis = kAzureApis;
  account.has_deployments = true;
  return account;
}

}  // namespace

std::vector<AccountType> azure_accounts() {
  AccountType openai = azure("azure-openai", kOpenAiKinds);
  openai.read_more = read_openai_endpoint;
  openai.read_model = read_openai_model;
  AccountType foundry = azure("azure-foundry", kFoundryKinds);
  foundry.read_more = read_endpoint;
  foundry.read_model = read_foundry_model;
  // Its models may bring their own.
  foundry.without_auth = AuthKind::kNone;
  return {openai, foundry};
}

}  // namespace tollgate::config
