#include <string>

#include "dialects/bedrock_converse/stream_support.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

using model::BlockKind;
using model::StopReason;

using test::aws_event_frame;

TEST_CASE("a stream folds into its answer") {
  const model::Response response =
      answer(kBegin + block_delta(0, R"({"reasoningContent":{"text":"hm"}})") +
             block_delta(0, R"({"reasoningContent":{"signature":"c2ln"}})") + block_stop(0) +
             text(1, "Let me ") + text(1, "look.") + block_stop(1) +
             tool(2, "tooluse_1", "get_weather") + tool_input(2, "{\\\"city\\\":") +
             tool_input(2, "\\\"Paris\\\"}") + block_stop(2) + end("tool_use"));
  REQUIRE(response.content.size() == 3);
  CHECK(response.content[0].kind == BlockKind::kThinking);
  CHECK(response.content[0].text == "hm");
  CHECK(response.content[0].signature == "c2ln");
  CHECK(response.content[1].text == "Let me look.");
  CHECK(response.content[2].kind == BlockKind::kToolUse);
  CHECK(response.content[2].id == "tooluse_1");
  CHECK(response.content[2].name == "get_weather");
  CHECK(response.content[2].input == R"({"city":"Paris"})");
  CHECK(response.stop_reason == StopReason::kToolUse);
  CHECK(response.usage.tokens == model::Tokens{7, 3, 0, 4, 5});
}

TEST_CASE("a stream that goes wrong is an error, not an answer") {
  struct Row {
    const char* name;
    std::string stream;
    model::FailureKind kind;
    uint32_t status;
  };
  const std::string begun = kBegin + text(0, "a");
  const Row rows[] = {
      {"throttled",
       begun + test::aws_exception_frame("throttlingException", R"({"message":"Too many tokens"})"),
       model::FailureKind::kRateLimit, 429},
      {"the model's server",
       begun + test::aws_exception_frame("modelStreamErrorException",
                                         R"({"message":"boom","originalStatusCode":424})"),
       model::FailureKind::kApi, 500},
      {"unavailable", begun + test::aws_exception_frame("serviceUnavailableException", "{}"),
       model::FailureKind::kOverloaded, 529},
      {"a new exception", begun + test::aws_exception_frame("somethingNewException", "{}"),
       model::FailureKind::kApi, 500},
      {"a malformed call", begun + block_stop(0) + end("malformed_tool_use"),
       model::FailureKind::kApi, 500},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Translation translation = translation_to(kClaude);
    const Decoded decoded = decode_stream(row.stream, translation);
    CHECK(decoded.code == Code::kOk);
    REQUIRE(decoded.events.back().kind == model::StreamEventKind::kError);
    CHECK(decoded.events.back().failure.kind == row.kind);
    CHECK(decoded.events.back().failure.status == row.status);
    CHECK_FALSE(decoded.events.back().failure.message.empty());
  }
  for (const std::string& stream :
       {begun, kBegin, std::string(), kBegin + aws_event_frame("contentBlockDelta", "[]"),
        begun + block_stop(0) + end("end_turn").substr(0, 40)}) {
    Translation translation = translation_to(kClaude);
    CHECK(decode_stream(stream, translation).code == Code::kInvalid);
  }
}

TEST_CASE("events that nobody knows are passed over") {
  for (const std::string& odd :
       {aws_event_frame("initial-response", ""), aws_event_frame("somethingNew", "no JSON"),
        aws_event_frame("", ""), aws_event_frame("somethingNew", R"({"contentBlockIndex":0})")}) {
    const model::Response response = answer(odd + kBegin + odd + text(0, "a") + odd +
                                            block_stop(0) + odd + end("end_turn") + odd);
    REQUIRE(response.content.size() == 1);
    CHECK(response.content[0].text == "a");
    CHECK(response.stop_reason == StopReason::kEndTurn);
  }
}

TEST_CASE("an answer without numbers is an answer") {
  Translation translation = translation_to(kClaude);
  const Decoded decoded =
      decode_stream(kBegin + text(0, "a") + block_stop(0) +
                        aws_event_frame("messageStop", R"({"stopReason":"end_turn"})"),
                    translation);
  CHECK(decoded.code == Code::kOk);
  CHECK(folded(decoded.events).stop_reason == StopReason::kEndTurn);
  CHECK(decoded.events.back().kind == model::StreamEventKind::kMessageStop);
}

}  // namespace
}  // namespace tollgate::dialects::bedrock_converse
