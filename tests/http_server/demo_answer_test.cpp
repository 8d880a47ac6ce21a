#include "demo_answer.hpp"

#include "support/catch.hpp"

using namespace tollgate::server;

namespace {

DemoAnswer answer_to(std::string_view request) {
  JsonDocument document;
  return demo_answer(document.parse(request), request.size());
}

constexpr std::string_view kSchemaTool =
    R"({"name":"get_weather","input_schema":{"type":"object","properties":{"city":{"type":"string"},)"
    R"("unit":{"enum":["C","F"]},"days":{"type":"integer","minimum":3},"tags":{"type":"array"},)"
    R"("raw":{"type":"object","properties":{"x":{"type":"boolean"}},"required":["x"]},)"
    R"("unneeded":{"type":"string"}},"required":["city","unit","days","tags","raw"]}})";

}  // namespace

TEST_CASE("the demo chooses a tool that needs no permission") {
  const std::string bash = R"({"name":"Bash","input_schema":{"type":"object"}})";
  const std::string glob = R"({"name":"Glob","input_schema":{"type":"object"}})";
  const std::string server = R"({"type":"web_search_20250305","name":"web_search","max_uses":8})";
  struct Row {
    const char* name;
    std::string tools;
    std::string choice;
    std::string called;
  };
  const Row rows[] = {
      {"Glob before Bash", bash + "," + glob, "", "Glob"},
      {"Bash before others", std::string(kSchemaTool) + "," + bash, "", "Bash"},
      {"any tool", std::string(kSchemaTool), "", "get_weather"},
      {"a forced tool", bash + "," + std::string(kSchemaTool),
       R"(,"tool_choice":{"type":"tool","name":"get_weather"})", "get_weather"},
      {"no tool wanted", bash, R"(,"tool_choice":{"type":"none"})", ""},
      {"only a server's tool", server, "", ""},
      {"none", "", "", ""},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const DemoAnswer answer =
        answer_to(R"({"model":"m","messages":[{"role":"user","content":"hi"}],"tools":[)" +
                  row.tools + "]" + row.choice + "}");
    CHECK((answer.tool_call ? answer.tool_call->name : "") == row.called);
    CHECK_FALSE(answer.text.empty());
  }
}

TEST_CASE("a tool's input follows its schema") {
  const DemoAnswer answer =
      answer_to(R"({"model":"m","messages":[],"tools":[)" + std::string(kSchemaTool) + "]}");
  REQUIRE(answer.tool_call);
  CHECK(answer.tool_call->input ==
        R"({"city":"demo","unit":"C","days":3,"tags":[],"raw":{"x":false}})");
}

TEST_CASE("a tool's result is used in the final text") {
  for (const char* content : {R"("one.txt")", R"([{"type":"text","text":"one.txt"}])"}) {
    const DemoAnswer answer = answer_to(
        R"({"model":"m","tools":[{"name":"Bash","input_schema":{}}],"messages":[)"
        R"({"role":"user","content":"hi"},{"role":"assistant","content":[]},)"
        R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":)" +
        std::string(content) + R"(},{"type":"text","text":"reminder"}]},)" +
        R"({"role":"system","content":"x"}]})");
    CHECK_FALSE(answer.tool_call);
    CHECK(answer.text.find("one.txt") != std::string::npos);
  }
}

TEST_CASE("side requests get what they ask for") {
  CHECK(answer_to(R"({"messages":[],"output_config":{"format":{"type":"json_schema","schema":)"
                  R"({"type":"object","properties":{"title":{"type":"string"}},)"
                  R"("required":["title"]}}}})")
            .text == R"({"title":"demo"})");
  const DemoAnswer cut = answer_to(R"({"messages":[],"max_tokens":1})");
  CHECK(cut.cut);
  CHECK(cut.text.size() == 4);
  CHECK(cut.output_tokens == 1);
}

TEST_CASE("every event of a demo stream is JSON and the pieces add up") {
  DemoAnswer answer;
  answer.model =
      "a \"quoted\" m\xc3\xb6"
      "del";
  answer.text =
      "Line\nwith \xf0\x9f\x98\x80 emoji at every place "
      "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80";
  answer.tool_call = DemoAnswer::ToolCall{"Bash", R"({"command":"ls","description":"List"})"};
  std::string text;
  std::string input;
  std::string names;
  JsonDocument document;
  for (const std::string& event : demo_events(answer, "1")) {
    const size_t data = event.find("\ndata: ");
    REQUIRE(event.starts_with("event: "));
    REQUIRE(event.ends_with("\n\n"));
    const JsonValue top = document.parse(std::string_view(event).substr(data + 7));
    REQUIRE(top.is(JsonValue::Kind::kObject));
    CHECK(event.substr(7, data - 7) == top.member("type").text());
    names += std::string(top.member("type").text()) + ' ';
    text += top.member("delta").member("text").text();
    input += top.member("delta").member("partial_json").text();
  }
  CHECK(text == answer.text);
  CHECK(input == answer.tool_call->input);
  CHECK(names.starts_with("message_start content_block_start content_block_delta "));
  CHECK(names.ends_with("content_block_stop message_delta message_stop "));
  const JsonValue whole = document.parse(demo_json(answer, "1"));
  CHECK(whole.member("model").text() == answer.model);
  CHECK(whole.member("stop_reason").text() == "tool_use");
}
