#include <algorithm>
#include <random>

#include "dialects/openai_chat/through.hpp"
#include "json/splice.hpp"

using namespace tollgate;
using namespace tollgate::dialects;
using namespace tollgate::dialects::openai_chat;

namespace {

struct Row {
  const char* name;
  std::vector<std::string> chunks;
  const char* told;
};

/// One entry of tool_calls; what is empty is absent, except the arguments when `args` is "\"\"".
std::string call(int index, const std::string& id, const std::string& name,
                 const std::string& args) {
  std::string entry = "{";
  if (index >= 0) entry += "\"index\":" + std::to_string(index) + ",";
  if (!id.empty()) entry += "\"id\":\"" + id + "\",\"type\":\"function\",";
  entry += "\"function\":{";
  if (!name.empty()) entry += "\"name\":\"" + name + "\"";
  if (!args.empty()) {
    if (!name.empty()) entry += ",";
    entry += "\"arguments\":";
    if (args == "\"\"" || args == "null" || args.starts_with("@")) {
      entry += args.starts_with("@") ? args.substr(1) : args;
    } else {
      json::append_string(entry, args);
    }
  }
  return delta("{\"tool_calls\":[" + entry + "}}]}");
}

}  // namespace

TEST_CASE("tool calls come out one after the other, however they came in") {
  const std::string end = finish("tool_calls");
  const Row rows[] = {
      {"one in pieces",
       {call(0, "call_aa", "R", "\"\""), call(0, "", "", "{\"lo"), call(0, "", "", "c\":1}"), end},
       "start S0:R J'{\"lo' J'c\":1}' E0 tool_use stop"},
      {"all in one chunk",
       {call(0, "call_aa", "R", "{\"a\":1}"), end},
       "start S0:R J'{\"a\":1}' E0 tool_use stop"},
      {"two in turn",
       {call(0, "call_aa", "R", "{}"), call(1, "call_bb", "W", "{"), call(1, "", "", "}"), end},
       "start S0:R J'{}' E0 S1:W J'{' J'}' E1 tool_use stop"},
      {"two interleaved",
       {call(0, "call_aa", "R", "{\"a"), call(1, "call_bb", "W", "{\"b\":1}"),
        call(0, "", "", "\":1}"), end},
       "start S0:R J'{\"a' J'\":1}' E0 S1:W J'{\"b\":1}' E1 tool_use stop"},
      {"both headers first",
       {call(0, "call_aa", "R", "\"\""), call(1, "call_bb", "W", "\"\""),
        call(0, "", "", "{\"a\":1}"), call(1, "", "", "{\"b\":1}"), end},
       "start S0:R J'{\"a\":1}' E0 S1:W J'{\"b\":1}' E1 tool_use stop"},
      {"no arguments", {call(0, "call_aa", "R", "\"\""), end}, "start S0:R J'' E0 tool_use stop"},
      {"null arguments", {call(0, "call_aa", "R", "null"), end}, "start S0:R J'' E0 tool_use stop"},
      {"absent arguments", {call(0, "call_aa", "R", ""), end}, "start S0:R J'' E0 tool_use stop"},
      {"no arguments, then another",
       {call(0, "call_aa", "R", "\"\""), call(1, "call_bb", "W", "{}"), end},
       "start S0:R J'' E0 S1:W J'{}' E1 tool_use stop"},
      {"arguments as an object",
       {call(0, "call_aa", "R", "@{\"a\":{\"b\":2}}"), end},
       "start S0:R J'{\"a\":{\"b\":2}}' E0 tool_use stop"},
      {"arguments as text in text",
       {call(0, "call_aa", "R", "@\"\\\"{\\\\\\\"a\\\\\\\":1}\\\"\""), end},
       "start S0:R J'{\"a\":1}' E0 tool_use stop"},
      {"the header twice",
       {call(0, "call_aa", "R", "\"\""), call(0, "call_aa", "R", "{}"), end},
       "start S0:R J'{}' E0 tool_use stop"},
      {"an empty name later",
       {call(0, "call_aa", "R", "{"),
        R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"","function":{"name":"","arguments":"}"}}]}}]})",
        end},
       "start S0:R J'{' J'}' E0 tool_use stop"},
      {"every index is 0",
       {call(0, "call_aa", "R", "{}"), call(0, "call_bb", "W", "{}"), end},
       "start S0:R J'{}' E0 S1:W J'{}' E1 tool_use stop"},
      {"every index is 0, and no ids",
       {call(0, "", "R", "{}"), call(0, "", "R", "{\"a\":1}"), call(0, "", "W", "{"),
        call(0, "", "", "}"), end},
       "start S0:R J'{}' E0 S1:R J'{\"a\":1}' E1 S2:W J'{' J'}' E2 tool_use stop"},
      {"the name again and again",
       {call(0, "", "R", "{\"a"), call(0, "", "R", "\":1}"), call(0, "", "R", "\"\""), end},
       "start S0:R J'{\"a' J'\":1}' E0 tool_use stop"},
      {"the index begins at 1",
       {delta(R"({"content":"a"})"), call(1, "call_aa", "R", "{}"), end},
       "start S0:text D'a' E0 S1:R J'{}' E1 tool_use stop"},
      {"no index, by id",
       {call(-1, "call_aa", "R", "{"), call(-1, "call_aa", "", "}"), end},
       "start S0:R J'{' J'}' E0 tool_use stop"},
      {"neither index nor id",
       {call(-1, "call_aa", "R", "{"), call(-1, "", "", "}"), end},
       "start S0:R J'{' J'}' E0 tool_use stop"},
      {"neither, and two of them",
       {call(-1, "", "R", "{}"), call(-1, "", "W", "{}"), end},
       "start S0:R J'{}' E0 S1:W J'{}' E1 tool_use stop"},
      {"the name comes late",
       {call(0, "call_aa", "", "\"\""), call(0, "", "R", "{}"), end},
       "start S0:R J'{}' E0 tool_use stop"},
      {"never a name", {call(0, "call_aa", "", "{}"), end}, "start end_turn stop"},
      {"finished with stop",
       {call(0, "call_aa", "R", "{}"), finish("stop")},
       "start S0:R J'{}' E0 tool_use stop"},
      {"text behind a call",
       {call(0, "call_aa", "R", "{}"), delta(R"({"content":"b"})"), end},
       "start S0:R J'{}' E0 S1:text D'b' E1 tool_use stop"},
      {"text inside a call",
       {call(0, "call_aa", "R", "{"), delta(R"({"content":"b"})"), call(0, "", "", "}"), end},
       "start S0:R J'{' J'}' E0 S1:text D'b' E1 tool_use stop"},
      {"reasoning behind a call",
       {call(0, "call_aa", "R", "{}"), delta(R"({"reasoning":"b"})"), end},
       "start S0:R J'{}' E0 S1:think T'b' G E1 tool_use stop"},
      {"a brace too many",
       {call(0, "call_aa", "R", "{}"), call(0, "", "", "}"), call(1, "call_bb", "W", "{}"), end},
       "start S0:R J'{}' E0 S1:W J'{}' E1 tool_use stop"},
      {"more behind the end",
       {call(0, "call_aa", "R", "{}"), call(1, "call_bb", "W", "{}"), call(0, "", "", "x"), end},
       "start S0:R J'{}' E0 S1:W J'{}' E1 tool_use stop"},
      {"cut by the limit",
       {call(0, "call_aa", "R", "{\"a\":"), finish("length")},
       "start S0:R J'{\"a\":' E0 max_tokens stop"},
      {"cut by the filter",
       {call(0, "call_aa", "R", "{\"a\":"), finish("content_filter")},
       "start S0:R J'{\"a\":' E0 refusal stop"},
      {"cut, and called whole",
       {call(0, "call_aa", "R", "{\"a\":\"b"), end},
       "start S0:R J'{\"a\":\"b' broken: the upstream's answer holds a tool call whose arguments "
       "are no JSON"},
      {"no JSON, and another behind it",
       {call(0, "call_aa", "R", "{a:1}"), call(1, "call_bb", "W", "{}"), end},
       "start S0:R J'{a:1}' broken: the upstream's answer holds a tool call whose arguments are no "
       "JSON"},
      {"no JSON, and text behind it",
       {call(0, "call_aa", "R", "{a:1}"), delta(R"({"content":"b"})"), end},
       "start S0:R J'{a:1}' broken: the upstream's answer holds a tool call whose arguments are no "
       "JSON"},
      {"no JSON, and reasoning behind it",
       {call(0, "call_aa", "R", "{a:1}"), delta(R"({"reasoning":"b"})"), end},
       "start S0:R J'{a:1}' broken: the upstream's answer holds a tool call whose arguments are no "
       "JSON"},
      {"half a character",
       {call(0, "call_aa", "R", R"({"a":"\ud83d"})"), end},
       "start S0:R J'{\"a\":\"\\ud83d\"}' E0 tool_use stop"},
      {"no object",
       {call(0, "call_aa", "R", "[1]"), end},
       "start S0:R J'{\"__unparsedToolInput\":\"[1]\"}' E0 tool_use stop"},
      {"a name with every piece, and nothing else",
       {call(-1, "", "R", "{\"a"), call(-1, "", "R", "\":1}"), call(-1, "", "R", "{}"), end},
       "start S0:R J'{\"a' J'\":1}' E0 S1:R J'{}' E1 tool_use stop"},
      {"a new id with every piece",
       {call(0, "call_aa", "R", "{\"a"), call(0, "call_bb", "R", "\":1}"),
        call(0, "call_cc", "R", "{}"), end},
       "start S0:R J'{\"a' J'\":1}' E0 S1:R J'{}' E1 tool_use stop"},
      {"an id that comes late",
       {call(0, "", "R", "{\"a"), call(0, "call_aa", "", "\":1}"), end},
       "start S0:R J'{\"a' J'\":1}' E0 tool_use stop"},
      {"cut by nothing",
       {call(0, "call_aa", "R", "{\"a\":")},
       "start S0:R J'{\"a\":' broken: the upstream's answer ended inside a tool call"},
      {"[DONE] behind a whole call",
       {call(0, "call_aa", "R", "{}")},
       "start S0:R J'{}' E0 tool_use stop"},
      {"legacy",
       {delta(R"({"function_call":{"name":"R","arguments":"{"}})"),
        delta(R"({"function_call":{"arguments":"}"}})"), finish("function_call")},
       "start S0:R J'{' J'}' E0 tool_use stop"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(told(row.chunks) == row.told);
  }
}

TEST_CASE("ids are unique, and ours where the upstream's cannot be used") {
  Translation translation = thinking_client();
  const DecodedStream decoded =
      decode_pieces({stream_of({call(0, "0", "R", "{}"), call(1, "call_good", "R", "{}"),
                                call(2, "functions.R:2", "R", "{}"), call(3, "", "R", "{}"),
                                finish("tool_calls")})},
                    translation);
  const model::Response response = folded(decoded.events);
  REQUIRE(response.content.size() == 4);
  CHECK(response.content[1].id == "call_good");
  for (const size_t i : {size_t{0}, size_t{2}, size_t{3}})
    CHECK_THAT(response.content[i].id, Catch::Matchers::StartsWith("toolu_"));
  CHECK(response.content[0].id != response.content[2].id);
}

TEST_CASE("a client that takes one call gets one") {
  Translation translation = thinking_client();
  translation.single_tool_call = true;
  CHECK(told({call(0, "call_aa", "R", "{}"), call(1, "call_bb", "W", "{}"), finish("tool_calls")},
             translation) == "start S0:R J'{}' E0 tool_use stop");
  CHECK(translation.losses.all().size() == 1);
}

TEST_CASE("tools have the client's names") {
  Translation translation = thinking_client();
  translation.tool_names.emplace_back("mcp__long", "mcp_1");
  translation.declared_tools = {"mcp__long", "Read"};
  CHECK(told({call(0, "call_aa", "mcp_1", "{}"), finish("stop")}, translation) ==
        "start S0:mcp__long J'{}' E0 tool_use stop");
  CHECK(told({call(0, "call_aa", "functions.Read", "{}"), finish("stop")}, translation) ==
        "start S0:Read J'{}' E0 tool_use stop");
  CHECK(told({call(0, "call_aa", "functions.Write", "{}"), finish("stop")}, translation) ==
        "start S0:functions.Write J'{}' E0 tool_use stop");
}

TEST_CASE("several calls in one are taken apart when all of them are known") {
  const std::string known =
      R"({"tool_uses":[{"recipient_name":"functions.Read","parameters":{"a":1}},{"recipient_name":"Write"}]})";
  const std::string unknown =
      R"({"tool_uses":[{"recipient_name":"functions.Read","parameters":{}},{"recipient_name":"functions.X"}]})";
  Translation translation = thinking_client();
  translation.declared_tools = {"Read", "Write"};
  CHECK(told({call(0, "call_abc", "multi_tool_use.parallel", known.substr(0, 20)),
              call(0, "", "", known.substr(20)), finish("tool_calls")},
             translation) == "start S0:Read J'{\"a\":1}' E0 S1:Write J'{}' E1 tool_use stop");
  CHECK(told({call(0, "call_abc", "parallel", unknown), finish("tool_calls")}, translation) ==
        "start S0:parallel J'" + unknown + "' E0 tool_use stop");
  translation.declared_tools = {"parallel", "Read", "Write"};
  CHECK(told({call(0, "call_abc", "parallel", known), finish("tool_calls")}, translation) ==
        "start S0:parallel J'" + known + "' E0 tool_use stop");
}

TEST_CASE("any interleaving of parallel calls gives the same calls") {
  const std::vector<std::vector<std::string>> pieces = {
      {"{\"a\"", ":[1,", "2]}"}, {"{}"}, {"{\"c\":\"}", "{\"", "}"}};
  const std::vector<std::string> inputs = {"{\"a\":[1,2]}", "{}", "{\"c\":\"}{\"}"};
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    std::vector<size_t> order;
    for (size_t i = 0; i < pieces.size(); ++i)
      order.insert(order.end(), pieces[i].size(), i);
    std::shuffle(order.begin(), order.end(), random);
    std::vector<size_t> next(pieces.size(), 0);
    std::vector<std::string> chunks;
    for (const size_t i : order) {
      const int index = static_cast<int>(i);
      const bool first = next[i] == 0;
      chunks.push_back(call(index, first ? "call_00" + std::to_string(i) : "",
                            first ? "T" + std::to_string(i) : "", pieces[i][next[i]]));
      ++next[i];
    }
    chunks.push_back(finish("tool_calls"));
    Translation translation = thinking_client();
    const DecodedStream decoded = decode_pieces({stream_of(chunks)}, translation);
    INFO(in_short(decoded.events));
    REQUIRE(decoded.status.ok());
    const model::Response response = folded(decoded.events);
    REQUIRE(response.content.size() == pieces.size());
    for (const model::Block& block : response.content) {
      const size_t i = static_cast<size_t>(block.name[1] - '0');
      CHECK(block.input == inputs[i]);
      CHECK(block.id == "call_00" + std::to_string(i));
    }
  }
}

TEST_CASE("calls without end are bounded") {
  Translation translation = thinking_client();
  std::vector<std::string> chunks;
  for (int i = 0; i < 600; ++i)
    chunks.push_back(call(i, "", "R", "{}"));
  const DecodedStream decoded = decode_pieces({stream_of(chunks)}, translation);
  CHECK(decoded.status.code() == Code::kLimit);
}
