#include "dialects/bedrock_converse/error_map.hpp"

#include <optional>
#include <string>
#include <utility>

#include "base/ascii.hpp"
#include "dialects/context_overflow.hpp"
#include "dialects/retry_after.hpp"
#include "json/reader.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

using model::Failure;
using model::FailureKind;

constexpr size_t kMessageBytesMax = 2000;
constexpr std::string_view kTooLong = "prompt is too long";

struct TypeRow {
  std::string_view type;  ///< Compared without case: streams begin them with a small letter.
  FailureKind kind;
  uint32_t status;
};

// clang-format off
constexpr TypeRow kTypes[] = {
    {"ValidationException",           FailureKind::kInvalidRequest, 400},
    {"UnrecognizedClientException",   FailureKind::kPermission,     403},
    {"InvalidSignatureException",     FailureKind::kPermission,     403},
    {"SignatureDoesNotMatch",         FailureKind::kPermission,     403},
    {"IncompleteSignature",           FailureKind::kPermission,     403},
    {"IncompleteSignatureException",  FailureKind::kPermission,     403},
    {"ExpiredToken",                  FailureKind::kPermission,     403},
    {"ExpiredTokenException",         FailureKind::kPermission,     403},
    {"AccessDeniedException",         FailureKind::kPermission,     403},
    {"MissingAuthenticationToken",    FailureKind::kPermission,     403},
    {"MissingAuthenticationTokenException", FailureKind::kPermission, 403},
    {"ResourceNotFoundException",     FailureKind::kNotFound,       404},
    {"ModelTimeoutException",         FailureKind::kTimeout,        504},
    {"ConflictException",             FailureKind::kConflict,       409},
    {"ThrottlingException",           FailureKind::kRateLimit,      429},
    {"TooManyRequestsException",      FailureKind::kRateLimit,      429},
    {"ServiceQuotaExceededException", FailureKind::kRateLimit,      429},
    {"ModelNotReadyException",        FailureKind::kOverloaded,     529},
    {"ServiceUnavailableException",   FailureKind::kOverloaded,     529},
    {"InternalServerException",       FailureKind::kApi,            500},
    {"InternalFailure",               FailureKind::kApi,            500},
};

struct StatusRow {
  uint32_t upstream;
  FailureKind kind;
  uint32_t status;
};

constexpr StatusRow kStatuses[] = {
    {400, FailureKind::kInvalidRequest, 400},
    {401, FailureKind::kAuthentication, 401},
    {403, FailureKind::kPermission,     403},
    {404, FailureKind::kNotFound,       404},
    {408, FailureKind::kTimeout,        504},
    {409, FailureKind::kConflict,       409},
    {413, FailureKind::kTooLarge,       413},
    {422, FailureKind::kInvalidRequest, 400},
    {429, FailureKind::kRateLimit,      429},
    {503, FailureKind::kOverloaded,     529},
    {504, FailureKind::kTimeout,        504},
    {529, FailureKind::kOverloaded,     529},
};
// clang-format on

void set_by_status(Failure& failure, uint32_t status) {
  failure.kind = FailureKind::kApi;
  failure.status = 500;
  for (const StatusRow& row : kStatuses) {
    if (row.upstream != status) continue;
    failure.kind = row.kind;
    failure.status = row.status;
  }
}

bool set_by_type(Failure& failure, std::string_view type) {
  for (const TypeRow& row : kTypes) {
    if (!ascii::equals_ignore_case(row.type, type)) continue;
    failure.kind = row.kind;
    failure.status = row.status;
    return true;
  }
  return false;
}

/// "ns#Type:http://…" is "Type".
std::string_view bare_type(std::string_view type) {
  const size_t hash = type.find('#');
  if (hash != std::string_view::npos) type.remove_prefix(hash + 1);
  return ascii::trim(type.substr(0, type.find(':')));
}

std::string_view message_of(json::Value root) {
  for (const json::Value value : {root["message"], root["Message"], root["errorMessage"],
                                  root["error"]["message"], root["error"]}) {
    const std::string_view text = value.string_or("");
    if (!text.empty()) return text.substr(0, kMessageBytesMax);
  }
  return {};
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Clients compact the conversation when they read Anthropic's own words.
void mend_validation(Failure& failure) {
  std::string& text = failure.message;
  const size_t at = text.find(kTooLong);
  if (at != std::string::npos) {
    text.erase(0, at);
  } else if (contains(text, "Input is too long") || contains(text, "Input Tokens Exceeded") ||
             contains(text, "input tokens exceed") || contains(text, "Too many input tokens")) {
    text.insert(0, ": ").insert(0, kTooLong);
  } else if (contains(text, "model identifier is invalid")) {
    failure.kind = FailureKind::kNotFound;
    failure.status = 404;
  } else if (const auto overflow = find_context_overflow(text)) {
    // Models of others say it in the words of their own servers.
    failure.message = context_overflow_failure(*overflow, text).message;
  }
}

bool is_model_error(std::string_view type) {
  return ascii::equals_ignore_case(type, "ModelErrorException") ||
         ascii::equals_ignore_case(type, "ModelStreamErrorException");
}

/// Fills in kind and status by type, by what the model's own server said, else by the status.
void classify(Failure& failure, std::string_view type, json::Value body, uint32_t status) {
  if (is_model_error(type)) {
    const int64_t original = body["originalStatusCode"].integer().value_or(0);
    set_by_status(failure, original >= 400 && original < 600 ? static_cast<uint32_t>(original) : 0);
  } else if (!set_by_type(failure, type)) {
    set_by_status(failure, status);
  }
  if (failure.kind == FailureKind::kInvalidRequest) mend_validation(failure);
}

}  // namespace

Failure decode_error(uint32_t status, const wire::Headers& headers, std::string_view body) {
  Failure failure;
  json::Document document;
  const Result<json::Value> parsed = document.parse(body);
  const json::Value root = parsed.ok() ? parsed.value() : json::Value();
  failure.message = message_of(root);
  if (failure.message.empty()) {
    failure.message = "Amazon Bedrock answered " + std::to_string(status) +
                      (body.empty() ? " without a body" : " with no error it explains");
  }
  std::string_view type = bare_type(headers.get("x-amzn-errortype").value_or(""));
  if (type.empty()) type = bare_type(root["__type"].string_or(""));
  classify(failure, type, root, status);
  failure.retry_after_s = retry_after_seconds(headers, failure.message);
  return failure;
}

Failure exception_failure(std::string_view type, std::string_view data) {
  Failure failure;
  json::Document document;
  const Result<json::Value> parsed = document.parse(data);
  const json::Value root = parsed.ok() ? parsed.value() : json::Value();
  failure.message = message_of(root);
  const std::string_view original = root["originalMessage"].string_or("");
  if (failure.message.empty()) failure.message = original.substr(0, kMessageBytesMax);
  if (failure.message.empty()) {
    failure.message = "Amazon Bedrock ended the stream (" + std::string(type) + ")";
  }
  classify(failure, bare_type(type), root, 500);
  return failure;
}

bool is_exception(std::string_view name) {
  if (name.find('#') != std::string_view::npos) return true;
  Failure unused;
  const std::string_view type = bare_type(name);
  return type.ends_with("Exception") || is_model_error(type) || set_by_type(unused, type);
}

Failure malformed_failure() {
  Failure failure;
  failure.kind = FailureKind::kApi;
  failure.status = 500;
  failure.should_retry = true;
  failure.message = "The model wrote a tool call that cannot be read. Try again.";
  return failure;
}

}  // namespace tollgate::dialects::bedrock_converse
