#include "dialects/anthropic_messages/through_model.hpp"
#include "json/reader.hpp"
#include "model/stream_fold.hpp"
#include "support/catch.hpp"
#include "support/recordings.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

using model::StreamEvent;
using Kind = model::StreamEventKind;

TEST_CASE("recorded streams fold into whole answers") {
  json::Document document;
  for (const auto& path : test::recordings("anthropic", ".sse")) {
    INFO(path.filename().string());
    const std::string bytes = test::read_file(path);
    model::StreamFold fold;
    for (const StreamEvent& event : decoded_stream(bytes).events)
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
    CHECK(decoded_stream(row.bytes).status.code() == Code::kInvalid);
  }
}

TEST_CASE("odd streams that are tolerated") {
  const std::string end =
      "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
      "\"usage\":{\"output_tokens\":2}}\n\ndata: {\"type\":\"message_stop\"}\n\n";
  const std::string second =
      "event: message_start\ndata: {\"message\":{\"usage\":{\"input_tokens\":50,"
      "\"output_tokens\":1}}}\n\n";
  const DecodedStream result = decoded_stream(kStart + second + "event: news\ndata: {\"a\":1}\n\n" +
                                              end + "data: [DONE]\n\n");
  REQUIRE(result.status.ok());
  REQUIRE(result.events.size() == 4);
  CHECK(result.events[1].kind == Kind::kOther);
  CHECK(result.events[1].text == "news");
  CHECK(result.events[1].raw == "{\"a\":1}");
  CHECK(result.events[2].usage.input == 50);
  CHECK(result.events[2].usage.output == 2);
  CHECK(result.events[3].kind == Kind::kMessageStop);
}

TEST_CASE("no member stands twice in the answer of a stream that says it out of place") {
  const std::string stream =
      R"(data: {"type":"message_start","message":{"id":7,"model":"m","role":"user","content":"x",
"usage":{"cache_creation_input_tokens":1,"cache_creation":{"odd":0},"new":1}}})"
      "\n\n"
      R"(data: {"type":"message_delta","id":"x","delta":{"stop_reason":"end_turn","role":"user",
"content":[],"model":"n","a":1},"usage":{"output_tokens":2,"cache_creation":{"odd":1}},"b":2})"
      "\n\ndata: {\"type\":\"message_stop\"}\n\n";
  std::string lines = stream;
  for (size_t at = lines.find(",\n"); at != std::string::npos; at = lines.find(",\n")) {
    lines.erase(at + 1, 1);
  }
  const DecodedStream result = decoded_stream(lines);
  REQUIRE(result.status.ok());
  model::StreamFold fold;
  for (const StreamEvent& event : result.events)
    REQUIRE(fold.add(event).ok());
  REQUIRE(fold.complete());
  model::Response answer = fold.response();
  answer.id = "msg_1";
  CHECK(encoded_response(answer, "") ==
        R"({"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],)"
        R"("stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":0,)"
        R"("cache_creation_input_tokens":1,"cache_read_input_tokens":0,)"
        R"("cache_creation":{"ephemeral_5m_input_tokens":1,"ephemeral_1h_input_tokens":0},)"
        R"("output_tokens":2,"new":1},"b":2,"a":1})");
}

}  // namespace
}  // namespace tollgate::dialects::anthropic_messages
