#include "dialects/openai_chat/through.hpp"
#include "dialects/same_json.hpp"
#include "support/recordings.hpp"

using namespace tollgate;
using namespace tollgate::dialects;
using namespace tollgate::dialects::openai_chat;
using model::StreamEvent;
using Kind = model::StreamEventKind;

namespace {

StreamEvent event(Kind kind) {
  StreamEvent made;
  made.kind = kind;
  return made;
}

StreamEvent start_of(model::BlockKind kind, uint32_t index = 0) {
  StreamEvent made = event(Kind::kBlockStart);
  made.index = index;
  made.block.kind = kind;
  made.block.id = "toolu_1";
  made.block.name = "R";
  made.block.input = "{}";
  return made;
}

StreamEvent piece(model::DeltaKind delta, const std::string& text, uint32_t index = 0) {
  StreamEvent made = event(Kind::kBlockDelta);
  made.delta = delta;
  made.index = index;
  (delta == model::DeltaKind::kCitation ? made.raw : made.text) = text;
  return made;
}

StreamEvent end_of(model::StopReason reason) {
  StreamEvent made = event(Kind::kMessageDelta);
  made.stop_reason = reason;
  made.usage.input = 20;
  made.usage.output = 5;
  return made;
}

/// The deltas of the chunks, "finish" and "[DONE]".
std::vector<std::string> deltas(const std::vector<StreamEvent>& events, bool usage = false) {
  Translation translation = thinking_client();
  translation.stream_usage = usage;
  const auto encoder = dialect().new_stream_encoder(translation);
  std::string out;
  for (const StreamEvent& each : events)
    REQUIRE(encoder->on_event(each, out).ok());
  std::vector<std::string> found;
  for (const test::SseText& sse : test::sse_events(out)) {
    json::Document document;
    const auto parsed = document.parse(sse.data);
    if (sse.data == "[DONE]" || parsed.value()["error"].exists()) {
      found.push_back(sse.data);
      continue;
    }
    REQUIRE(parsed.ok());
    CHECK(parsed.value()["object"].string() == "chat.completion.chunk");
    CHECK(parsed.value()["model"].string() == "coding/gpt");
    CHECK(parsed.value()["usage"].exists() == usage);
    if (parsed.value()["choices"].size() == 0) {
      found.push_back("usage " +
                      std::to_string(*parsed.value()["usage"]["prompt_tokens"].integer()) + "+" +
                      std::to_string(*parsed.value()["usage"]["completion_tokens"].integer()));
      continue;
    }
    const json::Value choice = *parsed.value()["choices"].elements().begin();
    const size_t at = sse.data.find("\"delta\":") + 8;
    found.push_back(choice["finish_reason"].is_string()
                        ? "finish " + std::string(choice["finish_reason"].string_or(""))
                        : sse.data.substr(at, sse.data.find(",\"logprobs\"") - at));
  }
  return found;
}

}  // namespace

TEST_CASE("events become chunks") {
  using model::BlockKind;
  using model::DeltaKind;
  const StreamEvent stop = event(Kind::kBlockStop);
  CHECK(
      deltas({event(Kind::kMessageStart), start_of(BlockKind::kThinking),
              piece(DeltaKind::kThinking, "hm"), piece(DeltaKind::kSignature, "sig"), stop,
              start_of(BlockKind::kText), piece(DeltaKind::kText, "Hi"),
              piece(DeltaKind::kCitation, R"({"url":"https://a","title":"A"})"), stop,
              start_of(BlockKind::kToolUse), piece(DeltaKind::kInputJson, ""),
              piece(DeltaKind::kInputJson, "{\"a\":"), piece(DeltaKind::kInputJson, "1}"), stop,
              start_of(BlockKind::kToolUse), piece(DeltaKind::kInputJson, ""), stop,
              end_of(model::StopReason::kToolUse), event(Kind::kMessageStop)}) ==
      std::vector<std::string>{
          R"({"role":"assistant","content":""})",
          R"({"reasoning_content":"hm"})",
          R"({"reasoning_details":[{"type":"reasoning.text","text":"hm","signature":"sig","index":0}]})",
          R"({"content":"Hi"})",
          R"({"annotations":[{"type":"url_citation","url_citation":{"url":"https://a","title":"A","start_index":0,"end_index":2}}]})",
          R"({"tool_calls":[{"index":0,"id":"toolu_1","type":"function","function":{"name":"R","arguments":""}}]})",
          R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]})",
          R"({"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]})",
          R"({"tool_calls":[{"index":1,"id":"toolu_1","type":"function","function":{"name":"R","arguments":""}}]})",
          R"({"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]})",
          "finish tool_calls",
          "[DONE]",
      });
}

TEST_CASE("usage comes in a chunk of its own when it was asked for") {
  const std::vector<StreamEvent> events = {
      event(Kind::kMessageStart), end_of(model::StopReason::kEndTurn), event(Kind::kMessageStop)};
  CHECK(deltas(events) ==
        std::vector<std::string>{R"({"role":"assistant","content":""})", "finish stop", "[DONE]"});
  CHECK(deltas(events, true) == std::vector<std::string>{R"({"role":"assistant","content":""})",
                                                         "finish stop", "usage 20+5", "[DONE]"});
}

TEST_CASE("failures end the stream, pings are comments, and other dialects' events are nothing") {
  StreamEvent failure = event(Kind::kError);
  failure.failure.message = "oh";
  CHECK(
      deltas({event(Kind::kMessageStart), event(Kind::kPing), event(Kind::kOther), failure}) ==
      std::vector<std::string>{
          R"({"role":"assistant","content":""})",
          R"({"error":{"message":"oh","type":"server_error","param":null,"code":"server_error"}})",
          "[DONE]"});
}

TEST_CASE("events out of turn are a fault of ours") {
  Translation translation = thinking_client();
  const std::vector<std::vector<StreamEvent>> wrong = {
      {start_of(model::BlockKind::kText)},
      {event(Kind::kMessageStart), piece(model::DeltaKind::kText, "a")},
      {event(Kind::kMessageStart), event(Kind::kBlockStop)},
      {event(Kind::kMessageStart), event(Kind::kMessageStop)},
      {event(Kind::kMessageStart), start_of(model::BlockKind::kText),
       start_of(model::BlockKind::kText)}};
  for (const auto& events : wrong) {
    const auto encoder = dialect().new_stream_encoder(translation);
    std::string out;
    Status status;
    for (const StreamEvent& each : events)
      status = encoder->on_event(each, out);
    CHECK(status.code() == Code::kInternal);
  }
}

TEST_CASE("recorded streams come through the model and back with the same answer") {
  for (const auto& path : test::recordings("openai", ".sse")) {
    if (path.filename().string().find("-chat-") == std::string::npos) continue;
    INFO(path.stem().string());
    Translation translation = thinking_client();
    const DecodedStream first = decode_pieces({test::read_file(path)}, translation);
    REQUIRE(first.status.ok());
    translation.stream_usage = true;
    const auto encoder = dialect().new_stream_encoder(translation);
    std::string bytes;
    for (const StreamEvent& each : first.events)
      REQUIRE(encoder->on_event(each, bytes).ok());
    Translation again = thinking_client();
    const model::Response before = folded(first.events);
    const model::Response after = folded(decode_pieces({bytes}, again).events);
    REQUIRE(after.content.size() == before.content.size());
    for (size_t i = 0; i < after.content.size(); ++i) {
      CHECK(after.content[i].text == before.content[i].text);
      CHECK(after.content[i].id == before.content[i].id);
      CHECK(after.content[i].name == before.content[i].name);
      CHECK(test::json_difference("[" + after.content[i].input + "]",
                                  "[" + before.content[i].input + "]") == "");
    }
    CHECK(after.usage.tokens == before.usage.tokens);
  }
}
