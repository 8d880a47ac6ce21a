#include <set>

#include "dialects/carriage.hpp"
#include "dialects/openai_responses/through.hpp"
#include "json/reader.hpp"
#include "support/recordings.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

using model::StreamEvent;
using Kind = model::StreamEventKind;

std::vector<std::filesystem::path> recorded_streams() {
  std::vector<std::filesystem::path> found;
  for (const auto& path : test::recordings("openai", ".sse")) {
    if (path.filename().string().find("-responses-") != std::string::npos) found.push_back(path);
  }
  return found;
}

/// What the recording's last event says the answer is, read by hand.
struct Told {
  std::vector<std::string> lines;
  int64_t prompt = 0;
  int64_t output = 0;
  int64_t reasoning = 0;
  std::set<std::string> encrypted;
};

Told told_by_last_event(const std::string& bytes) {
  Told told;
  json::Document document;
  for (const test::SseText& event : test::sse_events(bytes)) {
    const auto parsed = document.parse(event.data);
    if (parsed.ok() && parsed.value()["type"].string_or("") == "response.output_item.done") {
      // The last event may have it once more, encrypted anew.
      const json::Value item = parsed.value()["item"];
      const std::string encrypted(item["encrypted_content"].string_or(""));
      if (!encrypted.empty()) told.encrypted.insert(encrypted);
    }
    if (!parsed.ok() || !parsed.value()["response"]["usage"].is_object()) continue;
    told.lines.clear();
    const json::Value response = parsed.value()["response"];
    for (const json::Value item : response["output"].elements()) {
      const std::string_view type = item["type"].string_or("");
      if (type == "message") {
        for (const json::Value part : item["content"].elements())
          told.lines.push_back("text:" + std::string(part["text"].string_or("")));
      } else if (type == "function_call") {
        told.lines.push_back("call:" + std::string(item["name"].string_or("")) + " " +
                             std::string(item["arguments"].string_or("")));
      } else if (type == "reasoning") {
        std::string text;
        for (const char* list : {"summary", "content"}) {
          for (const json::Value part : item[list].elements()) {
            if (!text.empty()) text += "\n\n";
            text += part["text"].string_or("");
          }
        }
        const std::string_view encrypted = item["encrypted_content"].string_or("");
        if (!text.empty() || !encrypted.empty()) told.lines.push_back("thinking:" + text);
      }
    }
    told.prompt = response["usage"]["input_tokens"].integer().value_or(-1);
    told.output = response["usage"]["output_tokens"].integer().value_or(-1);
    told.reasoning =
        response["usage"]["output_tokens_details"]["reasoning_tokens"].integer().value_or(0);
  }
  return told;
}

TEST_CASE("recorded streams give what their last event says they are") {
  int checked = 0;
  for (const auto& path : recorded_streams()) {
    const std::string bytes = test::read_file(path);
    const Told expected = told_by_last_event(bytes);
    INFO(path.filename().string());
    Translation translation = thinking_client();
    const DecodedStream decoded = decoded_stream(bytes, translation);
    INFO(decoded.status.message());
    REQUIRE(decoded.status.ok());
    const model::Response response = folded(decoded.events);
    if (expected.prompt == 0) continue;  // No usage in it.
    ++checked;
    std::vector<std::string> lines;
    std::set<std::string> encrypted;
    for (const std::string& line : told(response)) {
      if (!line.starts_with("search:") && !line.starts_with("found:")) lines.push_back(line);
    }
    json::Document document;
    for (const model::Block& block : response.content) {
      if (block.kind != model::BlockKind::kThinking) continue;
      const auto carriage = open_carriage(block.signature);
      REQUIRE(carriage);
      CHECK(carriage->target == translation.target);
      CHECK(carriage->credential_tag == translation.credential_tag);
      const auto payload = document.parse("{" + carriage->payload + "}");
      REQUIRE(payload.ok());
      const std::string_view carried = payload.value()["e"].string_or("");
      if (!carried.empty()) encrypted.emplace(carried);
    }
    CHECK(lines == expected.lines);
    CHECK(encrypted == expected.encrypted);
    CHECK(response.usage.tokens.prompt() == expected.prompt);
    CHECK(response.usage.tokens.output == expected.output);
    CHECK(response.usage.reasoning == expected.reasoning);
    bool calls = false;
    for (const std::string& line : lines)
      calls = calls || line.starts_with("call:");
    CHECK(response.stop_reason ==
          (calls ? model::StopReason::kToolUse : model::StopReason::kEndTurn));
  }
  if (!recorded_streams().empty()) CHECK(checked >= 9);
}

TEST_CASE("recorded streams give the same events however they are cut") {
  for (const auto& path : recorded_streams()) {
    INFO(path.filename().string());
    const std::string bytes = test::read_file(path);
    Translation translation = thinking_client();
    const DecodedStream whole = decoded_stream(bytes, translation);
    Translation twin = thinking_client();
    CHECK(decode_pieces(test::single_bytes(bytes), twin).events == whole.events);
    for (uint32_t seed = 0; seed < 20; ++seed) {
      Translation other = thinking_client();
      CHECK(decode_pieces(test::random_pieces(bytes, seed), other).events == whole.events);
    }
  }
}

TEST_CASE("recorded streams that end early are complete or an error") {
  for (const auto& path : recorded_streams()) {
    INFO(path.filename().string());
    const std::string bytes = test::read_file(path);
    Translation translation = thinking_client();
    const auto decoder = dialect().new_stream_decoder(translation);
    std::vector<StreamEvent> events;
    wire::SseDecoder sse;
    for (size_t size = 0; size < bytes.size(); ++size) {
      const Status framed =
          sse.feed(std::string_view(bytes).substr(size, 1), [&](const auto& event) {
            REQUIRE(decoder->on_event(event.name, event.data, events).ok());
          });
      REQUIRE(framed.ok());
      const bool complete = !events.empty() && events.back().kind == Kind::kMessageStop;
      std::vector<StreamEvent> last;
      CHECK(decoder->on_end(last).ok() == complete);
      CHECK(last.empty());
    }
    CHECK(events.back().kind == Kind::kMessageStop);
  }
}

struct WrongCase {
  const char* name;
  std::string bytes;
};

TEST_CASE("streams that are not what they say are refused") {
  const std::string created = "data: {\"type\":\"response.created\",\"response\":{}}\n\n";
  const WrongCase rows[] = {
      {"nothing", ""},
      {"only the end", "data: [DONE]\n\n"},
      {"a start and no more", created},
      {"a start and a done", created + "data: [DONE]\n\n"},
      {"no JSON", created + "data: oops\n\n"},
      {"no object", created + "data: [1]\n\n"},
      {"half a JSON", created + "data: {\"type\":\n\n"},
      {"news only", "data: {\"type\":\"response.news\"}\n\n"},
  };
  for (const WrongCase& row : rows) {
    INFO(row.name);
    Translation translation = thinking_client();
    CHECK(decoded_stream(row.bytes, translation).status.code() == Code::kInvalid);
  }
}

TEST_CASE("what stands behind the end or is not known does not matter") {
  Translation translation = thinking_client();
  const DecodedStream decoded = decoded_stream(
      stream_of({R"({"type":"response.created","response":{"model":"m"}})",
                 R"({"type":"keepalive","sequence_number":1})", R"({"type":"response.news"})",
                 R"({"type":"response.completed","response":{"status":"completed","output":[]}})",
                 "[DONE]", "garbage",
                 R"({"type":"response.output_text.delta","delta":"late","output_index":0})"}),
      translation);
  REQUIRE(decoded.status.ok());
  REQUIRE(decoded.events.size() == 3);
  CHECK(decoded.events[0].model == "m");
  CHECK(decoded.events[1].stop_reason == model::StopReason::kEndTurn);
}

TEST_CASE("an event by the name of error is one, and blanks around the data are none") {
  Translation translation = thinking_client();
  const DecodedStream failed =
      decoded_stream("event: error\ndata: {\"reason\":\"no\"}\n\n", translation);
  REQUIRE(failed.events.size() == 1);
  CHECK(failed.events[0].kind == model::StreamEventKind::kError);
  Translation other = thinking_client();
  const DecodedStream ended = decoded_stream(
      "data:   {\"type\":\"response.created\",\"response\":{}}  \n\ndata:  [DONE] \n\n"
      "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"}}\n\n",
      other);
  CHECK(ended.status.ok());
  CHECK(folded(ended.events).content.empty());
}

TEST_CASE("a last event without an answer in it still ends one") {
  for (const char* type : {"response.completed", "response.incomplete"}) {
    Translation translation = thinking_client();
    const DecodedStream decoded =
        decoded_stream(stream_of({std::string(R"({"type":")") + type + "\"}"}), translation);
    REQUIRE(decoded.status.ok());
    CHECK(folded(decoded.events).content.empty());
  }
}

TEST_CASE("a character whose halves come in two events is one again") {
  const std::string grin = "\xF0\x9F\x98\x80";
  const auto event = [](const char* type, const char* item, const std::string& more) {
    return R"({"type":"response.)" + std::string(type) + R"(","item_id":")" + item +
           R"(","output_index":0,)" + more + "}";
  };
  const std::string begun = R"({"type":"response.created","response":{"model":"m"}})";
  const std::string ended = R"({"type":"response.completed","response":{"status":"completed"}})";
  struct Row {
    const char* name;
    std::vector<std::string> events;
    std::string kind;
    std::string text;
  };
  const Row rows[] = {
      {"text",
       {event("output_text.delta", "m1", R"("delta":"a\ud83d")"),
        event("output_text.delta", "m1", R"("delta":"\ude00b")"),
        event("output_text.done", "m1", R"("text":"a\ud83d\ude00b")")},
       "text",
       "a" + grin + "b"},
      {"text whose second half never comes",
       {event("output_text.delta", "m1", R"("delta":"a\ud83d")"),
        event("output_text.delta", "m1", R"("delta":"b")")},
       "text",
       "a\xEF\xBF\xBD"
       "b"},
      {"text that its end tells whole",
       {event("output_text.delta", "m1", R"("delta":"a\ud83d")"),
        event("output_text.done", "m1", R"("text":"a\ud83d\ude00")")},
       "text",
       "a" + grin},
      {"thoughts",
       {event("reasoning_summary_text.delta", "rs1", R"("summary_index":0,"delta":"\ud83d")"),
        event("reasoning_summary_text.delta", "rs1", R"("summary_index":0,"delta":"\ude00")"),
        event("reasoning_summary_text.done", "rs1", R"("summary_index":0,"text":"\ud83d\ude00")")},
       "thinking",
       grin},
      {"arguments",
       {R"({"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","id":"fc1","call_id":"call_123456","name":"R","arguments":""}})",
        event("function_call_arguments.delta", "fc1", R"("delta":"{\"a\":\"\ud83d")"),
        event("function_call_arguments.delta", "fc1", R"("delta":"\ude00\"}")"),
        event("function_call_arguments.done", "fc1", R"("arguments":"{\"a\":\"\ud83d\ude00\"}")")},
       "call",
       "{\"a\":\"" + grin + "\"}"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    std::vector<std::string> events = {begun};
    events.insert(events.end(), row.events.begin(), row.events.end());
    events.push_back(ended);
    Translation translation = thinking_client();
    const model::Response response = stream_answer(events, translation);
    REQUIRE(response.content.size() == 1);
    const model::Block& block = response.content[0];
    CHECK((row.kind == "call" ? block.input : block.text) == row.text);
  }
  Translation translation = thinking_client();
  const model::Response whole = whole_answer(
      R"({"model":"m","status":"completed","output":[{"type":"message","id":"m1","content":[{"type":"output_text","text":"a\ud83d"}]}]})",
      translation);
  REQUIRE(whole.content.size() == 1);
  CHECK(whole.content[0].text == "a\xEF\xBF\xBD");
}

TEST_CASE("events are known by their data, and by their name where the data tells none") {
  Translation translation = thinking_client();
  const DecodedStream decoded = decoded_stream(
      "event: response.output_text.delta\ndata: {\"output_index\":0,\"delta\":\"Hi\"}\n\n"
      "event: wrong\ndata: "
      "{\"type\":\"response.output_text.delta\",\"output_index\":0,\"delta\":\"!\"}"
      "\n\nevent: response.completed\ndata: {\"response\":{\"status\":\"completed\"}}\n\n",
      translation);
  REQUIRE(decoded.status.ok());
  CHECK(told(folded(decoded.events)) == std::vector<std::string>{"text:Hi!"});
}

}  // namespace
}  // namespace tollgate::dialects::openai_responses
