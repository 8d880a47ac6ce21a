#pragma once

// config/ turns YAML text into typed configuration. Text only at the door: from here on no code
// looks anything up by string. May include everything below it.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "identity/directory.hpp"
#include "identity/issuer.hpp"
#include "policy/access.hpp"
#include "policy/rule_set.hpp"
#include "pricing/price_book.hpp"
#include "providers/account.hpp"
#include "record/logging.hpp"
#include "router/catalog.hpp"
#include "router/routes.hpp"

namespace tollgate::config {

/// type: tollgate-server. Read by the server only; the core carries it for describe().
struct ServerSettings {
  std::string listen = "127.0.0.1:8787";
  std::string state;  ///< Empty: the host's choice.
  /// What a batch in the file of `state` survives: false the process's end, true power loss too.
  bool survives_power_loss = true;
  std::string records;  ///< File, "-" for stdout, empty for none.
  int64_t drain_seconds = 300;
  std::string tls_cert_file;
  std::string tls_key_file;
  int64_t threads = 0;  ///< 0: the server's own choice.
};

/// How the price of a model is found that its integration does not name.
struct PriceTerms {
  pricing::Discount discount;
  std::string known_as;  ///< The name it is listed under; empty: its id.
};

/// Metadata that requests of some subjects carry, whatever they say themselves.
struct ForcedMetadata {
  std::string id;
  policy::Selector when;
  model::Metadata values;
};

/// Who may use a virtual model: both must let the caller in.
struct RouteGrants {
  policy::Grants group;
  policy::Grants own;
};

/// A loaded configuration. Immutable once built; shared by the exchanges that started with it.
struct Configuration {
  std::string version;  ///< First 16 hex digits of the text's SHA-256.
  ServerSettings server;
  std::vector<providers::Account> accounts;
  std::vector<policy::Grants> account_grants;  ///< Beside accounts, by index.
  router::Catalog catalog;
  router::Routes routes;  ///< Looked at before the catalog.
  router::Retry retry;  ///< Of models without routing, and of targets that say nothing of retries.
  std::vector<RouteGrants> route_grants;                ///< Beside routes.models(), by index.
  std::vector<router::Protection> account_protections;  ///< Beside accounts, by index.
  std::vector<router::Protection> protections;        ///< Beside catalog.integrations(), by index.
  std::vector<policy::Grants> integration_grants;     ///< Beside catalog.integrations(), by index.
  std::vector<std::optional<pricing::Price>> prices;  ///< Beside catalog.integrations(), by index.
  std::vector<PriceTerms> price_terms;                ///< Beside catalog.integrations(), by index.
  pricing::PriceBook price_book;
  uint32_t budget_status = 402;  ///< Of the answer when a budget is gone.
  policy::RuleSet rules;         ///< Budgets and rate limits.
  std::vector<ForcedMetadata> forced_metadata;
  identity::Directory directory;
  std::vector<identity::Issuer> issuers;
  identity::ClaimDirectory claims;  ///< Whom tokens of `issuers` may name.
  record::LoggingSettings logging;
};

}  // namespace tollgate::config
