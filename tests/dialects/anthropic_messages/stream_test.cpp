// stream_decode.cpp and stream_encode.cpp.

#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/sse_text.hpp"
#include "json/reader.hpp"
#include "model/stream_fold.hpp"
#include "support/catch.hpp"
#include "support/recordings.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

using model::StreamEvent;
using Kind = model::StreamEventKind;

struct Decoded {
  std::vector<StreamEvent> events;
  Status status;
};

Decoded decoded(std::string_view bytes) {
  Decoded result;
  Translation translation;
  const auto decoder = dialect().new_stream_decoder(translation);
  for (const test::SseText& event : test::sse_events(bytes)) {
    result.status = decoder->on_event(event.name, event.data, result.events);
    if (!result.status.ok()) return result;
  }
  result.status = decoder->on_end(result.events);
  return result;
}

std::string encoded(const std::vector<StreamEvent>& events, Translation& translation) {
  const auto encoder = dialect().new_stream_encoder(translation);
  std::string out;
  for (const StreamEvent& event : events) {
    const Status status = encoder->on_event(event, out);
    INFO(status.message());
    REQUIRE(status.ok());
  }
  return out;
}

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
    const Decoded first = decoded(test::read_file(path));
    REQUIRE(first.status.ok());
    Translation translation;
    translation.requested_model = first.events.at(0).model;
    const std::string again = encoded(first.events, translation);
    const Decoded second = decoded(again);
    REQUIRE(second.status.ok());
    REQUIRE(second.events.size() == first.events.size());
    for (size_t i = 0; i < first.events.size(); ++i) {
      INFO("event " << i);
      CHECK(second.events[i] == first.events[i]);
    }
    // The same events again are the same bytes.
    CHECK(encoded(second.events, translation) == again);
  }
}

TEST_CASE("recorded streams fold into whole answers") {
  json::Document document;
  for (const auto& path : test::recordings("anthropic", ".sse")) {
    INFO(path.filename().string());
    const std::string bytes = test::read_file(path);
    model::StreamFold fold;
    for (const StreamEvent& event : decoded(bytes).events)
      REQUIRE(fold.add(event).ok());
    REQUIRE(fold.complete());
    const model::Response& response = fold.response();

    // The same, read off the wire by hand.
    std::vector<std::string> texts;
    std::vector<std::string> inputs;
    for (const test::SseText& event : test::sse_events(bytes)) {
      const auto parsed = document.parse(event.data);
      REQUIRE(parsed.ok());
      const json::Value data = parsed.value();
      if (event.name == "content_block_start") {
        texts.emplace_back(data["content_block"]["text"].string_or(""));
        inputs.emplace_back();
      } else if (event.name == "content_block_delta") {
        texts.back() += data["delta"]["text"].string_or(data["delta"]["thinking"].string_or(""));
        inputs.back() += data["delta"]["partial_json"].string_or("");
        const std::string_view signature = data["delta"]["signature"].string_or("");
        if (!signature.empty()) CHECK(response.content.at(texts.size() - 1).signature == signature);
      } else if (event.name == "message_delta") {
        CHECK(response.stop_reason != model::StopReason::kUnset);
        CHECK(response.stop_reason != model::StopReason::kOther);
        CHECK(response.usage.tokens.output == data["usage"]["output_tokens"].integer());
        CHECK(response.usage.tokens.input == data["usage"]["input_tokens"].integer());
        CHECK(response.usage.tokens.cache_read ==
              data["usage"]["cache_read_input_tokens"].integer());
      } else if (event.name == "message_start") {
        CHECK(response.id == data["message"]["id"].string_or(""));
        CHECK(response.model == data["message"]["model"].string_or(""));
      }
    }
    REQUIRE(response.content.size() == texts.size());
    for (size_t i = 0; i < texts.size(); ++i) {
      if (!texts[i].empty()) CHECK(response.content[i].text == texts[i]);
      if (!inputs[i].empty()) CHECK(response.content[i].input == inputs[i]);
    }
    // And the whole answer is one this dialect reads again.
    Translation translation;
    std::string body;
    REQUIRE(dialect().encode_response(response, translation, body).ok());
    const auto reread = dialect().decode_response(body, translation);
    REQUIRE(reread.ok());
    CHECK(reread.value().content == response.content);
    CHECK(reread.value().usage == response.usage);
    std::string again;
    REQUIRE(dialect().encode_response(reread.value(), translation, again).ok());
    CHECK(again == body);
  }
}

TEST_CASE("recorded streams cut anywhere never end well") {
  for (const auto& path : test::recordings("anthropic", ".sse")) {
    INFO(path.filename().string());
    const std::string bytes = test::read_file(path);
    Translation translation;
    const auto decoder = dialect().new_stream_decoder(translation);
    std::vector<StreamEvent> events;
    for (const test::SseText& event : test::sse_events(bytes)) {
      std::vector<StreamEvent> last;
      const bool whole = event.name == "message_stop";
      REQUIRE(decoder->on_event(event.name, event.data, events).ok());
      CHECK(decoder->on_end(last).ok() == whole);
    }
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
  const std::string out = encoded(
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
  const auto events = test::sse_events(encoded({first, end}, translation));
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
  const std::string out = encoded({start(), error}, translation);
  const Decoded again = decoded(out + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
  CHECK(again.status.ok());
  REQUIRE(again.events.size() == 2);
  CHECK(again.events[1].failure == error.failure);
}

const std::string kStart =
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"i\","
    "\"model\":\"m\",\"usage\":{\"input_tokens\":5}}}\n\n";
const std::string kOpen =
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
    "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n";

struct WrongCase {
  const char* name;
  std::string bytes;
};

const WrongCase kWrongCases[] = {
    {"nothing", ""},
    {"only a ping", "event: ping\ndata: {}\n\n"},
    {"text for data", kStart + "event: message_delta\ndata: oops\n\n"},
    {"cut data", kStart + "event: message_delta\ndata: {\"a\":\n\n"},
    {"a block before the start", kOpen},
    {"a start without a message", "event: message_start\ndata: {}\n\n"},
    {"an index out of turn", kStart + "event: content_block_start\ndata: {\"index\":1,"
                                      "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"},
    {"two blocks at once", kStart + kOpen + kOpen},
    {"a block without a type",
     kStart + "event: content_block_start\ndata: {\"index\":0,\"content_block\":{}}\n\n"},
    {"a delta without a block",
     kStart + "event: content_block_delta\ndata: {\"index\":0,\"delta\":{}}\n\n"},
    {"a delta of another block",
     kStart + kOpen + "event: content_block_delta\ndata: {\"index\":1,\"delta\":{}}\n\n"},
    {"a delta that is none",
     kStart + kOpen + "event: content_block_delta\ndata: {\"index\":0}\n\n"},
    {"an end inside a block", kStart + kOpen + "event: message_delta\ndata: {\"delta\":{}}\n\n"},
    {"a stop without an end", kStart + "event: message_stop\ndata: {}\n\n"},
    {"a block left open", kStart + kOpen},
};

TEST_CASE("streams that are not what they say are refused by the decoder") {
  for (const WrongCase& row : kWrongCases) {
    INFO(row.name);
    CHECK(decoded(row.bytes).status.code() == Code::kInvalid);
  }
}

TEST_CASE("odd streams that are tolerated") {
  const std::string end =
      "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
      "\"usage\":{\"output_tokens\":2}}\n\ndata: {\"type\":\"message_stop\"}\n\n";
  const std::string second =
      "event: message_start\ndata: {\"message\":{\"usage\":{\"input_tokens\":50,"
      "\"output_tokens\":1}}}\n\n";
  const Decoded result =
      decoded(kStart + second + "event: news\ndata: {\"a\":1}\n\n" + end + "data: [DONE]\n\n");
  REQUIRE(result.status.ok());
  REQUIRE(result.events.size() == 4);
  CHECK(result.events[1].kind == Kind::kOther);
  CHECK(result.events[1].text == "news");
  CHECK(result.events[1].raw == "{\"a\":1}");
  CHECK(result.events[2].usage.input == 50);
  CHECK(result.events[2].usage.output == 2);
  CHECK(result.events[3].kind == Kind::kMessageStop);
}

}  // namespace
}  // namespace tollgate::dialects::anthropic_messages
