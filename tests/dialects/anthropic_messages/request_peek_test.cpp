#include "dialects/anthropic_messages/request_peek.hpp"

#include "base/limits.hpp"
#include "dialects/recorded_requests.hpp"
#include "support/catch.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

Result<PeekedRequest> peek(std::string_view body, Operation operation = Operation::kGenerate) {
  json::Document document;
  std::string padded(body);
  padded.resize(body.size() + json::kPadding, '#');
  return peek_request(document, std::string_view(padded).substr(0, body.size()), operation);
}

TEST_CASE("the facts of a request") {
  const std::string_view body = R"({
    "stream": true, "max_tokens": 64000, "model": "team/claude",
    "metadata": {"user_id": "u-1"}, "speed": "fast",
    "thinking": {"type": "enabled", "budget_tokens": 2048},
    "output_config": {"effort": "high", "format": {"type": "json_schema", "schema": {}}},
    "tools": [{"name": "Bash"}, {"name": "b", "type": "custom"}, {"name": "c", "type": null},
              {"name": "bash", "type": "bash_20250124"}, {"type": "memory_20250818"},
              {"type": "text_editor_20250728"}, {"type": "computer_20251124"},
              {"type": "web_search_20250305", "name": "web_search"}, {"type": "mcp_toolset"}],
    "messages": [{"role": "user", "content": "hi"},
                 {"role": "assistant", "content": [{"type": "redacted_thinking", "data": "x"}]},
                 {"role": "user", "content": [{"type": "tool_result", "content": [
                     {"type": "text", "text": "t"}, {"type": "image"}]}]}],
    "never_heard_of": {"model": "not this one"}})";
  const Result<PeekedRequest> peeked = peek(body);
  REQUIRE(peeked.ok());
  const model::RequestFacts& facts = peeked.value().facts;
  CHECK(facts.model == "team/claude");
  CHECK(facts.stream);
  CHECK(facts.max_tokens == 64000);
  CHECK(facts.thinking_budget == 2048);
  CHECK(facts.user_id == "u-1");
  CHECK(facts.speed == "fast");
  CHECK(facts.message_count == 3);
  CHECK(facts.tool_count == 9);
  CHECK(facts.server_tool_count == 2);
  CHECK(facts.has_images);
  CHECK_FALSE(facts.has_documents);
  CHECK(facts.has_thinking_blocks);
  CHECK(facts.wants_thinking);
  CHECK(facts.wants_structured_output);
  CHECK(facts.body_bytes == body.size());
  const json::Span span = peeked.value().model;
  CHECK(body.substr(span.offset, span.size) == "\"team/claude\"");
}

struct FactCase {
  const char* name;
  const char* members;
  bool images;
  bool documents;
  bool thinking_blocks;
  bool wants_thinking;
  bool structured;
};

const FactCase kFactCases[] = {
    {"nothing", R"("messages":[])", false, false, false, false, false},
    {"an image in a message", R"("messages":[{"content":[{"type":"image"}]}])", true, false, false,
     false, false},
    {"a document in a result",
     R"("messages":[{"content":[{"type":"tool_result","content":[{"type":"document"}]}]}])", false,
     true, false, false, false},
    {"thinking", R"("messages":[{"content":[{"type":"thinking"}]}])", false, false, true, false,
     false},
    {"adaptive", R"("messages":[],"thinking":{"type":"adaptive"})", false, false, false, true,
     false},
    {"disabled", R"("messages":[],"thinking":{"type":"disabled"})", false, false, false, false,
     false},
    {"null", R"("messages":[],"thinking":null,"output_format":null,"metadata":null,"speed":null)",
     false, false, false, false, false},
    {"the old place of the schema", R"("messages":[],"output_format":{"type":"json_schema"})",
     false, false, false, false, true},
    {"odd shapes", R"("messages":[7,"x",{"content":[7,{"type":7}]}],"thinking":7,"tools":[7])",
     false, false, false, false, false},
};

TEST_CASE("facts by one") {
  for (const FactCase& row : kFactCases) {
    INFO(row.name);
    const auto peeked = peek(R"({"model":"m","max_tokens":0,)" + std::string(row.members) + "}");
    REQUIRE(peeked.ok());
    const model::RequestFacts& facts = peeked.value().facts;
    CHECK(facts.has_images == row.images);
    CHECK(facts.has_documents == row.documents);
    CHECK(facts.has_thinking_blocks == row.thinking_blocks);
    CHECK(facts.wants_thinking == row.wants_thinking);
    CHECK(facts.wants_structured_output == row.structured);
    CHECK_FALSE(facts.stream);
    CHECK(facts.server_tool_count == 0);
  }
}

struct RefusalCase {
  const char* name;
  std::string body;
  std::vector<const char*> words;  ///< All stand in the message.
};

const RefusalCase kRefusalCases[] = {
    {"not an object", "[1]", {"JSON object"}},
    {"empty", "", {"not valid JSON", "line 1 column 1"}},
    {"cut", "{\"model\":\"m\",\n \"max_tokens\":", {"not valid JSON", "line 2 column 15"}},
    {"a stray comma", "{\"model\":\"m\",}", {"line 1 column 14"}},
    {"trailing bytes", R"({"model":"m","max_tokens":1,"messages":[]} x)", {"line 1 column 44"}},
    {"a second object", R"({"model":"m","max_tokens":1,"messages":[]}{})", {"line 1 column 43"}},
    {"a byte-order mark", "\xEF\xBB\xBF{}", {"line 1 column 1"}},
    {"bad utf-8", "{\"model\":\"\xFF\"}", {"line 1 column 11"}},
    {"no model", R"({"max_tokens":1,"messages":[]})", {"model: Field required"}},
    {"an empty model", R"({"model":"","max_tokens":1,"messages":[]})", {"model: ", "at least 1"}},
    {"a number for a model",
     R"({"model":7,"max_tokens":1,"messages":[]})",
     {"model: Input should be a valid string"}},
    {"a long model",
     R"({"model":")" + std::string(limits::kModelNameBytesMax + 1, 'm') + R"("})",
     {"model: ", "at most 512"}},
    {"no max_tokens", R"({"model":"m","messages":[]})", {"max_tokens: Field required"}},
    {"negative max_tokens", R"({"model":"m","max_tokens":-1,"messages":[]})", {"max_tokens: "}},
    {"a fraction", R"({"model":"m","max_tokens":1.5,"messages":[]})", {"max_tokens: "}},
    {"a huge max_tokens",
     R"({"model":"m","max_tokens":18446744073709551615,"messages":[]})",
     {"max_tokens: "}},
    {"a text for max_tokens", R"({"model":"m","max_tokens":"1","messages":[]})", {"max_tokens: "}},
    {"no messages", R"({"model":"m","max_tokens":1})", {"messages: Field required"}},
    {"messages of another shape", R"({"model":"m","max_tokens":1,"messages":{}})", {"messages: "}},
    {"tools of another shape",
     R"({"model":"m","max_tokens":1,"messages":[],"tools":{}})",
     {"tools: "}},
    {"stream of another shape",
     R"({"model":"m","max_tokens":1,"messages":[],"stream":"true"})",
     {"stream: "}},
    {"two models",
     R"({"model":"m","model":"m","max_tokens":1,"messages":[]})",
     {"model: ", "twice"}},
    {"two models, one spelled with escapes",
     R"({"model":"m","max_tokens":1,"messages":[],"mod\u0065l":"n"})",
     {"model: ", "twice"}},
    {"two streams",
     R"({"model":"m","max_tokens":1,"messages":[],"stream":true,"stream":false})",
     {"stream: ", "twice"}},
    {"two max_tokens",
     R"({"model":"m","max_tokens":1,"messages":[],"max_tokens":2})",
     {"max_tokens: ", "twice"}},
    {"two tools",
     R"({"model":"m","max_tokens":1,"messages":[],"tools":[],"tools":[]})",
     {"tools: ", "twice"}},
};

struct MarkCase {
  const char* name;
  const char* members;
  bool hour;
  bool carriage;
};

const MarkCase kMarkCases[] = {
    {"none", R"("messages":[{"content":"for 1h, said tg1.x"}])", false, false},
    {"in a block", R"("messages":[{"content":[{"cache_control":{"ttl":"1h"}}]}])", true, false},
    {"in a tool", R"("messages":[],"tools":[{"cache_control":{"ttl":"\u0031h"}}])", true, false},
    {"a signature", R"("messages":[{"content":[{"type":"thinking","signature":"tg1.e"}]}])", false,
     true},
    {"redacted", R"("messages":[{"content":[{"data":"tg1.e","type":"redacted_thinking"}]}])", false,
     true},
    {"a signature of their own",
     R"("messages":[{"content":[{"type":"thinking","thinking":"tg1.","signature":"Etg1."}]}])",
     false, false},
    {"a signature of no thinking",
     R"("messages":[{"content":[{"type":"text","signature":"tg1.e"}]}])", false, false},
};

TEST_CASE("marks are found wherever they stand") {
  for (const MarkCase& row : kMarkCases) {
    INFO(row.name);
    const Result<PeekedRequest> peeked =
        peek(R"({"model":"m","max_tokens":1,)" + std::string(row.members) + "}");
    REQUIRE(peeked.ok());
    CHECK(peeked.value().facts.has_hour == row.hour);
    CHECK(peeked.value().facts.has_carriage == row.carriage);
  }
}

TEST_CASE("refused requests name the fault") {
  for (const RefusalCase& row : kRefusalCases) {
    INFO(row.name);
    const auto peeked = peek(row.body);
    REQUIRE_FALSE(peeked.ok());
    INFO(peeked.status().message());
    CHECK(peeked.status().code() == Code::kInvalid);
    for (const char* words : row.words)
      CHECK(peeked.status().message().find(words) != std::string::npos);
  }
}

TEST_CASE("a model's key spelled with escapes is the model") {
  const std::string body = R"({"mod\u0065l" : "m","max_tokens":1,"messages":[]})";
  const auto peeked = peek(body);
  REQUIRE(peeked.ok());
  CHECK(peeked.value().facts.model == "m");
  CHECK(body.substr(peeked.value().model.offset, peeked.value().model.size) == "\"m\"");
}

TEST_CASE("counting tokens needs no max_tokens") {
  CHECK(peek(R"({"model":"m","messages":[]})", Operation::kCountTokens).ok());
  CHECK_FALSE(peek(R"({"messages":[]})", Operation::kCountTokens).ok());
}

TEST_CASE("what is null is as good as absent where the API says so") {
  CHECK(peek(R"({"model":"m","max_tokens":1,"messages":[],"stream":null,"tools":null})").ok());
}

TEST_CASE("nesting beyond the bound is refused as too deep") {
  const size_t depth = limits::kJsonDepthMax + 10;
  const std::string body = R"({"model":"m","max_tokens":1,"messages":[],"x":)" +
                           std::string(depth, '[') + std::string(depth, ']') + "}";
  const auto peeked = peek(body);
  REQUIRE_FALSE(peeked.ok());
  CHECK(peeked.status().code() == Code::kLimit);
}

TEST_CASE("requests Claude Code sent are understood") {
  const auto recorded = test::recorded_requests();
  json::Document document;
  for (const test::RecordedRequest& recording : recorded) {
    INFO(recording.name);
    const auto parsed = document.parse(recording.body);
    REQUIRE(parsed.ok());
    const json::Value body = parsed.value();
    const bool counts = !body["max_tokens"].exists();
    const auto peeked =
        peek(recording.body, counts ? Operation::kCountTokens : Operation::kGenerate);
    REQUIRE(peeked.ok());
    const model::RequestFacts& facts = peeked.value().facts;
    CHECK(facts.model == body["model"].string_or(""));
    CHECK(facts.max_tokens == body["max_tokens"].integer());
    CHECK(facts.message_count == body["messages"].size());
    CHECK(facts.tool_count == body["tools"].size());
    CHECK(facts.stream == body["stream"].boolean().value_or(false));
    CHECK(facts.user_id == body["metadata"]["user_id"].string_or(""));
    const bool image = recording.body.find("\"type\": \"image\"") != std::string::npos;
    CHECK(facts.has_images == image);
  }
  if (!test::recordings("claude-code", ".json").empty()) CHECK(recorded.size() >= 10);
}

}  // namespace
}  // namespace tollgate::dialects::anthropic_messages
