#include <algorithm>
#include <string>
#include <utility>

#include "base/ascii.hpp"
#include "base/limits.hpp"
#include "config/cost.hpp"
#include "config/document_types.hpp"
#include "config/names.hpp"
#include "wire/url.hpp"

namespace tollgate::config {
namespace {

constexpr std::string_view kAnthropicUrl = "https://api.anthropic.com";
constexpr int64_t kTimeoutSecondsMax = 3'600;

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

/// No auth_data: the client's own Authorization goes upstream, as Claude subscriptions need it.
void read_auth(StrictMapping& document, providers::Account& account) {
  const std::optional<Value> value = document.take("auth_data");
  if (!value) return;
  StrictMapping auth(document.reading(), *value, Quoting::kHideKeys);
  if (!auth.valid()) return;
  const std::optional<size_t> type = auth.choice("type", {"api-key", "access-token"});
  if (type) {
    const std::string_view key = *type == 0 ? "api_key" : "access_token";
    const std::optional<Value> secret = auth.require(key);
    account.auth = *type == 0 ? providers::AuthKind::kApiKey : providers::AuthKind::kBearer;
    if (secret) account.credential = read_secret(document.reading(), *secret).value_or(Secret{});
    auth.done();
  }
}

void read_base_url(StrictMapping& document, providers::Account& account) {
  account.base_url = kAnthropicUrl;
  const std::optional<Value> value = document.take("base_url");
  std::optional<std::string> text = value ? read_string(document.reading(), *value) : std::nullopt;
  if (!text) return;
  while (text->ends_with('/'))
    text->pop_back();
  const Result<wire::UrlParts> parts = wire::parse_base_url(*text);
  if (!parts.ok()) {
    document.reading().report.error(
        value->place(), "must be an absolute http or https URL without user, query or fragment");
    return;
  }
  const wire::UrlParts& url = parts.value();
  if (ascii::equals_ignore_case(url.scheme, "http") && !is_loopback(url.host)) {
    document.reading().report.warning(value->place(),
                                      "plain http to another machine: keys and prompts are sent "
                                      "unencrypted");
  }
  account.base_url = std::move(*text);
}

bool is_header_name(std::string_view name) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !name.empty() && name.size() <= 256 && std::all_of(name.begin(), name.end(), [&](char c) {
    const char l = ascii::lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

/// Headers that a connection or a credential owns; `auth_data` is the one way to give a key.
bool is_reserved_header(std::string_view name) {
  constexpr std::string_view kReserved[] = {
      "host",    "content-length", "transfer-encoding",   "connection", "authorization",
      "upgrade", "x-api-key",      "proxy-authorization", "te",         "accept-encoding",
      "expect",  "content-type"};
  return std::any_of(std::begin(kReserved), std::end(kReserved), [&](std::string_view reserved) {
    return ascii::equals_ignore_case(name, reserved);
  });
}

void read_headers(StrictMapping& document, providers::Account& account) {
  Reading& reading = document.reading();
  const std::optional<Value> value = document.take("headers");
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

void read_tls(StrictMapping& document, providers::Account& account) {
  Reading& reading = document.reading();
  const std::optional<Value> value = document.take("tls_settings");
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

/// The name callers use. It may hold slashes; "*" passes any model id.
std::string read_model_name(StrictMapping& mapping, Place& place) {
  const std::optional<Value> value = mapping.require("name");
  std::optional<std::string> name = value ? read_string(mapping.reading(), *value) : std::nullopt;
  if (!name) return {};
  place = value->place();
  if (!is_plain_name(*name, limits::kModelNameBytesMax)) {
    mapping.reading().report.error(place, "must be 1 to 512 characters without spaces");
    return {};
  }
  return std::move(*name);
}

void read_model_id(StrictMapping& mapping, router::Integration& integration) {
  const std::optional<Value> value =
      integration.is_wildcard() ? mapping.take("model_id") : mapping.require("model_id");
  std::optional<std::string> id = value ? read_string(mapping.reading(), *value) : std::nullopt;
  if (!id) return;
  if (integration.is_wildcard()) {
    if (*id != "*") {
      mapping.reading().report.error(value->place(),
                                     "name \"*\" passes the id that the client "
                                     "asks for: remove model_id");
    }
    return;
  }
  if (!is_plain_name(*id, limits::kModelNameBytesMax)) {
    mapping.reading().report.error(value->place(), "must be 1 to 512 characters without spaces");
    return;
  }
  integration.model_id = std::move(*id);
}

void read_model_types(StrictMapping& mapping, router::Integration& integration) {
  constexpr std::string_view kTypes[] = {"chat",
                                         "completion",
                                         "embedding",
                                         "realtime",
                                         "rerank",
                                         "audio_transcription",
                                         "audio_translation",
                                         "text_to_speech",
                                         "moderation",
                                         "image",
                                         "responses",
                                         "ocr"};
  Reading& reading = mapping.reading();
  const std::optional<Value> value = mapping.take("model_types");
  if (!value) {
    integration.model_types = {"chat"};
    return;
  }
  bool sound = value->node->kind == NodeKind::kSequence;
  for (const Value& item : read_list(reading, *value)) {
    std::optional<std::string> type = read_string(reading, item);
    sound = sound && type.has_value();
    if (!type) continue;
    if (std::find(std::begin(kTypes), std::end(kTypes), *type) == std::end(kTypes)) {
      reading.report.error(item.place(), "unknown model type " + shown(item.node->text),
                           nearest(item.node->text, {std::begin(kTypes), std::end(kTypes)}));
      sound = false;
      continue;
    }
    integration.model_types.push_back(std::move(*type));
  }
  const std::vector<std::string>& types = integration.model_types;
  if (sound && std::find(types.begin(), types.end(), "chat") == types.end()) {
    reading.report.warning(
        value->place(), "this version serves chat only: requests for this model are sent as chat");
  }
}

IntegrationDraft read_integration(Reading& reading, const Value& item, Discount discount,
                                  Draft& draft, bool& public_list) {
  IntegrationDraft out;
  out.place = item.place();
  StrictMapping mapping(reading, item);
  out.integration.name = read_model_name(mapping, out.place);
  read_model_id(mapping, out.integration);
  out.integration.display_name = mapping.string("display_name").value_or("");
  if (mapping.take("type")) mapping.choice("type", {"integration/model/anthropic"});
  read_model_types(mapping, out.integration);
  out.grants = read_subjects(mapping, draft);
  if (const std::optional<Value> cost = mapping.take("cost")) {
    const Cost read = read_cost(reading, *cost, discount);
    out.price = read.price;
    if (read.public_list && !std::exchange(public_list, true)) {
      reading.report.warning(cost->place(),
                             "there is no built-in price list in this version: what "
                             "models with public_cost cost is not recorded");
    }
  }
  mapping.not_supported({"region", "capabilities", "api", "slug", "routing_config",
                         "max_concurrent_requests", "requests_per_minute", "tokens_per_minute"});
  mapping.done();
  return out;
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

}  // namespace

void read_anthropic_account(StrictMapping& document, Draft& draft) {
  Reading& reading = document.reading();
  AccountDraft out;
  out.account.type = "anthropic";
  std::optional<Place> place = read_account_name(document, out.account.name);
  read_base_url(document, out.account);
  read_auth(document, out.account);
  const Discount discount = read_discount(document);
  out.grants = read_collaborators(document, draft);
  document.take("ownedBy");
  read_headers(document, out.account);
  read_tls(document, out.account);
  read_proxy(document, out.account);
  out.account.deny_private = document.boolean("deny_private", false);
  read_timeouts(document, out.account);
  bool public_list = false;
  const std::optional<Value> list = document.take("integrations");
  for (const Value& item : list ? read_list(reading, *list) : std::vector<Value>{}) {
    out.integrations.push_back(read_integration(reading, item, discount, draft, public_list));
  }
  if (!place) return;
  if (!list || (list->node->kind == NodeKind::kSequence && out.integrations.empty())) {
    reading.report.warning(*place, "this account has no integrations: no model is reached by it");
  }
  out.place = std::move(*place);
  draft.accounts.push_back(std::move(out));
}

}  // namespace tollgate::config
