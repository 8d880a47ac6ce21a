#include <string>

#include "dialects/bedrock_converse/stream_support.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

using model::StopReason;

TEST_CASE("arguments of a call become an object, however they come") {
  struct Row {
    const char* name;
    std::string deltas;
    const char* input;
  };
  const Row rows[] = {
      {"no piece", "", "{}"},
      {"an empty piece", tool_input(0, ""), "{}"},
      {"an empty object", tool_input(0, "{}"), "{}"},
      {"in many pieces",
       tool_input(0, "") + tool_input(0, " {") + tool_input(0, "\\\"a\\\":1") + tool_input(0, "}"),
       R"({"a":1})"},
      {"no object", tool_input(0, "[1") + tool_input(0, "]"), R"({"__unparsedToolInput":"[1]"})"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const model::Response response =
        answer(kBegin + tool(0, "tooluse_1", "t") + row.deltas + block_stop(0) + end("tool_use"));
    REQUIRE(response.content.size() == 1);
    CHECK(test::json_difference(response.content[0].input, row.input) == "");
  }
}

TEST_CASE("reasoning that a model leaves in tags is taken out of its text") {
  constexpr std::string_view kQwen = "qwen.qwen3-32b-v1:0";
  struct Row {
    const char* name;
    std::string_view model;
    std::string stream;
    const char* thought;  ///< Empty: there is none.
    const char* told;
  };
  const Row rows[] = {
      {"whole", kQwen, text(0, "<think>hm</think>\\n\\nHi") + block_stop(0), "hm", "Hi"},
      {"in pieces", kQwen,
       text(0, "<th") + text(0, "ink>h") + text(0, "m</thi") + text(0, "nk>H") + text(0, "i") +
           block_stop(0),
       "hm", "Hi"},
      {"what only looked like it", kQwen, text(0, "<thi") + block_stop(0), "", "<thi"},
      {"a tag that is not closed", kQwen, text(0, "<think>hm") + block_stop(0), "hm", ""},
      {"another block comes first", kQwen, text(0, "<thi") + text(1, "x") + block_stop(1), "",
       "<thix"},
      {"later text", kQwen, text(0, "a") + text(0, "<think>b</think>") + block_stop(0), "",
       "a<think>b</think>"},
      {"a block that is begun", kQwen,
       block_start(0, "{}") + text(0, "<think>hm</think>Hi") + block_stop(0), "hm", "Hi"},
      {"another family's text", kLlama, text(0, "<think>hm</think>Hi") + block_stop(0), "",
       "<think>hm</think>Hi"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const std::string stream = kBegin + row.stream + end("end_turn");
    std::string thought;
    std::string told;
    for (const model::Block& block : answer(stream, row.model).content)
      (block.kind == model::BlockKind::kThinking ? thought : told) += block.text;
    CHECK(thought == row.thought);
    CHECK(told == row.told);
    // A client that does not want to see any gets the text.
    Translation unseen = translation_to(row.model);
    std::string shown;
    for (const model::Block& block : answer(stream, unseen).content) {
      CHECK(block.kind == model::BlockKind::kText);
      shown += block.text;
    }
    CHECK(shown == row.told);
    CHECK(has_loss(unseen, "reasoning") == (row.thought[0] != '\0'));
  }
}

TEST_CASE("pieces of several blocks do not mix, whatever order they come in") {
  const std::string blocks[3] = {tool_input(1, "{\\\"a\\\":"), tool_input(2, "{\\\"b\\\":"),
                                 tool_input(1, "1}")};
  const model::Response response =
      answer(kBegin + text(0, "x") + tool(1, "tooluse_1", "t") + tool(2, "tooluse_2", "u") +
             blocks[0] + blocks[1] + text(0, "y") + blocks[2] + block_stop(2) + block_stop(1) +
             block_stop(0) + end("tool_use"));
  REQUIRE(response.content.size() == 3);
  CHECK(response.content[0].text == "xy");
  CHECK(response.content[1].input == R"({"a":1})");
  CHECK(test::json_difference(response.content[2].input, R"({"__unparsedToolInput":"{\"b\":"})") ==
        "");
}

TEST_CASE("what the client did not ask for, or cannot use, is left out and noted") {
  Translation translation = translation_to(kNova2);
  translation.single_tool_call = true;
  const model::Response response =
      answer(kBegin + block_delta(0, R"({"reasoningContent":{"text":"hm"}})") + block_stop(0) +
                 text(1, "") + block_stop(1) +
                 block_start(2, R"({"toolUse":{"toolUseId":"tooluse_s","name":"nova_grounding",
                             "type":"server_tool_use"}})") +
                 tool_input(2, "{}") + block_stop(2) +
                 block_start(3, R"({"toolResult":{"toolUseId":"tooluse_s","status":"success"}})") +
                 block_delta(3, R"({"toolResult":[{"json":{}}]})") + block_stop(3) +
                 tool(4, "tooluse_1", "t") + block_stop(4) + tool(5, "tooluse_2", "t") +
                 block_stop(5) + end("tool_use"),
             translation);
  REQUIRE(response.content.size() == 1);
  CHECK(response.content[0].id == "tooluse_1");
  CHECK(has_loss(translation, "reasoning"));
  CHECK(has_loss(translation, "server tool nova_grounding"));
  CHECK(has_loss(translation, "only one was wanted"));
}

TEST_CASE("stop sequences are watched for where the upstream has none") {
  Translation translation = translation_to(kLlama);
  translation.stop_sequences = {"END"};
  const model::Response response =
      answer(kBegin + text(0, "one E") + text(0, "ND two") + block_stop(0) +
                 tool(1, "tooluse_1", "t") + block_stop(1) + end("tool_use"),
             translation);
  REQUIRE(response.content.size() == 1);
  CHECK(response.content[0].text == "one ");
  CHECK(response.stop_reason == StopReason::kStopSequence);
  CHECK(response.stop_sequence == "END");
  CHECK(response.usage.tokens.output == 5);
  // What was held back is text after all.
  Translation other = translation_to(kLlama);
  other.stop_sequences = {"END"};
  CHECK(answer(kBegin + text(0, "one E") + block_stop(0) + end("end_turn"), other)
            .content.at(0)
            .text == "one E");
}

}  // namespace
}  // namespace tollgate::dialects::bedrock_converse
