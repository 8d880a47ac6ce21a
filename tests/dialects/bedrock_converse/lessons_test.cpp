#include "dialects/bedrock_converse/lessons.hpp"

#include <string>

#include "dialects/bedrock_converse/converse_support.hpp"
#include "json/writer.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

using model::LessonKind;

TEST_CASE("a 400 teaches what can be written otherwise") {
  struct Row {
    const char* message;
    LessonKind kind;
    const char* value;
  };
  const Row rows[] = {
      {"invalid beta flag", LessonKind::kDropField, "anthropic_beta"},
      {"Unexpected value(s) `effort-2025-11-24` for the `anthropic-beta` header. Please consult",
       LessonKind::kDropField, "anthropic_beta.effort-2025-11-24"},
      {"Malformed input request: #/toolConfig/tools/18: extraneous key [cachePoint] is not "
       "permitted, please reformat your input and try again.",
       LessonKind::kDropField, "cachePoint"},
      {"You invoked an unsupported model or your request did not allow prompt caching. See the "
       "documentation for more information.",
       LessonKind::kDropField, "cachePoint"},
      {"This model doesn't support the toolConfig.toolChoice.any field. Remove "
       "toolConfig.toolChoice.any and try again.",
       LessonKind::kDropField, "toolChoice"},
      {"This model doesn't support system messages. Try again without system messages or use a "
       "model that supports system messages.",
       LessonKind::kDropField, "system"},
      {"This model doesn't support the stopSequences field. Remove stopSequences and try again.",
       LessonKind::kDropField, "stopSequences"},
      {"User messages cannot contain reasoning content. Please remove the reasoning content and "
       "try again.",
       LessonKind::kDropReasoning, ""},
      {"messages.1.content.0: Invalid `signature` in `thinking` block", LessonKind::kDropReasoning,
       ""},
      {"The maximum tokens you requested exceeds the model limit of 8192. Try again with a maximum "
       "tokens value that is lower than 8192.",
       LessonKind::kOutputMax, "8192"},
      {"The model returned the following errors: max_tokens: 70000 > 64000, which is the maximum "
       "allowed number of output tokens for claude-sonnet-4-5",
       LessonKind::kOutputMax, "64000"},
      {"The model returned the following errors: context_management: Extra inputs are not "
       "permitted",
       LessonKind::kDropField, "context_management"},
  };
  for (const Row& row : rows) {
    INFO(row.message);
    std::string body;
    json::Writer(body).begin_object().member("message", row.message).end_object();
    const auto lesson = dialect().lesson(400, body);
    REQUIRE(lesson);
    CHECK(lesson->kind == row.kind);
    CHECK(lesson->value == row.value);
    CHECK_FALSE(dialect().lesson(500, body));
  }
  for (const char* message :
       {"Input is too long for requested model.", "The provided model identifier is invalid.",
        "tools.0.custom.defer_loading: Extra inputs are not permitted", "messages: empty"}) {
    INFO(message);
    std::string body;
    json::Writer(body).begin_object().member("message", message).end_object();
    CHECK_FALSE(dialect().lesson(400, body));
  }
}

TEST_CASE("a lesson names the field it is about") {
  const model::Lessons lessons = {{LessonKind::kOutputMax, "toolChoice"},
                                  {LessonKind::kDropField, "cachePoint"}};
  CHECK(is_refused(lessons, "cachePoint"));
  CHECK_FALSE(is_refused(lessons, "cache"));
  CHECK_FALSE(is_refused(lessons, "toolChoice"));
}

}  // namespace
}  // namespace tollgate::dialects::bedrock_converse
