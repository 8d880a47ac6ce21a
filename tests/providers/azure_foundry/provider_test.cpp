#include "providers/azure_foundry/provider.hpp"

#include "providers/openai_compatible/call.hpp"

namespace tollgate::providers {
namespace {

struct UrlCase {
  const char* name;
  const char* base_url;
  const char* version;
  const char* model;
  const char* dialect;
  const char* url;
};

const UrlCase kUrls[] = {
    {"OpenAI's model", "https://res.services.ai.azure.com/openai/v1", "", "gpt-5.6-sol",
     "openai_responses", "https://res.services.ai.azure.com/openai/v1/responses"},
    {"another's", "https://res.services.ai.azure.com/openai/v1", "", "DeepSeek-V4", "openai_chat",
     "https://res.services.ai.azure.com/openai/v1/chat/completions"},
    {"a bare host", "https://res.services.ai.azure.com", "", "grok-4.3", "openai_chat",
     "https://res.services.ai.azure.com/openai/v1/chat/completions"},
    {"Claude", "https://res.services.ai.azure.com/openai/v1", "", "claude-opus-5-5",
     "anthropic_messages", "https://res.services.ai.azure.com/anthropic/v1/messages"},
    {"Claude at its own path", "https://res.services.ai.azure.com/anthropic", "", "Claude-Opus-5-5",
     "anthropic_messages", "https://res.services.ai.azure.com/anthropic/v1/messages"},
    {"the surface of all models", "https://res.services.ai.azure.com/models", "", "gpt-4o",
     "openai_chat",
     "https://res.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview"},
    {"a dated version", "https://res.services.ai.azure.com", "2024-08-01", "Phi-4", "openai_chat",
     "https://res.services.ai.azure.com/models/chat/completions?api-version=2024-08-01"},
    {"a model with an address of its own", "https://m.eastus.models.ai.azure.com", "",
     "Mistral-Large", "openai_chat",
     "https://m.eastus.models.ai.azure.com/chat/completions?api-version=2024-05-01-preview"},
};

TEST_CASE("dialect and address follow the model") {
  for (const UrlCase& row : kUrls) {
    CAPTURE(row.name);
    OpenAiCall call("azure-foundry", row.base_url);
    call.model_id = row.model;
    call.integration.api_version = row.version;
    CHECK(call.url() == row.url);
    CHECK(call.dialect() == row.dialect);
  }
}

TEST_CASE("a deployment is known by the model behind it") {
  OpenAiCall call("azure-foundry", "https://res.services.ai.azure.com/openai/v1");
  call.model_id = "our-best";
  call.integration.known_as = "claude-opus-5-5";
  CHECK(call.dialect() == "anthropic_messages");
  CHECK(call.provider().counts_tokens(call.endpoint()));
  call.operation = dialects::Operation::kCountTokens;
  CHECK(call.url() == "https://res.services.ai.azure.com/anthropic/v1/messages/count_tokens");
}

TEST_CASE("Claude is called as Anthropic's own") {
  OpenAiCall call("azure-foundry", "https://res.services.ai.azure.com");
  call.model_id = "claude-opus-5-5";
  call.same_dialect = true;
  call.query = "beta=true";
  REQUIRE(call.client.add("anthropic-beta", "a").ok());
  REQUIRE(call.client.add("anthropic-version", "2026-10-21").ok());
  const UpstreamRequest out = call.prepared();
  CHECK(out.url == "https://res.services.ai.azure.com/anthropic/v1/messages?beta=true");
  CHECK(out.headers.get("x-api-key") == "sk-1");
  CHECK(out.headers.get("anthropic-beta") == "a");
  CHECK(out.headers.get("anthropic-version") == "2026-10-21");
}

TEST_CASE("the others are called as Azure's") {
  OpenAiCall call("azure-foundry", "https://res.services.ai.azure.com/openai/v1");
  call.model_id = "gpt-5.6-sol";
  REQUIRE(call.client.add("anthropic-beta", "a").ok());
  CHECK(call.prepared().headers.get("api-key") == "sk-1");
  CHECK_FALSE(call.prepared().headers.has("anthropic-beta"));
  CHECK_FALSE(call.provider().counts_tokens(call.endpoint()));
  CHECK(call.provider().traits(call.endpoint()).phase);
  CHECK(call.provider().traits(call.endpoint()).web_search);
  CHECK_FALSE(call.provider().traits(call.endpoint()).merge_turns);
  OpenAiCall models("azure-foundry", "https://res.services.ai.azure.com/models");
  CHECK_FALSE(models.provider().traits(models.endpoint()).web_search);
  CHECK_FALSE(models.provider().traits(models.endpoint()).service_tier);
  CHECK(models.provider().traits(models.endpoint()).merge_turns);
  call.account.auth = AuthKind::kEntra;
  call.token = "fetched";
  CHECK(call.prepared().headers.get("authorization") == "Bearer fetched");
  CHECK_FALSE(call.provider().auxiliary_key(call.account).empty());
  CHECK(call.provider().auxiliary(call.account, {}).ok());
  CHECK(
      call.provider().read_auxiliary({call.account, {}, 200, R"({"access_token":"t"})", {}}).ok());
}

TEST_CASE("an answer shows what either dialect shows, and no limits") {
  const Provider& provider = azure_foundry_provider();
  Account account;
  account.auth = AuthKind::kApiKey;
  CHECK(provider.passes_answer_header(account, "request-id"));
  CHECK(provider.passes_answer_header(account, "apim-request-id"));
  CHECK_FALSE(provider.passes_answer_header(account, "anthropic-ratelimit-tokens-limit"));
}

}  // namespace
}  // namespace tollgate::providers
