#include "providers/google/federation.hpp"

#include <string>
#include <utility>

#include "json/reader.hpp"
#include "json/writer.hpp"
#include "providers/google/token.hpp"
#include "wire/headers.hpp"
#include "wire/url.hpp"

namespace tollgate::providers::google {
namespace {

enum Step : uint32_t { kExchange, kServiceAccount };

Status add_headers(std::string_view content_type, wire::Headers& headers) {
  Status status = headers.add("content-type", content_type);
  if (status.ok()) status = headers.add("accept", "application/json");
  if (status.ok()) status = headers.add("accept-encoding", "identity");
  return status;
}

Result<AuxiliaryCall> service_account_call(const Account& account, std::string_view token) {
  AuxiliaryCall call;
  call.step = kServiceAccount;
  call.request.url = account.impersonation_url;
  Status status = add_headers("application/json", call.request.headers);
  if (status.ok()) {
    status = call.request.headers.add("authorization", "Bearer " + std::string(token));
  }
  if (!status.ok()) return status;
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
  AuxiliaryCall call;
  call.step = kExchange;
  call.request.url = account.token_uri.empty() ? kExchangeUri : account.token_uri;
  if (Status status = add_headers("application/x-www-form-urlencoded", call.request.headers);
      !status.ok()) {
    return status;
  }
  call.body = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange";
  for (const auto& [name, value] :
       {std::pair<std::string_view, std::string_view>{"audience", account.scope},
        {"scope", kScope},
        {"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"},
        {"subject_token_type", account.key_id},
        {"subject_token", account.credential.reveal()}}) {
    call.body.append("&").append(name).append("=");
    wire::append_percent_encoded(call.body, value);
  }
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
