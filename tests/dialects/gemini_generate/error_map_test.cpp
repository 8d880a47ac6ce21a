#include "dialects/gemini_generate/through_gemini.hpp"
#include "json/writer.hpp"
#include "support/recordings.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

using model::FailureKind;
using model::LessonKind;

struct ErrorCase {
  const char* name;
  uint32_t status;
  const char* body;
  FailureKind kind;
  uint32_t told;
  const char* message;
  int64_t retry_after_s;  ///< -1: none.
};

std::string error_text(uint32_t code, std::string_view status, std::string_view message) {
  std::string out;
  json::Writer(out)
      .begin_object()
      .key("error")
      .begin_object()
      .member("code", int64_t{code})
      .member("message", message)
      .member("status", status)
      .end_object()
      .end_object();
  return out;
}

const ErrorCase kErrors[] = {
    {"bad request", 400, R"j({"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}})j",
     FailureKind::kInvalidRequest, 400, "m", -1},
    {"precondition", 400,
     R"j({"error":{"code":400,"message":"m","status":"FAILED_PRECONDITION"}})j",
     FailureKind::kInvalidRequest, 400, "m", -1},
    {"a key that is not valid", 400, R"j({"error":{"code":400,"message":"m","status":
      "INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo",
      "reason":"API_KEY_INVALID"}]}})j",
     FailureKind::kAuthentication, 401, "m", -1},
    {"a token that is not valid", 401,
     R"j({"error":{"code":401,"message":"m","status":"UNAUTHENTICATED"}})j",
     FailureKind::kAuthentication, 401, "m", -1},
    {"forbidden", 403, R"j({"error":{"code":403,"message":"m","status":"PERMISSION_DENIED"}})j",
     FailureKind::kPermission, 403, "m", -1},
    {"no such model", 404, R"j({"error":{"code":404,"message":"m","status":"NOT_FOUND"}})j",
     FailureKind::kNotFound, 404, "m", -1},
    {"a rate in words", 429, R"j({"error":{"code":429,"message":
      "Quota exceeded. Please retry in 48.939935699s.","status":"RESOURCE_EXHAUSTED"}})j",
     FailureKind::kRateLimit, 429, "Quota exceeded. Please retry in 48.939935699s.", 49},
    {"a rate in details", 429, R"j([{"error":{"code":429,"message":"m","status":
      "RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo",
      "retryDelay":"34.4s"}]}}])j",
     FailureKind::kRateLimit, 429, "m", 35},
    {"a delay that is none", 429, R"j({"error":{"code":429,"message":"m","status":
      "RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo",
      "retryDelay":"soon"}]}})j",
     FailureKind::kRateLimit, 429, "m", -1},
    {"overloaded", 503,
     R"j({"error":{"code":503,"message":"The model is overloaded","status":"UNAVAILABLE"}})j",
     FailureKind::kOverloaded, 529, "The model is overloaded", -1},
    {"too slow", 504, R"j({"error":{"code":504,"message":"m","status":"DEADLINE_EXCEEDED"}})j",
     FailureKind::kTimeout, 504, "m", -1},
    {"internal", 500, R"j({"error":{"code":500,"message":"m","status":"INTERNAL"}})j",
     FailureKind::kApi, 500, "m", -1},
    {"a name nobody knows, a status one does", 429,
     R"j({"error":{"code":429,"message":"m","status":"TOO_MUCH"}})j", FailureKind::kRateLimit, 429,
     "m", -1},
    {"a status nobody knows", 418, R"j({"error":{"message":"m","status":"TEAPOT"}})j",
     FailureKind::kInvalidRequest, 418, "m", -1},
    {"too many tokens", 400, R"j({"error":{"code":400,"message":
      "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
      "status":"INVALID_ARGUMENT"}})j",
     FailureKind::kInvalidRequest, 400, "prompt is too long: 1200000 tokens > 1048576 maximum", -1},
    {"too many tokens, as older models say it", 400, R"j({"error":{"code":400,"message":
      "Unable to submit request because the input token count is 1,200,000 but model only supports up to 1,048,576.",
      "status":"INVALID_ARGUMENT"}})j",
     FailureKind::kInvalidRequest, 400, "prompt is too long: 1200000 tokens > 1048576 maximum", -1},
    {"too many tokens, uncounted", 400, R"j({"error":{"code":400,"message":
      "The input token count exceeds the maximum number of tokens allowed","status":"INVALID_ARGUMENT"}})j",
     FailureKind::kInvalidRequest, 400,
     "prompt is too long: The input token count exceeds the maximum number of tokens allowed", -1},
    {"too many tokens, in words of others", 400, R"j({"error":{"code":400,"message":
      "This model's maximum context length is 4096 tokens. However, your messages resulted in 5000 tokens.",
      "status":"INVALID_ARGUMENT"}})j",
     FailureKind::kInvalidRequest, 400, "prompt is too long: 5000 tokens > 4096 maximum", -1},
    {"too many bytes", 400, R"j({"error":{"code":400,"message":
      "Request payload size exceeds the limit: 20971520 bytes.","status":"INVALID_ARGUMENT"}})j",
     FailureKind::kTooLarge, 413, "Request payload size exceeds the limit: 20971520 bytes.", -1},
    {"a page", 502, "<html><title>x</title></html>", FailureKind::kApi, 502,
     "The upstream answered 502 with an HTML page", -1},
    {"nothing", 503, "", FailureKind::kOverloaded, 529, "The upstream answered 503 without a body",
     -1},
    {"a line", 500, "upstream\nfailed", FailureKind::kApi, 500,
     "The upstream answered 500: upstream failed", -1},
    {"JSON of another kind", 400, "{\"a\":1}", FailureKind::kInvalidRequest, 400,
     "The upstream answered 400 with JSON that tells no error", -1},
};

TEST_CASE("errors of Google become the gateway's") {
  for (const ErrorCase& row : kErrors) {
    INFO(row.name);
    const model::Failure failure = dialect().decode_error(row.status, {}, row.body);
    CHECK(failure.kind == row.kind);
    CHECK(failure.status == row.told);
    CHECK(failure.message == row.message);
    CHECK(failure.retry_after_s.value_or(-1) == row.retry_after_s);
  }
}

TEST_CASE("recorded errors") {
  for (const auto& path : test::recordings("gemini", ".json")) {
    const std::string name = path.filename().string();
    if (name.find("error-") == std::string::npos || name.ends_with(".meta.json")) continue;
    INFO(name);
    const uint32_t status = static_cast<uint32_t>(std::stoi(name.substr(name.find("error-") + 6)));
    const model::Failure failure = dialect().decode_error(status, {}, test::read_file(path));
    CHECK(failure.message.find("upstream") == std::string::npos);
    if (name.find("bad-key") != std::string::npos) CHECK(failure.status == 401);
    if (name.find("404") != std::string::npos) CHECK(failure.kind == FailureKind::kNotFound);
    if (name.find("429") != std::string::npos) CHECK(failure.retry_after_s == 35);
    if (name.find("media") != std::string::npos) CHECK(failure.status == 400);
  }
}

TEST_CASE("a day's quota is not waited for") {
  const model::Failure failure = dialect().decode_error(429, {}, R"j({"error":{"code":429,
    "message":"m","status":"RESOURCE_EXHAUSTED","details":[{"@type":
    "type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":
    "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}]}})j");
  CHECK(failure.should_retry == false);
}

TEST_CASE("a header says how long to wait when nothing else does") {
  wire::Headers headers;
  REQUIRE(headers.add("retry-after", "7").ok());
  CHECK(dialect().decode_error(429, headers, "").retry_after_s == 7);
  wire::Headers part;
  REQUIRE(part.add("retry-after", "1.2").ok());
  CHECK(dialect().decode_error(429, part, "").retry_after_s == 2);
  wire::Headers date;
  REQUIRE(date.add("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT").ok());
  CHECK_FALSE(dialect().decode_error(429, date, "").retry_after_s);
}

struct LessonCase {
  const char* name;
  const char* message;
  std::optional<model::Lesson> lesson;
};

TEST_CASE("what a refusal teaches") {
  const LessonCase rows[] = {
      {"a missing signature", "Function call is missing a thought_signature in functionCall parts.",
       model::Lesson{LessonKind::kDropReasoning, ""}},
      {"a signature of another", "Corrupted thought signature.",
       model::Lesson{LessonKind::kDropReasoning, ""}},
      {"too many tokens of output",
       "Unable to submit request because it has a maxOutputTokens value of 65536 but the supported "
       "range is from 1 (inclusive) to 8193 (exclusive).",
       model::Lesson{LessonKind::kOutputMax, "8192"}},
      {"a schema with too many states",
       "The specified schema produces a constraint that has too many states for serving.",
       model::Lesson{LessonKind::kPlainSchemas, ""}},
      {"a schema too deep",
       "A FunctionDeclaration in the request exceeds the maximum allowed nesting depth.",
       model::Lesson{LessonKind::kPlainSchemas, ""}},
      {"an id",
       "Invalid JSON payload received. Unknown name \"id\" at "
       "'contents[1].parts[0].function_call': Cannot find field.",
       model::Lesson{LessonKind::kDropField, "id"}},
      {"the newer schemas",
       "Invalid JSON payload received. Unknown name \"parametersJsonSchema\" "
       "at 'tools[0].function_declarations[0]': Cannot find field.",
       model::Lesson{LessonKind::kDropField, "parametersJsonSchema"}},
      {"a level", "Thinking level is not supported for this model.",
       model::Lesson{LessonKind::kDropField, "thinkingConfig"}},
      {"nothing", "Request contains an invalid argument.", std::nullopt},
      {"a file", "Cannot fetch content from the provided URL.", std::nullopt},
  };
  for (const LessonCase& row : rows) {
    INFO(row.name);
    const std::string body = error_text(400, "INVALID_ARGUMENT", row.message);
    CHECK(dialect().lesson(400, body) == row.lesson);
    CHECK_FALSE(dialect().lesson(500, body));
  }
  CHECK_FALSE(dialect().lesson(400, "oops"));
}

}  // namespace
}  // namespace tollgate::dialects::gemini_generate
