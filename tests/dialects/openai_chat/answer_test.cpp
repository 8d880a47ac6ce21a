#include "dialects/openai_chat/answer.hpp"

#include "dialects/openai_chat/through.hpp"

using namespace tollgate;
using namespace tollgate::dialects;
using namespace tollgate::dialects::openai_chat;

namespace {

struct Row {
  const char* name;
  std::vector<std::string> chunks;
  const char* told;
};

}  // namespace

TEST_CASE("text and reasoning become blocks one after the other") {
  const Row rows[] = {
      {"text",
       {delta(R"({"role":"assistant"})"), delta(R"({"content":"Hel"})"),
        delta(R"({"content":"lo"})"), finish("stop"), kUsageChunk},
       "start S0:text D'Hel' D'lo' E0 end_turn stop"},
      {"reasoning, then text",
       {delta(R"({"reasoning_content":"a"})"), delta(R"({"reasoning_content":"b","content":""})"),
        delta(R"({"content":"c"})"), finish("stop")},
       "start S0:think T'a' T'b' G E0 S1:text D'c' E1 end_turn stop"},
      {"reasoning in two fields",
       {delta(
            R"({"reasoning":"a","reasoning_content":"a","reasoning_details":[{"type":"reasoning.text","text":"a"}]})"),
        finish("stop")},
       "start S0:think T'a' G E0 end_turn stop"},
      {"details alone",
       {delta(
            R"({"reasoning_details":[{"type":"reasoning.text","text":"a"},{"type":"reasoning.summary","summary":"b"}]})"),
        delta(R"({"content":"c"})"), finish("stop")},
       "start S0:think T'ab' G E0 S1:text D'c' E1 end_turn stop"},
      {"encrypted details",
       {delta(R"({"reasoning_details":[{"type":"reasoning.encrypted","data":"x"}]})"),
        delta(R"({"content":"c"})"), finish("stop")},
       "start S0:think G E0 S1:text D'c' E1 end_turn stop"},
      {"reasoning again",
       {delta(R"({"reasoning":"a"})"), delta(R"({"content":"b"})"), delta(R"({"reasoning":"c"})"),
        delta(R"({"content":"d"})"), finish("stop")},
       "start S0:think T'a' G E0 S1:text D'b' E1 S2:think T'c' G E2 S3:text D'd' E3 end_turn stop"},
      {"blank reasoning",
       {delta(R"({"reasoning":"\n"})"), delta(R"({"content":"a"})"), finish("stop")},
       "start S0:text D'a' E0 end_turn stop"},
      {"reasoning that begins blank",
       {delta(R"({"reasoning":"\n"})"), delta(R"({"reasoning":"a"})"), finish("stop")},
       "start S0:think T'\na' G E0 end_turn stop"},
      {"reasoning cut by the limit",
       {delta(R"({"reasoning":"a"})"), finish("length")},
       "start S0:think T'a' G E0 max_tokens stop"},
      {"blank text before a call",
       {delta(R"({"content":"\n\n"})"),
        delta(
            R"({"tool_calls":[{"index":0,"id":"call_abc","function":{"name":"R","arguments":"{}"}}]})"),
        finish("tool_calls")},
       "start S0:R J'{}' E0 tool_use stop"},
      {"blank text before text",
       {delta(R"({"content":"\n\n"})"), delta(R"({"content":"a"})"), finish("stop")},
       "start S0:text D'\n\na' E0 end_turn stop"},
      {"blank text alone", {delta(R"({"content":"\n\n"})"), finish("stop")}, "start end_turn stop"},
      {"nothing", {delta(R"({"content":""})"), finish("stop")}, "start end_turn stop"},
      {"a refusal",
       {delta(R"({"refusal":"I "})"), delta(R"({"refusal":"can't"})"), finish("stop")},
       "start S0:text D'I ' D'can't' E0 refusal stop"},
      {"a refusal told twice",
       {delta(R"({"content":"no","refusal":"no"})"), finish("stop")},
       "start S0:text D'no' E0 refusal stop"},
      {"a filter",
       {delta(R"({"content":"a"})"), finish("content_filter")},
       "start S0:text D'a' E0 refusal stop"},
      {"the limit",
       {delta(R"({"content":"a"})"), finish("length")},
       "start S0:text D'a' E0 max_tokens stop"},
      {"another word for it",
       {delta(R"({"content":"a"})"), finish("model_length")},
       "start S0:text D'a' E0 max_tokens stop"},
      {"a word nobody knows",
       {delta(R"({"content":"a"})"), finish("done")},
       "start S0:text D'a' E0 end_turn stop"},
      {"calls that never came",
       {delta(R"({"content":"a"})"), finish("tool_calls")},
       "start S0:text D'a' E0 end_turn stop"},
      {"text behind the finish",
       {delta(R"({"content":"a"})"), finish("stop"), delta(R"({"content":"b"})")},
       "start S0:text D'a' D'b' E0 end_turn stop"},
      {"two finishes",
       {delta(R"({"content":"a"})"), finish("length"), finish("stop")},
       "start S0:text D'a' E0 max_tokens stop"},
      {"no finish but [DONE]",
       {delta(R"({"content":"a"})")},
       "start S0:text D'a' E0 end_turn stop"},
      {"tags",
       {delta(R"({"content":"<thi"})"), delta(R"({"content":"nk>a</think>\n\nb"})"),
        finish("stop")},
       "start S0:think T'a' G E0 S1:text D'b' E1 end_turn stop"},
      {"tags behind a field",
       {delta(R"({"reasoning":"a"})"), delta(R"({"content":"<think>b</think>"})"), finish("stop")},
       "start S0:think T'a' G E0 S1:text D'<think>b</think>' E1 end_turn stop"},
      {"the beginning of a tag before a field",
       {delta(R"({"content":"<th"})"), delta(R"({"reasoning":"a"})"), finish("stop")},
       "start S0:text D'<th' E0 S1:think T'a' G E1 end_turn stop"},
      {"the beginning of a tag before a refusal",
       {delta(R"({"content":"<th"})"), delta(R"({"refusal":"no"})"), finish("stop")},
       "start S0:text D'<th' D'no' E0 refusal stop"},
      {"a tag that is none",
       {delta(R"({"content":"<th"})"), finish("stop")},
       "start S0:text D'<th' E0 end_turn stop"},
      {"parts",
       {delta(
            R"({"content":[{"type":"thinking","thinking":[{"type":"text","text":"a"}]},{"type":"text","text":"b"}]})"),
        finish("stop")},
       "start S0:think T'a' G E0 S1:text D'b' E1 end_turn stop"},
      {"a null delta",
       {R"({"choices":[{"index":0,"delta":null,"finish_reason":"stop"}]})"},
       "start end_turn stop"},
      {"another choice",
       {R"({"choices":[{"index":1,"delta":{"content":"no"}},{"index":0,"delta":{"content":"yes"}}]})",
        finish("stop")},
       "start S0:text D'yes' E0 end_turn stop"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(told(row.chunks) == row.told);
  }
}

TEST_CASE("reasoning is shown to those who want it only") {
  const std::vector<std::string> chunks = {delta(R"({"reasoning":"a"})"),
                                           delta(R"({"content":"b"})"), finish("stop")};
  Translation translation = thinking_client();
  translation.thinking_wanted = false;
  CHECK(told(chunks, translation) == "start S0:text D'b' E0 end_turn stop");
  translation = thinking_client();
  translation.thinking_omitted = true;
  CHECK(told(chunks, translation) == "start S0:think G E0 S1:text D'b' E1 end_turn stop");
}

TEST_CASE("stop sequences are watched for where the upstream cannot") {
  const Row rows[] = {
      {"in one piece",
       {delta(R"({"content":"one STOP two"})"), finish("stop")},
       "start S0:text D'one ' E0 stop_sequence at'STOP' stop"},
      {"in pieces",
       {delta(R"({"content":"one S"})"), delta(R"({"content":"TO"})"),
        delta(R"({"content":"P two"})"), finish("stop")},
       "start S0:text D'one ' E0 stop_sequence at'STOP' stop"},
      {"nearly",
       {delta(R"({"content":"one STO"})"), finish("stop")},
       "start S0:text D'one ' D'STO' E0 end_turn stop"},
      {"at once",
       {delta(R"({"content":"STOP"})"), finish("stop")},
       "start stop_sequence at'STOP' stop"},
      {"not in reasoning",
       {delta(R"({"reasoning":"STOP"})"), delta(R"({"content":"a"})"), finish("stop")},
       "start S0:think T'STOP' G E0 S1:text D'a' E1 end_turn stop"},
      {"not in arguments",
       {delta(
            R"({"tool_calls":[{"index":0,"id":"call_abc","function":{"name":"R","arguments":"{\"a\":\"STOP\"}"}}]})"),
        finish("tool_calls")},
       "start S0:R J'{\"a\":\"STOP\"}' E0 tool_use stop"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Translation translation = thinking_client();
    translation.stop_sequences = {"STOP", "HALT"};
    CHECK(told(row.chunks, translation) == row.told);
  }
}

TEST_CASE("a stop sequence the upstream names is told") {
  Translation translation = thinking_client();
  CHECK(told({delta(R"({"content":"a"})"),
              R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop","stop_reason":"END"}]})"},
             translation) == "start S0:text D'a' E0 stop_sequence at'END' stop");
  CHECK(
      told(
          {delta(R"({"content":"a"})"),
           R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop","stop_reason":154829}]})"}) ==
      "start S0:text D'a' E0 end_turn stop");
}

TEST_CASE("usage is estimated at the start and true at the end") {
  Translation translation = thinking_client();
  const DecodedStream decoded =
      decode_pieces({stream_of({delta(R"({"content":"a"})"), finish("stop"), kUsageChunk,
                                R"({"choices":[],"usage":null})"})},
                    translation);
  REQUIRE(decoded.status.ok());
  CHECK(decoded.events.front().usage.input == 77);
  CHECK(decoded.events.front().usage.output == 1);
  const model::Usage usage = folded(decoded.events).usage;
  CHECK(usage.tokens == model::Tokens{20, 10, 0, 0, 5});

  const DecodedStream silent = decode_pieces(
      {stream_of({delta(R"({"content":"twelve bytes"})"), finish("stop")})}, translation);
  const model::Usage estimate = folded(silent.events).usage;
  CHECK(estimate.tokens.input == 77);
  CHECK(estimate.tokens.output == 4);
}

TEST_CASE("what a filter found is told") {
  Translation translation = thinking_client();
  const DecodedStream decoded = decode_pieces(
      {stream_of(
          {R"({"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"content_filter","content_filter_results":{"hate":{"filtered":true},"violence":{"filtered":false}}}]})"})},
      translation);
  const model::Response response = folded(decoded.events);
  CHECK(response.stop_reason == model::StopReason::kRefusal);
  CHECK(
      response.stop_details ==
      R"({"type":"refusal","category":null,"explanation":"Blocked by the upstream content filter (hate)."})");
}

TEST_CASE("citations stand at the end of their text") {
  const std::string nested = delta(
      R"({"content":"","annotations":[{"type":"url_citation","url_citation":{"url":"https://a","title":"A","start_index":0,"end_index":0,"content":"cited"}},{"type":"other"}]})");
  const std::string flat = delta(
      R"({"annotations":[{"type":"url_citation","url":"https://b","title":"B","start_index":1,"end_index":3}]})");
  Translation translation = thinking_client();
  const DecodedStream decoded = decode_pieces(
      {stream_of({delta("{\"content\":\"h\xC3\xA9llo\"}"), nested, flat, finish("stop")})},
      translation);
  CHECK(in_short(decoded.events) == "start S0:text D'h\xC3\xA9llo' C C E0 end_turn stop");
  CHECK(
      decoded.events[3].raw ==
      R"({"type":"web_search_result_location","url":"https://a","title":"A","cited_text":"cited","encrypted_index":""})");
  CHECK(decoded.events[4].raw ==
        "{\"type\":\"web_search_result_location\",\"url\":\"https://"
        "b\",\"title\":\"B\",\"cited_text\":\"\xC3\xA9l\",\"encrypted_index\":\"\"}");
}
