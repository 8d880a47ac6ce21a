#include <algorithm>
#include <string>
#include <utility>

#include "base/ascii.hpp"
#include "config/document_types.hpp"
#include "config/names.hpp"
#include "wire/url.hpp"

namespace tollgate::config {
namespace {

constexpr int64_t kSkewSecondsMax = 600;

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

/// Where the keys are: what is read there decides who is let in, so it must not travel in the
/// clear.
std::string read_jwks_uri(StrictMapping& document) {
  const std::optional<Value> value = document.require("jwks_uri");
  const std::optional<std::string> text =
      value ? read_string(document.reading(), *value) : std::nullopt;
  if (!text) return {};
  const Result<wire::UrlParts> parts = wire::parse_base_url(*text);
  if (!parts.ok()) {
    document.reading().report.error(value->place(), "must be an absolute https URL");
    return {};
  }
  if (!ascii::equals_ignore_case(parts.value().scheme, "https") &&
      !is_loopback(parts.value().host)) {
    document.reading().report.error(value->place(),
                                    "must be https: whoever can change these keys on their way "
                                    "can call in everybody's name");
    return {};
  }
  return *text;
}

/// One name or a list of them.
std::vector<std::string> read_audiences(StrictMapping& document) {
  const std::optional<Value> value = document.take("audience");
  if (!value) return {};
  if (value->node->kind == NodeKind::kSequence) return read_strings(document.reading(), *value);
  std::optional<std::string> one = read_string(document.reading(), *value);
  return one ? std::vector<std::string>{std::move(*one)} : std::vector<std::string>{};
}

}  // namespace

void read_identity_provider(StrictMapping& document, Draft& draft) {
  IssuerDraft out;
  identity::Issuer& issuer = out.issuer;
  std::optional<ReadName> name = read_name(document);
  issuer.issuer = document.require_string("issuer").value_or("");
  issuer.jwks_uri = read_jwks_uri(document);
  issuer.audiences = read_audiences(document);
  if (const std::optional<Value> claims = document.take("claims")) {
    StrictMapping mapping(document.reading(), *claims);
    issuer.user_claim = mapping.string("user").value_or(issuer.user_claim);
    issuer.team_claim = mapping.string("team").value_or("");
    issuer.virtual_account_claim = mapping.string("virtual_account").value_or("");
    mapping.done();
  }
  issuer.known_users_only = document.boolean("known_users_only", false);
  issuer.skew_seconds =
      document.integer("clock_skew_seconds", issuer.skew_seconds, 0, kSkewSecondsMax);
  if (const std::optional<Value> tls = document.take("tls_settings")) {
    StrictMapping mapping(document.reading(), *tls);
    issuer.ca_file = mapping.string("ca_cert_file").value_or("");
    mapping.done();
  }
  if (!name) return;
  if (issuer.audiences.empty()) {
    document.reading().report.warning(
        name->place,
        "without an audience every token of this issuer is accepted, also those made "
        "for other services");
  }
  issuer.name = std::move(name->name);
  out.place = std::move(name->place);
  draft.issuers.push_back(std::move(out));
}

std::vector<ClaimUse> read_claim_mappings(StrictMapping& holder) {
  std::vector<ClaimUse> uses;
  for (const Value& item : holder.list("identity_provider_mapping")) {
    StrictMapping mapping(holder.reading(), item);
    std::optional<std::string> issuer = mapping.require_string("identity_provider");
    std::optional<std::string> value = mapping.require_string("value");
    mapping.done();
    if (issuer && value) uses.push_back({{std::move(*issuer), std::move(*value)}, item.place()});
  }
  return uses;
}

}  // namespace tollgate::config
