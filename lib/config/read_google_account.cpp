#include <array>
#include <utility>

#include "base/rsa_sign.hpp"
#include "config/account_types.hpp"
#include "json/reader.hpp"
#include "wire/url.hpp"

namespace tollgate::config {
namespace {

using providers::Account;
using providers::AuthKind;

/// What is used of the file of a service account's key or of a person's login.
struct KeyFile {
  std::string type;
  std::string client_email;
  std::string private_key;
  std::string private_key_id;
  std::string token_uri;
  std::string project_id;
  std::string client_id;
  std::string client_secret;
  std::string refresh_token;
  std::string quota_project_id;
};

struct KeyFileMember {
  std::string_view name;
  std::string KeyFile::*member;
};

constexpr std::array<KeyFileMember, 10> kKeyFileMembers = {{
    {"type", &KeyFile::type},
    {"client_email", &KeyFile::client_email},
    {"private_key", &KeyFile::private_key},
    {"private_key_id", &KeyFile::private_key_id},
    {"token_uri", &KeyFile::token_uri},
    {"project_id", &KeyFile::project_id},
    {"client_id", &KeyFile::client_id},
    {"client_secret", &KeyFile::client_secret},
    {"refresh_token", &KeyFile::refresh_token},
    {"quota_project_id", &KeyFile::quota_project_id},
}};

/// The file's text, or the same written as a mapping. Nothing after a report.
std::optional<KeyFile> read_key_file(Reading& reading, const Value& value) {
  KeyFile file;
  if (value.node->kind == NodeKind::kMapping) {
    for (const Entry& entry : read_entries(reading, value)) {
      for (const KeyFileMember& row : kKeyFileMembers) {
        if (row.name != entry.key) continue;
        const std::optional<Secret> text = read_secret_text(reading, entry.value);
        if (!text) return std::nullopt;
        file.*row.member = text->reveal();
      }
    }
    return file;
  }
  const std::optional<Secret> text = read_secret_text(reading, value);
  if (!text) return std::nullopt;
  json::Document document;
  const Result<json::Value> parsed = document.parse(text->reveal());
  if (!parsed.ok() || !parsed.value().is_object()) {
    reading.report.error(value.place(), "must be the JSON text of a service account's key file");
    return std::nullopt;
  }
  for (const KeyFileMember& row : kKeyFileMembers)
    file.*row.member = parsed.value()[row.name].string_or("");
  return file;
}

/// The file that gcloud keeps of a person who logged in.
void take_user_file(Reading& reading, const Value& value, KeyFile file, Account& account) {
  account.auth = AuthKind::kGoogleUser;
  if (file.client_id.empty() || file.client_secret.empty() || file.refresh_token.empty()) {
    reading.report.error(value.place(), "lacks client_id, client_secret or refresh_token");
    return;
  }
  account.client_email = std::move(file.client_id);
  account.session_token = Secret(std::move(file.client_secret));
  account.credential = Secret(std::move(file.refresh_token));
  account.quota_project = std::move(file.quota_project_id);
  account.project_id = std::move(file.project_id);
}

void read_key_file_auth(StrictMapping& auth, Account& account) {
  account.auth = AuthKind::kGoogleKeyFile;
  const std::optional<Value> value = auth.require("key_file_content");
  if (!value) return;
  Reading& reading = auth.reading();
  std::optional<KeyFile> file = read_key_file(reading, *value);
  if (!file) return;
  if (!file->token_uri.empty() && !wire::parse_base_url(file->token_uri).ok()) {
    reading.report.error(value->place(), "its token_uri must be an absolute http or https URL");
    return;
  }
  account.token_uri = std::move(file->token_uri);
  if (file->type == "authorized_user") {
    take_user_file(reading, *value, std::move(*file), account);
    return;
  }
  if (!file->type.empty() && file->type != "service_account") {
    reading.report.error(value->place(),
                         "must be the file of a service account's key or of a login");
    return;
  }
  if (file->client_email.empty() || file->private_key.empty()) {
    reading.report.error(value->place(), "lacks client_email or private_key");
    return;
  }
  if (!sign_rs256(file->private_key, "").ok()) {
    reading.report.error(value->place(), "its private_key is no RSA key in PEM");
    return;
  }
  account.client_email = std::move(file->client_email);
  account.credential = Secret(std::move(file->private_key));
  account.key_id = std::move(file->private_key_id);
  account.project_id = std::move(file->project_id);
}

void read_metadata_auth(StrictMapping& auth, Account& account) {
  account.auth = AuthKind::kGoogleMetadata;
  const std::optional<Value> value = auth.take("token_uri");
  if (!value) return;
  std::optional<std::string> uri = read_string(auth.reading(), *value);
  if (!uri) return;
  if (!wire::parse_base_url(*uri).ok()) {
    auth.reading().report.error(value->place(), "must be an absolute http or https URL");
    return;
  }
  account.token_uri = std::move(*uri);
}

/// The names are those of the file that Google makes for such a workload.
void read_workload_identity(StrictMapping& auth, Account& account) {
  account.auth = AuthKind::kGoogleFederated;
  account.scope = auth.require_string("audience").value_or("");
  read_credential(auth, "subject_token", account);
  account.key_id =
      auth.string("subject_token_type").value_or("urn:ietf:params:oauth:token-type:jwt");
  providers::Account exchange;
  read_url(auth, "token_url", exchange);
  account.token_uri = exchange.base_url;
  providers::Account service_account;
  read_url(auth, "service_account_impersonation_url", service_account);
  account.impersonation_url = service_account.base_url;
}

/// Vertex's path names a project; only its express mode, by an API key, has none.
void read_project(StrictMapping& document, AccountDraft& out) {
  if (std::optional<std::string> project = document.string("project_id")) {
    out.account.project_id = std::move(*project);
  }
  if (out.account.project_id.empty() && out.account.auth != AuthKind::kApiKey) {
    document.require("project_id");
  }
}

constexpr AuthForm kGeminiForms[] = {{"api-key", read_api_key},
                                     {"access-token", read_access_token}};
constexpr AuthForm kVertexForms[] = {{"key-file", read_key_file_auth},
                                     {"access-token", read_access_token},
                                     {"api-key", read_api_key},
                                     {"workload-identity", read_workload_identity},
                                     {"metadata-server", read_metadata_auth}};
constexpr std::string_view kGeminiKinds[] = {"google-gemini"};
constexpr std::string_view kVertexKinds[] = {"google-vertex"};

}  // namespace

std::vector<AccountType> google_accounts() {
  AccountType gemini;
  gemini.type = "google-gemini";
  gemini.base_url = "https://generativelanguage.googleapis.com";
  gemini.auth_forms = kGeminiForms;
  gemini.model_kinds = kGeminiKinds;
  AccountType vertex;
  vertex.type = "google-vertex";  // Its address follows from the region.
  vertex.auth_forms = kVertexForms;
  vertex.without_auth = AuthKind::kGoogleMetadata;
  vertex.model_kinds = kVertexKinds;
  vertex.has_region = true;
  vertex.read_more = read_project;
  return {gemini, vertex};
}

}  // namespace tollgate::config
