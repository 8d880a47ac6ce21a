#include "providers/google_gemini/provider.hpp"

#include "providers/google/call.hpp"

namespace tollgate::providers {
namespace {

GoogleCall keyed() {
  GoogleCall call(google_gemini_provider());
  call.account.name = "gemini";
  call.account.type = "google-gemini";
  call.account.base_url = "https://generativelanguage.googleapis.com";
  call.account.auth = AuthKind::kApiKey;
  call.account.credential = Secret("AIza");
  return call;
}

TEST_CASE("AI Studio's addresses") {
  const std::string base = "https://generativelanguage.googleapis.com/v1beta/models/";
  GoogleCall call = keyed();
  CHECK(call.prepared().url == base + "gemini-3.6-flash:generateContent");
  call.stream = true;
  CHECK(call.prepared().url == base + "gemini-3.6-flash:streamGenerateContent?alt=sse");
  call.operation = dialects::Operation::kCountTokens;
  CHECK(call.prepared().url == base + "gemini-3.6-flash:countTokens");
  call.operation = dialects::Operation::kGenerate;
  call.stream = false;
  call.model_id = "models/gemini-3.6-flash";
  CHECK(call.prepared().url == base + "gemini-3.6-flash:generateContent");
  call.model_id = "tunedModels/my-model";
  CHECK(call.prepared().url ==
        "https://generativelanguage.googleapis.com/v1beta/tunedModels/my-model:generateContent");
  call.model_id = "a?b";
  CHECK(call.prepared().url == base + "a%3Fb:generateContent");
  call.account.base_url = "http://127.0.0.1:9/gemini";
  CHECK(call.prepared().url == "http://127.0.0.1:9/gemini/v1beta/models/a%3Fb:generateContent");
}

TEST_CASE("AI Studio's key goes in a header, never in the address") {
  GoogleCall call = keyed();
  REQUIRE(call.client.add("authorization", "Bearer client").ok());
  REQUIRE(call.client.add("x-api-key", "client").ok());
  REQUIRE(call.client.add("anthropic-beta", "x").ok());
  call.account.headers = {{"x-team", "a"}};
  const UpstreamRequest out = call.prepared();
  CHECK(out.method == "POST");
  CHECK(out.url.find("AIza") == std::string::npos);
  CHECK(out.headers.get("x-goog-api-key") == "AIza");
  CHECK(out.headers.get("content-type") == "application/json");
  CHECK(out.headers.get("accept-encoding") == "identity");
  CHECK(out.headers.get("x-team") == "a");
  for (const char* name : {"authorization", "x-api-key", "anthropic-beta", "anthropic-version"})
    CHECK_FALSE(out.headers.has(name));
  call.account.auth = AuthKind::kBearer;
  CHECK(call.prepared().headers.get("authorization") == "Bearer AIza");
}

TEST_CASE("AI Studio's server and what it takes") {
  const GoogleCall call = keyed();
  call.with_context([&](const CallContext& context) {
    const Endpoint& endpoint = context.endpoint;
    CHECK(call.provider.dialect(endpoint).name() == "gemini_generate");
    CHECK(call.provider.counts_tokens(endpoint));
    const model::UpstreamTraits traits = call.provider.traits(endpoint);
    CHECK(traits.name == "google-gemini");
    CHECK_FALSE(traits.image_urls);
    CHECK(traits.stop_sequences_max == 5);
    std::vector<MemberEdit> edits;
    model::Losses losses;
    CHECK(call.provider.edit_body(context, "{}", edits, losses).ok());
    CHECK(edits.empty());
    return 0;
  });
  CHECK(call.provider.passes_answer_header(call.account, "Retry-After"));
  CHECK_FALSE(call.provider.passes_answer_header(call.account, "x-gemini-service-tier"));
}

}  // namespace
}  // namespace tollgate::providers
