#include "dialects/gemini_generate/answer.hpp"

#include "dialects/gemini_generate/stream_pieces.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

using model::StopReason;
using model::StreamEvent;
using Kind = model::StreamEventKind;

struct OddCase {
  const char* name;
  std::string bytes;
  const char* outline;
  StopReason stop;
};

const OddCase kOdd[] = {
    {"a signature behind the text",
     chunk(R"j({"text":"a"})j") + chunk(R"j({"text":"","thoughtSignature":"c2ln"})j", kStop),
     "[a]#own=c2ln", StopReason::kEndTurn},
    {"a signature on the text",
     chunk(R"j({"text":"a"},{"text":"b","thoughtSignature":"c2ln"})j") +
         chunk(R"j({"text":"c"})j", kStop),
     "[a]#text=c2ln[b][c]", StopReason::kEndTurn},
    {"a signature and nothing else",
     chunk(R"j({"text":"a"})j") + chunk(R"j({"thoughtSignature":"c2ln"})j", kStop), "[a]#own=c2ln",
     StopReason::kEndTurn},
    {"a signature behind a thought, without text",
     chunk(R"j({"text":"t","thought":true})j") +
         chunk(R"j({"thought":true,"thoughtSignature":"c2ln"},{"text":"a"})j", kStop),
     "<t>#own=c2ln[a]", StopReason::kEndTurn},
    {"arguments that are null, left out, or in a string",
     chunk(R"j({"functionCall":{"name":"f","args":null}},{"functionCall":{"name":"g"}},
       {"functionCall":{"name":"h","args":"{\"a\":1}"}})j",
           kStop),
     "(f {})(g {})(h {\"a\":1})", StopReason::kToolUse},
    {"a call without a name",
     chunk(R"j({"functionCall":{"id":"x","args":{}}},{"text":"a"})j", kStop), "[a]",
     StopReason::kEndTurn},
    {"several kinds in one piece",
     chunk(R"j({"text":"t","thought":true},{"text":"a"},{"functionCall":{"name":"f","args":{}}},
       {"text":"b"})j",
           kStop),
     "<t>[a](f {})[b]", StopReason::kToolUse},
    {"the second candidate does not count",
     "data: {\"candidates\":[{\"index\":1,\"content\":{\"parts\":[{\"text\":\"x\"}]}},"
     "{\"index\":0,\"content\":{\"parts\":[{\"text\":\"a\"}]}}],\"modelVersion\":\"gemini-x\"}"
     "\r\n\r\n" +
         chunk("", kStop),
     "[a]", StopReason::kEndTurn},
    {"no candidates, a content without parts, no content",
     "data: {\"candidates\":[],\"modelVersion\":\"gemini-x\"}\r\n\r\ndata: "
     "{\"candidates\":[{\"content\":{}}]}\r\n\r\n"
     "data: {\"candidates\":[{\"index\":0}]}\r\n\r\ndata: {}\r\n\r\n" +
         chunk(R"j({"text":"a"})j", kStop),
     "[a]", StopReason::kEndTurn},
    {"thoughts and a signed call",
     chunk(R"j({"text":"t","thought":true})j") + chunk(R"j({"text":"u","thought":true})j") +
         chunk(R"j({"functionCall":{"name":"f","args":{"a": 1.50}},"thoughtSignature":"c2ln"},
       {"functionCall":{"name":"g","args":{}}})j",
               kStop),
     "<tu>#call=c2ln(f {\"a\": 1.50})(g {})", StopReason::kToolUse},
    {"a signed thought",
     chunk(R"j({"text":"t","thought":true})j") +
         chunk(R"j({"text":"u","thought":true,"thoughtSignature":"c2ln"},{"text":"a"})j", kStop),
     "<t><u>#thought=c2ln[a]", StopReason::kEndTurn},
    {"a reason with every piece",
     chunk(R"j({"text":"a"})j", kStop) + chunk(R"j({"text":"b"})j", kStop), "[ab]",
     StopReason::kEndTurn},
    {"empty pieces",
     chunk(R"j({"text":""})j") + chunk("") + "data: {\"usageMetadata\":{}}\r\n\r\n" +
         chunk(R"j({"text":"a"})j") + chunk(R"j({"text":""})j", kStop),
     "[a]", StopReason::kEndTurn},
    {"nothing at all", chunk("", kStop), "", StopReason::kEndTurn},
    {"a call that is left open",
     chunk(R"j({"functionCall":{"name":"f","willContinue":true}})j") +
         chunk(R"j({"functionCall":{"partialArgs":[{"jsonPath":"$.a[0].b","numberValue":1},
       {"jsonPath":"$.a[1].b","boolValue":true},{"jsonPath":"$['c d']","nullValue":null}],
       "willContinue":true}})j",
               kStop),
     "(f {\"a\":[{\"b\":1},{\"b\":true}],\"c d\":null})", StopReason::kToolUse},
    {"text between the pieces of a call",
     chunk(R"j({"functionCall":{"name":"f","willContinue":true}})j") + chunk(R"j({"text":""})j") +
         chunk(R"j({"functionCall":{"partialArgs":[{"jsonPath":"$.a","stringValue":"x"}]}})j") +
         chunk(R"j({"text":"done"})j", kStop),
     "(f {\"a\":\"x\"})[done]", StopReason::kToolUse},
    {"too long", chunk(R"j({"text":"a"})j", ",\"finishReason\":\"MAX_TOKENS\""), "[a]",
     StopReason::kMaxTokens},
    {"too long before it began", chunk("", ",\"finishReason\":\"MAX_TOKENS\""), "",
     StopReason::kMaxTokens},
    {"a limit of the server", chunk(R"j({"text":"a"})j", ",\"finishReason\":\"CONTINUATION\""),
     "[a]", StopReason::kMaxTokens},
    {"refused in the middle", chunk(R"j({"text":"a"})j", ",\"finishReason\":\"SAFETY\""), "[a]",
     StopReason::kRefusal},
    {"a call nobody declared",
     chunk(R"j({"functionCall":{"name":"f","args":{}}})j",
           ",\"finishReason\":\"UNEXPECTED_TOOL_CALL\""),
     "(f {})", StopReason::kToolUse},
    {"a reason nobody knows", chunk(R"j({"text":"a"})j", ",\"finishReason\":\"NEWS\""), "[a]",
     StopReason::kEndTurn},
    {"code it ran",
     chunk(R"j({"executableCode":{"language":"PYTHON","code":"1"}},
       {"codeExecutionResult":{"outcome":"OK","output":"2"}})j",
           kStop),
     "[\n```python\n1\n```\n\n```\n2\n```\n]", StopReason::kEndTurn},
    {"a search",
     chunk(R"j({"text":"a"})j",
           ",\"groundingMetadata\":{\"webSearchQueries\":[\"q\"],"
           "\"groundingChunks\":[{\"web\":{\"uri\":\"u\",\"title\":\"t\"}}]}" +
               kStop),
     "[a]{server_tool_use {\"query\":\"q\"}}{web_search_tool_result "
     "[{\"type\":\"web_search_result\","
     "\"url\":\"u\",\"title\":\"t\",\"encrypted_content\":\"\",\"page_age\":null}]}",
     StopReason::kEndTurn},
    {"pieces in a list",
     "data: [" + chunk(R"j({"text":"a"})j").substr(6, chunk(R"j({"text":"a"})j").size() - 10) +
         "," +
         chunk(R"j({"text":"b"})j", kStop)
             .substr(6, chunk(R"j({"text":"b"})j", kStop).size() - 10) +
         "]\n\ndata: [DONE]\n\n",
     "[ab]", StopReason::kEndTurn},
};

TEST_CASE("odd streams") {
  for (const OddCase& row : kOdd) {
    INFO(row.name);
    Translation translation = translation_to("gemini-3.6-flash");
    const Decoded result = decoded({row.bytes}, translation);
    INFO(result.status.message());
    REQUIRE(result.status.ok());
    const model::Response response = folded(result.events);
    CHECK(outline(response, translation) == row.outline);
    CHECK(response.stop_reason == row.stop);
    CHECK(response.stop_details.empty() == (row.stop != StopReason::kRefusal));
    CHECK(response.model == "gemini-x");
    // 100 + 7 in all, of which 40 were read from a cache.
    CHECK(response.usage.tokens.input == 67);
    CHECK(response.usage.tokens.cache_read == 40);
    CHECK(response.usage.tokens.output == 8);
    CHECK(response.usage.reasoning == 3);
  }
}

TEST_CASE("a sum that a later piece leaves out still counts") {
  Translation translation = translation_to("gemini-3.6-flash");
  const auto piece = [](const char* usage, const char* parts, const std::string& more) {
    return "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[" +
           std::string(parts) + "]}" + more + "}],\"usageMetadata\":" + usage + "}\r\n\r\n";
  };
  const Decoded result = decoded(
      {piece(R"({"promptTokenCount":100,"cachedContentTokenCount":60,"thoughtsTokenCount":9})",
             R"({"text":"a"})", "") +
       piece(R"({"promptTokenCount":100,"candidatesTokenCount":4})", R"({"text":"b"})", kStop)},
      translation);
  REQUIRE(result.status.ok());
  const model::Usage usage = folded(result.events).usage;
  CHECK(usage.tokens.input == 40);
  CHECK(usage.tokens.cache_read == 60);
  CHECK(usage.tokens.output == 13);
  CHECK(usage.reasoning == 9);
}

TEST_CASE("a prompt that is found wanting late ends the answer") {
  struct {
    const char* name;
    std::string bytes;
    StopReason stop;
  } rows[] = {
      {"behind text",
       chunk(R"j({"text":"a"})j") + "data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}\n\n",
       StopReason::kRefusal},
      {"and the answer ended otherwise",
       chunk(R"j({"text":"a"})j", kStop) +
           "data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}\n\n",
       StopReason::kEndTurn},
      {"for no reason",
       "data: {\"promptFeedback\":{\"blockReason\":\"BLOCK_REASON_UNSPECIFIED\"}}\n\n" +
           chunk(R"j({"text":"a"})j", kStop),
       StopReason::kEndTurn},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    Translation translation = translation_to("gemini-3.6-flash");
    const Decoded result = decoded({row.bytes}, translation);
    REQUIRE(result.status.ok());
    CHECK(folded(result.events).stop_reason == row.stop);
    CHECK(outline(folded(result.events), translation) == "[a]");
  }
}

struct FailedCase {
  const char* name;
  std::string bytes;
  bool with_event;  ///< The failure is an event; else a status.
  const char* says;
};

const FailedCase kFailed[] = {
    {"nothing", "", false, "before it began"},
    {"no end", chunk(R"j({"text":"a"})j"), false, "in the middle"},
    {"text for data", "data: oops\n\n", false, "no JSON"},
    {"a number for data", "data: 7\n\n", false, "JSON objects"},
    {"a malformed call", chunk("", ",\"finishReason\":\"MALFORMED_FUNCTION_CALL\""), true,
     "MALFORMED_FUNCTION_CALL"},
    {"a malformed call behind text",
     chunk(R"j({"text":"a"})j", ",\"finishReason\":\"MALFORMED_FUNCTION_CALL\""), true,
     "MALFORMED_FUNCTION_CALL"},
    {"an undeclared call that is not there",
     chunk("", ",\"finishReason\":\"UNEXPECTED_TOOL_CALL\""), true, "UNEXPECTED_TOOL_CALL"},
    {"a reason nobody knows, and nothing else", chunk("", ",\"finishReason\":\"OTHER\""), true,
     "OTHER"},
    {"an error in the middle",
     chunk(R"j({"text":"a"})j") +
         "data: {\"error\":{\"code\":503,\"message\":\"The model is overloaded\","
         "\"status\":\"UNAVAILABLE\"}}\n\n",
     true, "overloaded"},
    {"an error with a status of nobody's",
     "data: {\"error\":{\"code\":429,\"message\":\"quota\",\"status\":\"TEAPOT\"}}\n\n", true,
     "quota"},
    {"an error in a list",
     "data: [{\"error\":{\"code\":429,\"message\":\"quota\","
     "\"status\":\"RESOURCE_EXHAUSTED\"}}]\n\n",
     true, "quota"},
};

TEST_CASE("streams that fail never end well") {
  for (const FailedCase& row : kFailed) {
    INFO(row.name);
    Translation translation = translation_to("gemini-3.6-flash");
    const Decoded result = decoded({row.bytes}, translation);
    CHECK(result.status.ok() == row.with_event);
    for (const StreamEvent& event : result.events)
      CHECK((event.kind != Kind::kMessageDelta && event.kind != Kind::kMessageStop));
    const std::string message = row.with_event && !result.events.empty()
                                    ? result.events.back().failure.message
                                    : result.status.message();
    CHECK(message.find(row.says) != std::string::npos);
    if (row.with_event) REQUIRE(result.events.back().kind == Kind::kError);
  }
}

TEST_CASE("thoughts stay hidden from a client that does not want their text") {
  Translation translation = translation_to("gemini-3.6-flash");
  translation.thinking_omitted = true;
  const Decoded result =
      decoded({chunk(R"j({"text":"secret","thought":true})j") +
               chunk(R"j({"functionCall":{"name":"f"},"thoughtSignature":"c2ln"})j", kStop)},
              translation);
  REQUIRE(result.status.ok());
  CHECK(outline(folded(result.events), translation) == "#call=c2ln(f {})");
}

TEST_CASE("stop sequences beyond the server's number end the answer here") {
  const std::string bytes = chunk(R"j({"text":"one E"})j") + chunk(R"j({"text":"ND two"})j") +
                            chunk(R"j({"text":"three"})j", kStop);
  Translation translation = translation_to("gemini-3.6-flash");
  translation.stop_sequences = {"END"};
  const Decoded result = decoded({bytes}, translation);
  REQUIRE(result.status.ok());
  const model::Response response = folded(result.events);
  CHECK(outline(response, translation) == "[one ]");
  CHECK(response.stop_reason == StopReason::kStopSequence);
  CHECK(response.stop_sequence == "END");
  CHECK(response.usage.tokens.output == 8);
  // What only looked like one is shown after all, in its own place.
  Translation other = translation_to("gemini-3.6-flash");
  other.stop_sequences = {"END"};
  const Decoded kept =
      decoded({chunk(R"j({"text":"t","thought":true})j") + chunk(R"j({"text":"E"})j") +
               chunk(R"j({"functionCall":{"name":"f"}})j") + chunk(R"j({"text":"EN"})j", kStop)},
              other);
  REQUIRE(kept.status.ok());
  CHECK(outline(folded(kept.events), other) == "<t>[E](f {})[EN]");
}

}  // namespace
}  // namespace tollgate::dialects::gemini_generate
