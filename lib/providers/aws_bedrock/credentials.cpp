#include "providers/aws_bedrock/credentials.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/ascii.hpp"
#include "base/bytes.hpp"
#include "json/reader.hpp"
#include "providers/aws_bedrock/sigv4.hpp"
#include "providers/form_call.hpp"
#include "wire/headers.hpp"
#include "wire/url.hpp"

namespace tollgate::providers::aws_bedrock {
namespace {

/// The calls that there are. Which come after which: first_step() and after_keys().
enum Step : uint32_t {
  kInstanceSession,
  kInstanceRole,
  kInstanceKeys,
  kContainer,
  kWebIdentity,
  kRole
};

constexpr std::string_view kInstanceSessionHeader = "x-aws-ec2-metadata-token";
constexpr std::string_view kInstanceRolePath = "/latest/meta-data/iam/security-credentials/";
constexpr std::string_view kGlobalRegion = "us-east-1";

Result<AuxiliaryCall> instance_call(const Account& account, Step step, std::string_view session,
                                    std::string_view role) {
  AuxiliaryCall call;
  call.step = step;
  call.is_local = true;
  call.request.method = step == kInstanceSession ? "PUT" : "GET";
  const std::string_view base = account.token_uri.empty() ? kInstanceUrl : account.token_uri;
  std::string path(step == kInstanceSession ? "/latest/api/token" : kInstanceRolePath);
  wire::append_percent_encoded(path, role);
  call.request.url = wire::join_url(base, path);
  Status status = step == kInstanceSession
                      ? call.request.headers.add("x-aws-ec2-metadata-token-ttl-seconds", "300")
                      : call.request.headers.add(kInstanceSessionHeader, session);
  if (!status.ok()) return status;
  return call;
}

Result<AuxiliaryCall> container_call(const Account& account) {
  AuxiliaryCall call;
  call.step = kContainer;
  call.is_local = true;
  call.request.method = "GET";
  call.request.url = account.token_uri;
  Status status = call.request.headers.add("accept", "application/json");
  if (status.ok() && !account.credential.empty()) {
    status = call.request.headers.add("authorization", account.credential.reveal());
  }
  if (!status.ok()) return status;
  return call;
}

/// A call of the token service, not signed yet.
Result<AuxiliaryCall> token_service_call(const Account& account, Step step) {
  std::string url = account.aws.sts_url;
  if (url.empty()) {
    url = account.region.empty() ? "https://sts.amazonaws.com"
                                 : "https://sts." + account.region + ".amazonaws.com";
    if (account.region.starts_with("cn-")) url += ".cn";
  }
  Result<AuxiliaryCall> call = form_call(wire::join_url(url, "/"));
  if (!call.ok()) return call;
  call.value().step = step;
  std::string& form = call.value().body;
  const bool assumes = step == kRole;
  append_field(form, "Action", assumes ? "AssumeRole" : "AssumeRoleWithWebIdentity");
  append_field(form, "Version", "2011-06-15");
  append_field(form, "RoleArn",
               assumes ? account.aws.assumed_role_arn : account.aws.web_identity_role_arn);
  append_field(form, "RoleSessionName", account.aws.session_name);
  if (!assumes) {
    append_field(form, "WebIdentityToken", account.credential.reveal());
  } else if (!account.aws.external_id.empty()) {
    append_field(form, "ExternalId", account.aws.external_id);
  }
  return call;
}

Result<AuxiliaryCall> role_call(const Account& account, const AwsKeys& keys, Time now) {
  Result<AuxiliaryCall> call = token_service_call(account, kRole);
  if (!call.ok()) return call;
  UpstreamRequest& request = call.value().request;
  const Result<wire::UrlParts> url = wire::parse_base_url(request.url);
  if (!url.ok()) return url.status();
  const std::string_view path = url.value().path.empty() ? "/" : url.value().path;
  const SignedCall signed_call{request.method,
                               host_header(url.value()),
                               path,
                               {},
                               account.region.empty() ? kGlobalRegion : account.region,
                               "sts"};
  const tg_bytes body = bytes_of(call.value().body);
  const AwsCredentials credentials{keys.access_key_id, keys.secret_access_key, keys.session_token};
  if (Status status = sign(credentials, signed_call, &body, 1, now, request.headers);
      !status.ok()) {
    return status;
  }
  return call;
}

/// What stands between the first <tag> and its end; the values that are asked for need no decoding.
std::string_view xml_text(std::string_view body, std::string_view tag) {
  const std::string open = "<" + std::string(tag) + ">";
  const size_t from = body.find(open);
  if (from == std::string_view::npos) return {};
  body.remove_prefix(from + open.size());
  const size_t end = body.find('<');
  return end == std::string_view::npos ? std::string_view() : ascii::trim(body.substr(0, end));
}

std::string refused_by(std::string_view who, uint32_t status, std::string_view code) {
  std::string text = std::string(who) + " answered " + std::to_string(status);
  // The code alone: messages name roles and accounts.
  const bool plain =
      !code.empty() && code.size() <= 64 &&
      std::all_of(code.begin(), code.end(), [](char c) { return c > ' ' && c < 127; });
  return plain ? text.append(": ").append(code) : text;
}

std::string_view service_of(uint32_t step) {
  if (step == kContainer) return "the container's credentials service";
  return step <= kInstanceKeys ? "the instance's metadata service" : "AWS's token service";
}

std::string_view error_code(json::Value root, std::string_view body) {
  for (const std::string_view code :
       {root["Error"]["Code"].string_or(""), root["Code"].string_or(""), root["code"].string_or(""),
        xml_text(body, "Code")}) {
    if (!code.empty() && code != "Success") return code;
  }
  return {};
}

/// Keys as an answer has them, whichever service gave it.
struct GivenKeys {
  std::string_view id;
  std::string_view secret;
  std::string_view session_token;
  std::string_view expires;
  std::optional<double> expires_s;
};

GivenKeys given_keys(json::Value root, std::string_view body, uint32_t step) {
  if (step == kInstanceKeys || step == kContainer) {
    return {root["AccessKeyId"].string_or(""), root["SecretAccessKey"].string_or(""),
            root["Token"].string_or(""), root["Expiration"].string_or(""), std::nullopt};
  }
  const std::string name = step == kRole ? "AssumeRole" : "AssumeRoleWithWebIdentity";
  const json::Value keys = root[name + "Response"][name + "Result"]["Credentials"];
  if (keys.is_object()) {
    return {keys["AccessKeyId"].string_or(""), keys["SecretAccessKey"].string_or(""),
            keys["SessionToken"].string_or(""), keys["Expiration"].string_or(""),
            keys["Expiration"].number()};
  }
  return {xml_text(body, "AccessKeyId"), xml_text(body, "SecretAccessKey"),
          xml_text(body, "SessionToken"), xml_text(body, "Expiration"), std::nullopt};
}

int64_t life_of(const GivenKeys& keys, Time now) {
  constexpr int64_t kUnknownS = 900;  // The shortest that there are.
  constexpr double kLatestS = 253'402'300'799.0;
  int64_t expires_ms = 0;
  if (keys.expires_s && *keys.expires_s > 0 && *keys.expires_s < kLatestS) {
    expires_ms = static_cast<int64_t>(*keys.expires_s) * 1'000;
  } else if (!parse_rfc3339(keys.expires, expires_ms)) {
    return kUnknownS;
  }
  return (expires_ms - now.wall_ms) / 1'000;
}

Result<AuxiliaryValue> read_keys(const AuxiliaryAnswer& answer) {
  json::Document document;
  const Result<json::Value> parsed = document.parse(answer.body);
  const json::Value root = parsed.ok() ? parsed.value() : json::Value();
  const uint32_t step = answer.call.step;
  const GivenKeys given = given_keys(root, answer.body, step);
  const bool sound = wire::is_safe_value(given.id) && wire::is_safe_value(given.secret) &&
                     wire::is_safe_value(given.session_token);
  if (answer.status != 200 || given.id.empty() || given.secret.empty() || !sound) {
    return invalid(refused_by(service_of(step), answer.status, error_code(root, answer.body)) +
                   (answer.status == 200 ? " without keys" : ""));
  }
  std::string text(given.id);
  text.append("\n").append(given.secret).append("\n").append(given.session_token);
  if (step == kRole || answer.account.aws.assumed_role_arn.empty()) {
    return lasting(std::move(text), life_of(given, answer.now), answer.now);
  }
  Result<AuxiliaryCall> next = role_call(answer.account, keys_of(text), answer.now);
  if (!next.ok()) return next.status();
  AuxiliaryValue value;
  value.next = std::move(next.value());
  return value;
}

/// A session's token, then the role's name: each is one line of text.
Result<AuxiliaryValue> read_instance(const AuxiliaryAnswer& answer) {
  const std::string_view line = ascii::trim(answer.body.substr(0, answer.body.find('\n')));
  if (answer.status != 200 || line.empty() || line.size() > 4'096 || !wire::is_safe_value(line)) {
    const bool no_role = answer.call.step == kInstanceRole && answer.status == 404;
    return invalid(refused_by(service_of(answer.call.step), answer.status, {}) +
                   (no_role ? ": the instance has no role" : ""));
  }
  const bool has_role = answer.call.step == kInstanceRole;
  const std::string session(
      has_role ? answer.call.request.headers.get(kInstanceSessionHeader).value_or("") : line);
  Result<AuxiliaryCall> next = has_role
                                   ? instance_call(answer.account, kInstanceKeys, session, line)
                                   : instance_call(answer.account, kInstanceRole, session, {});
  if (!next.ok()) return next.status();
  AuxiliaryValue value;
  value.next = std::move(next.value());
  return value;
}

}  // namespace

std::string credentials_key(const Account& account) {
  const bool fetched = account.auth == AuthKind::kAwsInstance ||
                       account.auth == AuthKind::kAwsContainer ||
                       account.auth == AuthKind::kAwsWebIdentity;
  const bool assumes = !account.aws.assumed_role_arn.empty();
  if (!fetched && (account.auth != AuthKind::kAwsKeys || !assumes)) return {};
  // A reload may give an account of the same name another source. The token of a web identity is
  // not part of it: a new one stands for the same.
  std::string key = "aws";
  for (const std::string_view part :
       {std::string_view(account.name), std::string_view(account.access_key_id),
        std::string_view(account.token_uri), std::string_view(account.aws.web_identity_role_arn),
        std::string_view(account.aws.assumed_role_arn), std::string_view(account.aws.external_id),
        std::string_view(account.aws.session_name), std::string_view(account.aws.sts_url),
        std::string_view(account.region)}) {
    key.append("\n").append(part);
  }
  return key;
}

Result<AuxiliaryCall> credentials_call(const Account& account, Time now) {
  switch (account.auth) {
    case AuthKind::kAwsInstance:
      return instance_call(account, kInstanceSession, {}, {});
    case AuthKind::kAwsContainer:
      return container_call(account);
    case AuthKind::kAwsWebIdentity:
      return token_service_call(account, kWebIdentity);
    case AuthKind::kAwsKeys:
      return role_call(account, {account.access_key_id, account.credential, account.session_token},
                       now);
    default:
      return Status(Code::kInternal, "the account " + account.name + " fetches no keys");
  }
}

Result<AuxiliaryValue> read_credentials(const AuxiliaryAnswer& answer) {
  const uint32_t step = answer.call.step;
  return step == kInstanceSession || step == kInstanceRole ? read_instance(answer)
                                                           : read_keys(answer);
}

AwsKeys keys_of(std::string_view text) {
  const size_t first = std::min(text.find('\n'), text.size());
  const std::string_view rest = text.substr(std::min(first + 1, text.size()));
  const size_t second = std::min(rest.find('\n'), rest.size());
  return {std::string(text.substr(0, first)), Secret(std::string(rest.substr(0, second))),
          Secret(std::string(rest.substr(std::min(second + 1, rest.size()))))};
}

bool says_keys_are_bad(uint32_t status, std::string_view error_type, std::string_view body) {
  constexpr std::array<std::string_view, 3> kErrors = {"ExpiredToken", "UnrecognizedClient",
                                                       "InvalidClientTokenId"};
  if (status != 400 && status != 401 && status != 403) return false;
  return std::any_of(kErrors.begin(), kErrors.end(), [&](std::string_view name) {
    return error_type.find(name) != std::string_view::npos ||
           body.find(name) != std::string_view::npos;
  });
}

}  // namespace tollgate::providers::aws_bedrock
