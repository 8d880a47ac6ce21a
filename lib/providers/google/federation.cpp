#include "providers/google/federation.hpp"

#include <string>
#include <utility>

#include "json/reader.hpp"
#include "json/writer.hpp"
#include "providers/form_call.hpp"
#include "providers/google/token.hpp"
#include "wire/headers.hpp"

namespace tollgate::providers::google {
namespace {

enum Step : uint32_t { kExchange, kServiceAccount };

Result<AuxiliaryCall> service_account_call(const Account& account, std::string_view token) {
  AuxiliaryCall call;
  call.step = kServiceAccount;
  call.request.url = account.impersonation_url;
  const std::string credential = "Bearer " + std::string(token);
  for (const auto& [name, value] :
       {std::pair<std::string_view, std::string_view>{"content-type", "application/json"},
        {"accept", "application/json"},
        {"accept-encoding", "identity"},
        {"authorization", credential}}) {
    if (Status status = call.request.headers.add(name, value); !status.ok()) return status;
  }
  json::Writer writer(call.body);
  writer.begin_object().key("scope").begin_array().string(kScope).end_array();
  writer.member("lifetime", "3600s").end_object();
  return call;
}

Result<AuxiliaryValue> read_service_account(const AuxiliaryAnswer& answer) {
  json::Document document;
  const Result<json::Value> parsed = document.parse(answer.body);
  const json::Value root = parsed.ok() ? parsed.value() : json::Value();
  const std::string_view token = root["accessToken"].string_or("");
  if (answer.status != 200 || token.empty() || !wire::is_safe_value(token)) {
    const std::string_view code = root["error"]["status"].string_or("");
    return invalid("Google's service account credentials answered " +
                   std::to_string(answer.status) +
                   (code.empty() || code.size() > 64 ? "" : ": " + std::string(code)));
  }
  int64_t ends_ms = 0;
  const bool has_end = parse_rfc3339(root["expireTime"].string_or(""), ends_ms);
  return lasting(std::string(token), has_end ? (ends_ms - answer.now.wall_ms) / 1'000 : 3'600,
                 answer.now);
}

}  // namespace

Result<AuxiliaryCall> exchange_call(const Account& account) {
  Result<AuxiliaryCall> call =
      form_call(account.token_uri.empty() ? std::string(kExchangeUri) : account.token_uri);
  if (!call.ok()) return call;
  call.value().step = kExchange;
  std::string& form = call.value().body;
  append_field(form, "grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
  append_field(form, "audience", account.scope);
  append_field(form, "scope", kScope);
  append_field(form, "requested_token_type", "urn:ietf:params:oauth:token-type:access_token");
  append_field(form, "subject_token_type", account.key_id);
  append_field(form, "subject_token", account.credential.reveal());
  return call;
}

Result<AuxiliaryValue> read_exchange(const AuxiliaryAnswer& answer) {
  if (answer.call.step == kServiceAccount) return read_service_account(answer);
  Result<AuxiliaryValue> token = read_token(answer.status, answer.body, answer.now);
  if (!token.ok() || answer.account.impersonation_url.empty()) return token;
  Result<AuxiliaryCall> next = service_account_call(answer.account, token.value().value);
  if (!next.ok()) return next.status();
  AuxiliaryValue value;
  value.next = std::move(next.value());
  return value;
}

}  // namespace tollgate::providers::google
