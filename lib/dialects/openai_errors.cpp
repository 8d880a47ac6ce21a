#include "dialects/openai_errors.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/ascii.hpp"
#include "dialects/context_overflow.hpp"
#include "dialects/retry_after.hpp"
#include "json/writer.hpp"

namespace tollgate::dialects {
namespace {

using model::Failure;
using model::FailureKind;

constexpr size_t kMessageBytesMax = 4096;
constexpr size_t kPlainTextMax = 300;

std::string_view first_string(std::initializer_list<json::Value> values) {
  for (const json::Value value : values) {
    const std::string_view text = value.string_or("");
    if (!text.empty()) return text;
  }
  return {};
}

/// Codes come as text, as numbers and as null.
std::string word_of(json::Value value) {
  if (const auto number = value.integer()) return std::to_string(*number);
  return std::string(value.string_or(""));
}

uint32_t status_in(std::string_view word) {
  uint32_t status = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), status);
  const bool whole = error == std::errc{} && end == word.data() + word.size();
  return whole && status >= 400 && status < 600 ? status : 0;
}

/// {"hate":{"filtered":true,…},…}
void add_categories(json::Value filters, std::string& categories) {
  for (const json::Member member : filters.members()) {
    if (member.value["filtered"].boolean() != true && member.value["detected"].boolean() != true) {
      continue;
    }
    if (!categories.empty()) categories += ", ";
    categories += member.key;
  }
}

/// [{"loc":["body","x"],"msg":…}]: what FastAPI says of a body.
std::string detail_text(json::Value detail) {
  std::string text;
  for (const json::Value entry : detail.elements()) {
    const std::string_view said = entry["msg"].string_or("");
    if (said.empty()) continue;
    if (!text.empty()) text += "; ";
    std::string place;
    for (const json::Value step : entry["loc"].elements()) {
      if (!place.empty()) place += '.';
      place += word_of(step);
    }
    if (!place.empty()) text.append(place).append(": ");
    text += said;
  }
  return text;
}

/// What stands behind "Provider returned error": a text, or an error again.
std::string raw_text(json::Value metadata) {
  const json::Value raw = metadata["raw"];
  const std::string_view text = raw.string_or("");
  json::Document document;
  const auto parsed = document.parse(text);
  const json::Value inner = parsed.ok() ? parsed.value() : raw;
  const std::string_view told =
      first_string({inner["error"]["message"], inner["message"], inner["error"], inner["detail"]});
  return std::string(told.empty() ? text : told);
}

struct Meaning {
  FailureKind kind;
  uint32_t status;
  std::optional<bool> should_retry = {};
};

struct Rule {
  Meaning meaning;
  std::array<std::string_view, 9> words;  ///< Equal to the code, the type or an inner code.
  std::array<std::string_view, 4> texts;  ///< Within the message, in lower case.
  std::array<uint32_t, 3> statuses;
};

// The first that fits counts: what is said, before the status it is said with.
// clang-format off
constexpr Rule kSaid[] = {
    {{FailureKind::kInvalidRequest, 400}, {"content_filter", "responsibleaipolicyviolation", "content_policy_violation", "invalid_prompt", "bio_policy"}, {}, {}},
    {{FailureKind::kBilling, 402, false}, {"insufficient_quota", "billing_hard_limit_reached", "insufficient_credits"}, {"insufficient balance", "insufficient credits"}, {402}},
    {{FailureKind::kAuthentication, 401}, {"invalid_api_key", "invalid_authentication"}, {"incorrect api key", "invalid api key", "invalid key"}, {401}},
    {{FailureKind::kNotFound, 404}, {"model_not_found", "deploymentnotfound"}, {"try pulling it"}, {404}},
    {{FailureKind::kPermission, 403}, {"permission_denied", "unsupported_country_region_territory", "model_not_allowed"}, {}, {403}},
    {{FailureKind::kTooLarge, 413}, {"request_too_large"}, {"request body too large"}, {413}},
    {{FailureKind::kTimeout, 504}, {"timeout"}, {}, {408, 504, 524}},
    {{FailureKind::kRateLimit, 429}, {"rate_limit_exceeded", "ratelimitreached", "rate_limit_error"}, {}, {429}},
    {{FailureKind::kOverloaded, 529}, {"overloaded", "overloaded_error", "engine_overloaded", "server_is_overloaded", "server_busy", "no_available_workers", "slow_down", "insufficient_system_resource", "unavailable_error"}, {"loading model"}, {503, 529, 498}},
};
// clang-format on

bool has_word(const Rule& rule, std::string_view word) {
  return !word.empty() && std::any_of(rule.words.begin(), rule.words.end(), [&](auto each) {
    return ascii::equals_ignore_case(each, word);
  });
}

/// "The requested model 'x' does not exist."
bool names_unknown_model(std::string_view lower) {
  return lower.find("model") != std::string_view::npos &&
         (lower.find("does not exist") != std::string_view::npos ||
          lower.find("model not found") != std::string_view::npos);
}

/// "messages[3].content", "input[0].content[1].text", "input": what a conversation consists of.
bool is_content(std::string_view path) {
  return path == "input" || path == "instructions" ||
         ((path.starts_with("messages[") || path.starts_with("input[")) &&
          (path.find(".content") != std::string_view::npos || path.ends_with(".output")));
}

Meaning meaning_of(uint32_t status, const OpenaiError& error) {
  const std::string lower = ascii::to_lower(error.message);
  const auto said = [&](const Rule& rule) {
    return has_word(rule, error.code) || has_word(rule, error.type) ||
           std::any_of(rule.texts.begin(), rule.texts.end(), [&](auto text) {
             return !text.empty() && lower.find(text) != std::string::npos;
           });
  };
  for (const Rule& rule : kSaid) {
    if (said(rule)) return rule.meaning;
  }
  if (status == 400 && names_unknown_model(lower)) return {FailureKind::kNotFound, 404};
  if (error.code == "string_above_max_length" && is_content(error.param)) {
    return {FailureKind::kTooLarge, 413};
  }
  for (const Rule& rule : kSaid) {
    if (status != 0 &&
        std::find(rule.statuses.begin(), rule.statuses.end(), status) != rule.statuses.end()) {
      return rule.meaning;
    }
  }
  // A conflict of theirs is nothing a client can mend.
  const bool clients = status >= 400 && status < 500 && status != 409 && status != 424;
  const bool told_clients = status == 0 && error.type == "invalid_request_error";
  if (clients || told_clients) return {FailureKind::kInvalidRequest, 400};
  return {FailureKind::kApi, 500};
}

/// Part of a key stands behind "provided: ".
std::string masked(std::string message) {
  constexpr std::string_view kBefore = "provided: ";
  constexpr size_t kKeyBytesMin = 6;
  const size_t at = message.find(kBefore);
  if (at == std::string::npos) return message;
  const size_t begin = at + kBefore.size();
  size_t end = begin;
  const auto in_key = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '*' || c == '-';
  };
  while (end < message.size() && in_key(message[end]))
    ++end;
  if (end - begin >= kKeyBytesMin) message.replace(begin, end - begin, "***");
  return message;
}

void cut(std::string& text, size_t bytes_max) {
  if (text.size() <= bytes_max) return;
  size_t size = bytes_max;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U)
    --size;
  text.resize(size);
}

/// For bodies that are no JSON.
std::string plain_text(uint32_t status, std::string_view body) {
  const std::string answered = "The upstream answered " + std::to_string(status);
  const size_t begin = body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (begin == std::string_view::npos) return answered + " without a body";
  body.remove_prefix(begin);
  if (body.front() == '<') return answered + " with an HTML page";
  if (body.front() == '{' || body.front() == '[')
    return answered + " with JSON that tells no error";
  std::string text;
  for (const char c : body.substr(0, kPlainTextMax)) {
    const bool space = static_cast<unsigned char>(c) <= ' ';
    if (!space || (!text.empty() && text.back() != ' ')) text += space ? ' ' : c;
  }
  cut(text, kPlainTextMax - 1);
  return answered + ": " + text;
}

}  // namespace

OpenaiError read_openai_error(json::Value root) {
  OpenaiError error;
  // Some answer with a list of one.
  if (root.is_array() && root.size() > 0) root = *root.elements().begin();
  const json::Value inner = root["error"].is_object() ? root["error"] : root;
  error.message = first_string({inner["message"], root["error"], root["detail"], root["message"],
                                root["Message"], inner["msg"]});
  if (error.message.empty()) error.message = detail_text(root["detail"]);
  if (error.message.empty() && !inner["error"].is_null()) {
    error.message = first_string({inner["error"]["message"], inner["metadata"]["raw"]});
  }
  const auto tokens = inner["n_prompt_tokens"].integer();
  const auto window = inner["n_ctx"].integer();
  if (tokens && window && *tokens > *window) {
    // llama.cpp tells the numbers beside the words, and not always among them.
    error.message = "request (" + std::to_string(*tokens) +
                    " tokens) exceeds the available context size (" + std::to_string(*window) +
                    " tokens)";
  }
  error.type = inner["type"].string_or("");
  error.code = word_of(inner["code"]);
  error.param = inner["param"].string_or("");
  error.status = status_in(error.code);
  for (const json::Value said : {inner["status_code"], inner["status"], root["statusCode"]}) {
    if (error.status == 0) error.status = status_in(word_of(said));
  }
  const json::Value filter = inner["innererror"];
  if (filter.is_object()) {
    add_categories(filter["content_filter_result"], error.categories);
    if (error.code != "content_filter" && filter["code"].is_string()) {
      error.code = filter["code"].string_or("");
    }
  }
  const std::string raw = raw_text(inner["metadata"]);
  if (!raw.empty()) {
    const bool says_nothing = error.message.empty() || error.message == "Provider returned error";
    error.message = says_nothing ? raw : error.message + ": " + raw;
  }
  return error;
}

Failure openai_failure(uint32_t status, const OpenaiError& error) {
  if (status < 400) status = error.status;
  const bool may_overflow = status == 0 || status == 400 || status == 413 || status == 422 ||
                            status == 429 || status >= 500;
  if (may_overflow) {
    auto overflow = find_context_overflow(error.message);
    if (!overflow && status != 429) {
      overflow = find_context_overflow(error.code);
      if (!overflow) overflow = find_context_overflow(error.type);
    }
    if (overflow) {
      Failure failure = context_overflow_failure(*overflow, error.message);
      cut(failure.message, kMessageBytesMax);
      return failure;
    }
  }
  const Meaning meaning = meaning_of(status, error);
  Failure failure;
  failure.kind = meaning.kind;
  failure.status = meaning.status;
  failure.should_retry = meaning.should_retry;
  failure.message = masked(error.message);
  if (!error.categories.empty()) failure.message += " (" + error.categories + ")";
  cut(failure.message, kMessageBytesMax);
  return failure;
}

Failure openai_failure(uint32_t status, const wire::Headers& headers, std::string_view body) {
  json::Document document;
  const auto parsed = document.parse(body);
  OpenaiError error;
  if (parsed.ok()) error = read_openai_error(parsed.value());
  if (error.message.empty()) error.message = plain_text(status, body);
  Failure failure = openai_failure(status, error);
  const bool may_pass = failure.kind == FailureKind::kRateLimit ||
                        failure.kind == FailureKind::kOverloaded ||
                        failure.kind == FailureKind::kTimeout || failure.kind == FailureKind::kApi;
  if (may_pass) failure.retry_after_s = retry_after_seconds(headers, error.message);
  const std::string_view retry = headers.get("x-should-retry").value_or("");
  if (!failure.should_retry && retry == "true") failure.should_retry = true;
  if (retry == "false") failure.should_retry = false;
  return failure;
}

bool is_refused_for_its_limit(uint32_t status, std::string_view body) {
  if (status != 400) return false;
  json::Document document;
  const auto parsed = document.parse(body);
  if (!parsed.ok()) return false;
  const std::string lower = ascii::to_lower(read_openai_error(parsed.value()).message);
  return lower.find("could not finish the message because max_tokens") != std::string::npos ||
         lower.find("max_tokens or model output limit was reached") != std::string::npos;
}

namespace {

struct ErrorName {
  FailureKind kind;
  std::string_view type;
  std::string_view code;
};

// clang-format off
constexpr ErrorName kNames[] = {
    {FailureKind::kInvalidRequest, "invalid_request_error", ""},
    {FailureKind::kAuthentication, "invalid_request_error", "invalid_api_key"},
    {FailureKind::kBilling,        "insufficient_quota",    "insufficient_quota"},
    {FailureKind::kPermission,     "invalid_request_error", "permission_denied"},
    {FailureKind::kNotFound,       "invalid_request_error", "not_found"},
    {FailureKind::kConflict,       "invalid_request_error", "conflict"},
    {FailureKind::kTooLarge,       "invalid_request_error", "request_too_large"},
    {FailureKind::kRateLimit,      "rate_limit_error",      "rate_limit_exceeded"},
    {FailureKind::kApi,            "server_error",          "server_error"},
    {FailureKind::kTimeout,        "server_error",          "timeout"},
    {FailureKind::kOverloaded,     "server_error",          "overloaded"},
};
// clang-format on

const ErrorName& name_of(FailureKind kind) {
  for (const ErrorName& row : kNames) {
    if (row.kind == kind) return row;
  }
  return kNames[0];
}

}  // namespace

std::string_view openai_error_type(const Failure& failure) {
  return name_of(failure.kind).type;
}

std::string_view openai_error_code(const Failure& failure) {
  if (failure.kind == FailureKind::kInvalidRequest && find_context_overflow(failure.message)) {
    return "context_length_exceeded";
  }
  return name_of(failure.kind).code;
}

void encode_openai_error(const Failure& failure, std::string& out) {
  json::Writer writer(out);
  writer.begin_object().key("error").begin_object();
  writer.member("message", failure.message).member("type", openai_error_type(failure));
  writer.key("param").null().key("code");
  const std::string_view code = openai_error_code(failure);
  if (code.empty()) {
    writer.null();
  } else {
    writer.string(code);
  }
  writer.end_object().end_object();
}

}  // namespace tollgate::dialects
