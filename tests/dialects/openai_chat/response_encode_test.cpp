#include "dialects/openai_chat/through.hpp"
#include "dialects/same_json.hpp"

using namespace tollgate;
using namespace tollgate::dialects;
using namespace tollgate::dialects::openai_chat;
using model::Block;
using model::BlockKind;

namespace {

Block text(const std::string& said) {
  Block block;
  block.text = said;
  return block;
}

Block call(const std::string& id, const std::string& input) {
  Block block;
  block.kind = BlockKind::kToolUse;
  block.id = id;
  block.name = "R";
  block.input = input;
  return block;
}

std::string encoded(const model::Response& response) {
  Translation translation = thinking_client();
  std::string out;
  REQUIRE(dialect().encode_response(response, translation, out).ok());
  return out;
}

std::string choice(const model::Response& response) {
  const std::string out = encoded(response);
  const size_t begin = out.find("\"choices\":[") + 11;
  return out.substr(begin, out.find("],\"usage\"") - begin);
}

}  // namespace

TEST_CASE("an answer has the members clients look for") {
  model::Response response;
  response.model = "gpt-4o-2024";
  response.content = {text("Hello")};
  response.stop_reason = model::StopReason::kEndTurn;
  response.usage.tokens = {20, 10, 0, 0, 5};
  const std::string out = encoded(response);
  json::Document document;
  const auto parsed = document.parse(out);
  REQUIRE(parsed.ok());
  CHECK_THAT(std::string(parsed.value()["id"].string_or("")),
             Catch::Matchers::StartsWith("chatcmpl-"));
  CHECK(parsed.value()["object"].string() == "chat.completion");
  CHECK(parsed.value()["created"].integer() == 1790000000);
  CHECK(parsed.value()["model"].string() == "coding/gpt");
  CHECK(parsed.value()["usage"]["prompt_tokens"].integer() == 30);
  CHECK(
      test::json_difference(
          choice(response),
          R"({"index":0,"message":{"role":"assistant","content":"Hello","refusal":null},"logprobs":null,"finish_reason":"stop"})") ==
      "");
}

TEST_CASE("calls, reasoning and citations have their members") {
  model::Response response;
  Block thinking;
  thinking.kind = BlockKind::kThinking;
  thinking.text = "hm";
  thinking.signature = "sig";
  Block redacted;
  redacted.kind = BlockKind::kRedactedThinking;
  redacted.text = "blob";
  response.content = {thinking, redacted, call("toolu_1", R"({"a":1})"), call("toolu_2", "")};
  response.stop_reason = model::StopReason::kToolUse;
  CHECK(
      test::json_difference(
          choice(response),
          R"({"index":0,"message":{"role":"assistant","content":null,"refusal":null,"reasoning_content":"hm",
    "reasoning_details":[{"type":"reasoning.text","text":"hm","signature":"sig","index":0},{"type":"reasoning.encrypted","data":"blob","index":1}],
    "tool_calls":[{"id":"toolu_1","type":"function","function":{"name":"R","arguments":"{\"a\":1}"}},{"id":"toolu_2","type":"function","function":{"name":"R","arguments":"{}"}}]},
    "logprobs":null,"finish_reason":"tool_calls"})") == "");
  Block cited = text("caf\xC3\xA9");
  cited.citations =
      R"([{"type":"web_search_result_location","url":"https://a","title":"A"},{"type":"char_location"}])";
  response.content = {text("In "), cited};
  response.stop_reason = model::StopReason::kEndTurn;
  CHECK(test::json_difference(choice(response),
                              "{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"In "
                              "caf\xC3\xA9\",\"refusal\":null,\"annotations\":[{\"type\":\"url_"
                              "citation\",\"url_citation\":{\"url\":\"https://"
                              "a\",\"title\":\"A\",\"start_index\":3,\"end_index\":7}}]},"
                              "\"logprobs\":null,\"finish_reason\":\"stop\"}") == "");
}

TEST_CASE("every end has a word") {
  struct {
    model::StopReason reason;
    const char* word;
  } rows[] = {
      {model::StopReason::kEndTurn, "stop"},       {model::StopReason::kStopSequence, "stop"},
      {model::StopReason::kMaxTokens, "length"},   {model::StopReason::kContextWindow, "length"},
      {model::StopReason::kToolUse, "tool_calls"}, {model::StopReason::kRefusal, "content_filter"},
      {model::StopReason::kPauseTurn, "stop"},     {model::StopReason::kOther, "stop"}};
  for (const auto& row : rows) {
    model::Response response;
    response.stop_reason = row.reason;
    CHECK_THAT(encoded(response),
               Catch::Matchers::Contains("\"finish_reason\":\"" + std::string(row.word) + "\""));
  }
}

TEST_CASE("the prompt is never told as nothing") {
  CHECK_THAT(encoded({}), Catch::Matchers::Contains("\"prompt_tokens\":77"));
}
