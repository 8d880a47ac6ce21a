#pragma once

#include <string>
#include <string_view>

#include "providers/provider.hpp"
#include "support/catch.hpp"

namespace tollgate::providers {

/// One call to a provider, with everything that may bear on it.
struct OpenAiCall {
  Account account;
  router::Integration integration;
  std::string_view model_id = "m";
  model::Lessons lessons;
  wire::Headers client;
  bool stream = true;
  bool same_dialect = false;
  std::string_view token;
  std::string_view query;
  std::string_view session_id;
  dialects::Operation operation = dialects::Operation::kGenerate;

  explicit OpenAiCall(std::string type, std::string base_url = "https://api.example/v1") {
    account.name = "main";
    account.type = std::move(type);
    account.base_url = std::move(base_url);
    account.auth = AuthKind::kApiKey;
    account.credential = Secret("sk-1");
    integration.name = "m";
  }

  const Provider& provider() const { return *find_provider(account.type); }
  Endpoint endpoint() const { return {account, integration, model_id, &lessons}; }
  std::string_view dialect() const { return provider().dialect(endpoint()).name(); }

  UpstreamRequest prepared() const {
    UpstreamRequest out;
    const Endpoint end = endpoint();
    const Status status = provider().prepare({.endpoint = end,
                                              .operation = operation,
                                              .client_headers = client,
                                              .client_query = query,
                                              .extra_betas = {},
                                              .session_id = session_id,
                                              .stream = stream,
                                              .same_dialect = same_dialect,
                                              .token = token,
                                              .now = {}},
                                             out);
    REQUIRE(status.ok());
    return out;
  }
  std::string url() const { return prepared().url; }
};

}  // namespace tollgate::providers
