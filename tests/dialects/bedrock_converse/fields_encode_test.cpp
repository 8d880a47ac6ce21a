#include <string>

#include "dialects/bedrock_converse/request_support.hpp"
#include "json/splice.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

TEST_CASE("reasoning is asked for as each family has it") {
  struct Wish {
    const char* name;
    const char* model;
    const char* members;
    const char* fields;  ///< additionalModelRequestFields; empty: none.
  };
  const Wish rows[] = {
      {"gpt-oss", "openai.gpt-oss-120b-1:0", R"(,"output_config":{"effort":"medium"})",
       R"({"reasoning_effort":"medium"})"},
      {"gpt-oss above its most", "openai.gpt-oss-120b-1:0", R"(,"output_config":{"effort":"max"})",
       R"({"reasoning_effort":"high"})"},
      {"Nova 2", "us.amazon.nova-2-lite-v1:0", R"(,"output_config":{"effort":"low"})",
       R"({"reasoningConfig":{"type":"enabled","maxReasoningEffort":"low"}})"},
      // Its highest takes no bound of tokens.
      {"Nova 2 above what has a bound", "us.amazon.nova-2-lite-v1:0",
       R"(,"output_config":{"effort":"high"})",
       R"({"reasoningConfig":{"type":"enabled","maxReasoningEffort":"medium"}})"},
      {"Nova 2, adaptive", "us.amazon.nova-2-lite-v1:0", R"(,"thinking":{"type":"adaptive"})",
       R"({"reasoningConfig":{"type":"enabled","maxReasoningEffort":"medium"}})"},
      {"Nova 2, nothing said", "us.amazon.nova-2-lite-v1:0", "", ""},
      {"Qwen", "qwen.qwen3-32b-v1:0", R"(,"output_config":{"effort":"high"})",
       R"({"reasoning_config":"high"})"},
      {"DeepSeek", "us.deepseek.r1-v1:0", R"(,"output_config":{"effort":"high"})", ""},
      {"an older Claude by budget", "anthropic.claude-haiku-4-5-20251001-v1:0",
       R"(,"thinking":{"type":"enabled","budget_tokens":2048})",
       R"({"thinking":{"type":"enabled","budget_tokens":2048}})"},
      {"an older Claude has no adaptive", "anthropic.claude-haiku-4-5-20251001-v1:0",
       R"(,"thinking":{"type":"adaptive"})",
       R"({"thinking":{"type":"enabled","budget_tokens":8192}})"},
      {"a newer Claude has no budgets", "us.anthropic.claude-sonnet-5",
       R"(,"thinking":{"type":"enabled","budget_tokens":2048})",
       R"({"thinking":{"type":"adaptive"}})"},
      {"one that always thinks", "us.anthropic.claude-opus-5-5",
       R"(,"thinking":{"type":"disabled"})", ""},
  };
  for (const Wish& row : rows) {
    INFO(row.name);
    const std::string out =
        encoded(R"({"model":"m","max_tokens":16000,"messages":[{"role":"user","content":"hi"}])" +
                    std::string(row.members) + "}",
                row.model);
    const auto span = json::find_span(out, {"additionalModelRequestFields"});
    CHECK(test::json_difference(span ? out.substr(span->offset, span->size) : "{}",
                                row.fields[0] == '\0' ? "{}" : row.fields) == "");
  }
}

TEST_CASE("bounds of tokens are kept") {
  struct Bound {
    const char* name;
    int64_t wish;
    int64_t fact;
    const char* lesson;
    const char* expected;
  };
  const Bound rows[] = {
      {"none known", 500'000, 0, "", R"("maxTokens":500000)"},
      {"the model's", 500'000, 8192, "", R"("maxTokens":8192)"},
      {"taught", 500'000, 8192, "4096", R"("maxTokens":4096)"},
      {"a probe that fills the cache", 0, 8192, "", R"("maxTokens":1)"},
  };
  for (const Bound& row : rows) {
    INFO(row.name);
    Translation translation = translation_to("us.unknown.model");
    translation.facts.output_tokens_max = row.fact;
    if (row.lesson[0] != '\0') {
      translation.lessons = {{model::LessonKind::kOutputMax, row.lesson}};
    }
    const std::string out = encoded(R"({"model":"m","max_tokens":)" + std::to_string(row.wish) +
                                        R"(,"messages":[{"role":"user","content":"hi"}]})",
                                    translation);
    CHECK(out.find(row.expected) != std::string::npos);
  }
}

TEST_CASE("what a family does not take is left out, and noted") {
  constexpr const char* kPlain =
      R"({"messages":[{"role":"user","content":[{"text":"hi"}]}],
          "inferenceConfig":{"maxTokens":100}})";
  const Row rows[] = {
      {"top_k", kLlama, request(kHi, R"(,"top_k":5)"), kPlain, "top_k"},
      {"effort of a model without", kLlama, request(kHi, R"(,"output_config":{"effort":"high"})"),
       kPlain, "effort high"},
      {"effort of an old Claude", "anthropic.claude-haiku-4-5-20251001-v1:0",
       request(kHi, R"(,"output_config":{"effort":"high"})"), kPlain, "effort high"},
      {"user_id that is JSON", kNova2, request(kHi, R"(,"metadata":{"user_id":"{\"a\":1}"})"),
       kPlain, "metadata.user_id"},
      {"speed", kClaude, request(kHi, R"(,"speed":"fast")"), kPlain, "speed fast"},
      {"an unknown member", kClaude, request(kHi, R"(,"inference_geo":"us")"), kPlain,
       "inference_geo"},
      {"context management without its beta", kClaude,
       request(kHi, R"(,"context_management":{"edits":[]})"), kPlain, "context_management"},
      {"stop sequences", kLlama, request(kHi, R"(,"stop_sequences":["X"])"), kPlain},
  };
  for (const Row& row : rows)
    check(row);
  // Those are watched for on the way back.
  Translation translation = translation_to(kLlama);
  encoded(request(kHi, R"(,"stop_sequences":["X","Y"])"), translation);
  CHECK(translation.stop_sequences == std::vector<std::string>{"X", "Y"});
}

TEST_CASE("Claude's betas travel in the body, those Bedrock knows") {
  Translation translation = translation_to(kClaude);
  translation.client_betas =
      "claude-code-20250219, context-management-2025-06-27,advanced-tool-use-2025-11-20";
  const std::string out =
      encoded(request(kHi, R"(,"context_management":{"edits":[]})"), translation);
  CHECK(test::json_difference(out,
                              R"({"messages":[{"role":"user","content":[{"text":"hi"}]}],
      "inferenceConfig":{"maxTokens":100},
      "additionalModelRequestFields":{"context_management":{"edits":[]},
        "anthropic_beta":["context-management-2025-06-27","tool-search-tool-2025-10-19"]}})") ==
        "");
  CHECK(has_loss(translation, "claude-code-20250219"));
  // One that the upstream refused is not sent again, nor what needs it.
  translation = translation_to(kClaude);
  translation.client_betas = "context-management-2025-06-27";
  translation.lessons = {{model::LessonKind::kDropField, "anthropic_beta"}};
  CHECK(
      encoded(request(kHi, R"(,"context_management":{"edits":[]})"), translation).find("context") ==
      std::string::npos);
}

}  // namespace
}  // namespace tollgate::dialects::bedrock_converse
