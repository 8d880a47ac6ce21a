#include "dialects/openai_errors.hpp"

#include <map>

#include "support/catch.hpp"
#include "support/recordings.hpp"

using namespace tollgate;
using namespace tollgate::dialects;
using model::FailureKind;

namespace {

struct Row {
  const char* name;
  uint32_t status;
  std::string body;
  FailureKind kind;
  uint32_t told;
  std::string message;
};

}  // namespace

TEST_CASE("every shape of error is read, and what it says counts before its status") {
  const Row rows[] = {
      {"OpenAI", 400,
       R"({"error":{"message":"bad","type":"invalid_request_error","param":null,"code":null}})",
       FailureKind::kInvalidRequest, 400, "bad"},
      {"Azure's gateway", 401, R"({"error":{"code":"401","message":"Access denied"}})",
       FailureKind::kAuthentication, 401, "Access denied"},
      {"API Management", 401, R"({"statusCode":401,"message":"no key"})",
       FailureKind::kAuthentication, 401, "no key"},
      {"Azure's rate", 429,
       R"({"error":{"code":"RateLimitReached","message":"slow","details":"x"}})",
       FailureKind::kRateLimit, 429, "slow"},
      {"Azure's filter", 400,
       R"({"error":{"message":"filtered","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"hate":{"filtered":true,"severity":"high"},"violence":{"filtered":true},"sexual":{"filtered":false}}}}})",
       FailureKind::kInvalidRequest, 400, "filtered (hate, violence)"},
      {"xAI", 400, R"({"code":"invalid-argument","error":"wrong"})", FailureKind::kInvalidRequest,
       400, "wrong"},
      {"xAI's key", 400,
       R"({"code":"Client specified an invalid argument","error":"Incorrect API key provided: xa***XY. You can obtain"})",
       FailureKind::kAuthentication, 401, "Incorrect API key provided: ***. You can obtain"},
      {"a text", 500, R"({"error":"down"})", FailureKind::kApi, 500, "down"},
      {"OpenRouter's raw text", 429,
       R"({"error":{"code":429,"message":"Provider returned error","metadata":{"raw":"busy, retry shortly"}}})",
       FailureKind::kRateLimit, 429, "busy, retry shortly"},
      {"OpenRouter's raw JSON", 400,
       R"({"error":{"code":400,"message":"Provider returned error","metadata":{"raw":"{\"error\":{\"message\":\"inner\"}}"}}})",
       FailureKind::kInvalidRequest, 400, "inner"},
      {"OpenRouter's credits", 402, R"({"error":{"code":402,"message":"Insufficient credits"}})",
       FailureKind::kBilling, 402, "Insufficient credits"},
      {"vLLM", 400,
       R"({"error":{"message":"no","type":"BadRequestError","param":null,"code":400}})",
       FailureKind::kInvalidRequest, 400, "no"},
      {"old vLLM", 404,
       R"({"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","param":null,"code":404})",
       FailureKind::kNotFound, 404, "The model `x` does not exist."},
      {"llama.cpp loads", 503,
       R"({"error":{"code":503,"message":"Loading model","type":"unavailable_error"}})",
       FailureKind::kOverloaded, 529, "Loading model"},
      {"llama.cpp is full", 400,
       R"x({"error":{"code":400,"message":"request (9000 tokens) exceeds the available context size (8192 tokens)","type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":8192}})x",
       FailureKind::kInvalidRequest, 400, "prompt is too long: 9000 tokens > 8192 maximum"},
      {"Ollama has no such model", 404,
       R"({"error":{"message":"model \"x\" not found, try pulling it first","type":"api_error"}})",
       FailureKind::kNotFound, 404, "model \"x\" not found, try pulling it first"},
      {"a model as 400", 400,
       R"({"error":{"message":"The requested model 'x' does not exist.","code":null}})",
       FailureKind::kNotFound, 404, "The requested model 'x' does not exist."},
      {"FastAPI's text", 422, R"({"detail":"wrong"})", FailureKind::kInvalidRequest, 400, "wrong"},
      {"FastAPI's list", 422,
       R"({"detail":[{"loc":["body","x"],"msg":"Field required","type":"missing"},{"loc":[0],"msg":"no"}]})",
       FailureKind::kInvalidRequest, 400, "body.x: Field required; 0: no"},
      {"a list of one", 400, R"([{"error":{"code":400,"message":"Gemini says no"}}])",
       FailureKind::kInvalidRequest, 400, "Gemini says no"},
      {"no quota", 429,
       R"({"error":{"message":"quota","type":"insufficient_quota","code":"insufficient_quota"}})",
       FailureKind::kBilling, 402, "quota"},
      {"DeepSeek's balance", 402, R"({"error":{"message":"Insufficient Balance"}})",
       FailureKind::kBilling, 402, "Insufficient Balance"},
      {"a country", 403,
       R"({"error":{"message":"Country","code":"unsupported_country_region_territory"}})",
       FailureKind::kPermission, 403, "Country"},
      {"too large", 413, "", FailureKind::kTooLarge, 413,
       "The upstream answered 413 without a body"},
      {"a message too large", 400,
       R"({"error":{"message":"string too long","code":"string_above_max_length","param":"messages[3].content"}})",
       FailureKind::kTooLarge, 413, "string too long"},
      {"a name too long", 400,
       R"({"error":{"message":"string too long","code":"string_above_max_length","param":"tools[0].function.name"}})",
       FailureKind::kInvalidRequest, 400, "string too long"},
      {"llama.cpp tells numbers beside", 400,
       R"x({"error":{"code":400,"message":"the request exceeds the available context size, try increasing it","type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":8192}})x",
       FailureKind::kInvalidRequest, 400, "prompt is too long: 9000 tokens > 8192 maximum"},
      {"a conflict", 409, R"({"error":{"message":"c"}})", FailureKind::kApi, 500, "c"},
      {"a bad gateway", 502, "<html><title>x</title>", FailureKind::kApi, 500,
       "The upstream answered 502 with an HTML page"},
      {"Cloudflare's timeout", 524, "", FailureKind::kTimeout, 504,
       "The upstream answered 524 without a body"},
      {"Groq is full", 498, R"({"error":{"message":"capacity"}})", FailureKind::kOverloaded, 529,
       "capacity"},
      {"overloaded as 500", 500,
       R"({"error":{"message":"m","type":"server_error","code":"engine_overloaded"}})",
       FailureKind::kOverloaded, 529, "m"},
      {"plain text", 400, " no\r\nway ", FailureKind::kInvalidRequest, 400,
       "The upstream answered 400: no way "},
      {"another JSON", 503, R"({"a":1})", FailureKind::kOverloaded, 529,
       "The upstream answered 503 with JSON that tells no error"},
      {"cut JSON", 500, R"({"error":{"mess)", FailureKind::kApi, 500,
       "The upstream answered 500 with JSON that tells no error"},
      {"more than a minute holds", 429,
       R"({"error":{"message":"Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 42000.","code":"rate_limit_exceeded"}})",
       FailureKind::kInvalidRequest, 400, "prompt is too long: 42000 tokens > 30000 maximum"},
      {"a context by its code", 400,
       R"({"error":{"message":"Please reduce the length.","code":"context_length_exceeded"}})",
       FailureKind::kInvalidRequest, 400, "prompt is too long: Please reduce the length."},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const model::Failure failure = openai_failure(row.status, {}, row.body);
    CHECK(static_cast<int>(failure.kind) == static_cast<int>(row.kind));
    CHECK(failure.status == row.told);
    CHECK(failure.message == row.message);
  }
}

TEST_CASE("long messages are cut and keys are masked") {
  const std::string body =
      R"({"error":{"message":"Incorrect API key provided: sk-proj-abc***xyz. )" +
      std::string(9000, 'x') + "\"}}";
  const model::Failure failure = openai_failure(401, {}, body);
  CHECK(failure.message.size() <= 4096);
  CHECK(failure.message.starts_with("Incorrect API key provided: ***. xxx"));
}

TEST_CASE("a wait is told where waiting helps, and what cannot help says so") {
  wire::Headers headers;
  REQUIRE(headers.add("retry-after-ms", "1200").ok());
  const model::Failure rate = openai_failure(429, headers, R"({"error":{"message":"m"}})");
  CHECK(rate.retry_after_s == 2);
  CHECK_FALSE(openai_failure(400, headers, "{}").retry_after_s);
  const model::Failure quota =
      openai_failure(429, headers, R"({"error":{"message":"m","code":"insufficient_quota"}})");
  CHECK(quota.should_retry == false);
  CHECK_FALSE(quota.retry_after_s);
}

TEST_CASE("an error inside a stream has the status it tells") {
  struct {
    const char* name;
    const char* data;
    FailureKind kind;
    uint32_t status;
  } rows[] = {
      {"Groq",
       R"({"error":{"message":"m","type":"invalid_request_error","code":"tool_use_failed","status_code":400}})",
       FailureKind::kInvalidRequest, 400},
      {"OpenRouter", R"({"error":{"code":502,"message":"m"}})", FailureKind::kApi, 500},
      {"OpenRouter's rate", R"({"error":{"code":"429","message":"m"}})", FailureKind::kRateLimit,
       429},
      {"a text", R"({"error":"m"})", FailureKind::kApi, 500},
      {"old vLLM", R"({"object":"error","message":"m","code":503})", FailureKind::kOverloaded, 529},
      {"responses", R"({"type":"error","code":"server_error","message":"m"})", FailureKind::kApi,
       500},
      {"nobody says", R"({"error":{"message":"m","type":"invalid_request_error"}})",
       FailureKind::kInvalidRequest, 400},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    json::Document document;
    const auto parsed = document.parse(row.data);
    REQUIRE(parsed.ok());
    const model::Failure failure = openai_failure(0, read_openai_error(parsed.value()));
    CHECK(static_cast<int>(failure.kind) == static_cast<int>(row.kind));
    CHECK(failure.status == row.status);
    CHECK(failure.message == "m");
  }
}

namespace {

struct Expected {
  FailureKind kind;
  uint32_t status;
  const char* begins;
};

const std::map<std::string, Expected> kRecorded = {
    {"azure-error-404-deployment", {FailureKind::kNotFound, 404, "The API deployment"}},
    {"deepseek-responses-error-400-tool-output-missing",
     {FailureKind::kInvalidRequest, 400, "No tool output found"}},
    {"groq-error-400-tool-use-failed",
     {FailureKind::kInvalidRequest, 400, "Tool call validation failed"}},
    {"ollama-error-401", {FailureKind::kAuthentication, 401, "Unauthorized"}},
    {"openai-error-400-context-length",
     {FailureKind::kInvalidRequest, 400, "prompt is too long: "}},
    {"openai-error-400-image-url", {FailureKind::kInvalidRequest, 400, "Error while downloading"}},
    {"openai-error-400-max-tokens-unsupported",
     {FailureKind::kInvalidRequest, 400, "Unsupported parameter"}},
    {"openai-error-400-system-role", {FailureKind::kInvalidRequest, 400, "Unsupported value"}},
    {"openai-error-400-temperature-range",
     {FailureKind::kInvalidRequest, 400, "Invalid 'temperature'"}},
    {"openai-error-401-invalid-key",
     {FailureKind::kAuthentication, 401, "Incorrect API key provided: ***. You"}},
    {"openai-error-404-model", {FailureKind::kNotFound, 404, "The model `gpt-5.2-proo`"}},
    {"openai-error-429-quota", {FailureKind::kBilling, 402, "You exceeded your current quota"}},
    {"openrouter-error-400-context-length",
     {FailureKind::kInvalidRequest, 400, "prompt is too long: 2500021 tokens > 200000 maximum"}},
    {"openrouter-error-401", {FailureKind::kAuthentication, 401, "Missing Authentication header"}},
    {"openrouter-error-429",
     {FailureKind::kRateLimit, 429, "google/gemini-2.0-flash-exp:free is temporarily"}},
};

}  // namespace

TEST_CASE("all recorded errors are mapped") {
  for (const auto& path : test::recordings("openai", ".json")) {
    const std::string name = path.stem().string();
    if (name.find("-error-") == std::string::npos || name.ends_with(".meta")) continue;
    INFO(name);
    json::Document document;
    const auto meta = document.parse(test::read_file(path.parent_path() / (name + ".meta.json")));
    REQUIRE(meta.ok());
    const auto status = static_cast<uint32_t>(meta.value()["status"].integer().value_or(0));
    wire::Headers headers;
    for (const json::Member header : meta.value()["response_headers"].members())
      REQUIRE(headers.add(header.key, header.value.string_or("")).ok());
    const model::Failure failure = openai_failure(status, headers, test::read_file(path));
    const auto row = kRecorded.find(name);
    // A recording that came later must at least say something under a client's status.
    CHECK(!failure.message.empty());
    CHECK(failure.status >= 400);
    if (row == kRecorded.end()) continue;
    CHECK(static_cast<int>(failure.kind) == static_cast<int>(row->second.kind));
    CHECK(failure.status == row->second.status);
    CHECK_THAT(failure.message, Catch::Matchers::StartsWith(row->second.begins));
    CHECK_FALSE(failure.retry_after_s);
  }
}

TEST_CASE("clients of this family get the shape they know") {
  struct {
    const char* name;
    model::Failure failure;
    const char* json;
  } rows[] = {
      {"a wrong request",
       {FailureKind::kInvalidRequest, 400, "no", {}, {}},
       R"({"error":{"message":"no","type":"invalid_request_error","param":null,"code":null}})"},
      {"a full context",
       {FailureKind::kInvalidRequest, 400, "prompt is too long: 5 tokens > 4 maximum", {}, {}},
       R"({"error":{"message":"prompt is too long: 5 tokens > 4 maximum","type":"invalid_request_error","param":null,"code":"context_length_exceeded"}})"},
      {"a rate",
       {FailureKind::kRateLimit, 429, "slow", 3, {}},
       R"({"error":{"message":"slow","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"}})"},
      {"a budget",
       {FailureKind::kBilling, 402, "spent", {}, {}},
       R"({"error":{"message":"spent","type":"insufficient_quota","param":null,"code":"insufficient_quota"}})"},
      {"a fault",
       {FailureKind::kApi, 500, "oh", {}, {}},
       R"({"error":{"message":"oh","type":"server_error","param":null,"code":"server_error"}})"},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    std::string out;
    encode_openai_error(row.failure, out);
    CHECK(out == row.json);
  }
}
