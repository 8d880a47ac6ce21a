#include "dialects/openai_chat/chunk.hpp"

#include "dialects/openai_chat/through.hpp"

using namespace tollgate;
using namespace tollgate::dialects;
using namespace tollgate::dialects::openai_chat;

TEST_CASE("errors inside a stream end it, unless they only say why it has ended") {
  struct {
    const char* name;
    std::vector<std::string> chunks;
    const char* told;
    model::FailureKind kind;
  } rows[] = {
      {"before anything",
       {R"({"error":{"message":"no","code":503}})"},
       "error",
       model::FailureKind::kOverloaded},
      {"a text", {R"({"error":"no"})"}, "error", model::FailureKind::kApi},
      {"old vLLM",
       {R"({"object":"error","message":"no","code":400})"},
       "error",
       model::FailureKind::kInvalidRequest},
      {"behind text",
       {delta(R"({"content":"a"})"),
        R"({"error":{"message":"no","code":"server_error"},"choices":[]})",
        delta(R"({"content":"b"})")},
       "start S0:text D'a' error",
       model::FailureKind::kApi},
      {"behind a finish",
       {delta(R"({"content":"a"})"), finish("length"),
        R"({"error":{"message":"Token limit reached","code":400},"choices":[{"index":0,"delta":{}}]})"},
       "start S0:text D'a' E0 max_tokens stop",
       model::FailureKind::kApi},
      {"a fault behind a finish",
       {delta(R"({"content":"a"})"), finish("stop"), R"({"error":{"message":"no","code":502}})"},
       "start S0:text D'a' error",
       model::FailureKind::kApi},
      {"a finish that is a fault",
       {delta(R"({"content":"a"})"), finish("error")},
       "start S0:text D'a' error",
       model::FailureKind::kApi},
      {"a finish for want of room",
       {delta(R"({"content":"a"})"), finish("insufficient_system_resource")},
       "start S0:text D'a' error",
       model::FailureKind::kOverloaded},
      {"a choice's own error",
       {delta(R"({"content":"a"})"),
        R"({"choices":[{"index":0,"delta":{},"finish_reason":"error","error":{"message":"no","code":503}}]})"},
       "start S0:text D'a' error",
       model::FailureKind::kOverloaded},
      {"null is no error",
       {R"({"error":null,"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]})"},
       "start S0:text D'a' E0 end_turn stop",
       model::FailureKind::kApi},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    Translation translation = thinking_client();
    const DecodedStream decoded = decode_pieces({stream_of(row.chunks)}, translation);
    CHECK(in_short(decoded.events) == row.told);
    if (decoded.events.back().kind == model::StreamEventKind::kError) {
      CHECK(static_cast<int>(decoded.events.back().failure.kind) == static_cast<int>(row.kind));
      CHECK(!decoded.events.back().failure.message.empty());
    }
  }
}

TEST_CASE("a full context told inside a stream has numbers") {
  Translation translation = thinking_client();
  translation.facts.context_window = 70;
  const DecodedStream decoded = decode_pieces(
      {stream_of(
          {R"({"error":{"message":"Your input exceeds the context window of this model.","code":"context_length_exceeded"}})"})},
      translation);
  REQUIRE(decoded.events.size() == 1);
  CHECK(decoded.events[0].failure.message == "prompt is too long: 77 tokens > 70 maximum");
}

TEST_CASE("the service tier is told in the client's words") {
  struct {
    const char* tier;
    const char* told;
  } rows[] = {{"priority", "priority"},
              {"fast", "priority"},
              {"default", "standard"},
              {"flex", "standard"}};
  for (const auto& row : rows) {
    Translation translation = thinking_client();
    const DecodedStream decoded = decode_pieces(
        {stream_of(
            {std::string(R"({"service_tier":")") + row.tier +
             R"(","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}})"})},
        translation);
    CHECK(folded(decoded.events).usage.service_tier == row.told);
  }
}

TEST_CASE("usage may stand in a choice, and nothing told takes none away") {
  const std::string nothing =
      R"("usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0})";
  struct {
    const char* name;
    std::vector<std::string> chunks;
    int64_t input;
  } rows[] = {
      {"in the choice",
       {delta(R"({"content":"a"})"),
        R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10}}]})"},
       9},
      {"zeros behind it",
       {delta(R"({"content":"a"})"), finish("stop"), kUsageChunk,
        R"({"choices":[],)" + nothing + "}"},
       20},
      {"zeros only",
       {delta(R"({"content":"a"})"), finish("stop"), R"({"choices":[],)" + nothing + "}"},
       77},
      {"null behind it",
       {delta(R"({"content":"a"})"), finish("stop"), kUsageChunk, R"({"choices":[],"usage":null})"},
       20},
      {"with every chunk",
       {R"({"choices":[{"index":0,"delta":{"content":"a"}}],"usage":{"prompt_tokens":9,"completion_tokens":1}})",
        R"({"choices":[{"index":0,"delta":{"content":"b"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2}})"},
       9},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    Translation translation = thinking_client();
    const DecodedStream decoded = decode_pieces({stream_of(row.chunks)}, translation);
    const model::Usage usage = folded(decoded.events).usage;
    CHECK(usage.tokens.input == row.input);
    CHECK(usage.tokens.output > 0);
  }
}

TEST_CASE("a stream may hold the whole message at once") {
  const std::string whole =
      R"({"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"a","tool_calls":[{"id":"call_aa","function":{"name":"R","arguments":{"b":1}}}]},"finish_reason":"stop"}]})";
  CHECK(told({whole}) == "start S0:text D'a' E0 S1:R J'{\"b\":1}' E1 tool_use stop");
  // What repeats the deltas is nothing new.
  CHECK(told({delta(R"({"content":"a"})"),
              R"({"choices":[{"index":0,"message":{"content":"a"},"finish_reason":"stop"}]})"}) ==
        "start S0:text D'a' E0 end_turn stop");
}

TEST_CASE("usage may stand where Groq puts it") {
  Translation translation = thinking_client();
  const DecodedStream decoded = decode_pieces(
      {stream_of(
          {R"({"x_groq":{"usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10}},"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]})"})},
      translation);
  CHECK(folded(decoded.events).usage.tokens.input == 9);
}

TEST_CASE("a character spread over two chunks is one again") {
  struct {
    const char* name;
    std::vector<std::string> pieces;
    const char* text;
  } rows[] = {
      {"joined",
       {R"("a\ud83d")", R"("\ude00b")"},
       "a\xF0\x9F\x98\x80"
       "b"},
      {"in one", {R"("\ud83d\ude00")"}, "\xF0\x9F\x98\x80"},
      {"a widow",
       {R"("a\ud83d")", R"("b")"},
       "a\xEF\xBF\xBD"
       "b"},
      {"an orphan",
       {R"("\ude00b")"},
       "\xEF\xBF\xBD"
       "b"},
      {"twice",
       {R"("\ud83d")", R"("\ude00\ud83d")", R"("\ude00")"},
       "\xF0\x9F\x98\x80\xF0\x9F\x98\x80"},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    std::vector<std::string> chunks;
    for (const std::string& piece : row.pieces)
      chunks.push_back(delta("{\"content\":" + piece + "}"));
    chunks.push_back(finish("stop"));
    Translation translation = thinking_client();
    const DecodedStream decoded = decode_pieces({stream_of(chunks)}, translation);
    INFO(decoded.status.message());
    REQUIRE(decoded.status.ok());
    const model::Response response = folded(decoded.events);
    REQUIRE(response.content.size() == 1);
    CHECK(response.content[0].text == row.text);
  }
}

TEST_CASE("a character spread over two pieces of a call's arguments is one again") {
  const std::string head =
      R"({"tool_calls":[{"index":0,"id":"call_abcdef","function":{"name":"R","arguments":)";
  const std::string next = R"({"tool_calls":[{"index":0,"function":{"arguments":)";
  Translation translation = thinking_client();
  const DecodedStream decoded =
      decode_pieces({stream_of({delta(head + R"("{\"a\":\"\ud83d"}}]})"),
                                delta(next + R"("\ude00\"}"}}]})"), finish("tool_calls")})},
                    translation);
  INFO(decoded.status.message());
  REQUIRE(decoded.status.ok());
  const model::Response response = folded(decoded.events);
  REQUIRE(response.content.size() == 1);
  CHECK(response.content[0].input == "{\"a\":\"\xF0\x9F\x98\x80\"}");
}
