#include "dialects/bedrock_converse/lessons.hpp"

#include <algorithm>
#include <string>

#include "base/ascii.hpp"
#include "dialects/bedrock_converse/betas.hpp"
#include "json/reader.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

using model::Lesson;
using model::LessonKind;

constexpr size_t kFieldBytesMax = 64;

/// A text that names a field nobody can do without the request being changed.
struct Refusal {
  std::string_view text;
  LessonKind kind;
  std::string_view value;
};

constexpr Refusal kRefusals[] = {
    {"extraneous key [cachePoint]", LessonKind::kDropField, "cachePoint"},
    {"did not allow prompt caching", LessonKind::kDropField, "cachePoint"},
    {"toolConfig.toolChoice", LessonKind::kDropField, "toolChoice"},
    {"support the stopSequences field", LessonKind::kDropField, "stopSequences"},
    {"support system messages", LessonKind::kDropField, "system"},
    {"extraneous key [status]", LessonKind::kDropField, "status"},
    {"support the status field", LessonKind::kDropField, "status"},
    {"`temperature` and `top_p` cannot both be specified", LessonKind::kDropField, "topP"},
    {"cannot contain reasoning content", LessonKind::kDropReasoning, ""},
    {"reasoningContent", LessonKind::kDropReasoning, ""},
    {"in `thinking` block", LessonKind::kDropReasoning, ""},
};

bool is_field_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// "… context_management: Extra inputs are not permitted": the word before the colon.
std::optional<Lesson> refused_field(std::string_view message) {
  const size_t at = message.find(": Extra inputs are not permitted");
  if (at == std::string_view::npos) return std::nullopt;
  size_t begin = at;
  while (begin > 0 && is_field_char(message[begin - 1]))
    --begin;
  // A path ("tools.0.custom.x") tells of something deeper, which has no lesson.
  const bool path = begin > 0 && message[begin - 1] == '.';
  if (path || begin == at || at - begin > kFieldBytesMax) return std::nullopt;
  return Lesson{LessonKind::kDropField, std::string(message.substr(begin, at - begin))};
}

std::string_view digits_behind(std::string_view message, std::string_view mark) {
  const size_t at = message.find(mark);
  if (at == std::string_view::npos) return {};
  message.remove_prefix(at + mark.size());
  size_t size = 0;
  while (size < message.size() && message[size] >= '0' && message[size] <= '9')
    ++size;
  return message.substr(0, size);
}

/// The values in backticks of "Unexpected value(s) `a` for the `anthropic-beta` header".
std::string_view named_beta(std::string_view message) {
  const size_t at = message.find("Unexpected value(s) `");
  if (at == std::string_view::npos) return {};
  message.remove_prefix(message.find('`', at) + 1);
  const std::string_view name = message.substr(0, message.find('`'));
  return name.size() <= kFieldBytesMax ? name : std::string_view();
}

}  // namespace

std::optional<Lesson> read_lesson(uint32_t status, std::string_view body) {
  if (status != 400 && status != 403) return std::nullopt;
  json::Document document;
  const Result<json::Value> parsed = document.parse(body);
  if (!parsed.ok()) return std::nullopt;
  const std::string_view lower_key = parsed.value()["message"].string_or("");
  const std::string_view message =
      lower_key.empty() ? parsed.value()["Message"].string_or("") : lower_key;
  if (message.find("invalid beta flag") != std::string_view::npos) {
    return Lesson{LessonKind::kDropField, std::string(kBetaField)};
  }
  if (message.find("anthropic-beta") != std::string_view::npos) {
    const std::string_view beta = named_beta(message);
    std::string field(kBetaField);
    if (!beta.empty()) field.append(1, '.').append(beta);
    return Lesson{LessonKind::kDropField, std::move(field)};
  }
  for (const Refusal& row : kRefusals) {
    if (message.find(row.text) != std::string_view::npos) {
      return Lesson{row.kind, std::string(row.value)};
    }
  }
  std::string_view most = digits_behind(message, "exceeds the model limit of ");
  if (most.empty() &&
      message.find("maximum allowed number of output tokens") != std::string_view::npos) {
    most = digits_behind(message, " > ");
  }
  if (!most.empty() && most.size() < 10) return Lesson{LessonKind::kOutputMax, std::string(most)};
  return refused_field(message);
}

bool is_refused(const model::Lessons& lessons, std::string_view field) {
  return std::any_of(lessons.begin(), lessons.end(), [&](const Lesson& lesson) {
    return lesson.kind == LessonKind::kDropField && lesson.value == field;
  });
}

}  // namespace tollgate::dialects::bedrock_converse
