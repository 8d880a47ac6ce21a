#include "providers/aws_bedrock/invoke_body.hpp"

#include <string>

#include "base/base64.hpp"
#include "dialects/recorded_requests.hpp"
#include "dialects/same_json.hpp"
#include "exchange/member_edits.hpp"
#include "support/invoke_rules.hpp"

namespace tollgate::providers::aws_bedrock {
namespace {

constexpr std::string_view kModel = "us.anthropic.claude-opus-4-8-v1:0";
constexpr std::string_view kHaiku = "anthropic.claude-haiku-4-5-20251001-v1:0";

struct Edited {
  Status status;
  std::string body;
  model::Losses losses;
};

Edited edited(std::string_view body, std::string_view betas = "",
              std::string_view model_id = kModel, const model::Lessons& lessons = {}) {
  Edited out;
  std::vector<MemberEdit> edits;
  out.status = edit_invoke_body({model_id, betas, lessons}, body, edits, out.losses);
  out.body = exchange::with_edits(body, edits);
  return out;
}

TEST_CASE("a body becomes what InvokeModel takes") {
  constexpr std::string_view kTurn = R"("messages":[{"role":"user","content":"hi"}])";
  struct Row {
    const char* name;
    std::string_view model;
    const char* members;
    const char* betas;
    const char* expected;  ///< Beside messages and the version.
    const char* loss = "";
  };
  const Row rows[] = {
      {"model and stream go", kModel, R"("model":"m","stream":true,"max_tokens":5)", "",
       R"("max_tokens":5)"},
      {"betas come in", kModel, R"("max_tokens":5)",
       "context-1m-2025-08-07, advanced-tool-use-2025-11-20",
       R"("max_tokens":5,"anthropic_beta":["context-1m-2025-08-07","tool-search-tool-2025-10-19"])",
       "advanced-tool-use"},
      {"unknown betas do not", kModel, R"("max_tokens":5)", "claude-code-20250219",
       R"("max_tokens":5)", "anthropic-beta claude-code-20250219"},
      {"members the client should not send", kModel,
       R"("max_tokens":5,"anthropic_version":"x","anthropic_beta":["y"])", "", R"("max_tokens":5)"},
      {"unknown members", kModel,
       R"("max_tokens":5,"speed":"fast","new":{},"cache_control":{"type":"ephemeral"})", "",
       R"("max_tokens":5)", "speed"},
      {"the user's id", kModel, R"("max_tokens":5,"metadata":{"user_id":"u"})", "",
       R"("max_tokens":5,"metadata":{"user_id":"u"})"},
      {"and what stands beside it", kModel, R"("max_tokens":5,"metadata":{"a":1,"user_id":"u"})",
       "", R"("max_tokens":5,"metadata":{"user_id":"u"})", "metadata.a"},
      {"metadata without it", kModel, R"("max_tokens":5,"metadata":{"a":1})", "",
       R"("max_tokens":5)", "metadata.a"},
      {"metadata that is none", kModel, R"("max_tokens":5,"metadata":null)", "",
       R"("max_tokens":5)"},
      {"context management with its beta", kModel,
       R"("max_tokens":5,"context_management":{"edits":[]})", "context-management-2025-06-27",
       R"("max_tokens":5,"context_management":{"edits":[]},
          "anthropic_beta":["context-management-2025-06-27"])"},
      {"and without it", kModel, R"("max_tokens":5,"context_management":{"edits":[]})", "",
       R"("max_tokens":5)", "context_management"},
      {"effort and schema", kModel,
       R"("max_tokens":5,"output_config":{"effort":"high","format":{"type":"json_schema"}})", "",
       R"("max_tokens":5,"output_config":{"effort":"high","format":{"type":"json_schema"}})"},
      {"effort of an older model", kHaiku,
       R"("max_tokens":5,"output_config":{"effort":"high","format":{"type":"json_schema"}})", "",
       R"("max_tokens":5,"output_config":{"format":{"type":"json_schema"}})",
       "output_config.effort"},
      {"nothing is left of it", kHaiku, R"("max_tokens":5,"output_config":{"effort":"high"})", "",
       R"("max_tokens":5)", "output_config.effort"},
      {"the schema's old place", kModel, R"("max_tokens":5,"output_format":{"type":"json_schema"})",
       "", R"("max_tokens":5,"output_config":{"format":{"type":"json_schema"}})"},
      {"thinking an older model has not", kHaiku,
       R"("max_tokens":5,"thinking":{"type":"adaptive"})", "", R"("max_tokens":5)",
       "thinking adaptive"},
      {"thinking a newer model has not", "anthropic.claude-sonnet-5",
       R"("max_tokens":5,"thinking":{"type":"enabled","budget_tokens":2000})", "",
       R"("max_tokens":5,"thinking":{"type":"adaptive"})", "thinking enabled"},
      {"thinking it has", kHaiku,
       R"("max_tokens":5,"thinking":{"type":"enabled","budget_tokens":2000})", "",
       R"("max_tokens":5,"thinking":{"type":"enabled","budget_tokens":2000})"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const std::string body = "{" + std::string(row.members) + "," + std::string(kTurn) + "}";
    const Edited out = edited(body, row.betas, row.model);
    REQUIRE(out.status.ok());
    const std::string expected = "{" + std::string(row.expected) + "," + std::string(kTurn) +
                                 R"(,"anthropic_version":"bedrock-2023-05-31"})";
    CHECK(test::json_difference(out.body, expected) == "");
    CHECK(test::invoke_violations(out.body) == std::vector<std::string>());
    bool noted = row.loss[0] == '\0' && out.losses.all().empty();
    for (const model::Loss& loss : out.losses.all())
      noted = noted || loss.what.find(row.loss) != std::string::npos;
    CHECK(noted);
  }
}

TEST_CASE("what an upstream taught is not sent again") {
  constexpr std::string_view kBody =
      R"({"max_tokens":9000,"top_k":3,"messages":[{"role":"user","content":"hi"}]})";
  const Edited out = edited(kBody, "context-1m-2025-08-07", kModel,
                            {{model::LessonKind::kDropField, "anthropic_beta"},
                             {model::LessonKind::kDropField, "top_k"},
                             {model::LessonKind::kOutputMax, "4096"}});
  CHECK(test::json_difference(out.body,
                              R"({"max_tokens":4096,"messages":[{"role":"user","content":"hi"}],
                                  "anthropic_version":"bedrock-2023-05-31"})") == "");
}

TEST_CASE("an older Claude has system messages as reminders, and no budget in a lost tool loop") {
  const model::Lessons system = {{model::LessonKind::kDropField, "messages.system"}};
  const Edited moved = edited(
      R"({"max_tokens":5,"messages":[{"role":"user","content":"a"},{"role":"system","content":[{"type":"text","text":"b","cache_control":{"type":"ephemeral","scope":"global"}}]}]})",
      "", kModel, system);
  REQUIRE(moved.status.ok());
  CHECK(
      moved.body.find(
          R"({"role":"user","content":[{"type":"text","text":"<system-reminder>\nb\n</system-reminder>","cache_control":{"type":"ephemeral"}}]})") !=
      std::string::npos);
  const model::Lessons loop = {{model::LessonKind::kDropReasoning, ""}};
  const Edited lost =
      edited(R"({"max_tokens":5,"messages":[],"thinking":{"type":"enabled","budget_tokens":2000}})",
             "", "anthropic.claude-sonnet-4-5-20250929-v1:0", loop);
  REQUIRE(lost.status.ok());
  CHECK(lost.body.find("thinking") == std::string::npos);
}

TEST_CASE("messages that need no change keep their bytes") {
  const std::string messages =
      R"([ {"role":"user",  "content":[{"type":"text","text":"a\u0041"}]} ])";
  const Edited out = edited(R"({"model":"m","max_tokens":5,"messages":)" + messages + "}");
  CHECK(out.body.find(messages) != std::string::npos);
}

TEST_CASE("what Bedrock would have to fetch is refused, and counted by others") {
  constexpr std::string_view kBody =
      R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":[{"type":"image",
          "source":{"type":"url","url":"https://a.example/b.png"}}]}]})";
  CHECK(test::invoke_violations(kBody).back() == "source: Input tag 'url' does not match 'base64'");
  const Edited out = edited(kBody);
  CHECK(out.status.code() == Code::kInvalid);
  CHECK(out.status.message().find("messages.0: Images and documents") == 0);
  std::vector<MemberEdit> edits;
  model::Losses losses;
  CHECK(edit_count_body({kModel, "", {}}, kBody, edits, losses).ok());
}

TEST_CASE("a count wraps a body that could be sent") {
  std::vector<MemberEdit> edits;
  model::Losses losses;
  constexpr std::string_view kBody =
      R"({"model":"m","messages":[{"role":"user","content":"hi"}],"input":1})";
  REQUIRE(edit_count_body({kModel, "", {}}, kBody, edits, losses).ok());
  const std::string body = exchange::with_edits(kBody, edits);
  json::Document document;
  const auto parsed = document.parse(body);
  REQUIRE(parsed.ok());
  CHECK(parsed.value().size() == 1);
  const auto inner = base64_decode(parsed.value()["input"]["invokeModel"]["body"].string_or(""));
  REQUIRE(inner);
  CHECK(test::invoke_violations(*inner) == std::vector<std::string>());
  CHECK(inner->find(R"("max_tokens":1)") != std::string::npos);
}

TEST_CASE("every recorded request of Claude Code becomes one that InvokeModel takes") {
  // What Claude Code sends at most.
  constexpr std::string_view kBetas =
      "claude-code-20250219,context-1m-2025-08-07,interleaved-thinking-2025-05-14,"
      "context-management-2025-06-27,prompt-caching-scope-2026-01-05,effort-2025-11-24,"
      "advanced-tool-use-2025-11-20,fine-grained-tool-streaming-2025-05-14,oauth-2025-04-20";
  size_t bodies = 0;
  for (const test::RecordedRequest& recorded : test::recorded_requests()) {
    for (const std::string_view betas : {kBetas, std::string_view()}) {
      for (const std::string_view model : {kModel, kHaiku}) {
        INFO(recorded.name << " to " << model);
        if (recorded.body.find("\"max_tokens\"") == std::string::npos) continue;
        const Edited out = edited(recorded.body, betas, model);
        if (!out.status.ok()) {
          CHECK(recorded.body.find("web_search_20250305") != std::string::npos);
          continue;
        }
        CHECK(test::invoke_violations(out.body) == std::vector<std::string>());
        ++bodies;
      }
    }
  }
  if (bodies == 0) std::printf("skipped: no recorded requests\n");
}

}  // namespace
}  // namespace tollgate::providers::aws_bedrock
