#include "providers/entra/token.hpp"

#include <charconv>
#include <string>
#include <utility>

#include "json/reader.hpp"
#include "providers/form_call.hpp"

namespace tollgate::providers::entra {
namespace {

std::string_view scope_of(const Account& account, std::string_view default_scope) {
  return account.scope.empty() ? default_scope : std::string_view(account.scope);
}

bool is_fetched(AuthKind auth) {
  return auth == AuthKind::kEntra || auth == AuthKind::kEntraFederated ||
         auth == AuthKind::kAzureManaged;
}

/// The machine's service wants what the scope is for: "https://ai.azure.com", without "/.default".
Result<AuxiliaryCall> managed_call(const Account& account, std::string_view scope) {
  constexpr std::string_view kDefault = "/.default";
  if (scope.ends_with(kDefault)) scope.remove_suffix(kDefault.size());
  AuxiliaryCall call;
  call.is_local = true;
  call.request.method = "GET";
  std::string query = "api-version=2018-02-01";
  append_field(query, "resource", scope);
  if (!account.client_email.empty()) append_field(query, "client_id", account.client_email);
  call.request.url = account.token_uri.empty() ? kMachineUrl : account.token_uri;
  call.request.url.append("?").append(query);
  Status status = call.request.headers.add("metadata", "true");
  if (status.ok()) status = call.request.headers.add("accept-encoding", "identity");
  if (!status.ok()) return status;
  return call;
}

/// Seconds, as a number or, of the machine's service, as its text.
int64_t life_of(json::Value expires_in) {
  if (const auto number = expires_in.integer()) return *number;
  const std::string_view text = expires_in.string_or("");
  int64_t seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return seconds;
}

}  // namespace

std::string auxiliary_key(const Account& account, std::string_view default_scope) {
  if (!is_fetched(account.auth)) return {};
  std::string key = "entra ";
  for (const std::string_view part :
       {std::string_view(account.token_uri), std::string_view(account.client_email),
        scope_of(account, default_scope), std::string_view(account.name)}) {
    key += part;
    key += ' ';
  }
  return key;
}

Result<AuxiliaryCall> auxiliary(const Account& account, std::string_view default_scope) {
  if (account.auth == AuthKind::kAzureManaged) {
    return managed_call(account, scope_of(account, default_scope));
  }
  Result<AuxiliaryCall> call = form_call(account.token_uri);
  if (!call.ok()) return call;
  std::string& form = call.value().body;
  append_field(form, "grant_type", "client_credentials");
  append_field(form, "client_id", account.client_email);
  if (account.auth == AuthKind::kEntraFederated) {
    append_field(form, "client_assertion_type",
                 "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    append_field(form, "client_assertion", account.credential.reveal());
  } else {
    append_field(form, "client_secret", account.credential.reveal());
  }
  append_field(form, "scope", scope_of(account, default_scope));
  return call;
}

Result<AuxiliaryValue> read_auxiliary(uint32_t status, std::string_view body, Time now) {
  json::Document document;
  const Result<json::Value> parsed = document.parse(body);
  if (status != 200 || !parsed.ok()) {
    const std::string_view code = parsed.ok() ? parsed.value()["error"].string_or("") : "";
    // The code alone: the description repeats the application's names.
    return invalid("the token service answered " + std::to_string(status) +
                   (code.empty() || code.size() > 64 ? "" : ": " + std::string(code)));
  }
  const std::string_view token = parsed.value()["access_token"].string_or("");
  if (token.empty()) return invalid("the token service's answer holds no token");
  return lasting(std::string(token), life_of(parsed.value()["expires_in"]), now);
}

}  // namespace tollgate::providers::entra
