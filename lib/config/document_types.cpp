#include "config/document_types.hpp"

#include <array>
#include <string>
#include <vector>

#include "config/account_types.hpp"

namespace tollgate::config {
namespace {

struct LaterType {
  std::string_view type;
  std::string_view subject;
};

/// Documents that gateways of this kind know and this version does not read. To pass over one in
/// silence would let a limit or a rule look as if it were kept.
constexpr std::array kLaterTypes = {
    LaterType{"provider-account/guardrail-config-group", "guardrails"},
    LaterType{"gateway-guardrails-config", "guardrails"},
    LaterType{"gateway-logging-config", "routing of logs"},
    LaterType{"gateway-data-routing-config", "routing of traces"},
    LaterType{"gateway-data-access-config", "rules for who reads traces"},
    LaterType{"gateway-otel-config", "OpenTelemetry export"},
    LaterType{"pat", "personal access tokens (give a user `tokens`)"},
    LaterType{"alert-config", "alerts"},
    LaterType{"settings/common-tools", "common tools"},
};

/// Providers that are known elsewhere and not here.
constexpr std::string_view kProviders[] = {
    "ai21",
    "aws-bedrock-mantle",
    "aws-claude-platform",
    "aws-sagemaker",
    "cartesia",
    "cloudera",
    "custom-endpoint",
    "deepgram",
    "eleven-labs",
    "google-gemini",
    "google-vertex",
    "nomic",
    "palm",
    "smallest-ai",
    "wafer",
};

constexpr std::string_view kAccountPrefix = "provider-account/";

/// The account type a document is of, or null.
const AccountType* account_type(std::string_view type) {
  if (!type.starts_with(kAccountPrefix)) return nullptr;
  type.remove_prefix(kAccountPrefix.size());
  for (const AccountType& account : account_types()) {
    if (account.type == type) return &account;
  }
  return nullptr;
}

std::string_view subject_of_later_type(std::string_view type) {
  for (const LaterType& later : kLaterTypes) {
    if (later.type == type) return later.subject;
  }
  if (type.starts_with("mcp-server/")) return "MCP servers";
  if (!type.starts_with(kAccountPrefix)) return {};
  for (const std::string_view provider : kProviders) {
    if (type.substr(kAccountPrefix.size()) == provider) return "this provider";
  }
  return {};
}

void refuse_type(Reading& reading, const Value& value, std::string_view type) {
  const std::string_view subject = subject_of_later_type(type);
  if (!subject.empty()) {
    reading.report.error(value.place(), "this version of tollgate does not know " +
                                            std::string(subject) + ": nothing in a " +
                                            shown(value.node->text) +
                                            " document would be kept, remove it");
    return;
  }
  std::vector<std::string> names;
  std::string listed;
  for (const DocumentType& document : document_types()) {
    names.emplace_back(document.type);
    listed += names.back() + ", ";
  }
  listed += std::string(kAccountPrefix) + "*";
  for (const AccountType& account : account_types())
    names.push_back(std::string(kAccountPrefix) + std::string(account.type));
  const std::vector<std::string_view> known(names.begin(), names.end());
  reading.report.error(value.place(),
                       "unknown type " + shown(value.node->text) + "; known are " + listed,
                       nearest(value.node->text, known));
}

}  // namespace

std::span<const DocumentType> document_types() {
  static constexpr DocumentType kTypes[] = {
      {"tollgate-server", read_server},
      {"user", read_user},
      {"team", read_team},
      {"virtual-account", read_virtual_account},
      {"identity-provider", read_identity_provider},
      {"gateway-global-settings", read_global_settings},
      {"price-list", read_price_list},
      {"gateway-budget-config", read_budgets_v1},
      {"tenant-budget-config", read_tenant_budget},
      {"team-budget-config", read_team_budget},
      {"gateway-rate-limiting-config", read_rate_limits_v1},
      {"tenant-rate-limit-config/model", read_model_rate_limit},
      {"tenant-rate-limit-config/mcp", read_mcp_rate_limit},
      {"notification-channel", read_notification_channel},
      {"gateway-metadata-config", read_metadata_config},
      {"role", read_role},
      {"role-binding", read_role_binding},
      {"provider-account/virtual-model", read_virtual_models},
      {"integration/model/virtual", read_lone_virtual_model},
      {"gateway-load-balancing-config", read_routing_rules},
  };
  return kTypes;
}

void read_document(Reading& reading, const Node& root, Draft& draft) {
  StrictMapping document(reading, {&root, ""});
  if (!document.valid()) return;
  if (!document.take("type") && document.take("routing_config")) {
    // The bare form: a name and where its requests go.
    read_lone_virtual_model(document, draft);
    document.done();
    return;
  }
  const std::optional<Value> value = document.require("type");
  if (!value) return;
  const std::optional<std::string> type = read_string(reading, *value);
  if (!type) return;
  if (const AccountType* account = account_type(*type)) {
    read_account(*account, document, draft);
    document.done();
    return;
  }
  for (const DocumentType& known : document_types()) {
    if (known.type != *type) continue;
    known.read(document, draft);
    document.done();
    return;
  }
  refuse_type(reading, *value, *type);
}

}  // namespace tollgate::config
