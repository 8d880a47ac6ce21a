#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tollgate::model {

enum class LessonKind : uint8_t {
  kUseResponses,  ///< The model is served by the Responses dialect only.
  kUseChat,
  kTokenField,      ///< value: the field's name.
  kOutputMax,       ///< value: a number of tokens.
  kEfforts,         ///< value: comma list, lowest first.
  kDropField,       ///< value: a field of the request that is refused.
  kDescriptionMax,  ///< value: characters of a tool's description.
  kDropReasoning,   ///< Reasoning of earlier turns cannot be read; for this conversation only.
  kPlainSchemas,    ///< Tool schemas without pattern and format.
  kContextWindow,   ///< value: tokens of prompt and answer together.
  kSystemRole,      ///< Chat: value: as ModelFacts::system_role.
  kClockSkew,       ///< value: seconds by which the upstream's clock is ahead. The last one counts.
};

/// What an upstream's 400 taught about one model of one account.
struct Lesson {
  LessonKind kind = LessonKind::kDropField;
  std::string value;

  friend bool operator==(const Lesson&, const Lesson&) = default;
};

using Lessons = std::vector<Lesson>;

/// The value of the last lesson of this kind, or null.
inline const std::string* find_lesson(const Lessons& lessons, LessonKind kind) {
  for (size_t i = lessons.size(); i > 0; --i) {
    if (lessons[i - 1].kind == kind) return &lessons[i - 1].value;
  }
  return nullptr;
}

}  // namespace tollgate::model
