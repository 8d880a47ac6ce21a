#include "providers/anthropic/messages_lessons.hpp"

#include <string>

#include "exchange/member_edits.hpp"
#include "json/writer.hpp"
#include "support/catch.hpp"

namespace tollgate::providers {
namespace {

using model::Lesson;
using model::LessonKind;

std::string refusal(std::string_view message) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().member("type", "error").key("error").begin_object();
  writer.member("type", "invalid_request_error").member("message", message);
  writer.end_object().end_object();
  return out;
}

TEST_CASE("a refusal teaches what the model behind a name does without") {
  struct {
    const char* message;
    const char* lesson;  ///< Empty: none.
  } rows[] = {
      {"adaptive thinking is not supported on this model", "thinking.adaptive"},
      {"thinking: Input tag 'adaptive' found using 'type' does not match any of the expected "
       "tags: 'disabled', 'enabled'",
       "thinking.adaptive"},
      {"\"thinking.type.enabled\" is not supported for this model. Use \"thinking.type.adaptive\" "
       "and \"output_config.effort\" to control thinking behavior.",
       "thinking.enabled"},
      {"This model does not support the effort parameter.", "output_config.effort"},
      {"output_config: Extra inputs are not permitted", "output_config.effort"},
      {"messages: Unexpected role \"system\". The Messages API accepts a top-level `system` "
       "parameter, not \"system\" as an input message role.",
       "messages.system"},
      {"context_management: Extra inputs are not permitted", "context_management"},
      {"Unexpected value(s) `effort-2025-11-24` for the `anthropic-beta` header.",
       "anthropic-beta effort-2025-11-24"},
      {"foo: Extra inputs are not permitted", ""},
      {"This model does not support the effort parameter: Extra inputs are not permitted", ""},
      {"messages.0.role: Input should be 'user', not 'adaptive thinking is not supported'", ""},
      {"max_tokens: Field required", ""},
      {"the `anthropic-beta` header", ""},
  };
  for (const auto& row : rows) {
    INFO(row.message);
    const auto lesson = messages_lesson(400, refusal(row.message));
    REQUIRE(lesson.has_value() == (row.lesson[0] != '\0'));
    if (!lesson) continue;
    CHECK(lesson->kind == LessonKind::kDropField);
    CHECK(lesson->value == row.lesson);
    CHECK_FALSE(messages_lesson(500, refusal(row.message)));
  }
  const auto loop = messages_lesson(
      400, refusal("messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but "
                   "found `tool_use`."));
  REQUIRE(loop);
  CHECK(loop->kind == LessonKind::kDropReasoning);
  CHECK_FALSE(messages_lesson(400, "not json"));
}

TEST_CASE("what was refused is not sent again, and nothing else changes") {
  const Lesson adaptive{LessonKind::kDropField, "thinking.adaptive"};
  const Lesson budget{LessonKind::kDropField, "thinking.enabled"};
  const Lesson effort{LessonKind::kDropField, "output_config.effort"};
  const Lesson system{LessonKind::kDropField, "messages.system"};
  const Lesson management{LessonKind::kDropField, "context_management"};
  const Lesson beta{LessonKind::kDropField, "anthropic-beta context-management-2025-06-27"};
  const Lesson loop{LessonKind::kDropReasoning, ""};
  struct {
    const char* name;
    model::Lessons lessons;
    const char* body;
    const char* sent;
    size_t losses;
  } rows[] = {
      {"nothing was taught",
       {},
       R"({"thinking": {"type":"adaptive"},"output_config":{"effort":"high"}})",
       R"({"thinking": {"type":"adaptive"},"output_config":{"effort":"high"}})",
       0},
      {"adaptive thinking",
       {adaptive},
       R"({"thinking":{"type":"adaptive"}, "max_tokens":5})",
       R"({"max_tokens":5})",
       1},
      {"what manages thinking goes with it",
       {adaptive},
       R"({"a":1,"context_management":{"edits":[{"type":"clear_thinking_20251015"}]},"thinking":{"type":"adaptive"}})",
       R"({"a":1})",
       1},
      {"what manages tools stays",
       {adaptive},
       R"({"context_management":{"edits":[{"type":"clear_tool_uses_20250919"}]},"thinking":{"type":"adaptive"}})",
       R"({"context_management":{"edits":[{"type":"clear_tool_uses_20250919"}]}})",
       1},
      {"a budget stays where adaptive is refused",
       {adaptive},
       R"({"thinking":{"type":"enabled","budget_tokens":2000}})",
       R"({"thinking":{"type":"enabled","budget_tokens":2000}})",
       0},
      {"a budget",
       {budget},
       R"({"thinking":{"type":"enabled","budget_tokens":2000}})",
       R"({"thinking":{"type":"adaptive"}})",
       1},
      {"a budget in a loop that began without thinking",
       {loop},
       R"({"m":0,"thinking":{"type":"enabled","budget_tokens":2000}})",
       R"({"m":0})",
       1},
      {"adaptive thinking in such a loop",
       {loop},
       R"({"thinking":{"type":"adaptive"}})",
       R"({"thinking":{"type":"adaptive"}})",
       0},
      {"effort alone", {effort}, R"({"m":0,"output_config":{"effort":"high"}})", R"({"m":0})", 1},
      {"effort beside a format",
       {effort},
       R"({"output_config":{"effort":"high","format":{"type":"json_schema", "schema":{}}}})",
       R"({"output_config":{"format":{"type":"json_schema", "schema":{}}}})",
       1},
      {"no effort",
       {effort},
       R"({"output_config":{"format":{}}})",
       R"({"output_config":{"format":{}}})",
       0},
      {"context management",
       {management},
       R"({"m":0,"context_management":{"edits":[]}})",
       R"({"m":0})",
       1},
      {"its beta", {beta}, R"({"m":0,"context_management":{"edits":[]}})", R"({"m":0})", 1},
      {"a system message",
       {system},
       R"({"messages":[{"role":"user","content":"a"},{"role":"system","content":"b\n\"c\""}]})",
       R"({"messages":[{"role":"user","content":"a"},{"role":"user","content":[{"type":"text","text":"<system-reminder>\nb\n\"c\"\n</system-reminder>"}]}]})",
       1},
      {"its marks stay",
       {system},
       R"({"messages":[{"role":"system","content":[{"type":"text","text":"b","cache_control":{"type":"ephemeral"}}]}]})",
       R"({"messages":[{"role":"user","content":[{"type":"text","text":"<system-reminder>\nb\n</system-reminder>","cache_control":{"type":"ephemeral"}}]}]})",
       1},
      {"between a call and its result",
       {system},
       R"({"messages":[{"role":"assistant","content":[{"type":"tool_use"}]},{"role":"system","content":"b"},{"role":"user","content":[{"type":"tool_result"}]}]})",
       R"({"messages":[{"role":"assistant","content":[{"type":"tool_use"}]},{"role":"user","content":[{"type":"tool_result"}]},{"role":"user","content":[{"type":"text","text":"<system-reminder>\nb\n</system-reminder>"}]}]})",
       1},
      {"between two turns of the assistant",
       {system},
       R"({"messages":[{"role":"assistant","content":"a"},{"role":"system","content":"b"},{"role":"assistant","content":"c"}]})",
       R"({"messages":[{"role":"assistant","content":"a"},{"role":"user","content":[{"type":"text","text":"<system-reminder>\nb\n</system-reminder>"}]},{"role":"assistant","content":"c"}]})",
       1},
      {"no system message",
       {system},
       R"({"messages": [ {"role":"user","content":"a"} ]})",
       R"({"messages": [ {"role":"user","content":"a"} ]})",
       0},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    std::vector<MemberEdit> edits;
    model::Losses losses;
    follow_messages_lessons(&row.lessons, row.body, edits, losses);
    CHECK(exchange::with_edits(row.body, edits) == row.sent);
    CHECK(losses.all().size() == row.losses);
  }
  std::vector<MemberEdit> edits;
  model::Losses losses;
  follow_messages_lessons(nullptr, "{}", edits, losses);
  CHECK(edits.empty());
}

TEST_CASE("a member that is changed already is read as it becomes") {
  const model::Lessons lessons = {{LessonKind::kDropField, "messages.system"},
                                  {LessonKind::kDropField, "context_management"}};
  std::vector<MemberEdit> edits = {{"messages", R"([{"role":"system","content":"new"}])"},
                                   {"context_management", std::nullopt}};
  model::Losses losses;
  const char* const body = R"({"messages":[],"context_management":{}})";
  follow_messages_lessons(&lessons, body, edits, losses);
  CHECK(edits.size() == 2);
  CHECK(exchange::with_edits(body, edits).find("new\\n</system-reminder>") != std::string::npos);
}

TEST_CASE("a beta goes with its member") {
  const model::Lessons member = {{LessonKind::kDropField, "context_management"}};
  const model::Lessons beta = {{LessonKind::kDropField, "anthropic-beta x-1"}};
  CHECK(is_beta_refused(&member, "context-management-2025-06-27"));
  CHECK_FALSE(is_beta_refused(&member, "x-1"));
  CHECK(is_beta_refused(&beta, "x-1"));
  CHECK_FALSE(is_beta_refused(&beta, "context-management-2025-06-27"));
  CHECK_FALSE(is_beta_refused(nullptr, "x-1"));
}

}  // namespace
}  // namespace tollgate::providers
