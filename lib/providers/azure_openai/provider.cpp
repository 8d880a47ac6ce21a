#include "providers/azure_openai/provider.hpp"

#include <string>

#include "providers/entra/token.hpp"
#include "providers/openai_compatible/calls.hpp"
#include "wire/url.hpp"

namespace tollgate::providers {
namespace {

using openai_calls::Api;

// Versions are dates, so that the order of their text is theirs.
constexpr std::string_view kFirstWithResponses = "2025-03-01";
constexpr std::string_view kFirstWithStreamOptions = "2024-09-01";
constexpr std::string_view kDatedScope = "https://cognitiveservices.azure.com/.default";
constexpr std::string_view kV1Scope = "https://ai.azure.com/.default";

std::string_view azure_version_of(const Endpoint& endpoint) {
  const std::string& own = endpoint.integration.api_version;
  return own.empty() ? endpoint.account.api_version : own;
}

std::string_view scope_of(const Account& account) {
  return openai_calls::is_dated(account.api_version) ? kDatedScope : kV1Scope;
}

Api azure_api_of(const Endpoint& endpoint) {
  const std::string_view version = azure_version_of(endpoint);
  const bool old = openai_calls::is_dated(version) && version < kFirstWithResponses;
  return openai_calls::choose_api(endpoint, old ? Api::kChat : Api::kResponses);
}

std::string with_version(std::string url, std::string_view version) {
  url += "?api-version=";
  wire::append_percent_encoded(url, version);
  return url;
}

std::string url_of(const Endpoint& endpoint, dialects::Operation operation) {
  const Api api = azure_api_of(endpoint);
  const std::string& base = endpoint.account.base_url;
  const std::string_view version = azure_version_of(endpoint);
  const std::string_view path = openai_calls::path_of(api, operation);
  // A model that needs Responses gets it, whatever version stands in the configuration.
  if (!openai_calls::is_dated(version) ||
      (api == Api::kResponses && version < kFirstWithResponses)) {
    std::string url = wire::join_url(base, "/openai/v1") + std::string(path);
    return version == "preview" ? with_version(std::move(url), version) : url;
  }
  std::string url = wire::join_url(base, "/openai");
  if (api == Api::kChat) {
    url += "/deployments/";
    wire::append_percent_encoded(url, endpoint.model_id);
  }
  return with_version(url + std::string(path), version);
}

class AzureOpenAiProvider final : public Provider {
 public:
  std::string_view type() const override { return "azure-openai"; }

  const dialects::Dialect& dialect(const Endpoint& endpoint) const override {
    return openai_calls::dialect_of(azure_api_of(endpoint));
  }

  model::UpstreamTraits traits(const Endpoint& endpoint) const override {
    const std::string_view version = azure_version_of(endpoint);
    model::UpstreamTraits traits;
    traits.name = "azure";
    traits.pdf_parts = false;
    traits.obfuscation_switch = true;
    traits.web_search = true;
    traits.identity_fields = !openai_calls::is_dated(version);
    traits.service_tier = !openai_calls::is_dated(version);
    // The older surface refuses longer ids of tool calls; other services make some of 43.
    if (openai_calls::is_dated(version)) traits.tool_id_bytes_max = 40;
    traits.stream_options = !openai_calls::is_dated(version) || version >= kFirstWithStreamOptions;
    openai_calls::add_model_traits(endpoint, traits);
    return traits;
  }

  /// The token counter is OpenAI's own only.
  bool counts_tokens(const Endpoint& /*endpoint*/) const override { return false; }

  Status prepare(const CallContext& context, UpstreamRequest& out) const override {
    out.url = url_of(context.endpoint, context.operation);
    if (Status status = openai_calls::add_headers(context, out.headers); !status.ok())
      return status;
    return openai_calls::add_credential(context, "api-key", out.headers);
  }

  bool passes_answer_header(const Account& /*account*/, std::string_view name) const override {
    return openai_calls::passes_answer_header(name);
  }

  std::string auxiliary_key(const Account& account) const override {
    return entra::auxiliary_key(account, scope_of(account));
  }
  Result<AuxiliaryCall> auxiliary(const Account& account, Time /*now*/) const override {
    return entra::auxiliary(account, scope_of(account));
  }
  Result<AuxiliaryValue> read_auxiliary(const AuxiliaryAnswer& answer) const override {
    return entra::read_auxiliary(answer.status, answer.body, answer.now);
  }
};

}  // namespace

const Provider& azure_openai_provider() {
  static const AzureOpenAiProvider provider;
  return provider;
}

}  // namespace tollgate::providers
