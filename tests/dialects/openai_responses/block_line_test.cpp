#include "dialects/openai_responses/answer_reader.hpp"
#include "dialects/openai_responses/through.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

using model::StreamEvent;
using Kind = model::StreamEventKind;

std::string delta(int part, const std::string& text) {
  return R"({"type":"response.output_text.delta","output_index":0,"content_index":)" +
         std::to_string(part) + ",\"delta\":\"" + text + "\"}";
}
const std::string kArguments =
    R"({"type":"response.output_item.done","output_index":1,"item":{"type":"function_call",)"
    R"("call_id":"call_1","name":"Bash","arguments":"{\"command\":\"STOP\"}"}})";
const std::string kCompleted =
    R"({"type":"response.completed","response":{"status":"completed","output":[],)"
    R"("usage":{"input_tokens":10,"output_tokens":5}}})";

TEST_CASE("text ends at a stop sequence, wherever events cut it") {
  struct Row {
    const char* name;
    std::vector<std::string> events;
    std::vector<std::string> told;
    std::string found;
  };
  const Row rows[] = {
      {"not there", {delta(0, "no end"), kCompleted}, {"text:no end"}, ""},
      {"in one event", {delta(0, "so STOP and more"), kCompleted}, {"text:so "}, "STOP"},
      {"over events", {delta(0, "so ST"), delta(0, "OP and"), kCompleted}, {"text:so "}, "STOP"},
      {"a beginning only", {delta(0, "so ST"), delta(0, "AY"), kCompleted}, {"text:so STAY"}, ""},
      {"a beginning at the end", {delta(0, "so ST"), kCompleted}, {"text:so ST"}, ""},
      {"not over two parts",
       {delta(0, "ST"), delta(1, "OP"), kCompleted},
       {"text:ST", "text:OP"},
       ""},
      {"at once", {delta(0, "STOP"), kCompleted}, {}, "STOP"},
      {"not in arguments",
       {delta(0, "a"), kArguments, kCompleted},
       {"text:a", R"(call:Bash {"command":"STOP"})"},
       ""},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Translation translation = thinking_client();
    translation.stop_sequences = {"STOP", "never"};
    const model::Response response = stream_answer(row.events, translation);
    CHECK(told(response) == row.told);
    CHECK(response.stop_sequence == row.found);
    CHECK(response.has_stop_sequence == !row.found.empty());
    CHECK((response.stop_reason == model::StopReason::kStopSequence) == !row.found.empty());
    CHECK(response.usage.tokens.output > 0);
  }
}

TEST_CASE("nothing is told behind a stop sequence, and nothing is missed") {
  Translation translation = thinking_client();
  translation.stop_sequences = {"STOP"};
  const DecodedStream decoded =
      decoded_stream(stream_of({delta(0, "a STOP"), delta(0, "b"), kArguments}), translation);
  // Without its last event the stream is complete: we ended it.
  CHECK(decoded.status.ok());
  REQUIRE(!decoded.events.empty());
  CHECK(decoded.events.back().kind == Kind::kMessageStop);
  CHECK(told(folded(decoded.events)) == std::vector<std::string>{"text:a "});
}

TEST_CASE("a whole answer ends at a stop sequence too") {
  Translation translation = thinking_client();
  translation.stop_sequences = {"STOP"};
  const model::Response response = whole_answer(
      R"({"status":"completed","output":[{"type":"message","content":[{"type":"output_text",)"
      R"("text":"one STOP two"}]},{"type":"function_call","call_id":"call_1","name":"x",)"
      R"("arguments":"{}"}],"usage":{"input_tokens":3,"output_tokens":9}})",
      translation);
  CHECK(told(response) == std::vector<std::string>{"text:one "});
  CHECK(response.stop_reason == model::StopReason::kStopSequence);
}

}  // namespace
}  // namespace tollgate::dialects::openai_responses
