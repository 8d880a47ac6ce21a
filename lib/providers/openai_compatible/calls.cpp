#include "providers/openai_compatible/calls.hpp"

#include <string>
#include <utility>

#include "base/ascii.hpp"
#include "dialects/openai_chat/dialect.hpp"
#include "dialects/openai_responses/dialect.hpp"

namespace tollgate::providers::openai_calls {
namespace {

/// The last of the two lessons decides: one that came later corrects the other.
std::string_view learned_api(const Endpoint& endpoint) {
  std::string_view api;
  if (endpoint.lessons == nullptr) return api;
  for (const model::Lesson& lesson : *endpoint.lessons) {
    if (lesson.kind == model::LessonKind::kUseResponses) api = "responses";
    if (lesson.kind == model::LessonKind::kUseChat) api = "chat";
  }
  return api;
}

Api named(std::string_view api, Api fallback) {
  if (api.empty()) return fallback;
  return api == "responses" ? Api::kResponses : Api::kChat;
}

Status add_client_headers(const CallContext& context, wire::Headers& headers) {
  if (!context.same_dialect) return Status();
  for (const std::string_view name : {"openai-beta", "user-agent"}) {
    const auto value = context.client_headers.get(name);
    if (!value || headers.has(name)) continue;
    if (Status status = headers.add(name, *value); !status.ok()) return status;
  }
  return Status();
}

}  // namespace

Api choose_api(const Endpoint& endpoint, Api fallback) {
  if (!endpoint.integration.api.empty()) return named(endpoint.integration.api, fallback);
  if (const std::string_view learned = learned_api(endpoint); !learned.empty()) {
    return named(learned, fallback);
  }
  const router::Integration& integration = endpoint.integration;
  return named(integration.is_wildcard()
                   ? model::known_api(endpoint.account.type, endpoint.model_id)
                   : std::string_view(integration.facts.api),
               fallback);
}

const dialects::Dialect& dialect_of(Api api) {
  return api == Api::kResponses ? dialects::openai_responses::dialect()
                                : dialects::openai_chat::dialect();
}

std::string_view path_of(Api api, dialects::Operation operation) {
  if (api == Api::kChat) return "/chat/completions";
  return operation == dialects::Operation::kCountTokens ? "/responses/input_tokens" : "/responses";
}

bool is_dated(std::string_view api_version) {
  return !api_version.empty() && api_version[0] >= '0' && api_version[0] <= '9';
}

std::string_view known_name(const Endpoint& endpoint) {
  const std::string& known_as = endpoint.integration.known_as;
  return known_as.empty() ? endpoint.model_id : std::string_view(known_as);
}

void add_model_traits(const Endpoint& endpoint, model::UpstreamTraits& traits) {
  // Models that label their messages, and want the labels back.
  for (const std::string_view family :
       {"gpt-5.3-codex", "gpt-5.4", "gpt-5.5", "gpt-5.6", "gpt-6"}) {
    traits.phase = traits.phase || known_name(endpoint).find(family) != std::string_view::npos;
  }
}

Status add_headers(const CallContext& context, wire::Headers& headers) {
  for (const auto& [name, value] : context.endpoint.account.headers) {
    if (Status status = headers.add(name, value); !status.ok()) return status;
  }
  if (Status status = add_client_headers(context, headers); !status.ok()) return status;
  const bool stream = context.stream && context.operation == dialects::Operation::kGenerate;
  for (const auto& [name, value] :
       {std::pair("content-type", "application/json"),
        std::pair("accept", stream ? "text/event-stream" : "application/json"),
        std::pair("accept-encoding", "identity")}) {
    if (headers.has(name)) continue;
    if (Status status = headers.add(name, value); !status.ok()) return status;
  }
  return Status();
}

Status add_credential(const CallContext& context, std::string_view key_header,
                      wire::Headers& headers) {
  const Account& account = context.endpoint.account;
  const std::string key(account.credential.reveal());
  switch (account.auth) {
    case AuthKind::kNone:
      return Status();
    case AuthKind::kApiKey:
      if (!key_header.empty()) return headers.add(key_header, key);
      return headers.add("authorization", "Bearer " + key);
    case AuthKind::kBearer:
      return headers.add("authorization", "Bearer " + key);
    case AuthKind::kBasic:
      return headers.add("authorization", "Basic " + key);
    case AuthKind::kEntra:
    case AuthKind::kEntraFederated:
    case AuthKind::kAzureManaged:
      return headers.add("authorization", "Bearer " + std::string(context.token));
    default:
      return Status(Code::kInternal, "the account " + account.name + " has no key of this kind");
  }
}

bool passes_answer_header(std::string_view name) {
  // Neither limits nor names of an account that many share.
  for (const std::string_view known :
       {"content-type", "retry-after", "retry-after-ms", "x-should-retry", "x-request-id",
        "apim-request-id", "openai-processing-ms", "openai-version"}) {
    if (ascii::equals_ignore_case(name, known)) return true;
  }
  return false;
}

}  // namespace tollgate::providers::openai_calls
