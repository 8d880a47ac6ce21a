#include "providers/aws_bedrock/provider.hpp"

#include <string>

#include "base/bytes.hpp"
#include "support/catch.hpp"

namespace tollgate::providers {
namespace {

constexpr const char* kHaiku = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
constexpr const char* kBody = R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":16,)"
                              R"("messages":[{"role":"user","content":"hi"}]})";

struct Call {
  Account account;
  router::Integration integration;
  std::string model = kHaiku;
  wire::Headers client;
  bool stream = false;
  bool same_dialect = true;
  dialects::Operation operation = dialects::Operation::kGenerate;
  std::string body = kBody;

  Endpoint endpoint() const { return {account, integration, model}; }
  Status prepare(UpstreamRequest& out) const {
    const Endpoint at = endpoint();
    const tg_bytes spans[] = {bytes_of(body)};
    const CallContext context{.endpoint = at,
                              .operation = operation,
                              .client_headers = client,
                              .client_query = {},
                              .extra_betas = {},
                              .stream = stream,
                              .same_dialect = same_dialect,
                              .token = {},
                              .body_spans = spans,
                              .body_span_count = 1,
                              .now = {0, 1795350896000}};
    return aws_bedrock_provider().prepare(context, out);
  }
};

Call with_key() {
  Call call;
  call.account.name = "main";
  call.account.region = "us-east-1";
  call.account.auth = AuthKind::kApiKey;
  call.account.credential = Secret("bedrock-api-key-1");
  return call;
}

Call with_aws_keys() {
  Call call = with_key();
  call.account.auth = AuthKind::kAwsKeys;
  call.account.access_key_id = "AKIDEXAMPLE";
  call.account.credential = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
  return call;
}

TEST_CASE("each operation has its address") {
  struct Row {
    const char* name;
    const char* model;
    const char* api;
    bool stream;
    bool count;
    const char* url;
  };
  const Row rows[] = {
      {"Claude", kHaiku, "", false, false,
       "https://bedrock-runtime.us-east-1.amazonaws.com/model/"
       "us.anthropic.claude-haiku-4-5-20251001-v1%3A0/invoke"},
      {"Claude, streaming", kHaiku, "invoke", true, false,
       "https://bedrock-runtime.us-east-1.amazonaws.com/model/"
       "us.anthropic.claude-haiku-4-5-20251001-v1%3A0/invoke-with-response-stream"},
      {"Claude by Converse", kHaiku, "converse", false, false,
       "https://bedrock-runtime.us-east-1.amazonaws.com/model/"
       "us.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse"},
      {"another maker's", "us.amazon.nova-2-lite-v1:0", "", true, false,
       "https://bedrock-runtime.us-east-1.amazonaws.com/model/"
       "us.amazon.nova-2-lite-v1%3A0/converse-stream"},
      {"an ARN, in its own region",
       "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abcd1234efgh",
       "invoke", true, false,
       "https://bedrock-runtime.eu-west-1.amazonaws.com/model/"
       "arn%3Aaws%3Abedrock%3Aeu-west-1%3A123456789012%3Aapplication-inference-profile%2F"
       "abcd1234efgh/invoke-with-response-stream"},
      {"a count, of the base model", kHaiku, "", false, true,
       "https://bedrock-runtime.us-east-1.amazonaws.com/model/"
       "anthropic.claude-haiku-4-5-20251001-v1%3A0/count-tokens"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Call call = with_key();
    call.model = row.model;
    call.integration.api = row.api;
    call.stream = row.stream;
    if (row.count) call.operation = dialects::Operation::kCountTokens;
    UpstreamRequest out;
    REQUIRE(call.prepare(out).ok());
    CHECK(out.url == row.url);
    CHECK(out.method == "POST");
    CHECK(out.headers.get("content-type") == "application/json");
  }
}

TEST_CASE("a region comes from the ARN, the model or the account") {
  Account account;
  router::Integration integration;
  CHECK(aws_bedrock::region_of(account, integration, kHaiku) == "");
  account.region = "us-east-1";
  CHECK(aws_bedrock::region_of(account, integration, kHaiku) == "us-east-1");
  integration.region = "eu-central-1";
  CHECK(aws_bedrock::region_of(account, integration, kHaiku) == "eu-central-1");
  CHECK(aws_bedrock::region_of(account, integration, "arn:aws:bedrock:ap-south-1:1:x/y") ==
        "ap-south-1");
  CHECK(aws_bedrock::default_base_url("cn-north-1") ==
        "https://bedrock-runtime.cn-north-1.amazonaws.com.cn");
  Call call = with_key();
  call.account.region.clear();
  UpstreamRequest out;
  CHECK(call.prepare(out).code() == Code::kInvalid);
}

TEST_CASE("a key goes as a bearer's, nothing of the client's goes at all") {
  Call call = with_key();
  call.account.base_url = "https://proxy.example/aws";
  REQUIRE(call.client.add("authorization", "Bearer gateway").ok());
  REQUIRE(call.client.add("anthropic-beta", "context-1m-2025-08-07").ok());
  REQUIRE(call.client.add("user-agent", "claude-cli").ok());
  call.account.headers = {{"x-amzn-bedrock-guardrailidentifier", "g1"}};
  UpstreamRequest out;
  REQUIRE(call.prepare(out).ok());
  CHECK(out.url.rfind("https://proxy.example/aws/model/", 0) == 0);
  CHECK(out.headers.get("authorization") == "Bearer bedrock-api-key-1");
  CHECK(out.headers.get("x-amzn-bedrock-guardrailidentifier") == "g1");
  CHECK(out.headers.size() == 5);
}

TEST_CASE("keys of AWS sign the call") {
  Call call = with_aws_keys();
  UpstreamRequest out;
  REQUIRE(call.prepare(out).ok());
  // The vector of the vendor's library: same URL, headers, body and time.
  CHECK(out.headers.get("authorization") ==
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/us-east-1/bedrock/aws4_request, "
        "SignedHeaders=accept;content-type;host;x-amz-date, "
        "Signature=48556749c4750e30d0a027e35cc884d9a891cc4d4452d50cbdd10a88773b3196");
  CHECK(out.headers.get("x-amz-date") == "20261122T123456Z");
  CHECK_FALSE(out.headers.has("x-amz-security-token"));
  call.account.session_token = Secret("token");
  UpstreamRequest other;
  REQUIRE(call.prepare(other).ok());
  CHECK(other.headers.get("x-amz-security-token") == "token");
  // A port that goes without saying is not in the Host header.
  Call ported = with_aws_keys();
  ported.account.base_url = "https://bedrock-runtime.us-east-1.amazonaws.com:443";
  UpstreamRequest same;
  REQUIRE(ported.prepare(same).ok());
  CHECK(same.headers.get("authorization") == out.headers.get("authorization"));
}

TEST_CASE("a signature of another time is made anew by the upstream's clock") {
  constexpr std::string_view kType = "InvalidSignatureException:http://internal.amazon.com/coral/";
  // 12:34:56 here.
  struct Row {
    const char* name;
    uint32_t status;
    std::string_view type;
    const char* date;
    const char* skew;
  };
  const Row rows[] = {
      {"ahead", 403, kType, "Sun, 22 Nov 2026 12:44:56 GMT", "600"},
      {"behind", 403, kType, "Sun, 22 Nov 2026 12:24:56 GMT", "-600"},
      {"a day", 400, "RequestExpired", "Mon, 23 Nov 2026 12:34:56 GMT", "86400"},
      {"a wrong key", 403, kType, "Sun, 22 Nov 2026 12:35:10 GMT", ""},
      {"no date", 403, kType, "", ""},
      {"another refusal", 403, "AccessDeniedException", "Sun, 22 Nov 2026 12:44:56 GMT", ""},
      {"no refusal", 500, kType, "Sun, 22 Nov 2026 12:44:56 GMT", ""},
  };
  const Time now{0, 1795350896000};
  for (const Row& row : rows) {
    INFO(row.name);
    Call call = with_aws_keys();
    wire::Headers headers;
    REQUIRE(headers.add("x-amzn-errortype", row.type).ok());
    if (row.date[0] != '\0') REQUIRE(headers.add("date", row.date).ok());
    const auto told =
        aws_bedrock_provider().clock_lesson(call.endpoint(), row.status, headers, "{}", now);
    CHECK((told ? told->value : "") == row.skew);
    if (!told) continue;
    CHECK(told->kind == model::LessonKind::kClockSkew);
    const model::Lessons lessons = {*told};
    Endpoint taught = call.endpoint();
    taught.lessons = &lessons;
    // Refused once more, it is the key.
    CHECK_FALSE(aws_bedrock_provider().clock_lesson(taught, row.status, headers, "{}", now));
    const tg_bytes spans[] = {bytes_of(call.body)};
    const CallContext context{.endpoint = taught,
                              .client_headers = call.client,
                              .client_query = {},
                              .extra_betas = {},
                              .same_dialect = true,
                              .token = {},
                              .body_spans = spans,
                              .body_span_count = 1,
                              .now = now};
    UpstreamRequest out;
    REQUIRE(aws_bedrock_provider().prepare(context, out).ok());
    const std::string date(out.headers.get("x-amz-date").value_or(""));
    CHECK(date == (row.skew == std::string_view("600")    ? "20261122T124456Z"
                   : row.skew == std::string_view("-600") ? "20261122T122456Z"
                                                          : "20261123T123456Z"));
  }
  // A body that names the error, and an account that signs nothing.
  wire::Headers headers;
  REQUIRE(headers.add("date", "Sun, 22 Nov 2026 12:44:56 GMT").ok());
  const char* body = R"({"__type":"com.amazon#InvalidSignatureException","message":"m"})";
  Call keys = with_aws_keys();
  CHECK(aws_bedrock_provider().clock_lesson(keys.endpoint(), 403, headers, body, now));
  Call bearer = with_key();
  CHECK_FALSE(aws_bedrock_provider().clock_lesson(bearer.endpoint(), 403, headers, body, now));
}

TEST_CASE("dialect and frames follow the road") {
  Call call = with_key();
  const Provider& provider = aws_bedrock_provider();
  CHECK(provider.dialect(call.endpoint()).name() == "anthropic_messages");
  CHECK(provider.framing(call.endpoint()) == Framing::kAwsChunks);
  call.integration.api = "converse";
  CHECK(provider.dialect(call.endpoint()).name() == "bedrock_converse");
  CHECK(provider.framing(call.endpoint()) == Framing::kAwsEvents);
  call.integration.api.clear();
  call.model = "us.amazon.nova-2-lite-v1:0";
  CHECK(provider.dialect(call.endpoint()).name() == "bedrock_converse");
  CHECK(find_provider("aws-bedrock") == &provider);
}

TEST_CASE("counts are asked for where there is a counter") {
  struct Row {
    const char* model;
    const char* base;
  };
  const Row rows[] = {
      {kHaiku, "anthropic.claude-haiku-4-5-20251001-v1:0"},
      {"anthropic.claude-opus-5-5", "anthropic.claude-opus-5-5"},
      {"arn:aws:bedrock:us-east-1:1:inference-profile/global.anthropic.claude-sonnet-5",
       "anthropic.claude-sonnet-5"},
      {"arn:aws:bedrock:us-east-1:1:application-inference-profile/abcd", ""},
      {"us.amazon.nova-2-lite-v1:0", ""},
  };
  for (const Row& row : rows) {
    INFO(row.model);
    CHECK(aws_bedrock::base_model_id(row.model) == row.base);
    Call call = with_key();
    call.model = row.model;
    CHECK(aws_bedrock_provider().counts_tokens(call.endpoint()) == (row.base[0] != '\0'));
  }
  CHECK(aws_bedrock_provider()
            .decode_token_count(with_key().endpoint(), R"({"inputTokens":18})")
            .value() == 18);
}

TEST_CASE("errors, exceptions and lessons are read on either road") {
  const Provider& provider = aws_bedrock_provider();
  const Call call = with_key();
  wire::Headers headers;
  REQUIRE(headers.add("x-amzn-errortype", "ThrottlingException:http://x/").ok());
  CHECK(provider.decode_error(call.endpoint(), 429, headers, R"({"message":"slow down"})").kind ==
        model::FailureKind::kRateLimit);
  CHECK(provider.error_event("throttlingException", R"({"message":"slow down"})") ==
        R"({"type":"error","error":{"type":"rate_limit_error","message":"slow down"}})");
  CHECK(provider.lesson(call.endpoint(), 400, R"({"message":"invalid beta flag"})"));
  const auto role = provider.lesson(
      call.endpoint(), 400,
      R"({"message":"The model returned the following errors: messages: Unexpected role \"system\"."})");
  REQUIRE(role);
  CHECK(role->value == "messages.system");
  const auto loop = provider.lesson(
      call.endpoint(), 400,
      R"({"message":"messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `text`."})");
  REQUIRE(loop);
  CHECK(loop->kind == model::LessonKind::kDropReasoning);
  CHECK_FALSE(provider.lesson(call.endpoint(), 400,
                              R"({"message":"Invalid `signature` in `thinking` block"})"));
  Call converse = with_key();
  converse.integration.api = "converse";
  CHECK(provider.lesson(converse.endpoint(), 400,
                        R"({"message":"Invalid `signature` in `thinking` block"})"));
}

TEST_CASE("of an answer's headers the client sees few") {
  for (const char* name : {"content-type", "x-amzn-RequestId", "retry-after"})
    CHECK(aws_bedrock_provider().passes_answer_header({}, name));
  for (const char* name : {"set-cookie", "x-amzn-bedrock-input-token-count", "date", "connection"})
    CHECK_FALSE(aws_bedrock_provider().passes_answer_header({}, name));
}

}  // namespace
}  // namespace tollgate::providers
