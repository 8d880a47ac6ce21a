#include <string>

#include "dialects/bedrock_converse/stream_support.hpp"
#include "dialects/carriage.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

using model::BlockKind;
using model::StopReason;

TEST_CASE("every stop reason is told in the client's words") {
  struct Row {
    const char* name;
    const char* more;
    StopReason reason;
    const char* stop_sequence;
    const char* details;
  };
  constexpr const char* kGuardrail = R"({"type":"refusal","category":null,"explanation":)"
                                     R"("A guardrail of Amazon Bedrock stopped this answer."})";
  const Row rows[] = {
      {"end_turn", "", StopReason::kEndTurn, "", ""},
      {"max_tokens", "", StopReason::kMaxTokens, "", ""},
      {"stop_sequence", R"(,"additionalModelResponseFields":{"delta":{"stop_sequence":"X"}})",
       StopReason::kStopSequence, "X", ""},
      {"stop_sequence", R"(,"additionalModelResponseFields":{"stop_sequence":"Y"})",
       StopReason::kStopSequence, "Y", ""},
      {"model_context_window_exceeded", "", StopReason::kContextWindow, "", ""},
      {"guardrail_intervened", "", StopReason::kRefusal, "", kGuardrail},
      {"content_filtered", "", StopReason::kRefusal, "",
       R"({"type":"refusal","category":null,"explanation":)"
       R"("Amazon Bedrock's content filter stopped this answer."})"},
      {"refusal", "", StopReason::kRefusal, "",
       R"({"type":"refusal","category":null,"explanation":"The model refused to go on."})"},
      {"new_reason", "", StopReason::kEndTurn, "", ""},
      // Without a call there is nothing for the client to run.
      {"tool_use", "", StopReason::kEndTurn, "", ""},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const model::Response response =
        answer(kBegin + text(0, "a") + block_stop(0) + end(row.name, row.more));
    CHECK(response.stop_reason == row.reason);
    CHECK(response.stop_sequence == row.stop_sequence);
    CHECK(response.stop_details == row.details);
  }
  // Some open models call tools and say end_turn.
  for (const char* reason : {"end_turn", "new_reason"}) {
    const model::Response called =
        answer(kBegin + tool(0, "tooluse_1", "t") + block_stop(0) + end(reason));
    CHECK(called.stop_reason == StopReason::kToolUse);
    CHECK(called.content.at(0).input == "{}");
  }
}

TEST_CASE("reasoning of other models is sealed into its signature") {
  const std::string stream = kBegin + block_delta(0, R"({"reasoningContent":{"text":"hm"}})") +
                             block_stop(0) + text(1, "a") + block_stop(1) + end("end_turn");
  const model::Response shown = answer(stream, kNova2);
  REQUIRE(shown.content.size() == 2);
  CHECK(shown.content[0].text == "hm");
  const auto carriage = open_carriage(shown.content[0].signature);
  REQUIRE(carriage);
  CHECK(carriage->kind == "c");
  CHECK(carriage->target == "bedrock/model");
  CHECK(carriage->payload == "");
  Translation translation = translation_to(kNova2);
  translation.thinking_wanted = true;
  translation.thinking_omitted = true;
  const model::Response hidden = answer(stream, translation);
  REQUIRE(hidden.content.size() == 2);
  CHECK(hidden.content[0].text == "");
  const auto carried = open_carriage(hidden.content[0].signature);
  REQUIRE(carried);
  CHECK(carried->payload == R"("text":"hm")");
}

TEST_CASE("redacted reasoning comes back as Anthropic's own API has it") {
  const model::Response response =
      answer(kBegin + block_delta(0, R"({"reasoningContent":{"redactedContent":"RW9BQg=="}})") +
             block_stop(0) + text(1, "a") + block_stop(1) + end("end_turn"));
  REQUIRE(response.content.size() == 2);
  CHECK(response.content[0].kind == BlockKind::kRedactedThinking);
  CHECK(response.content[0].text == "EoAB");
}

TEST_CASE("citations become Anthropic's, of every location") {
  struct Row {
    const char* location;
    const char* expected;
  };
  const Row rows[] = {
      {R"({"documentChar":{"documentIndex":1,"start":2,"end":3}})",
       R"([{"type":"char_location","document_index":1,"document_title":"T","start_char_index":2,
            "end_char_index":3,"cited_text":"ab"}])"},
      {R"({"documentPage":{"documentIndex":0,"start":2,"end":3}})",
       R"([{"type":"page_location","document_index":0,"document_title":"T","start_page_number":2,
            "end_page_number":3,"cited_text":"ab"}])"},
      {R"({"documentChunk":{"documentIndex":0,"start":2,"end":3}})",
       R"([{"type":"content_block_location","document_index":0,"document_title":"T",
            "start_block_index":2,"end_block_index":3,"cited_text":"ab"}])"},
      {R"({"searchResultLocation":{"searchResultIndex":4,"start":2,"end":3}})",
       R"([{"type":"search_result_location","search_result_index":4,"source":"S","title":"T",
            "start_block_index":2,"end_block_index":3,"cited_text":"ab"}])"},
      {R"({"web":{"url":"https://a.example","domain":"a.example"}})",
       R"([{"type":"web_search_result_location","url":"https://a.example","title":"T",
            "encrypted_index":"","cited_text":"ab"}])"},
  };
  for (const Row& row : rows) {
    INFO(row.location);
    const std::string citation =
        R"({"citation":{"title":"T","source":"S","sourceContent":[{"text":"a"},{"text":"b"}],)"
        R"("location":)" +
        std::string(row.location) + "}}";
    const model::Response response =
        answer(kBegin + block_delta(0, citation) + text(0, "x") + block_stop(0) + end("end_turn"));
    REQUIRE(response.content.size() == 1);
    CHECK(response.content[0].text == "x");
    CHECK(test::json_difference(response.content[0].citations, row.expected) == "");
  }
}

}  // namespace
}  // namespace tollgate::dialects::bedrock_converse
