#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>

#include "dialects/context_overflow.hpp"
#include "dialects/gemini_generate/answer.hpp"
#include "dialects/gemini_generate/parts.hpp"
#include "dialects/retry_after.hpp"
#include "json/reader.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

using model::Failure;
using model::FailureKind;

constexpr size_t kPlainTextMax = 300;
constexpr int64_t kWaitMax = 86'400;

struct ErrorName {
  std::string_view name;  ///< google.rpc.Code.
  uint32_t google;        ///< The status it comes with.
  FailureKind kind;
  uint32_t status;
};

constexpr std::array<ErrorName, 16> kErrors = {{
    {"INVALID_ARGUMENT", 400, FailureKind::kInvalidRequest, 400},
    {"FAILED_PRECONDITION", 400, FailureKind::kInvalidRequest, 400},
    {"OUT_OF_RANGE", 400, FailureKind::kInvalidRequest, 400},
    {"UNAUTHENTICATED", 401, FailureKind::kAuthentication, 401},
    {"PERMISSION_DENIED", 403, FailureKind::kPermission, 403},
    {"NOT_FOUND", 404, FailureKind::kNotFound, 404},
    {"ABORTED", 409, FailureKind::kConflict, 409},
    {"ALREADY_EXISTS", 409, FailureKind::kConflict, 409},
    {"RESOURCE_EXHAUSTED", 429, FailureKind::kRateLimit, 429},
    {"CANCELLED", 499, FailureKind::kApi, 500},
    {"INTERNAL", 500, FailureKind::kApi, 500},
    {"UNKNOWN", 500, FailureKind::kApi, 500},
    {"DATA_LOSS", 500, FailureKind::kApi, 500},
    {"UNAVAILABLE", 503, FailureKind::kOverloaded, 529},
    {"DEADLINE_EXCEEDED", 504, FailureKind::kTimeout, 504},
    {"", 413, FailureKind::kTooLarge, 413},
}};

/// By the name; by the status where the name is none of Google's.
const ErrorName* find_error(std::string_view name, uint32_t status) {
  const ErrorName* by_status = nullptr;
  for (const ErrorName& row : kErrors) {
    if (!name.empty() && row.name == name) return &row;
    if (by_status == nullptr && row.google == status) by_status = &row;
  }
  return by_status;
}

void set_kind(Failure& failure, std::string_view name, uint32_t status) {
  if (const ErrorName* row = find_error(name, status)) {
    failure.kind = row->kind;
    failure.status = row->status;
    return;
  }
  const bool refused = status >= 400 && status < 500;
  failure.kind = status == 408 ? FailureKind::kTimeout
                 : refused     ? FailureKind::kInvalidRequest
                               : FailureKind::kApi;
  failure.status = status >= 400 && status < 600 ? status : 500;
}

/// "34.4s" as whole seconds, rounded up.
std::optional<int64_t> seconds_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end == text.data() + text.size() || *end != 's') return std::nullopt;
  if (!(value >= 0) || value > static_cast<double>(kWaitMax)) return std::nullopt;
  return static_cast<int64_t>(std::ceil(value));
}

std::optional<int64_t> seconds_after(std::string_view text, std::string_view words) {
  const size_t at = text.find(words);
  if (at == std::string_view::npos) return std::nullopt;
  return seconds_of(text.substr(at + words.size()));
}

/// The first whole numbers of a text, which may hold commas between digits.
template <size_t kCount>
size_t numbers_in(std::string_view text, std::array<int64_t, kCount>& numbers) {
  size_t found = 0;
  for (size_t i = 0; i < text.size() && found < kCount;) {
    if (text[i] < '0' || text[i] > '9') {
      ++i;
      continue;
    }
    int64_t value = 0;
    while (i < text.size() &&
           ((text[i] >= '0' && text[i] <= '9') ||
            (text[i] == ',' && i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9'))) {
      if (text[i] != ',' && value < INT64_MAX / 10 - 9) value = value * 10 + (text[i] - '0');
      ++i;
    }
    numbers[found++] = value;
  }
  return found;
}

/// Clients compact their conversation when they read these words.
std::string overflow_message(std::string_view message) {
  const bool counted = message.find("token count") != std::string_view::npos &&
                       (message.find("exceeds the maximum") != std::string_view::npos ||
                        message.find("only supports up to") != std::string_view::npos);
  if (!counted) return {};
  std::array<int64_t, 2> numbers{};
  if (numbers_in(message.substr(message.find("token count")), numbers) < 2) {
    return "prompt is too long: " + std::string(message);
  }
  return "prompt is too long: " + std::to_string(numbers[0]) + " tokens > " +
         std::to_string(numbers[1]) + " maximum";
}

void read_details(json::Value details, Failure& failure) {
  for (const json::Value detail : details.elements()) {
    const std::string_view type = detail["@type"].string_or("");
    if (type.ends_with("google.rpc.RetryInfo")) {
      failure.retry_after_s = seconds_of(detail["retryDelay"].string_or(""));
    } else if (type.ends_with("google.rpc.QuotaFailure")) {
      for (const json::Value violation : detail["violations"].elements()) {
        // A day's quota does not come back while a client waits.
        if (violation["quotaId"].string_or("").find("PerDay") != std::string_view::npos) {
          failure.should_retry = false;
        }
      }
    } else if (type.ends_with("google.rpc.ErrorInfo")) {
      const std::string_view reason = detail["reason"].string_or("");
      if (reason.starts_with("API_KEY_")) {
        failure.kind = FailureKind::kAuthentication;
        failure.status = 401;
      }
    }
  }
}

std::string describe(uint32_t status, std::string_view body) {
  const std::string answered = "The upstream answered " + std::to_string(status);
  const size_t begin = body.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return answered + " without a body";
  body.remove_prefix(begin);
  if (body.front() == '<') return answered + " with an HTML page";
  if (body.front() == '{' || body.front() == '[') {
    return answered + " with JSON that tells no error";
  }
  std::string line;
  for (const char c : body.substr(0, kPlainTextMax)) {
    if (static_cast<unsigned char>(c) >= 0x80) break;  // Rather no character than half of one.
    line += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return line.empty() ? answered : answered + ": " + line;
}

std::optional<json::Value> error_of(json::Value root) {
  if (root.is_array()) {
    for (const json::Value element : root.elements()) {
      if (element["error"].is_object()) return element["error"];
    }
    return std::nullopt;
  }
  if (root["error"].is_object()) return root["error"];
  return std::nullopt;
}

/// The largest value a range in a refusal allows: "from 1 (inclusive) to 8193 (exclusive)".
std::optional<int64_t> allowed_output(std::string_view message) {
  size_t field = message.find("axOutputTokens");
  if (field == std::string_view::npos) field = message.find("ax_output_tokens");
  if (field == std::string_view::npos) return std::nullopt;
  const size_t to = message.find(" to ", field);
  if (to == std::string_view::npos) return std::nullopt;
  const std::string_view end = message.substr(to);
  std::array<int64_t, 1> number{};
  if (numbers_in(end, number) == 0) return std::nullopt;
  const bool exclusive = end.find("(exclusive)") != std::string_view::npos;
  const int64_t most = number[0] - (exclusive ? 1 : 0);
  return most > 0 ? std::optional(most) : std::nullopt;
}

/// The member in: Unknown name "x" at 'contents[1].parts[0].function_call': Cannot find field.
std::string_view unknown_name(std::string_view message) {
  constexpr std::string_view kWords = "Unknown name \"";
  const size_t at = message.find(kWords);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = message.substr(at + kWords.size());
  return rest.substr(0, rest.find('"'));
}

}  // namespace

Failure read_error(json::Value error, uint32_t status) {
  Failure failure;
  const std::string_view message = error["message"].string_or("");
  const auto code = error["code"].integer();
  uint32_t told = status;
  if (told == 0) told = code && *code >= 400 && *code < 600 ? static_cast<uint32_t>(*code) : 500;
  set_kind(failure, error["status"].string_or(""), told);
  failure.message = message;
  failure.retry_after_s = seconds_after(message, "Please retry in ");
  read_details(error["details"], failure);
  if (failure.kind == FailureKind::kInvalidRequest) {
    if (message.find("payload size exceeds") != std::string_view::npos) {
      failure.kind = FailureKind::kTooLarge;
      failure.status = 413;
    }
    if (std::string overflow = overflow_message(message); !overflow.empty()) {
      failure.message = std::move(overflow);
    } else if (const auto other = find_context_overflow(message)) {
      failure.message = context_overflow_failure(*other, message).message;
    }
  }
  if (failure.message.empty()) failure.message = "The upstream failed without saying why";
  return failure;
}

Failure decode_error(uint32_t status, const wire::Headers& headers, std::string_view body) {
  Failure failure;
  json::Document document;
  const Result<json::Value> parsed = document.parse(body);
  const auto error = parsed.ok() ? error_of(parsed.value()) : std::nullopt;
  if (error) {
    failure = read_error(*error, status);
  } else {
    set_kind(failure, "", status);
    failure.message = describe(status, body);
  }
  const auto told = retry_after_seconds(headers, {});
  if (told && *told <= kWaitMax) failure.retry_after_s = told;
  return failure;
}

std::optional<model::Lesson> lesson(uint32_t status, std::string_view body) {
  using model::LessonKind;
  if (status != 400) return std::nullopt;
  json::Document document;
  const Result<json::Value> parsed = document.parse(body);
  const auto error = parsed.ok() ? error_of(parsed.value()) : std::nullopt;
  if (!error) return std::nullopt;
  const std::string_view message = (*error)["message"].string_or("");
  const auto says = [&](std::string_view words) {
    return message.find(words) != std::string_view::npos;
  };
  if (says("thought signature") || says("thought_signature") || says("Thought signature")) {
    return model::Lesson{LessonKind::kDropReasoning, ""};
  }
  if (const auto most = allowed_output(message)) {
    return model::Lesson{LessonKind::kOutputMax, std::to_string(*most)};
  }
  const std::string_view name = unknown_name(message);
  for (const auto& [wire, member] :
       {std::pair<std::string_view, const char*>{"parametersJsonSchema", "parametersJsonSchema"},
        {"parameters_json_schema", "parametersJsonSchema"},
        {"responseJsonSchema", "responseJsonSchema"},
        {"response_json_schema", "responseJsonSchema"},
        {"thinkingConfig", "thinkingConfig"},
        {"thinking_config", "thinkingConfig"},
        {"thinkingLevel", "thinkingConfig"},
        {"thinking_level", "thinkingConfig"},
        {"id", "id"},
        {"parts", "parts"}}) {
    if (name == wire) return model::Lesson{LessonKind::kDropField, member};
  }
  if (says("hinking level") || says("hinking budget") || says("hinking is not supported") ||
      says("hinking_config") || says("thinking_level") || says("thinking_budget")) {
    return model::Lesson{LessonKind::kDropField, "thinkingConfig"};
  }
  if (says("too many states") || says("too complex") || says("nesting depth") ||
      (says("schema") && !name.empty()) || says("function_declarations") ||
      says("functionDeclaration")) {
    return model::Lesson{LessonKind::kPlainSchemas, ""};
  }
  return std::nullopt;
}

}  // namespace tollgate::dialects::gemini_generate
