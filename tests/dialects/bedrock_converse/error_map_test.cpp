#include "dialects/bedrock_converse/error_map.hpp"

#include <string>

#include "dialects/bedrock_converse/converse_support.hpp"
#include "support/recordings.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

using model::FailureKind;

TEST_CASE("errors become the client's kinds") {
  struct Row {
    const char* name;
    uint32_t status;
    const char* type;  ///< x-amzn-errortype.
    const char* body;
    FailureKind kind;
    uint32_t told;
    const char* message;
  };
  const Row rows[] = {
      {"throttled", 429, "ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/",
       R"({"message":"Too many tokens"})", FailureKind::kRateLimit, 429, "Too many tokens"},
      {"validation in the body", 400, "",
       R"({"__type":"com.amazon.coral.validate#ValidationException","Message":"bad"})",
       FailureKind::kInvalidRequest, 400, "bad"},
      {"no such model", 400, "ValidationException",
       R"({"message":"The provided model identifier is invalid."})", FailureKind::kNotFound, 404,
       "The provided model identifier is invalid."},
      {"a wrong key", 403, "UnrecognizedClientException:http://internal.amazon.com/",
       R"({"message":"The security token included in the request is invalid."})",
       FailureKind::kPermission, 403, "The security token included in the request is invalid."},
      {"an expired key, told by 400", 400, "ExpiredTokenException", R"({"message":"expired"})",
       FailureKind::kPermission, 403, "expired"},
      {"not found", 404, "ResourceNotFoundException", R"({"message":"no"})", FailureKind::kNotFound,
       404, "no"},
      {"the model was slow", 408, "ModelTimeoutException", R"({"message":"slow"})",
       FailureKind::kTimeout, 504, "slow"},
      {"the model's own status", 424, "ModelErrorException",
       R"({"message":"m","originalStatusCode":429,"resourceName":"r"})", FailureKind::kRateLimit,
       429, "m"},
      {"the model's own status, unknown", 424, "ModelErrorException", R"({"message":"m"})",
       FailureKind::kApi, 500, "m"},
      {"not ready", 429, "ModelNotReadyException", R"({"message":"m"})", FailureKind::kOverloaded,
       529, "m"},
      {"a quota", 400, "ServiceQuotaExceededException", R"({"message":"m"})",
       FailureKind::kRateLimit, 429, "m"},
      {"inside", 500, "InternalServerException", R"({"message":"m"})", FailureKind::kApi, 500, "m"},
      {"unavailable", 503, "ServiceUnavailableException", R"({"message":"m"})",
       FailureKind::kOverloaded, 529, "m"},
      {"no type, by status", 503, "", R"({"message":"m"})", FailureKind::kOverloaded, 529, "m"},
      {"too long", 400, "ValidationException",
       R"({"message":"Input is too long for requested model."})", FailureKind::kInvalidRequest, 400,
       "prompt is too long: Input is too long for requested model."},
      {"too long in words of others", 400, "ValidationException",
       R"({"message":"This model's maximum context length is 4096 tokens. However, your messages resulted in 5000 tokens."})",
       FailureKind::kInvalidRequest, 400, "prompt is too long: 5000 tokens > 4096 maximum"},
      {"input tokens exceeded", 400, "ValidationException",
       R"({"message":"Input Tokens Exceeded: Number of input tokens exceeds maximum length."})",
       FailureKind::kInvalidRequest, 400,
       "prompt is too long: Input Tokens Exceeded: Number of input tokens exceeds maximum length."},
      {"too long in Claude's words", 400, "ValidationException",
       R"({"message":"The model returned the following errors: prompt is too long: 208310 tokens > 200000 maximum"})",
       FailureKind::kInvalidRequest, 400, "prompt is too long: 208310 tokens > 200000 maximum"},
      {"no body", 502, "", "", FailureKind::kApi, 500,
       "Amazon Bedrock answered 502 without a body"},
      {"a page", 502, "", "<html>", FailureKind::kApi, 500,
       "Amazon Bedrock answered 502 with no error it explains"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    wire::Headers headers;
    if (row.type[0] != '\0') REQUIRE(headers.add("x-amzn-errortype", row.type).ok());
    const model::Failure failure = decode_error(row.status, headers, row.body);
    CHECK(failure.kind == row.kind);
    CHECK(failure.status == row.told);
    CHECK(failure.message == row.message);
  }
}

TEST_CASE("recorded errors are read") {
  const auto folder = test::recordings_folder() / "bedrock";
  if (!std::filesystem::exists(folder / "error-403.json")) {
    std::printf("skipped: no recorded errors in %s\n", folder.c_str());
    return;
  }
  wire::Headers headers;
  REQUIRE(headers.add("x-amzn-errortype", "UnrecognizedClientException:http://x/").ok());
  CHECK(decode_error(403, headers, test::read_file(folder / "error-403.json")).kind ==
        FailureKind::kPermission);
  CHECK(decode_error(400, {}, test::read_file(folder / "error-400-model.json")).kind ==
        FailureKind::kNotFound);
}

TEST_CASE("a wait that is told is kept") {
  wire::Headers headers;
  REQUIRE(headers.add("retry-after", "7").ok());
  CHECK(decode_error(429, headers, "{}").retry_after_s == 7);
  CHECK(
      decode_error(429, {}, R"({"message":"Too many requests, please wait before trying again."})")
          .retry_after_s == std::nullopt);
  CHECK_FALSE(decode_error(429, {}, "{}").retry_after_s);
}

TEST_CASE("exceptions of a stream are told from events") {
  for (const char* name : {"throttlingException", "modelStreamErrorException", "InternalFailure",
                           "validationException", "anyNewException", "exception#InternalFailure",
                           "exception#NobodyKnows", "exception#"}) {
    CHECK(is_exception(name));
  }
  for (const char* name : {"messageStart", "contentBlockDelta", "metadata", "chunk", ""})
    CHECK_FALSE(is_exception(name));
  CHECK(exception_failure("exception#throttlingException", "{}").kind == FailureKind::kRateLimit);
  CHECK(exception_failure("exception#NobodyKnows", R"({"message":"m"})").message == "m");
  CHECK(exception_failure("modelStreamErrorException",
                          R"({"originalMessage":"cut","originalStatusCode":503})")
            .message == "cut");
  CHECK(exception_failure("modelStreamErrorException",
                          R"({"originalMessage":"cut","originalStatusCode":503})")
            .kind == FailureKind::kOverloaded);
}

}  // namespace
}  // namespace tollgate::dialects::bedrock_converse
