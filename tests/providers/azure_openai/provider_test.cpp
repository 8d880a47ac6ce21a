#include "providers/azure_openai/provider.hpp"

#include "providers/openai_compatible/call.hpp"

namespace tollgate::providers {
namespace {

struct UrlCase {
  const char* name;
  const char* account_version;
  const char* own_version;
  const char* api;
  const char* known_api;
  const char* url;
};

const UrlCase kUrls[] = {
    {"no version", "", "", "", "", "https://res.openai.azure.com/openai/v1/responses"},
    {"no version, chat", "", "", "chat", "",
     "https://res.openai.azure.com/openai/v1/chat/completions"},
    {"preview", "preview", "", "", "",
     "https://res.openai.azure.com/openai/v1/responses?api-version=preview"},
    {"v1", "v1", "", "chat", "", "https://res.openai.azure.com/openai/v1/chat/completions"},
    {"a version without Responses", "2024-10-21", "", "", "",
     "https://res.openai.azure.com/openai/deployments/gpt%204/chat/completions?"
     "api-version=2024-10-21"},
    {"a version with Responses", "2025-04-01-preview", "", "", "",
     "https://res.openai.azure.com/openai/responses?api-version=2025-04-01-preview"},
    {"a version with Responses, chat", "2025-04-01-preview", "", "chat", "",
     "https://res.openai.azure.com/openai/deployments/gpt%204/chat/completions?"
     "api-version=2025-04-01-preview"},
    {"the model's version", "2025-04-01-preview", "2024-10-21", "", "",
     "https://res.openai.azure.com/openai/deployments/gpt%204/chat/completions?"
     "api-version=2024-10-21"},
    {"a model that needs Responses under a version without", "2024-10-21", "", "", "responses",
     "https://res.openai.azure.com/openai/v1/responses"},
};

OpenAiCall azure() {
  OpenAiCall call("azure-openai", "https://res.openai.azure.com");
  call.model_id = "gpt 4";
  return call;
}

TEST_CASE("the address follows version, API and deployment") {
  for (const UrlCase& row : kUrls) {
    CAPTURE(row.name);
    OpenAiCall call = azure();
    call.account.api_version = row.account_version;
    call.integration.api_version = row.own_version;
    call.integration.api = row.api;
    call.integration.facts.api = row.known_api;
    CHECK(call.url() == row.url);
    const bool responses = std::string_view(row.url).find("/responses") != std::string_view::npos;
    CHECK(call.dialect() == (responses ? "openai_responses" : "openai_chat"));
    CHECK_FALSE(call.provider().counts_tokens(call.endpoint()));
  }
}

TEST_CASE("a lesson moves a deployment to Responses") {
  OpenAiCall call = azure();
  call.account.api_version = "2024-10-21";
  call.lessons = {{model::LessonKind::kUseResponses, ""}};
  CHECK(call.url() == "https://res.openai.azure.com/openai/v1/responses");
}

TEST_CASE("keys and tokens have their headers") {
  OpenAiCall call = azure();
  CHECK(call.prepared().headers.get("api-key") == "sk-1");
  CHECK_FALSE(call.prepared().headers.has("authorization"));
  CHECK(call.provider().auxiliary_key(call.account).empty());
  call.account.auth = AuthKind::kEntra;
  call.token = "fetched";
  CHECK(call.prepared().headers.get("authorization") == "Bearer fetched");
  CHECK_FALSE(call.prepared().headers.has("api-key"));
}

TEST_CASE("tokens are for the surface that is called") {
  OpenAiCall call = azure();
  call.account.auth = AuthKind::kEntra;
  const Provider& provider = call.provider();
  const std::string v1 = provider.auxiliary_key(call.account);
  CHECK(provider.auxiliary(call.account, {}).value().body.find("ai.azure.com") !=
        std::string::npos);
  call.account.api_version = "2024-10-21";
  CHECK(provider.auxiliary_key(call.account) != v1);
  CHECK(provider.auxiliary(call.account, {}).value().body.find("cognitiveservices.azure.com") !=
        std::string::npos);
  CHECK(provider.read_auxiliary({call.account, {}, 200, R"({"access_token":"t"})", {}})
            .value()
            .value == "t");
}

TEST_CASE("older versions know fewer fields") {
  OpenAiCall call = azure();
  const Provider& provider = call.provider();
  CHECK_FALSE(provider.traits(call.endpoint()).pdf_parts);
  CHECK(provider.traits(call.endpoint()).identity_fields);
  CHECK(provider.traits(call.endpoint()).service_tier);
  CHECK(provider.traits(call.endpoint()).tool_id_bytes_max == 64);
  call.account.api_version = "2024-10-21";
  CHECK_FALSE(provider.traits(call.endpoint()).identity_fields);
  CHECK_FALSE(provider.traits(call.endpoint()).service_tier);
  CHECK(provider.traits(call.endpoint()).tool_id_bytes_max == 40);
  CHECK(provider.traits(call.endpoint()).stream_options);
  call.account.api_version = "2024-06-01";
  CHECK_FALSE(provider.traits(call.endpoint()).stream_options);
  call.integration.known_as = "gpt-5.6-sol";
  CHECK(provider.traits(call.endpoint()).phase);
}

TEST_CASE("what may be shown of an answer is what OpenAI's may") {
  CHECK(azure_openai_provider().passes_answer_header({}, "apim-request-id"));
  CHECK_FALSE(azure_openai_provider().passes_answer_header({}, "x-ratelimit-remaining-tokens"));
}

}  // namespace
}  // namespace tollgate::providers
