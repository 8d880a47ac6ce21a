#include "config/account_reading.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/ascii.hpp"
#include "config/model_reading.hpp"
#include "config/names.hpp"
#include "config/routing_reading.hpp"
#include "wire/url.hpp"

namespace tollgate::config {
namespace {

constexpr int64_t kTimeoutSecondsMax = 3'600;

/// Loopback, or a cloud's own service beside the machine.
bool is_local(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.") ||
         host.starts_with("169.254.") || host == "fd00:ec2::254" || host == "fd00:ec2::23";
}

void read_proxy(StrictMapping& document, providers::Account& account) {
  const std::optional<Value> value = document.take("proxy");
  std::optional<std::string> text = value ? read_string(document.reading(), *value) : std::nullopt;
  if (!text) return;
  if (!is_plain_name(*text, 2'048)) {
    document.reading().report.error(value->place(), "must be a proxy's URL without spaces");
    return;
  }
  account.proxy = std::move(*text);
}

void read_timeouts(StrictMapping& document, providers::Account& account) {
  const std::optional<Value> value = document.take("timeouts");
  if (!value) return;
  StrictMapping timeouts(document.reading(), *value);
  const int64_t first_byte = timeouts.integer("first_byte_seconds", 0, 1, kTimeoutSecondsMax);
  const int64_t idle = timeouts.integer("idle_seconds", 0, 1, kTimeoutSecondsMax);
  timeouts.done();
  account.first_byte_timeout_ns = static_cast<uint64_t>(first_byte) * kSecond;
  account.idle_timeout_ns = static_cast<uint64_t>(idle) * kSecond;
}

std::optional<Place> read_account_name(StrictMapping& document, std::string& name) {
  const std::optional<Value> value = document.require("name");
  std::optional<std::string> text = value ? read_string(document.reading(), *value) : std::nullopt;
  if (!text) return std::nullopt;
  if (!is_account_name(*text)) {
    document.reading().report.error(
        value->place(), "must be 3 to 64 letters, digits and hyphens, not starting with a digit");
    return std::nullopt;
  }
  name = std::move(*text);
  return value->place();
}

/// Active checks of whether it answers. Two that fail must fall into the window of health.
void read_health_check(StrictMapping& document, providers::Account& account) {
  const std::optional<Value> value = document.take("health_check");
  if (!value) return;
  Report& report = document.reading().report;
  StrictMapping check(document.reading(), *value);
  account.check_interval_ns =
      static_cast<uint64_t>(check.integer("interval_seconds", 15, 5, 60)) * kSecond;
  if (const std::optional<Value> url = check.take("url")) {
    account.check_url = read_string(document.reading(), *url).value_or("");
    if (!wire::parse_base_url(account.check_url).ok()) {
      report.error(url->place(),
                   "must be an absolute http or https URL without user, query or fragment");
    }
  } else if (account.base_url.empty()) {
    report.error(value->place(), "must have url: this account has no base_url");
  }
  check.done();
}

/// Takes `auth_data`, or makes of its absence what the type says.
void read_credentials(const AccountType& type, StrictMapping& document, AccountDraft& out) {
  if (read_auth(document, type.auth_forms, out.account)) return;
  if (type.without_auth) {
    out.account.auth = *type.without_auth;
    return;
  }
  document.require("auth_data");
}

/// Takes what the types have in common, short of the models.
void read_shared(const AccountType& type, StrictMapping& document, AccountDraft& out,
                 Draft& draft) {
  out.account.base_url = type.base_url;
  read_url(document, "base_url", out.account);
  read_credentials(type, document, out);
  out.grants = read_collaborators(document, draft);
  document.take("ownedBy");
  read_headers(document, out.account);
  read_tls(document, out.account);
  read_proxy(document, out.account);
  out.account.deny_private = document.boolean("deny_private", false);
  read_timeouts(document, out.account);
  read_health_check(document, out.account);
  if (type.has_region) out.account.region = document.string("region").value_or("");
  if (type.has_deployments) out.account.api_version = document.string("api_version").value_or("");
  if (type.read_more != nullptr) type.read_more(document, out);
}

/// Every model needs an address: the account's or its own.
void check_addresses(StrictMapping& document, const AccountDraft& out) {
  if (!out.account.base_url.empty() || document.take("base_url")) return;
  for (const IntegrationDraft& model : out.integrations) {
    if (model.own_account && !model.own_account->base_url.empty()) continue;
    document.require("base_url");
    return;
  }
}

}  // namespace

bool is_header_name(std::string_view name) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !name.empty() && name.size() <= 256 && std::all_of(name.begin(), name.end(), [&](char c) {
    const char l = ascii::lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool is_reserved_header(std::string_view name) {
  constexpr std::string_view kReserved[] = {"host",
                                            "content-length",
                                            "transfer-encoding",
                                            "connection",
                                            "authorization",
                                            "upgrade",
                                            "x-api-key",
                                            "proxy-authorization",
                                            "te",
                                            "accept-encoding",
                                            "expect",
                                            "content-type",
                                            "api-key"};
  return std::any_of(std::begin(kReserved), std::end(kReserved), [&](std::string_view reserved) {
    return ascii::equals_ignore_case(name, reserved);
  });
}

void read_credential(StrictMapping& auth, std::string_view key, providers::Account& account) {
  const std::optional<Value> secret = auth.require(key);
  if (secret) account.credential = read_secret(auth.reading(), *secret).value_or(Secret{});
}

void read_api_key(StrictMapping& auth, providers::Account& account) {
  account.auth = providers::AuthKind::kApiKey;
  read_credential(auth, "api_key", account);
}

void read_access_token(StrictMapping& auth, providers::Account& account) {
  account.auth = providers::AuthKind::kBearer;
  read_credential(auth, "access_token", account);
}

void read_bearer_token(StrictMapping& auth, providers::Account& account) {
  account.auth = providers::AuthKind::kBearer;
  read_credential(auth, "bearer_token", account);
}

bool read_auth(StrictMapping& holder, std::span<const AuthForm> forms,
               providers::Account& account) {
  const std::optional<Value> value = holder.take("auth_data");
  if (!value) return false;
  StrictMapping auth(holder.reading(), *value, Quoting::kHideKeys);
  if (!auth.valid()) return true;
  std::vector<std::string_view> types;
  for (const AuthForm& form : forms)
    types.push_back(form.type);
  if (const std::optional<size_t> type = auth.choice("type", types)) {
    forms[*type].read(auth, account);
    auth.done();
  }
  return true;
}

void read_url(StrictMapping& holder, std::string_view key, providers::Account& account) {
  const std::optional<Value> value = holder.take(key);
  std::optional<std::string> text = value ? read_string(holder.reading(), *value) : std::nullopt;
  if (!text) return;
  while (text->ends_with('/'))
    text->pop_back();
  const Result<wire::UrlParts> parts = wire::parse_base_url(*text);
  if (!parts.ok()) {
    holder.reading().report.error(
        value->place(), "must be an absolute http or https URL without user, query or fragment");
    return;
  }
  const wire::UrlParts& url = parts.value();
  if (ascii::equals_ignore_case(url.scheme, "http") && !is_local(url.host)) {
    holder.reading().report.warning(value->place(),
                                    "plain http to another machine: keys and prompts are sent "
                                    "unencrypted");
  }
  account.base_url = std::move(*text);
}

void add_path_if_bare(std::string_view path, providers::Account& account) {
  const Result<wire::UrlParts> parts = wire::parse_base_url(account.base_url);
  if (parts.ok() && parts.value().path.empty()) account.base_url += path;
}

void read_headers(StrictMapping& holder, providers::Account& account) {
  Reading& reading = holder.reading();
  const std::optional<Value> value = holder.take("headers");
  if (!value) return;
  for (const Entry& entry : read_entries(reading, *value)) {
    if (!is_header_name(entry.key)) {
      reading.report.error(entry.value.place(), "is no name of a header");
    } else if (is_reserved_header(entry.key)) {
      reading.report.error(entry.value.place(), "this header cannot be set here");
    } else if (const std::optional<Secret> text = read_secret(reading, entry.value)) {
      account.headers.emplace_back(entry.key, text->reveal());
    }
  }
}

void read_tls(StrictMapping& holder, providers::Account& account) {
  Reading& reading = holder.reading();
  const std::optional<Value> value = holder.take("tls_settings");
  if (!value) return;
  StrictMapping tls(reading, *value);
  account.ca_file = tls.string("ca_cert_file").value_or("");
  account.client_cert_file = tls.string("client_cert_file").value_or("");
  account.client_key_file = tls.string("client_key_file").value_or("");
  const std::optional<Value> reject = tls.take("reject_unauthorized");
  if (reject) account.tls_unverified = !read_bool(reading, *reject).value_or(true);
  if (account.tls_unverified) {
    reading.report.warning(reject->place(),
                           "the upstream's certificate is not checked: anyone on the way can read "
                           "and change what is sent");
  }
  tls.not_supported({"ca_cert"});
  tls.done();
  if (account.client_cert_file.empty() != account.client_key_file.empty()) {
    reading.report.error(value->place(), "client_cert_file and client_key_file go together");
  }
}

void read_account(const AccountType& type, StrictMapping& document, Draft& draft) {
  Reading& reading = document.reading();
  AccountDraft out;
  out.account.type = type.type;
  std::optional<Place> place = read_account_name(document, out.account.name);
  read_shared(type, document, out, draft);
  out.discount = read_discount(document);
  out.protection = read_protection(document);
  ModelReading models{reading, draft, type, out, out.discount};
  const std::optional<Value> list = document.take("integrations");
  for (const Value& item : list ? read_list(reading, *list) : std::vector<Value>{}) {
    out.integrations.push_back(read_model(models, item));
  }
  if (type.base_url_required) check_addresses(document, out);
  if (!place) return;
  if (!list || (list->node->kind == NodeKind::kSequence && out.integrations.empty())) {
    reading.report.warning(*place, "this account has no integrations: no model is reached by it");
  }
  out.place = std::move(*place);
  draft.accounts.push_back(std::move(out));
}

}  // namespace tollgate::config
