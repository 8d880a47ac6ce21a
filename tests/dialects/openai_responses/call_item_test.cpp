#include "dialects/openai_responses/through.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

using Lines = std::vector<std::string>;

std::string call(const std::string& members) {
  return R"({"type":"response.output_item.done","output_index":0,"item":{"type":"function_call",)" +
         members + "}}";
}
const std::string kEnd = R"({"type":"response.completed","response":{"status":"completed"}})";

TEST_CASE("arguments become an object, whatever they are") {
  const std::pair<std::string, std::string> rows[] = {
      {R"("{\"a\":1}")", R"({"a":1})"},
      {R"("")", "{}"},
      {R"("  ")", "{}"},
      {"null", "{}"},
      {R"({"a":1})", R"({"a":1})"},
      {R"("\"{\\\"a\\\":1}\"")", R"({"a":1})"},
      {R"("[1]")", R"({"__unparsedToolInput":"[1]"})"},
      {R"("5")", R"({"__unparsedToolInput":"5"})"},
      {R"("{\"a\":")", R"({"__unparsedToolInput":"{\"a\":"})"},
  };
  for (const auto& [arguments, input] : rows) {
    INFO(arguments);
    Translation translation = thinking_client();
    const model::Response response = stream_answer(
        {call(R"("call_id":"call_1","name":"Bash","arguments":)" + arguments), kEnd}, translation);
    REQUIRE(response.content.size() == 1);
    const std::string& made = response.content[0].input;
    CHECK((made.empty() ? "{}" : made) == input);
    CHECK(response.stop_reason == model::StopReason::kToolUse);
  }
}

TEST_CASE("arguments may come in deltas, in done, or with the item") {
  const std::string added =
      R"({"type":"response.output_item.added","output_index":0,"item":{"type":"function_call",)"
      R"("id":"fc_1","call_id":"call_1","name":"Bash","arguments":""}})";
  const std::string first =
      R"({"type":"response.function_call_arguments.delta","output_index":0,"delta":"{\"a\""})";
  const std::string second =
      R"({"type":"response.function_call_arguments.delta","output_index":0,"delta":":1}"})";
  const std::string done =
      R"({"type":"response.function_call_arguments.done","output_index":0,"arguments":"{\"a\":1}"})";
  const std::string item =
      call(R"("id":"fc_1","call_id":"call_1","name":"Bash","arguments":"{\"a\":1}")");
  const std::vector<std::string> rows[] = {
      {added, first, second, done, item, kEnd},
      {added, first, second, kEnd},
      {added, first, done, item, kEnd},
      {added, done, kEnd},
      {added, item, kEnd},
      {item, kEnd},
      {added, first, item, kEnd},
  };
  for (const auto& events : rows) {
    Translation translation = thinking_client();
    CHECK(told(stream_answer(events, translation)) == Lines{R"(call:Bash {"a":1})"});
  }
}

TEST_CASE("arguments that are no JSON are an error once the client has some of them") {
  const std::string added =
      R"({"type":"response.output_item.added","output_index":0,"item":{"type":"function_call",)"
      R"("id":"fc_1","call_id":"call_1","name":"Bash","arguments":""}})";
  const std::string half =
      R"({"type":"response.function_call_arguments.delta","output_index":0,"delta":"{\"a\":"})";
  const std::string done =
      R"({"type":"response.function_call_arguments.done","output_index":0,"arguments":"{\"a\":"})";
  const std::string next =
      R"({"type":"response.output_item.added","output_index":1,"item":{"type":"function_call",)"
      R"("id":"fc_2","call_id":"call_2","name":"Read","arguments":"{}"}})";
  const std::string limit = R"({"type":"response.incomplete","response":{"status":"incomplete",)"
                            R"("incomplete_details":{"reason":"max_output_tokens"}}})";
  const auto item = [](const std::string& status) {
    return call(R"("id":"fc_1","call_id":"call_1","name":"Bash","arguments":"{\"a\":","status":")" +
                status + "\"");
  };
  const Lines cut_call = {R"(call:Bash {"__unparsedToolInput":"{\"a\":"})"};
  struct {
    const char* name;
    std::vector<std::string> events;
    bool broken;
    Lines told;
  } rows[] = {
      {"and it ends well", {added, half, kEnd}, true, {}},
      {"and another call follows", {added, half, done, next, kEnd}, true, {}},
      {"and another call waits", {added, half, next, kEnd}, true, {}},
      {"and a limit cut it", {added, half, limit}, false, cut_call},
      {"and a limit cut it, after its done", {added, half, done, limit}, false, cut_call},
      {"and a limit cut its item", {added, half, done, item("incomplete"), limit}, false, cut_call},
      {"and a limit cut its item, by OpenAI's other name",
       {added, half, item("in_progress"), limit},
       false,
       cut_call},
      {"and a limit cut its item, which calls itself whole",
       {added, half, item("completed"), limit},
       false,
       cut_call},
      {"and its end is told again and again",
       {added, half, done, item("in_progress"), item("completed"), done, limit},
       false,
       cut_call},
      {"and the end of what was not shown is told again",
       {item("in_progress"), item("completed"), item("completed"), kEnd},
       false,
       cut_call},
      {"and its item was cut, but nothing else tells so",
       {added, half, item("incomplete"), kEnd},
       true,
       {}},
      {"and nothing was shown of an item cut in an answer that ends well",
       {item("in_progress"), kEnd},
       false,
       cut_call},
      {"and nothing was shown of an item that a limit cut",
       {item("in_progress"), limit},
       false,
       {}},
      {"and nothing was shown", {added, done, kEnd}, false, cut_call},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    Translation translation = thinking_client();
    const DecodedStream decoded = decoded_stream(stream_of(row.events), translation);
    CHECK(decoded.status.ok() == !row.broken);
    if (!row.broken) {
      CHECK(told(folded(decoded.events)) == row.told);
      continue;
    }
    // Nothing behind the arguments: the client must not take the call for whole.
    CHECK(decoded.events.back().kind == model::StreamEventKind::kBlockDelta);
  }
}

TEST_CASE("names and ids are the client's") {
  Translation translation = thinking_client();
  translation.tool_names = {{"mcp__a_very_long_one", "mcp_1a2b3c4d"}};
  translation.declared_tools = {"mcp__a_very_long_one", "Bash"};
  const model::Response response =
      stream_answer({call(R"("call_id":"call_1","name":"mcp_1a2b3c4d","arguments":"{}")"),
                     call(R"("call_id":"0","name":"functions.Bash","arguments":"{}")"),
                     call(R"("call_id":"call_1","name":"Unknown","arguments":"{}")"),
                     call(R"("name":"Bash","arguments":"{}")"), kEnd},
                    translation);
  CHECK(told(response) ==
        Lines{"call:mcp__a_very_long_one {}", "call:Bash {}", "call:Unknown {}", "call:Bash {}"});
  CHECK(response.content[0].id == "call_1");
  for (size_t i = 1; i < 4; ++i)
    CHECK(response.content[i].id.starts_with("toolu_"));
}

TEST_CASE("a made-up tool for parallel calls becomes the calls in it") {
  const std::string wrapped =
      R"("call_id":"call_p","name":"multi_tool_use.parallel","arguments":"{\"tool_uses\":[)"
      R"({\"recipient_name\":\"functions.Bash\",\"parameters\":{\"command\":\"ls\"}},)"
      R"({\"recipient_name\":\"functions.Read\",\"parameters\":{\"path\":\"x\"}}]}")";
  const Lines expanded = {R"(call:Bash {"command":"ls"})", R"(call:Read {"path":"x"})"};
  Translation translation = thinking_client();
  translation.declared_tools = {"Bash", "Read"};
  const model::Response response = stream_answer({call(wrapped), kEnd}, translation);
  CHECK(told(response) == expanded);
  CHECK(response.content[0].id == "call_p_1");
  CHECK(response.content[1].id == "call_p_2");

  Translation other = thinking_client();
  other.declared_tools = {"Bash"};
  CHECK(told(stream_answer({call(wrapped), kEnd}, other)).size() == 1);
  Translation owner = thinking_client();
  owner.declared_tools = {"Bash", "Read", "multi_tool_use.parallel"};
  CHECK(told(stream_answer({call(wrapped), kEnd}, owner)).size() == 1);
}

TEST_CASE("a client that takes one call gets one") {
  Translation translation = thinking_client();
  translation.single_tool_call = true;
  const std::string first = call(R"("id":"fc_1","call_id":"call_1","name":"One","arguments":"{}")");
  const std::string second =
      R"({"type":"response.output_item.done","output_index":1,"item":{"type":"function_call",)"
      R"("id":"fc_2","call_id":"call_2","name":"Two","arguments":"{}"}})";
  CHECK(told(stream_answer({first, second, kEnd}, translation)) == Lines{"call:One {}"});
  REQUIRE(translation.losses.all().size() == 1);
  CHECK(translation.losses.all()[0].what == "tool call (only one was wanted)");
}

TEST_CASE("a call the limit cut is left out of a whole answer") {
  Translation translation = thinking_client();
  const model::Response response = whole_answer(
      R"({"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[)"
      R"({"type":"function_call","call_id":"call_1","name":"Bash","arguments":"{\"comm",)"
      R"("status":"incomplete"}]})",
      translation);
  CHECK(response.content.empty());
  CHECK(response.stop_reason == model::StopReason::kMaxTokens);
  CHECK(translation.losses.all().size() == 1);
}

}  // namespace
}  // namespace tollgate::dialects::openai_responses
