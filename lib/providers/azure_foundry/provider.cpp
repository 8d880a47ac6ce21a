#include "providers/azure_foundry/provider.hpp"

#include <string>

#include "base/ascii.hpp"
#include "dialects/anthropic_messages/dialect.hpp"
#include "providers/anthropic/messages_headers.hpp"
#include "providers/anthropic/messages_lessons.hpp"
#include "providers/entra/token.hpp"
#include "providers/openai_compatible/calls.hpp"
#include "wire/url.hpp"

namespace tollgate::providers {
namespace {

using openai_calls::Api;

constexpr std::string_view kScope = "https://ai.azure.com/.default";
/// The older surface for all models but OpenAI's and Claude: ".../models", with a version.
constexpr std::string_view kModelsPath = "/models";
constexpr std::string_view kModelsVersion = "2024-05-01-preview";
/// Who makes the other models there: they are spoken to in Chat.
constexpr std::string_view kOthers[] = {"grok",      "deepseek",  "llama", "mistral",
                                        "ministral", "codestral", "phi-",  "cohere",
                                        "command",   "qwen",      "kimi",  "jais"};

bool names(const Endpoint& endpoint, std::string_view part) {
  std::string name(openai_calls::known_name(endpoint));
  for (char& c : name)
    c = ascii::lower(c);
  return name.find(part) != std::string::npos;
}

bool is_claude(const Endpoint& endpoint) {
  return names(endpoint, "claude");
}

std::string_view version_of(const Endpoint& endpoint) {
  const std::string& own = endpoint.integration.api_version;
  return own.empty() ? endpoint.account.api_version : own;
}

/// A model with an address of its own.
bool is_serverless(const Account& account) {
  return account.base_url.ends_with(".models.ai.azure.com");
}

bool on_models_surface(const Endpoint& endpoint) {
  return endpoint.account.base_url.ends_with(kModelsPath) || is_serverless(endpoint.account) ||
         openai_calls::is_dated(version_of(endpoint));
}

Api api_of(const Endpoint& endpoint) {
  if (on_models_surface(endpoint)) return Api::kChat;
  for (const std::string_view other : kOthers) {
    if (names(endpoint, other)) return openai_calls::choose_api(endpoint, Api::kChat);
  }
  return openai_calls::choose_api(endpoint, Api::kResponses);
}

/// The resource's address without the path of one of its surfaces.
std::string_view root_of(const Account& account) {
  std::string_view base = account.base_url;
  for (const std::string_view surface :
       {std::string_view("/openai/v1"), std::string_view("/anthropic"),
        std::string_view("/anthropic/v1"), kModelsPath}) {
    if (base.ends_with(surface)) return base.substr(0, base.size() - surface.size());
  }
  return base;
}

std::string claude_url(const CallContext& context) {
  const bool counting = context.operation == dialects::Operation::kCountTokens;
  std::string url =
      wire::join_url(root_of(context.endpoint.account),
                     counting ? "/anthropic/v1/messages/count_tokens" : "/anthropic/v1/messages");
  if (context.same_dialect && !context.client_query.empty()) {
    url += '?';
    url += context.client_query;
  }
  return url;
}

std::string openai_url(const CallContext& context) {
  const Endpoint& endpoint = context.endpoint;
  const Account& account = endpoint.account;
  std::string_view version = version_of(endpoint);
  std::string url;
  if (!on_models_surface(endpoint)) {
    url = wire::join_url(root_of(account), "/openai/v1");
  } else {
    url = is_serverless(account) ? account.base_url : wire::join_url(root_of(account), kModelsPath);
    if (version.empty()) version = kModelsVersion;
  }
  url += openai_calls::path_of(api_of(endpoint), context.operation);
  if (version.empty()) return url;
  url += "?api-version=";
  wire::append_percent_encoded(url, version);
  return url;
}

class AzureFoundryProvider final : public Provider {
 public:
  std::string_view type() const override { return "azure-foundry"; }

  const dialects::Dialect& dialect(const Endpoint& endpoint) const override {
    if (is_claude(endpoint)) return dialects::anthropic_messages::dialect();
    return openai_calls::dialect_of(api_of(endpoint));
  }

  model::UpstreamTraits traits(const Endpoint& endpoint) const override {
    model::UpstreamTraits traits;
    traits.name = "azure";
    traits.pdf_parts = false;
    traits.obfuscation_switch = true;
    const bool models = on_models_surface(endpoint);
    traits.identity_fields = !models;
    traits.service_tier = !models;
    traits.web_search = !models;
    // Models of others are there, with their templates.
    traits.merge_turns = models;
    openai_calls::add_model_traits(endpoint, traits);
    return traits;
  }

  bool counts_tokens(const Endpoint& endpoint) const override { return is_claude(endpoint); }

  Status edit_body(const CallContext& context, std::string_view body,
                   std::vector<MemberEdit>& edits, model::Losses& losses) const override {
    const Status named = Provider::edit_body(context, body, edits, losses);
    if (!named.ok() || !is_claude(context.endpoint)) return named;
    follow_messages_lessons(context.endpoint.lessons, body, edits, losses);
    return Status();
  }
  std::optional<model::Lesson> lesson(const Endpoint& endpoint, uint32_t status,
                                      std::string_view body) const override {
    return is_claude(endpoint) ? messages_lesson(status, body)
                               : Provider::lesson(endpoint, status, body);
  }

  Status prepare(const CallContext& context, UpstreamRequest& out) const override {
    if (is_claude(context.endpoint)) {
      out.url = claude_url(context);
      if (Status status = add_messages_headers(context, out.headers); !status.ok()) return status;
      return openai_calls::add_credential(context, "x-api-key", out.headers);
    }
    out.url = openai_url(context);
    if (Status status = openai_calls::add_headers(context, out.headers); !status.ok())
      return status;
    return openai_calls::add_credential(context, "api-key", out.headers);
  }

  bool passes_answer_header(const Account& account, std::string_view name) const override {
    return passes_messages_header(account, name) || openai_calls::passes_answer_header(name);
  }

  std::string auxiliary_key(const Account& account) const override {
    return entra::auxiliary_key(account, kScope);
  }
  Result<AuxiliaryCall> auxiliary(const Account& account, Time /*now*/) const override {
    return entra::auxiliary(account, kScope);
  }
  Result<AuxiliaryValue> read_auxiliary(const AuxiliaryAnswer& answer) const override {
    return entra::read_auxiliary(answer.status, answer.body, answer.now);
  }
};

}  // namespace

const Provider& azure_foundry_provider() {
  static const AzureFoundryProvider provider;
  return provider;
}

}  // namespace tollgate::providers
