#include "dialects/openai_chat/through.hpp"
#include "support/recordings.hpp"

using namespace tollgate;
using namespace tollgate::dialects;
using namespace tollgate::dialects::openai_chat;

namespace {

std::string shape(const model::Response& response) {
  std::string all;
  for (const model::Block& block : response.content) {
    if (!all.empty()) all += ' ';
    all += block.kind == model::BlockKind::kText       ? "text'" + block.text.substr(0, 12) + "'"
           : block.kind == model::BlockKind::kThinking ? "thinking"
                                                       : block.name + block.input;
  }
  return all;
}

struct Row {
  const char* name;
  const char* body;
  const char* shape;
  model::StopReason stop;
};

std::string message(const std::string& json, const std::string& reason) {
  return R"({"choices":[{"index":0,"message":)" + json + R"(,"finish_reason":)" + reason + "}]}";
}

}  // namespace

TEST_CASE("recorded answers are decoded") {
  struct {
    const char* name;
    const char* shape;
    model::StopReason stop;
    model::Tokens tokens;
  } rows[] = {
      {"azure-chat-json-content-filter", "", model::StopReason::kRefusal, {15, 0, 0, 0, 19}},
      {"azure-chat-json-reasoning", "text'3'", model::StopReason::kEndTurn, {11, 0, 0, 0, 203}},
      {"ollama-chat-json-parallel-tools",
       "thinking weather{\"latitude\":\"52.5200\",\"longitude\":\"13.4050\"} "
       "best_language_to_learn{}",
       model::StopReason::kToolUse,
       {235, 0, 0, 0, 320}},
      {"openai-chat-json-cached",
       "text'1. **Open-So'",
       model::StopReason::kEndTurn,
       {125, 1024, 0, 0, 353}},
      {"openai-chat-json-parallel-tools",
       "GetWeatherArgs{\"city\": \"Edinburgh\", \"country\": \"GB\", \"units\": \"c\"} "
       "get_stock_price{\"ticker\": \"AAPL\", \"exchange\": \"NASDAQ\"}",
       model::StopReason::kToolUse,
       {149, 0, 0, 0, 60}},
      {"openai-chat-json-refusal",
       "text'I'm very sor'",
       model::StopReason::kRefusal,
       {79, 0, 0, 0, 12}},
      {"openai-chat-json-required-tool",
       "get_weather{\"city\":\"Paris\"}",
       model::StopReason::kToolUse,
       {130, 0, 0, 0, 87}},
      {"openai-chat-json-stop-sequence",
       "text'The capital '",
       model::StopReason::kEndTurn,
       {31, 0, 0, 0, 467}},
      {"vllm-chat-json-tool",
       "thinking get_weather{\"city\": \"Paris\"}",
       model::StopReason::kToolUse,
       {167, 0, 0, 0, 37}},
      {"xai-chat-json-text",
       "thinking text'Hello'",
       model::StopReason::kEndTurn,
       {10, 2, 0, 0, 229}},
  };
  for (const auto& path : test::recordings("openai", ".json")) {
    const std::string name = path.stem().string();
    if (name.find("-chat-json-") == std::string::npos || name.ends_with(".meta")) continue;
    INFO(name);
    Translation translation = thinking_client();
    const auto response = dialect().decode_response(test::read_file(path), translation);
    INFO((response.ok() ? "" : response.status().message()));
    REQUIRE(response.ok());
    for (const auto& row : rows) {
      if (row.name != name) continue;
      CHECK(shape(response.value()) == row.shape);
      CHECK(static_cast<int>(response.value().stop_reason) == static_cast<int>(row.stop));
      CHECK(response.value().usage.tokens == row.tokens);
    }
  }
}

TEST_CASE("odd answers are read") {
  struct {
    const char* name;
    std::string body;
    const char* shape;
    model::StopReason stop;
  } rows[] = {
      {"absent in every way",
       message(
           R"({"role":"assistant","content":"a","tool_calls":[],"refusal":"","function_call":null})",
           "\"stop\""),
       "text'a'", model::StopReason::kEndTurn},
      {"null calls", message(R"({"content":"a","tool_calls":null})", "null"), "text'a'",
       model::StopReason::kEndTurn},
      {"no finish, a call",
       message(
           R"({"content":null,"tool_calls":[{"id":"call_abc","type":"function","function":{"name":"R","arguments":"{}"}}]})",
           "null"),
       "R{}", model::StopReason::kToolUse},
      {"legacy",
       message(R"({"content":null,"function_call":{"name":"R","arguments":"{\"a\":1}"}})",
               "\"function_call\""),
       "R{\"a\":1}", model::StopReason::kToolUse},
      {"two calls without index",
       message(
           R"({"tool_calls":[{"id":"call_abc","function":{"name":"R","arguments":"{}"}},{"id":"call_abd","function":{"name":"R","arguments":"{}"}}]})",
           "\"tool_calls\""),
       "R{} R{}", model::StopReason::kToolUse},
      {"two calls without anything",
       message(
           R"({"tool_calls":[{"function":{"name":"R","arguments":"{}"}},{"function":{"name":"R","arguments":"{\"b\":1}"}}]})",
           "\"tool_calls\""),
       "R{} R{\"b\":1}", model::StopReason::kToolUse},
      {"arguments as an object",
       message(
           R"({"tool_calls":[{"id":"call_abc","function":{"name":"R","arguments":{"a": [1]}}}]})",
           "\"tool_calls\""),
       "R{\"a\": [1]}", model::StopReason::kToolUse},
      {"arguments that are no JSON",
       message(
           R"({"tool_calls":[{"id":"call_abc","function":{"name":"R","arguments":"{\"a\":"}}]})",
           "\"tool_calls\""),
       "R{\"__unparsedToolInput\":\"{\\\"a\\\":\"}", model::StopReason::kToolUse},
      {"a call cut by the limit",
       message(
           R"({"content":"a","tool_calls":[{"id":"call_abc","function":{"name":"R","arguments":"{\"a\":"}}]})",
           "\"length\""),
       "text'a'", model::StopReason::kMaxTokens},
      {"a whole call at the limit",
       message(R"({"tool_calls":[{"id":"call_abc","function":{"name":"R","arguments":"{}"}}]})",
               "\"length\""),
       "R{}", model::StopReason::kMaxTokens},
      {"a list of parts",
       message(R"({"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]})",
               "\"stop\""),
       "text'ab'", model::StopReason::kEndTurn},
      {"nothing", message(R"({"content":""})", "\"stop\""), "", model::StopReason::kEndTurn},
      {"nothing at the limit", message(R"({"content":null})", "\"length\""), "",
       model::StopReason::kMaxTokens},
      {"blanks before", " \n" + message(R"({"content":"a"})", "\"stop\""), "text'a'",
       model::StopReason::kEndTurn},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    Translation translation = thinking_client();
    const auto response = dialect().decode_response(row.body, translation);
    INFO((response.ok() ? "" : response.status().message()));
    REQUIRE(response.ok());
    CHECK(shape(response.value()) == row.shape);
    CHECK(static_cast<int>(response.value().stop_reason) == static_cast<int>(row.stop));
  }
}

TEST_CASE("what is no answer is refused") {
  for (const char* body :
       {"", "{", "[]", "{}", R"({"choices":[]})", R"({"error":{"message":"m"}})", "<html>"}) {
    INFO(body);
    Translation translation = thinking_client();
    CHECK_FALSE(dialect().decode_response(body, translation).ok());
  }
}
