#pragma once

#include <string>

#include "providers/provider.hpp"
#include "support/catch.hpp"

namespace tollgate::providers {

/// One call of a Google provider, with what may differ.
struct GoogleCall {
  explicit GoogleCall(const Provider& its_provider) : provider(its_provider) {}

  const Provider& provider;
  Account account;
  router::Integration integration;
  std::string model_id = "gemini-3.6-flash";
  wire::Headers client;
  std::string token;
  std::string betas;
  model::Lessons lessons;
  bool stream = false;
  dialects::Operation operation = dialects::Operation::kGenerate;

  template <typename Act>
  auto with_context(const Act& act) const {
    const Endpoint endpoint{account, integration, model_id, &lessons};
    const CallContext context{.endpoint = endpoint,
                              .operation = operation,
                              .client_headers = client,
                              .client_query = {},
                              .extra_betas = betas,
                              .stream = stream,
                              .same_dialect = true,
                              .token = token,
                              .now = {}};
    return act(context);
  }
  UpstreamRequest prepared() const {
    UpstreamRequest out;
    const Status status =
        with_context([&](const CallContext& context) { return provider.prepare(context, out); });
    INFO(status.message());
    REQUIRE(status.ok());
    return out;
  }
};

}  // namespace tollgate::providers
