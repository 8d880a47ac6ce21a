#include "providers/google/token.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "base/rsa_sign.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"
#include "providers/form_call.hpp"
#include "providers/google/federation.hpp"

namespace tollgate::providers::google {
namespace {

constexpr std::string_view kGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr int64_t kSkewS = 10;     ///< Clocks differ; a token from the future is refused.
constexpr int64_t kLifeS = 3'600;  ///< The longest Google allows.

Result<AuxiliaryCall> key_file_call(const Account& account, Time now) {
  const std::string_view uri = account.token_uri.empty() ? kTokenUri : account.token_uri;
  const int64_t issued = now.wall_ms / 1'000 - kSkewS;
  std::string jwt =
      jwt_signing_input(account.key_id, account.client_email, uri, issued, issued + kLifeS);
  const Result<std::string> signature = sign_rs256(account.credential.reveal(), jwt);
  if (!signature.ok()) {
    return Status(signature.status().code(),
                  "the account " + account.name + ": " + signature.status().message());
  }
  jwt += '.';
  jwt += base64url_encode(signature.value());
  Result<AuxiliaryCall> call = form_call(std::string(uri));
  if (!call.ok()) return call;
  append_field(call.value().body, "grant_type", kGrant);
  append_field(call.value().body, "assertion", jwt);
  return call;
}

Result<AuxiliaryCall> user_call(const Account& account) {
  Result<AuxiliaryCall> call =
      form_call(account.token_uri.empty() ? std::string(kTokenUri) : account.token_uri);
  if (!call.ok()) return call;
  std::string& form = call.value().body;
  append_field(form, "grant_type", "refresh_token");
  append_field(form, "client_id", account.client_email);
  append_field(form, "client_secret", account.session_token.reveal());
  append_field(form, "refresh_token", account.credential.reveal());
  return call;
}

Result<AuxiliaryCall> metadata_call(const Account& account) {
  AuxiliaryCall call;
  call.request.method = "GET";
  call.request.url = account.token_uri.empty() ? kMetadataTokenUri : account.token_uri;
  call.is_local = true;
  Status status = call.request.headers.add("metadata-flavor", "Google");
  if (status.ok()) status = call.request.headers.add("accept-encoding", "identity");
  if (!status.ok()) return status;
  return call;
}

/// What a refusal says, short and on one line.
std::string refusal(json::Value root) {
  std::string text(root["error"].string_or(root["error"]["message"].string_or("")));
  const std::string_view more = root["error_description"].string_or("");
  if (!more.empty()) text.append(text.empty() ? "" : ": ").append(more);
  text.resize(std::min<size_t>(text.size(), 200));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return text;
}

}  // namespace

std::string jwt_signing_input(std::string_view key_id, std::string_view client_email,
                              std::string_view token_uri, int64_t issued_s, int64_t expires_s) {
  std::string header;
  json::Writer head(header);
  head.begin_object().member("alg", "RS256").member("typ", "JWT");
  if (!key_id.empty()) head.member("kid", key_id);
  head.end_object();
  std::string claims;
  json::Writer(claims)
      .begin_object()
      .member("iss", client_email)
      .member("scope", kScope)
      .member("aud", token_uri)
      .member("exp", expires_s)
      .member("iat", issued_s)
      .end_object();
  return base64url_encode(header) + "." + base64url_encode(claims);
}

std::string token_key(const Account& account) {
  if (account.auth != AuthKind::kGoogleKeyFile && account.auth != AuthKind::kGoogleMetadata &&
      account.auth != AuthKind::kGoogleUser && account.auth != AuthKind::kGoogleFederated) {
    return {};
  }
  // A reload may give an account of the same name another key.
  std::string key = "google:";
  key.append(account.name).append("\n").append(account.client_email).append("\n");
  if (account.auth == AuthKind::kGoogleUser) {
    // Its refresh token has no name.
    key += std::to_string(std::hash<std::string_view>{}(account.credential.reveal()));
  }
  key.append(account.scope).append("\n").append(account.impersonation_url).append("\n");
  return key.append(account.key_id).append("\n").append(account.token_uri);
}

Result<AuxiliaryCall> token_call(const Account& account, Time now) {
  if (account.auth == AuthKind::kGoogleKeyFile) return key_file_call(account, now);
  if (account.auth == AuthKind::kGoogleUser) return user_call(account);
  if (account.auth == AuthKind::kGoogleMetadata) return metadata_call(account);
  if (account.auth == AuthKind::kGoogleFederated) return exchange_call(account);
  return Status(Code::kInternal, "the account " + account.name + " fetches no token");
}

Result<AuxiliaryValue> read_fetched(const AuxiliaryAnswer& answer) {
  return answer.account.auth == AuthKind::kGoogleFederated
             ? read_exchange(answer)
             : read_token(answer.status, answer.body, answer.now);
}

Result<AuxiliaryValue> read_token(uint32_t status, std::string_view body, Time now) {
  json::Document document;
  const Result<json::Value> parsed = document.parse(body);
  const json::Value root = parsed.ok() ? parsed.value() : json::Value();
  const std::string_view token = root["access_token"].string_or("");
  if (status != 200 || token.empty() || !wire::is_safe_value(token)) {
    const std::string why = refusal(root);
    return invalid("Google's token server answered " + std::to_string(status) +
                   (why.empty() ? " without a token" : ": " + why));
  }
  return lasting(std::string(token), root["expires_in"].integer().value_or(kLifeS), now);
}

Status add_credential(const CallContext& context, wire::Headers& headers) {
  const Account& account = context.endpoint.account;
  switch (account.auth) {
    case AuthKind::kApiKey:
      return headers.add("x-goog-api-key", account.credential.reveal());
    case AuthKind::kBearer:
      return headers.add("authorization", "Bearer " + std::string(account.credential.reveal()));
    case AuthKind::kGoogleUser:
      if (!account.quota_project.empty()) {
        Status status = headers.add("x-goog-user-project", account.quota_project);
        if (!status.ok()) return status;
      }
      [[fallthrough]];
    case AuthKind::kGoogleKeyFile:
    case AuthKind::kGoogleMetadata:
    case AuthKind::kGoogleFederated:
      return headers.add("authorization", "Bearer " + std::string(context.token));
    case AuthKind::kNone:
      return Status();
    default:
      return Status(Code::kInternal, "the account " + account.name + " has no key of this kind");
  }
}

std::string path_segment(std::string_view id) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kPlain = "-._~@!$'()*,";
  std::string out;
  for (const char c : id) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       kPlain.find(c) != std::string_view::npos;
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kHex[byte >> 4U], kHex[byte & 0xFU]};
  }
  return out;
}

Status add_common_headers(const CallContext& context, wire::Headers& headers) {
  for (const auto& [name, value] : context.endpoint.account.headers) {
    if (ascii::equals_ignore_case(name, "anthropic-beta")) continue;  // Merged where it counts.
    if (Status status = headers.add(name, value); !status.ok()) return status;
  }
  if (Status status = headers.add("content-type", "application/json"); !status.ok()) return status;
  return headers.add("accept-encoding", "identity");
}

bool passes_answer_header(std::string_view name) {
  for (const std::string_view known : {"retry-after", "content-type"}) {
    if (ascii::equals_ignore_case(name, known)) return true;
  }
  return false;
}

}  // namespace tollgate::providers::google
