#include <string>
#include <string_view>

#include "base/base64.hpp"
#include "config/account_types.hpp"
#include "providers/openai_compatible/rows.hpp"

// The accounts of compatible_rows(): their rows say nearly everything.
namespace tollgate::config {
namespace {

using providers::AuthKind;

constexpr std::string_view kOpenaiApis[] = {"responses", "chat"};
constexpr std::string_view kChatOnly[] = {"chat"};

void read_pat_token(StrictMapping& auth, providers::Account& account) {
  account.auth = AuthKind::kBearer;
  read_credential(auth, "pat_token", account);
}

void read_basic(StrictMapping& auth, providers::Account& account) {
  account.auth = AuthKind::kBasic;
  read_credential(auth, "password", account);
  const std::string user = auth.require_string("username").value_or("");
  account.credential = Secret(base64_encode(user + ":" + std::string(account.credential.reveal())));
}

constexpr AuthForm kOpenaiAuthForms[] = {{"api-key", read_api_key},
                                         {"access-token", read_access_token},
                                         {"bearer-auth", read_bearer_token},
                                         {"basic-auth", read_basic},
                                         {"pat-token", read_pat_token}};

void read_server(StrictMapping& holder, providers::Account& account) {
  if (!holder.take("model_server")) return;
  const auto names = providers::server_names();
  const std::optional<size_t> chosen = holder.choice("model_server", {names.begin(), names.end()});
  if (chosen) account.server = names[*chosen];
}

void read_self_hosted(StrictMapping& document, AccountDraft& out) {
  read_server(document, out.account);
  add_path_if_bare("/v1", out.account);
}

/// Models of one's own may each have a server, with an address and a key of its own.
void read_self_hosted_model(StrictMapping& model, const AccountDraft& account,
                            IntegrationDraft& out) {
  providers::Account own = account.account;
  own.base_url.clear();
  read_url(model, "url", own);
  add_path_if_bare("/v1", own);
  const std::string server = own.server;
  read_server(model, own);
  const bool has_key = read_auth(model, kOpenaiAuthForms, own);
  const size_t headers = own.headers.size();
  read_headers(model, own);
  const bool has_tls = model.take("tls_settings").has_value();
  if (has_tls) read_tls(model, own);
  const bool elsewhere = !own.base_url.empty();
  if (!elsewhere && !has_key && !has_tls && own.server == server && own.headers.size() == headers) {
    return;
  }
  if (!elsewhere) own.base_url = account.account.base_url;
  // A key given for one address is not shown to another.
  if (elsewhere && !has_key && !account.account.base_url.empty()) {
    own.auth = AuthKind::kNone;
    own.credential = Secret();
  }
  out.own_account = std::move(own);
}

void read_ollama(StrictMapping& /*document*/, AccountDraft& out) {
  add_path_if_bare("/v1", out.account);
}

void read_databricks(StrictMapping& /*document*/, AccountDraft& out) {
  add_path_if_bare("/serving-endpoints", out.account);
}

void read_snowflake(StrictMapping& document, AccountDraft& out) {
  const std::string account = document.string("account_identifier").value_or("");
  if (out.account.base_url.empty() && !account.empty()) {
    out.account.base_url = "https://" + account + ".snowflakecomputing.com";
  }
  add_path_if_bare("/api/v2/cortex/v1", out.account);
}

struct Extra {
  std::string_view type;
  void (*read_more)(StrictMapping& document, AccountDraft& out);
};

constexpr Extra kExtras[] = {
    {"self-hosted-model", read_self_hosted},
    {"ollama", read_ollama},
    {"databricks", read_databricks},
    {"snowflake-cortex", read_snowflake},
};

AccountType account_type_of(const providers::CompatibleRow& row) {
  AccountType type;
  type.type = row.type;
  type.base_url = row.base_url;
  type.base_url_required = row.base_url.empty();
  type.auth_forms = kOpenaiAuthForms;
  if (!row.needs_key) type.without_auth = AuthKind::kNone;
  type.model_kinds = {&row.type, 1};
  type.apis = row.responses ? std::span<const std::string_view>(kOpenaiApis) : kChatOnly;
  for (const Extra& extra : kExtras) {
    if (extra.type == row.type) type.read_more = extra.read_more;
  }
  if (row.type == "self-hosted-model") {
    type.model_id_alias = "hosted_model_name";
    type.read_model = read_self_hosted_model;
  }
  return type;
}

}  // namespace

std::vector<AccountType> openai_accounts() {
  std::vector<AccountType> types;
  for (const providers::CompatibleRow& row : providers::compatible_rows())
    types.push_back(account_type_of(row));
  return types;
}

}  // namespace tollgate::config
