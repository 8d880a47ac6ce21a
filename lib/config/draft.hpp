#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/configuration.hpp"
#include "config/report.hpp"

// What the documents say, with where they say it, before names are resolved against each other.
namespace tollgate::config {

struct IntegrationDraft {
  router::Integration integration;
  policy::Grants grants;
  std::optional<pricing::Price> price;
  std::string known_as;  ///< The model's name in the table of facts; empty: its id.
  /// The account's fields with those that stand on the model (an address, a key) in their place.
  std::optional<providers::Account> own_account;
  router::Protection protection;
  Place place;
};

struct AccountDraft {
  providers::Account account;
  policy::Grants grants;
  std::vector<IntegrationDraft> integrations;
  pricing::Discount discount;
  router::Protection protection;
  Place place;
};

struct TokenDraft {
  identity::Token token;
  Place place;
};

/// A claim's value of an identity provider that stands for a team or a virtual account.
struct ClaimUse {
  identity::ClaimMapping mapping;
  Place place;
};

struct IssuerDraft {
  identity::Issuer issuer;
  Place place;
};

/// A user or a virtual account.
struct CallerDraft {
  std::string name;
  model::Metadata tags;
  std::vector<TokenDraft> tokens;
  Place place;
  std::vector<ClaimUse> claims = {};
  std::optional<int64_t> expires_ms = std::nullopt;  ///< Of the account itself. Unix time.
};

/// One of `notification_target`, its channel not looked up yet.
struct NotificationDraft {
  policy::Notification notification;
  std::string channel;  ///< Empty: the address stands with the target itself.
  Place place;
};

/// Where notifications of some channel go.
struct ChannelDraft {
  std::string name;
  Secret url;
  std::vector<std::pair<std::string, Secret>> headers;
  Secret routing_key;
  std::string ca_file;
  Place place;
};

struct RuleDraft {
  policy::Rule rule;
  Place place;
  std::vector<NotificationDraft> notified = {};
};

/// A name of something that another document may define.
struct NameUse {
  std::string name;
  Place place;
};

struct TeamDraft {
  std::string name;
  std::vector<NameUse> members;
  std::vector<NameUse> managers;
  Place place;
  std::vector<ClaimUse> claims = {};
};

/// One of `load_balance_targets`, its name not looked up yet.
struct TargetDraft {
  router::RouteTarget target;
  std::string name;
  Place place;
};

struct RoutingDraft {
  router::Routing routing;  ///< Without its targets.
  std::vector<TargetDraft> targets;
  Place place;
};

/// A model that is routed: of a virtual-model document, or an integration with `routing_config`.
struct VirtualModelDraft {
  router::VirtualModel model;
  RoutingDraft routing;
  policy::Grants group_grants;
  policy::Grants grants;
  Place place;
  Place slug_place;
};

struct RoutingRuleDraft {
  router::RoutingRule rule;
  RoutingDraft routing;
  std::vector<NameUse> models;
  Place place;
};

struct Draft {
  ServerSettings server;
  record::LoggingSettings logging;
  router::Retry retry;  ///< What `retry_settings` says.
  uint32_t budget_status = 402;
  std::vector<RuleDraft> rules;
  std::vector<ChannelDraft> channels;
  uint32_t rule_groups = 0;  ///< First-match groups so far.
  std::vector<ForcedMetadata> forced_metadata;
  std::vector<pricing::OwnPrice> own_prices;
  pricing::UnknownPrice unknown_price = pricing::UnknownPrice::kFallback;
  std::optional<pricing::Price> fallback_price;
  std::vector<AccountDraft> accounts;
  std::vector<CallerDraft> users;
  std::vector<CallerDraft> virtual_accounts;
  std::vector<TeamDraft> teams;
  std::vector<IssuerDraft> issuers;
  std::vector<VirtualModelDraft> virtual_models;
  std::vector<RoutingRuleDraft> routing_rules;
  /// Who has which role, as subjects of other kinds. Known before any document that names roles.
  std::map<std::string, std::vector<std::string>, std::less<>> roles;
  std::vector<NameUse> subjects;  ///< Every "user:…", "team:…" a document grants something to.

  /// Where the documents stand that may be there once.
  std::optional<Place> server_place;
  std::optional<Place> settings_place;
  std::optional<Place> routing_rules_place;
};

}  // namespace tollgate::config
