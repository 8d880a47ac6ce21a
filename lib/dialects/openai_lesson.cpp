#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "dialects/context_overflow.hpp"
#include "dialects/openai_errors.hpp"

namespace tollgate::dialects {
namespace {

using model::Lesson;
using model::LessonKind;

/// Fields a request can do without: what they ask for is a wish, not its meaning.
// clang-format off
constexpr std::string_view kSpareFields[] = {
    "temperature", "top_p", "top_k", "stop", "stream_options", "parallel_tool_calls",
    "reasoning_effort", "service_tier", "safety_identifier", "prompt_cache_key", "user",
    "reasoning", "include", "strict", "verbosity", "store", "thinking", "chat_template_kwargs",
    "enable_thinking", "phase", "reasoning_content", "max_tool_calls", "frequency_penalty",
    "presence_penalty", "logit_bias", "logprobs", "top_logprobs", "seed",
};
// clang-format on

bool is_spare(std::string_view field) {
  return std::find(std::begin(kSpareFields), std::end(kSpareFields), field) !=
         std::end(kSpareFields);
}

/// The field of a path: "tools[0].function.strict" is about "strict".
std::string_view spare_field(std::string_view path) {
  if (path == "reasoning.summary" || path == "reasoning.effort") return path;
  if (is_spare(path)) return path;
  if (path.ends_with(".strict")) return "strict";
  if (path.ends_with(".phase")) return "phase";
  if (path.ends_with(".reasoning_content")) return "reasoning_content";
  const std::string_view root = path.substr(0, path.find_first_of(".["));
  return is_spare(root) ? root : std::string_view();
}

/// A word behind `before`, with or without quotes around it.
std::string word_behind(std::string_view text, std::string_view before) {
  const size_t at = text.find(before);
  if (at == std::string_view::npos) return {};
  std::string word;
  for (const char c : text.substr(at + before.size())) {
    if (c == '\'' || c == '`' || c == '"' || c == ' ') {
      if (word.empty()) continue;
      break;
    }
    if (c == ',' || c == ':' || c == '\n') break;
    word += c;
  }
  while (!word.empty() && word.back() == '.')
    word.pop_back();
  return word;
}

std::string number_behind(std::string_view text, std::string_view before) {
  const size_t at = text.find(before);
  if (at == std::string_view::npos) return {};
  std::string digits;
  for (const char c : text.substr(at + before.size())) {
    if (c >= '0' && c <= '9') {
      digits += c;
    } else if (!digits.empty() && c != ',' && c != '_') {
      break;
    } else if (digits.empty() && c != ' ' && c != '`' && c != '\'') {
      break;
    }
  }
  return digits.size() > 0 && digits.size() < 10 ? digits : std::string();
}

constexpr std::string_view kQuotes = "'`\"";

/// "Supported values are: 'low', 'medium', and 'high'." in our order.
std::string efforts_in(std::string_view lower) {
  size_t at = std::string_view::npos;
  for (const std::string_view before :
       {"supported values are", "must be one of", "should be one of", "expected one of",
        "input should be "}) {
    if (at == std::string_view::npos) at = lower.find(before);
  }
  if (at == std::string_view::npos) return {};
  std::string list;
  for (const std::string_view effort :
       {"none", "minimal", "low", "medium", "high", "xhigh", "max"}) {
    const bool named = std::any_of(kQuotes.begin(), kQuotes.end(), [&](char quote) {
      const std::string quoted = quote + std::string(effort) + quote;
      return lower.find(quoted, at) != std::string_view::npos;
    });
    if (!named) continue;
    if (!list.empty()) list += ',';
    list += effort;
  }
  return list;
}

/// "This model does not support `reasoning_effort` value `none`": the other values remain.
std::string efforts_without(std::string_view lower) {
  const std::string refused = word_behind(lower, " value ");
  if (refused != "none" && refused != "minimal" && refused != "xhigh" && refused != "max")
    return {};
  std::string list;
  for (const std::string_view effort : {"low", "medium", "high"}) {
    if (!list.empty()) list += ',';
    list += effort;
  }
  return list;
}

std::optional<Lesson> lesson_of_api(std::string_view lower) {
  const auto says = [&](std::string_view text) {
    return lower.find(text) != std::string_view::npos;
  };
  if (says("use /v1/responses") || says("only supported in v1/responses") ||
      says("use the responses api")) {
    return Lesson{LessonKind::kUseResponses, {}};
  }
  if (says("use /v1/chat/completions") || says("only supported in v1/chat/completions") ||
      says("not supported with the responses api") || says("not supported in the responses api")) {
    return Lesson{LessonKind::kUseChat, {}};
  }
  return std::nullopt;
}

std::optional<Lesson> lesson_of_limits(std::string_view lower) {
  constexpr std::array<std::string_view, 6> kBefore = {
      "this model supports at most ",
      "max_tokens` must be less than or equal to ",
      "max_tokens must be less than or equal to ",
      "valid range of max_tokens is [1, ",
      "range of max_tokens should be [1, ",
      "maximum allowed number of output tokens is "};
  for (const std::string_view before : kBefore) {
    std::string number = number_behind(lower, before);
    if (!number.empty()) return Lesson{LessonKind::kOutputMax, std::move(number)};
  }
  std::string length = number_behind(lower, "greater than max_model_len=");
  if (!length.empty()) return Lesson{LessonKind::kContextWindow, std::move(length)};
  const auto overflow = find_context_overflow(lower);
  // The prompt fits, and some answer with it: less of it can be asked for.
  constexpr int64_t kAnswerMin = 1024;
  if (overflow && overflow->input && overflow->output && overflow->maximum &&
      (overflow->input_is_minimum || *overflow->input < *overflow->maximum - kAnswerMin)) {
    return Lesson{LessonKind::kContextWindow, std::to_string(*overflow->maximum)};
  }
  return std::nullopt;
}

std::optional<Lesson> lesson_of_field(std::string_view field, std::string_view lower) {
  const bool other_named = lower.find("max_completion_tokens' instead") != std::string_view::npos;
  if (field == "max_tokens" && other_named) {
    return Lesson{LessonKind::kTokenField, "max_completion_tokens"};
  }
  if (field == "max_completion_tokens") return Lesson{LessonKind::kTokenField, "max_tokens"};
  const std::string_view spare = spare_field(field);
  if (spare.empty()) return std::nullopt;
  return Lesson{LessonKind::kDropField, std::string(spare)};
}

/// "`logprobs` is not supported with this model".
std::string_view field_before(std::string_view lower) {
  for (const std::string_view words : {" is not supported", " is unsupported", " is not allowed",
                                       " is not permitted", " are not supported"}) {
    const size_t end = lower.find(words);
    if (end == std::string_view::npos) continue;
    std::string_view before = lower.substr(0, end);
    while (!before.empty() && kQuotes.find(before.back()) != std::string_view::npos)
      before.remove_suffix(1);
    const size_t begin = before.find_last_of(" '`\"");
    const std::string_view word =
        begin == std::string_view::npos ? before : before.substr(begin + 1);
    if (!spare_field(word).empty()) return word;
  }
  return {};
}

/// The field a refusal is about; empty when it is about something else.
std::string refused_field(const OpenaiError& error, std::string_view lower) {
  for (const std::string_view before :
       {"unsupported parameter: ", "unrecognized request argument supplied: ",
        "unrecognized request arguments supplied: ", "unknown parameter: ", "unsupported value: ",
        "argument not supported on this model: ", "unknown field ", "unrecognized field ",
        "unexpected keyword argument ", "unsupported parameter(s): ", "unsupported parameters: ",
        "properties are not allowed (", ": property "}) {
    std::string word = word_behind(lower, before);
    if (!word.empty()) return word;
  }
  // [{"type":"extra_forbidden","loc":["body","x"]}]: "body.x: Extra inputs are not permitted".
  constexpr std::string_view kExtra = ": extra inputs are not permitted";
  if (const size_t at = lower.find(kExtra); at != std::string_view::npos) {
    const std::string_view before = lower.substr(0, at);
    const std::string_view path = before.substr(before.find_last_of(" ;") + 1);
    return std::string(path.starts_with("body.") ? path.substr(5) : path);
  }
  if (error.code == "unsupported_parameter" || error.code == "unknown_parameter" ||
      error.code == "unsupported_value") {
    return error.param;
  }
  const std::string_view named = field_before(lower);
  if (!named.empty()) return std::string(named);
  return lower.find("stream_options") != std::string_view::npos ? "stream_options" : std::string();
}

std::optional<Lesson> lesson_of_parameter(const OpenaiError& error, std::string_view lower) {
  const std::string field = refused_field(error, lower);
  const std::string_view about = error.param.empty() ? std::string_view(field) : error.param;
  if (about == "reasoning_effort" || about == "reasoning.effort" ||
      lower.find("reasoning_effort") != std::string_view::npos) {
    std::string efforts = efforts_in(lower);
    if (efforts.empty()) efforts = efforts_without(lower);
    if (!efforts.empty()) return Lesson{LessonKind::kEfforts, std::move(efforts)};
    if (lower.find("support") != std::string_view::npos) {
      return Lesson{LessonKind::kDropField, "reasoning_effort"};
    }
  }
  if (about.starts_with("messages[") && about.ends_with(".role") &&
      lower.find("'system'") != std::string_view::npos) {
    return Lesson{LessonKind::kSystemRole, "user"};
  }
  return lesson_of_field(field, lower);
}

std::optional<Lesson> lesson_of_content(const OpenaiError& error, std::string_view lower) {
  const auto says = [&](std::string_view text) {
    return lower.find(text) != std::string_view::npos;
  };
  if (error.code == "invalid_encrypted_content" ||
      (says("encrypted content") && says("could not be verified"))) {
    return Lesson{LessonKind::kDropReasoning, {}};
  }
  if (says("verified to generate reasoning summaries")) {
    return Lesson{LessonKind::kDropField, "reasoning.summary"};
  }
  // Models that choose by themselves while they think.
  if (says("tool_choice") && (says("thinking") || says("not support this tool_choice"))) {
    return Lesson{LessonKind::kDropField, "tool_choice"};
  }
  if (says("reasoning is mandatory")) {
    return Lesson{LessonKind::kEfforts, "minimal,low,medium,high,xhigh"};
  }
  if (says("encrypted content is not supported")) return Lesson{LessonKind::kDropField, "include"};
  if (says("failed to parse grammar") || says("json schema conversion failed")) {
    return Lesson{LessonKind::kPlainSchemas, {}};
  }
  const bool of_description = error.param.ends_with(".description") || says(".description'");
  if (of_description && (error.code == "string_above_max_length" || says("string too long"))) {
    std::string longest = number_behind(lower, "maximum length ");
    if (!longest.empty()) return Lesson{LessonKind::kDescriptionMax, std::move(longest)};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Lesson> openai_lesson(uint32_t status, std::string_view body) {
  if (status != 400 && status != 404 && status != 422) return std::nullopt;
  json::Document document;
  const auto parsed = document.parse(body);
  if (!parsed.ok()) return std::nullopt;
  const OpenaiError error = read_openai_error(parsed.value());
  const std::string lower = ascii::to_lower(error.message);
  std::optional<Lesson> lesson = lesson_of_api(lower);
  if (lesson || status == 404) return lesson;
  if (!lesson) lesson = lesson_of_limits(lower);
  if (!lesson) lesson = lesson_of_content(error, lower);
  if (!lesson) lesson = lesson_of_parameter(error, lower);
  return lesson;
}

}  // namespace tollgate::dialects
