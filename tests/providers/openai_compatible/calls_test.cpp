#include "providers/openai_compatible/calls.hpp"

#include "providers/openai_compatible/call.hpp"

namespace tollgate::providers {
namespace {

using model::LessonKind;
using openai_calls::Api;

TEST_CASE("the API is what is said, else what was taught, else what is known, else the default") {
  OpenAiCall call("openai");
  const auto chosen = [&](Api fallback) {
    return openai_calls::choose_api(call.endpoint(), fallback);
  };
  CHECK(chosen(Api::kChat) == Api::kChat);
  CHECK(chosen(Api::kResponses) == Api::kResponses);
  call.integration.facts.api = "responses";
  CHECK(chosen(Api::kChat) == Api::kResponses);
  call.lessons = {{LessonKind::kUseResponses, ""}, {LessonKind::kUseChat, ""}};
  CHECK(chosen(Api::kResponses) == Api::kChat);
  call.integration.api = "responses";
  CHECK(chosen(Api::kChat) == Api::kResponses);
}

TEST_CASE("a wildcard's model is known by the id that is asked for") {
  OpenAiCall call("openai");
  call.integration.name = "*";
  call.model_id = "gpt-5.6-sol";
  CHECK(openai_calls::choose_api(call.endpoint(), Api::kChat) == Api::kResponses);
  call.model_id = "gpt-4o";
  CHECK(openai_calls::choose_api(call.endpoint(), Api::kChat) == Api::kChat);
}

TEST_CASE("models that label their messages get the labels back") {
  const struct {
    const char* id;
    bool phase;
  } rows[] = {{"gpt-5.6-sol", true},
              {"gpt-5.3-codex", true},
              {"gpt-5.2", false},
              {"gpt-4o", false},
              {"gpt-6-luna", true}};
  for (const auto& row : rows) {
    CAPTURE(row.id);
    OpenAiCall call("openai");
    call.model_id = row.id;
    model::UpstreamTraits traits;
    openai_calls::add_model_traits(call.endpoint(), traits);
    CHECK(traits.phase == row.phase);
  }
  OpenAiCall deployment("azure-openai");
  deployment.model_id = "our-name";
  deployment.integration.known_as = "gpt-5.6-sol";
  CHECK(openai_calls::known_name(deployment.endpoint()) == "gpt-5.6-sol");
}

TEST_CASE("nothing of the client's goes upstream across dialects") {
  OpenAiCall call("openai");
  for (const auto& [name, value] :
       {std::pair("anthropic-version", "2023-06-01"), std::pair("anthropic-beta", "a"),
        std::pair("x-api-key", "gateway"), std::pair("authorization", "Bearer gateway"),
        std::pair("cookie", "c"), std::pair("x-stainless-lang", "js"),
        std::pair("user-agent", "claude-cli"), std::pair("openai-beta", "b"),
        std::pair("openai-organization", "theirs"), std::pair("x-tollgate-api-key", "gateway")}) {
    REQUIRE(call.client.add(name, value).ok());
  }
  const UpstreamRequest out = call.prepared();
  CHECK(out.headers.size() == 4);
  CHECK(out.headers.get("content-type") == "application/json");
  CHECK(out.headers.get("accept") == "text/event-stream");
  CHECK(out.headers.get("accept-encoding") == "identity");
  CHECK(out.headers.get("authorization") == "Bearer sk-1");

  call.same_dialect = true;
  const UpstreamRequest same = call.prepared();
  CHECK(same.headers.size() == 6);
  CHECK(same.headers.get("openai-beta") == "b");
  CHECK(same.headers.get("user-agent") == "claude-cli");
}

TEST_CASE("what an account names stands above all") {
  OpenAiCall call("openai");
  call.same_dialect = true;
  call.account.headers = {{"OpenAI-Organization", "ours"}, {"User-Agent", "gateway"}};
  REQUIRE(call.client.add("user-agent", "codex").ok());
  const UpstreamRequest out = call.prepared();
  CHECK(out.headers.get("openai-organization") == "ours");
  CHECK(out.headers.count("user-agent") == 1);
  CHECK(out.headers.get("user-agent") == "gateway");
}

TEST_CASE("an answer that is no stream is not asked for as one") {
  OpenAiCall call("openai");
  call.stream = false;
  CHECK(call.prepared().headers.get("accept") == "application/json");
  call.stream = true;
  call.operation = dialects::Operation::kCountTokens;
  CHECK(call.prepared().headers.get("accept") == "application/json");
}

TEST_CASE("each kind of credential has its header") {
  const struct {
    AuthKind kind;
    const char* key_header;
    const char* header;
    const char* value;
  } rows[] = {
      {AuthKind::kApiKey, "", "authorization", "Bearer sk-1"},
      {AuthKind::kApiKey, "api-key", "api-key", "sk-1"},
      {AuthKind::kBearer, "api-key", "authorization", "Bearer sk-1"},
      {AuthKind::kBasic, "", "authorization", "Basic sk-1"},
      {AuthKind::kEntra, "api-key", "authorization", "Bearer fetched"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.value);
    OpenAiCall call("openai");
    call.account.auth = row.kind;
    const Endpoint end = call.endpoint();
    const CallContext context{.endpoint = end,
                              .client_headers = call.client,
                              .client_query = {},
                              .extra_betas = {},
                              .token = "fetched",
                              .now = {}};
    wire::Headers headers;
    REQUIRE(openai_calls::add_credential(context, row.key_header, headers).ok());
    CHECK(headers.size() == 1);
    CHECK(headers.get(row.header) == std::string_view(row.value));
  }
  OpenAiCall none("openai");
  none.account.auth = AuthKind::kNone;
  CHECK_FALSE(none.prepared().headers.has("authorization"));
}

TEST_CASE("limits and names of a shared account are not shown") {
  for (const char* name : {"Retry-After", "x-request-id", "apim-request-id", "content-type"})
    CHECK(openai_calls::passes_answer_header(name));
  for (const char* name : {"x-ratelimit-remaining-tokens", "openai-organization", "openai-project",
                           "set-cookie", "x-ms-region", "server", "content-length", "cf-ray"}) {
    CAPTURE(name);
    CHECK_FALSE(openai_calls::passes_answer_header(name));
  }
}

}  // namespace
}  // namespace tollgate::providers
