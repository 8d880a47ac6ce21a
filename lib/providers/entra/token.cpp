#include "providers/entra/token.hpp"

#include <string>
#include <utility>

#include "json/reader.hpp"
#include "wire/url.hpp"

namespace tollgate::providers::entra {
namespace {

std::string_view scope_of(const Account& account, std::string_view default_scope) {
  return account.scope.empty() ? default_scope : std::string_view(account.scope);
}

void append_field(std::string& form, std::string_view name, std::string_view value) {
  if (!form.empty()) form += '&';
  form += name;
  form += '=';
  wire::append_percent_encoded(form, value);
}

}  // namespace

std::string auxiliary_key(const Account& account, std::string_view default_scope) {
  if (account.auth != AuthKind::kEntra) return {};
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
  AuxiliaryCall call;
  call.request.url = account.token_uri;
  for (const auto& [name, value] :
       {std::pair("content-type", "application/x-www-form-urlencoded"),
        std::pair("accept", "application/json"), std::pair("accept-encoding", "identity")}) {
    if (Status status = call.request.headers.add(name, value); !status.ok()) return status;
  }
  append_field(call.body, "grant_type", "client_credentials");
  append_field(call.body, "client_id", account.client_email);
  append_field(call.body, "client_secret", account.credential.reveal());
  append_field(call.body, "scope", scope_of(account, default_scope));
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
  return lasting(std::string(token), parsed.value()["expires_in"].integer().value_or(0), now);
}

}  // namespace tollgate::providers::entra
