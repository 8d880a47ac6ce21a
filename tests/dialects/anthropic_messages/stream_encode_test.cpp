#include "dialects/anthropic_messages/through_model.hpp"
#include "json/reader.hpp"
#include "support/catch.hpp"
#include "support/recordings.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

using model::StreamEvent;
using Kind = model::StreamEventKind;

StreamEvent start() {
  StreamEvent event;
  event.kind = Kind::kMessageStart;
  event.id = "msg_1";
  event.model = "up";
  return event;
}

StreamEvent block_start(model::BlockKind kind, uint32_t index = 0) {
  StreamEvent event;
  event.kind = Kind::kBlockStart;
  event.index = index;
  event.block.kind = kind;
  return event;
}

StreamEvent text_delta(std::string text, uint32_t index = 0) {
  StreamEvent event;
  event.kind = Kind::kBlockDelta;
  event.index = index;
  event.text = std::move(text);
  return event;
}

StreamEvent bare(Kind kind) {
  StreamEvent event;
  event.kind = kind;
  return event;
}

TEST_CASE("recorded streams survive the way through the model") {
  for (const auto& path : test::recordings("anthropic", ".sse")) {
    INFO(path.filename().string());
    const DecodedStream first = decoded_stream(test::read_file(path));
    REQUIRE(first.status.ok());
    Translation translation;
    translation.requested_model = first.events.at(0).model;
    const std::string again = encoded_stream(first.events, translation);
    const DecodedStream second = decoded_stream(again);
    REQUIRE(second.status.ok());
    REQUIRE(second.events.size() == first.events.size());
    for (size_t i = 0; i < first.events.size(); ++i) {
      INFO("event " << i);
      CHECK(second.events[i] == first.events[i]);
    }
    // The same events again are the same bytes.
    CHECK(encoded_stream(second.events, translation) == again);
  }
}

TEST_CASE("a stream of another dialect becomes a good one") {
  Translation translation;
  translation.requested_model = "mine";
  translation.input_tokens_estimate = 321;
  translation.id_seed = 5;
  StreamEvent tool = block_start(model::BlockKind::kToolUse);
  tool.block.id = "toolu_1";
  tool.block.name = "Write";
  tool.block.input = "{\n\"path\":\"a\"}";  // Whole at once, and over two lines.
  StreamEvent end = bare(Kind::kMessageDelta);
  end.stop_reason = model::StopReason::kToolUse;
  end.usage.input = 400;
  end.usage.cache_read = 600;
  end.usage.output = 20;
  StreamEvent first = start();
  first.id.clear();
  const std::string out = encoded_stream(
      {first, start(), bare(Kind::kPing), tool, end, bare(Kind::kMessageStop)}, translation);
  const std::vector<test::SseText> events = test::sse_events(out);
  const std::vector<std::string> want = {
      "message_start",      "ping",          "content_block_start", "content_block_delta",
      "content_block_stop", "message_delta", "message_stop"};
  REQUIRE(events.size() == want.size());
  for (size_t i = 0; i < want.size(); ++i)
    CHECK(events[i].name == want[i]);

  json::Document document;
  const json::Value message = document.parse(events[0].data).value()["message"];
  CHECK(message["model"].string() == "mine");
  CHECK(message["id"].string_or("").starts_with("msg_"));
  CHECK(message["usage"]["input_tokens"].integer() == 321);
  CHECK(message["usage"]["output_tokens"].integer() == 1);
  CHECK(message["content"].is_array());
  CHECK(message["stop_reason"].is_null());
  const json::Value block = document.parse(events[2].data).value()["content_block"];
  CHECK(block["input"].is_object());
  CHECK(block["input"].size() == 0);
  const json::Value delta = document.parse(events[3].data).value()["delta"];
  CHECK(delta["partial_json"].string() == tool.block.input);
  const json::Value usage = document.parse(events[5].data).value()["usage"];
  CHECK(usage["input_tokens"].integer() == 400);
  CHECK(usage["cache_read_input_tokens"].integer() == 600);
  CHECK(usage["cache_creation_input_tokens"].integer() == 0);
  CHECK(usage["output_tokens"].integer() == 20);
}

TEST_CASE("usage told at the start only is told at the end too") {
  Translation translation;
  StreamEvent first = start();
  first.usage.input = 7;
  first.usage.cache_read = 8;
  StreamEvent end = bare(Kind::kMessageDelta);
  end.stop_reason = model::StopReason::kEndTurn;
  end.usage.output = 3;
  const auto events = test::sse_events(encoded_stream({first, end}, translation));
  json::Document document;
  const json::Value usage = document.parse(events.at(1).data).value()["usage"];
  CHECK(usage["input_tokens"].integer() == 7);
  CHECK(usage["cache_read_input_tokens"].integer() == 8);
  CHECK(usage["output_tokens"].integer() == 3);
}

TEST_CASE("events out of turn are refused by the encoder") {
  const std::vector<std::vector<StreamEvent>> wrong = {
      {bare(Kind::kMessageStop)},
      {bare(Kind::kMessageDelta)},
      {block_start(model::BlockKind::kText)},
      {start(), text_delta("x")},
      {start(), bare(Kind::kBlockStop)},
      {start(), bare(Kind::kMessageStop)},
      {start(), block_start(model::BlockKind::kText), block_start(model::BlockKind::kText, 1)},
      {start(), block_start(model::BlockKind::kText), bare(Kind::kMessageStop)},
      {start(), bare(Kind::kMessageDelta), block_start(model::BlockKind::kText)},
      {start(), bare(Kind::kError), bare(Kind::kMessageDelta)},
  };
  for (size_t i = 0; i < wrong.size(); ++i) {
    INFO("case " << i);
    Translation translation;
    const auto encoder = dialect().new_stream_encoder(translation);
    std::string out;
    for (size_t j = 0; j + 1 < wrong[i].size(); ++j)
      REQUIRE(encoder->on_event(wrong[i][j], out).ok());
    const std::string before = out;
    CHECK(encoder->on_event(wrong[i].back(), out).code() == Code::kInternal);
    CHECK(out == before);
  }
}

TEST_CASE("a failure in the stream is its last event") {
  Translation translation;
  StreamEvent error = bare(Kind::kError);
  error.failure.kind = model::FailureKind::kOverloaded;
  error.failure.status = 529;
  error.failure.message = "busy";
  const std::string out = encoded_stream({start(), error}, translation);
  const DecodedStream again =
      decoded_stream(out + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
  CHECK(again.status.ok());
  REQUIRE(again.events.size() == 2);
  CHECK(again.events[1].failure == error.failure);
}

}  // namespace
}  // namespace tollgate::dialects::anthropic_messages
