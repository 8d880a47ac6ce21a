#include "providers/openai_compatible/provider.hpp"

#include "providers/openai_compatible/call.hpp"
#include "providers/openai_compatible/rows.hpp"

namespace tollgate::providers {
namespace {

TEST_CASE("every row has a provider") {
  for (const CompatibleRow& row : compatible_rows()) {
    CAPTURE(row.type);
    const Provider* provider = find_provider(row.type);
    REQUIRE(provider != nullptr);
    CHECK(provider->type() == row.type);
    OpenAiCall call{std::string(row.type)};
    CHECK(provider->traits(call.endpoint()).name == row.traits.name);
    CHECK(call.dialect() == (row.prefers_responses ? "openai_responses" : "openai_chat"));
    CHECK(provider->auxiliary_key(call.account).empty());
  }
  CHECK(find_compatible_provider("anthropic") == nullptr);
}

TEST_CASE("the path follows the API") {
  OpenAiCall call("openai");
  CHECK(call.url() == "https://api.example/v1/responses");
  CHECK(call.provider().counts_tokens(call.endpoint()));
  call.operation = dialects::Operation::kCountTokens;
  CHECK(call.url() == "https://api.example/v1/responses/input_tokens");
  call.operation = dialects::Operation::kGenerate;
  call.integration.api = "chat";
  CHECK(call.url() == "https://api.example/v1/chat/completions");
  CHECK_FALSE(call.provider().counts_tokens(call.endpoint()));
}

TEST_CASE("only OpenAI has a counter") {
  OpenAiCall call("xai");
  call.integration.api = "responses";
  CHECK(call.dialect() == "openai_responses");
  CHECK_FALSE(call.provider().counts_tokens(call.endpoint()));
}

TEST_CASE("a service that has no Responses is spoken to in Chat whatever was taught") {
  OpenAiCall call("mistral-ai");
  call.lessons = {{model::LessonKind::kUseResponses, ""}};
  CHECK(call.dialect() == "openai_chat");
}

TEST_CASE("a server of one's own is taken for what the account says it is") {
  OpenAiCall call("self-hosted-model");
  call.account.server = "vllm";
  CHECK(call.provider().traits(call.endpoint()).name == "vllm");
  call.account.server.clear();
  CHECK(call.provider().traits(call.endpoint()).name == "openai-compatible");
}

TEST_CASE("labels are for OpenAI's own models at OpenAI") {
  OpenAiCall call("openai");
  call.model_id = "gpt-5.6-sol";
  CHECK(call.provider().traits(call.endpoint()).phase);
  OpenAiCall other("openrouter");
  other.model_id = "openai/gpt-5.6-sol";
  CHECK_FALSE(other.provider().traits(other.endpoint()).phase);
}

TEST_CASE("vLLM counts tokens beside its Chat") {
  OpenAiCall call("self-hosted-model", "http://127.0.0.1:8000/v1");
  CHECK_FALSE(call.provider().counts_tokens(call.endpoint()));
  call.account.server = "vllm";
  CHECK(call.provider().counts_tokens(call.endpoint()));
  call.operation = dialects::Operation::kCountTokens;
  CHECK(call.url() == "http://127.0.0.1:8000/tokenize");
  call.account.base_url = "http://127.0.0.1:8000/own";
  CHECK(call.url() == "http://127.0.0.1:8000/own/tokenize");
  CHECK(call.provider().decode_token_count(call.endpoint(), R"({"count":7})").value() == 7);
  call.integration.api = "responses";
  CHECK_FALSE(call.provider().counts_tokens(call.endpoint()));
}

TEST_CASE("llama.cpp and xAI count texts") {
  OpenAiCall own("self-hosted-model", "http://127.0.0.1:8080/v1");
  own.account.server = "llama-cpp";
  CHECK(own.provider().counts_tokens(own.endpoint()));
  own.operation = dialects::Operation::kCountTokens;
  CHECK(own.url() == "http://127.0.0.1:8080/tokenize");
  CHECK(own.provider().decode_token_count(own.endpoint(), R"({"tokens":[1,2,3]})").value() == 3);
  OpenAiCall xai("xai", "https://api.x.ai/v1");
  CHECK(xai.provider().counts_tokens(xai.endpoint()));
  xai.operation = dialects::Operation::kCountTokens;
  CHECK(xai.url() == "https://api.x.ai/v1/tokenize-text");
  const char* answer = R"({"token_ids":[{"token_id":1,"string_token":"a","token_bytes":[97]}]})";
  CHECK(xai.provider().decode_token_count(xai.endpoint(), answer).value() == 1);
  CHECK_FALSE(xai.provider().decode_token_count(xai.endpoint(), R"({"error":"no"})").ok());
  // vLLM lists its tokens beside their count.
  CHECK(
      own.provider().decode_token_count(own.endpoint(), R"({"count":7,"tokens":[1,2]})").value() ==
      7);
}

TEST_CASE("xAI is told the conversation, where its name can stand in a header") {
  OpenAiCall call("xai");
  CHECK_FALSE(call.prepared().headers.has("x-grok-conv-id"));
  call.session_id = "8f2e-41";
  CHECK(call.prepared().headers.get("x-grok-conv-id") == "8f2e-41");
  call.session_id = "a\r\nb";
  CHECK_FALSE(call.prepared().headers.has("x-grok-conv-id"));
  OpenAiCall other("openai");
  other.session_id = "8f2e-41";
  CHECK_FALSE(other.prepared().headers.has("x-grok-conv-id"));
}

TEST_CASE("a body of the same dialect is given the upstream's name of the model") {
  OpenAiCall call("groq");
  call.model_id = "openai/gpt-oss-\"20b\"";
  const Endpoint end = call.endpoint();
  const CallContext context{.endpoint = end,
                            .client_headers = call.client,
                            .client_query = {},
                            .extra_betas = {},
                            .token = {},
                            .now = {}};
  std::vector<MemberEdit> edits;
  model::Losses losses;
  REQUIRE(call.provider().edit_body(context, "{}", edits, losses).ok());
  REQUIRE(edits.size() == 1);
  CHECK(edits[0].key == "model");
  CHECK(edits[0].value == R"("openai/gpt-oss-\"20b\"")");
}

}  // namespace
}  // namespace tollgate::providers
