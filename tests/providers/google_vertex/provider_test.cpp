#include "providers/google_vertex/provider.hpp"

#include "providers/google/call.hpp"

namespace tollgate::providers {
namespace {

GoogleCall with_token() {
  GoogleCall call(google_vertex_provider());
  call.account.name = "vertex";
  call.account.type = "google-vertex";
  call.account.project_id = "proj";
  call.account.region = "us-east5";
  call.account.auth = AuthKind::kGoogleKeyFile;
  call.token = "ya29.x";
  return call;
}

TEST_CASE("Vertex's hosts follow from the region") {
  struct Row {
    const char* account;
    const char* model;
    const char* start;
  };
  const Row rows[] = {
      {"us-east5", "",
       "https://us-east5-aiplatform.googleapis.com/v1/projects/proj/locations/us-east5/"},
      {"", "", "https://aiplatform.googleapis.com/v1/projects/proj/locations/global/"},
      {"global", "", "https://aiplatform.googleapis.com/v1/projects/proj/locations/global/"},
      {"eu", "", "https://aiplatform.eu.rep.googleapis.com/v1/projects/proj/locations/eu/"},
      {"eu", "us", "https://aiplatform.us.rep.googleapis.com/v1/projects/proj/locations/us/"},
  };
  for (const Row& row : rows) {
    INFO(row.start);
    GoogleCall call = with_token();
    call.account.region = row.account;
    call.integration.region = row.model;
    CHECK(call.prepared().url ==
          std::string(row.start) + "publishers/google/models/gemini-3.6-flash:generateContent");
  }
  GoogleCall own = with_token();
  own.account.base_url = "http://127.0.0.1:9";
  CHECK(own.prepared().url ==
        "http://127.0.0.1:9/v1/projects/proj/locations/us-east5/publishers/google/models/"
        "gemini-3.6-flash:generateContent");
}

TEST_CASE("Vertex's addresses for Gemini and for Claude") {
  const std::string base =
      "https://us-east5-aiplatform.googleapis.com/v1/projects/proj/locations/us-east5/publishers/";
  GoogleCall call = with_token();
  call.stream = true;
  CHECK(call.prepared().url ==
        base + "google/models/gemini-3.6-flash:streamGenerateContent?alt=sse");
  call.operation = dialects::Operation::kCountTokens;
  CHECK(call.prepared().url == base + "google/models/gemini-3.6-flash:countTokens");
  call.model_id = "claude-haiku-4-5@20251001";
  CHECK(call.prepared().url == base + "anthropic/models/count-tokens:rawPredict");
  call.operation = dialects::Operation::kGenerate;
  CHECK(call.prepared().url ==
        base + "anthropic/models/claude-haiku-4-5@20251001:streamRawPredict");
  call.stream = false;
  CHECK(call.prepared().url == base + "anthropic/models/claude-haiku-4-5@20251001:rawPredict");
}

TEST_CASE("Vertex's express mode has a key and no project") {
  GoogleCall call = with_token();
  call.account.project_id.clear();
  call.account.region.clear();
  UpstreamRequest out;
  const Status status = call.with_context(
      [&](const CallContext& context) { return call.provider.prepare(context, out); });
  CHECK(status.code() == Code::kInvalid);
  CHECK(status.message().find("project_id") != std::string::npos);
  call.account.auth = AuthKind::kApiKey;
  call.account.credential = Secret("AQ.x");
  const UpstreamRequest express = call.prepared();
  CHECK(express.url ==
        "https://aiplatform.googleapis.com/v1/publishers/google/models/gemini-3.6-flash:"
        "generateContent");
  CHECK(express.headers.get("x-goog-api-key") == "AQ.x");
}

TEST_CASE("what goes to Claude on Vertex in headers") {
  GoogleCall call = with_token();
  call.model_id = "claude-opus-5-5";
  REQUIRE(call.client.add("anthropic-version", "2023-06-01").ok());
  REQUIRE(call.client
              .add("anthropic-beta",
                   "claude-code-20250219,interleaved-thinking-2025-05-14,"
                   "prompt-caching-scope-2026-01-05,context-management-2025-06-27")
              .ok());
  REQUIRE(call.client.add("x-api-key", "client").ok());
  call.betas = "mine-1";
  call.account.headers = {{"anthropic-beta", "theirs-1"}, {"x-team", "a"}};
  const UpstreamRequest out = call.prepared();
  CHECK(out.headers.get("authorization") == "Bearer ya29.x");
  CHECK(out.headers.get("anthropic-beta") ==
        "interleaved-thinking-2025-05-14,context-management-2025-06-27,mine-1,theirs-1");
  CHECK(out.headers.count("anthropic-beta") == 1);
  CHECK(out.headers.get("x-team") == "a");
  for (const char* name : {"anthropic-version", "x-api-key"})
    CHECK_FALSE(out.headers.has(name));
  // No betas go to Gemini.
  call.model_id = "gemini-3.6-flash";
  CHECK_FALSE(call.prepared().headers.has("anthropic-beta"));
}

TEST_CASE("Vertex's dialects, and errors of both") {
  GoogleCall call = with_token();
  const auto dialect_of = [&](const char* model) {
    call.model_id = model;
    return call.with_context([&](const CallContext& context) {
      return std::string(call.provider.dialect(context.endpoint).name());
    });
  };
  CHECK(dialect_of("gemini-3.6-flash") == "gemini_generate");
  CHECK(dialect_of("claude-opus-5-5") == "anthropic_messages");
  const auto failure_of = [&](uint32_t status, std::string_view body) {
    return call.with_context([&](const CallContext& context) {
      return call.provider.decode_error(context.endpoint, status, {}, body);
    });
  };
  const model::Failure model_server =
      failure_of(400, R"({"type":"error","error":{"type":"invalid_request_error","message":"m"}})");
  CHECK(model_server.kind == model::FailureKind::kInvalidRequest);
  CHECK(model_server.message == "m");
  for (const char* body :
       {R"({"error":{"code":429,"message":"q","status":"RESOURCE_EXHAUSTED"}})",
        R"([{"error":{"code":429,"message":"q","status":"RESOURCE_EXHAUSTED"}}])"}) {
    const model::Failure front = failure_of(429, body);
    CHECK(front.kind == model::FailureKind::kRateLimit);
    CHECK(front.message == "q");
  }
  CHECK(call.provider.passes_answer_header(call.account, "request-id"));
  CHECK_FALSE(call.provider.passes_answer_header(call.account, "anthropic-ratelimit-x"));
}

TEST_CASE("Vertex's tokens are fetched and kept") {
  GoogleCall call = with_token();
  CHECK_FALSE(call.provider.auxiliary_key(call.account).empty());
  call.account.auth = AuthKind::kGoogleMetadata;
  CHECK(call.provider.auxiliary(call.account, {}).ok());
  CHECK(call.provider.read_auxiliary({call.account, {}, 200, R"({"access_token":"t"})", {}})
            .value()
            .value == "t");
  call.account.auth = AuthKind::kBearer;
  call.account.credential = Secret("ya29.mine");
  CHECK(call.provider.auxiliary_key(call.account).empty());
  CHECK(call.prepared().headers.get("authorization") == "Bearer ya29.mine");
}

}  // namespace
}  // namespace tollgate::providers
