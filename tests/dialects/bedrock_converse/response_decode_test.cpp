#include <string>

#include "dialects/bedrock_converse/converse_support.hpp"
#include "dialects/carriage.hpp"
#include "support/recordings.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

using model::BlockKind;
using model::StopReason;

std::string answer(std::string_view content, std::string_view reason = "end_turn",
                   std::string_view more = "") {
  return R"({"output":{"message":{"role":"assistant","content":)" + std::string(content) +
         R"(}},"stopReason":")" + std::string(reason) +
         R"(","usage":{"inputTokens":7,"outputTokens":5,"totalTokens":12})" + std::string(more) +
         "}";
}

model::Response decoded(const std::string& body, std::string_view model_id = kClaude) {
  Translation translation = translation_to(model_id);
  translation.thinking_wanted = true;
  const auto response = dialect().decode_response(body, translation);
  INFO((response.ok() ? std::string() : response.status().message()));
  REQUIRE(response.ok());
  return response.value();
}

TEST_CASE("recorded whole answers are decoded") {
  struct Row {
    const char* file;
    const char* model;
    StopReason reason;
    size_t blocks;
    model::Tokens tokens;
  };
  const Row rows[] = {
      {"converse-cache-usage.json",
       "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
       StopReason::kEndTurn,
       1,
       {2, 0, 1322, 0, 5}},
      {"converse-mistral-tool.json",
       "us.mistral.pixtral-large-2502-v1:0",
       StopReason::kEndTurn,
       1,
       {1527, 0, 0, 0, 3}},
      {"converse-servertool-then-tool.json",
       "us.amazon.nova-2-lite-v1:0",
       StopReason::kToolUse,
       1,
       {1002, 0, 0, 0, 59}},
      {"converse-text-nonstream.json",
       "us.amazon.nova-2-lite-v1:0",
       StopReason::kEndTurn,
       1,
       {53, 0, 0, 0, 21}},
  };
  for (const Row& row : rows) {
    INFO(row.file);
    const auto path = test::recordings_folder() / "bedrock" / row.file;
    if (!std::filesystem::exists(path)) {
      std::printf("skipped: no recording %s\n", path.c_str());
      continue;
    }
    const model::Response response = decoded(test::read_file(path), row.model);
    CHECK(response.stop_reason == row.reason);
    CHECK(response.content.size() == row.blocks);
    CHECK(response.usage.tokens == row.tokens);
  }
}

TEST_CASE("every recorded whole answer is decoded") {
  for (const auto& path : test::recordings("bedrock", ".json")) {
    const std::string name = path.filename().string();
    if (name.rfind("converse-", 0) != 0 || name.find(".meta.") != std::string::npos) continue;
    INFO(name);
    const model::Response response = decoded(test::read_file(path), "us.deepseek.r1-v1:0");
    CHECK_FALSE(response.content.empty());
    CHECK(response.usage.tokens.output > 0);
  }
}

TEST_CASE("blocks of a whole answer are decoded") {
  const model::Response response = decoded(answer(
      R"([{"reasoningContent":{"reasoningText":{"text":"hm","signature":"c2ln"}}},
          {"reasoningContent":{"redactedContent":"RW9BQg=="}},
          {"text":"a"},
          {"citationsContent":{"content":[{"text":"cited"}],"citations":[{"title":"T",
            "sourceContent":[{"text":"src"}],
            "location":{"documentPage":{"documentIndex":0,"start":1,"end":2}}}]}},
          {"text":""},
          {"toolUse":{"toolUseId":"tooluse_1","name":"t","input":{"n":1.50,"big":12345678901234567890}}}])",
      "tool_use"));
  REQUIRE(response.content.size() == 5);
  CHECK(response.content[0].text == "hm");
  CHECK(response.content[0].signature == "c2ln");
  CHECK(response.content[1].kind == BlockKind::kRedactedThinking);
  CHECK(response.content[1].text == "EoAB");
  CHECK(response.content[2].text == "a");
  CHECK(response.content[3].text == "cited");
  CHECK(response.content[3].citations.find("page_location") != std::string::npos);
  // Arguments pass as text, so that no number loses digits.
  CHECK(response.content[4].input == R"({"n":1.50,"big":12345678901234567890})");
  CHECK(response.stop_reason == StopReason::kToolUse);
}

TEST_CASE("a guardrail's word is told") {
  const model::Response plain = decoded(answer(R"([{"text":"no"}])", "guardrail_intervened"));
  CHECK(plain.stop_reason == StopReason::kRefusal);
  CHECK(plain.stop_details.find("guardrail") != std::string::npos);
  const model::Response told =
      decoded(answer(R"([{"text":"no"}])", "guardrail_intervened",
                     R"(,"trace":{"guardrail":{"actionReason":"Guardrail blocked."}})"));
  CHECK(told.stop_details.find("Guardrail blocked.") != std::string::npos);
}

TEST_CASE("what is no answer is refused") {
  Translation translation = translation_to(kClaude);
  for (const std::string& body :
       {std::string(), std::string("[]"), std::string("{}"), std::string("<html>"),
        std::string(R"({"output":{"message":{"content":"text"}}})"),
        answer("[]", "malformed_model_output")}) {
    INFO(body);
    CHECK_FALSE(dialect().decode_response(body, translation).ok());
  }
}

TEST_CASE("an answer of nothing is an answer") {
  const model::Response response = decoded(answer("[]"));
  CHECK(response.content.empty());
  CHECK(response.stop_reason == StopReason::kEndTurn);
}

}  // namespace
}  // namespace tollgate::dialects::bedrock_converse
