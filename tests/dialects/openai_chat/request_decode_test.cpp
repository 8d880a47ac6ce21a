#include "dialects/openai_chat/through.hpp"

using namespace tollgate;
using namespace tollgate::dialects;
using namespace tollgate::dialects::openai_chat;

namespace {

Result<model::Request> decoded(const std::string& members) {
  return dialect().decode_request(R"({"model":"m","messages":[{"role":"user","content":"hi"}])" +
                                  (members.empty() ? "" : "," + members) + "}");
}

}  // namespace

TEST_CASE("a choice among some tools leaves the others out") {
  const auto request = decoded(
      R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"W"}}]}},
    "tools":[{"type":"function","function":{"name":"R"}},{"type":"function","function":{"name":"W"}}])");
  REQUIRE(request.ok());
  REQUIRE(request.value().tools.size() == 1);
  CHECK(request.value().tools[0].name == "W");
  REQUIRE(request.value().tool_choice);
  CHECK(static_cast<int>(request.value().tool_choice->kind) ==
        static_cast<int>(model::ToolChoiceKind::kAny));
  CHECK(request.value().losses.all().size() == 1);
}

TEST_CASE("reasoning is asked for as OpenRouter's clients do, too") {
  CHECK(decoded(R"("reasoning":{"effort":"high"})").value().effort == "high");
  CHECK(static_cast<int>(decoded(R"("reasoning":{"enabled":false})").value().thinking.kind) ==
        static_cast<int>(model::ThinkingKind::kDisabled));
  CHECK(static_cast<int>(decoded(R"("reasoning":{})").value().thinking.kind) ==
        static_cast<int>(model::ThinkingKind::kUnset));
}

TEST_CASE("settings find their places") {
  const auto request = decoded(
      R"("max_tokens":5,"max_completion_tokens":9,"stream":true,"stream_options":{"include_usage":true},"temperature":0.5,"top_p":0.9,
    "stop":["a","b"],"user":"u1","service_tier":"default","reasoning_effort":"minimal","seed":7,"parallel_tool_calls":false,
    "tools":[{"type":"function","function":{"name":"R","description":"d","parameters":{"type":"object"},"strict":true}},{"type":"function","function":{"name":"N"}}],
    "tool_choice":{"type":"function","function":{"name":"R"}},"store":false,"metadata":null,
    "response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type": "object"},"strict":true}})");
  INFO((request.ok() ? "" : request.status().message()));
  REQUIRE(request.ok());
  const model::Request& all = request.value();
  CHECK(all.max_tokens == 9);
  CHECK(all.stream);
  CHECK(all.stream_usage);
  CHECK(all.temperature == 0.5);
  CHECK(all.top_p == 0.9);
  CHECK(all.stop_sequences == std::vector<std::string>{"a", "b"});
  CHECK(all.user_id == "u1");
  CHECK(all.service_tier == "standard_only");
  CHECK(all.effort == "low");
  CHECK(all.thinking.kind == model::ThinkingKind::kAdaptive);
  REQUIRE(all.tools.size() == 2);
  CHECK(all.tools[0].input_schema == R"({"type":"object"})");
  CHECK(all.tools[0].strict == true);
  CHECK(all.tools[1].input_schema == R"({"type":"object","properties":{}})");
  REQUIRE(all.tool_choice);
  CHECK(all.tool_choice->name == "R");
  CHECK(all.tool_choice->disable_parallel);
  CHECK(all.output_schema == R"({"type": "object"})");
  CHECK(all.dialect_rest == R"("seed":7)");
  CHECK(all.rest.empty());
}

TEST_CASE("choices of tools") {
  const std::string tools =
      R"("tools":[{"type":"function","function":{"name":"R"}}],"tool_choice":)";
  struct {
    const char* choice;
    model::ToolChoiceKind kind;
  } rows[] = {{R"("auto")", model::ToolChoiceKind::kAuto},
              {R"("none")", model::ToolChoiceKind::kNone},
              {R"("required")", model::ToolChoiceKind::kAny},
              {R"({"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[]}})",
               model::ToolChoiceKind::kAny}};
  for (const auto& row : rows) {
    INFO(row.choice);
    const auto request = decoded(tools + row.choice);
    REQUIRE(request.ok());
    CHECK(static_cast<int>(request.value().tool_choice->kind) == static_cast<int>(row.kind));
  }
  CHECK_FALSE(decoded(R"("tool_choice":"none")").value().tool_choice);
}

TEST_CASE("no effort is no thinking") {
  CHECK(decoded(R"("reasoning_effort":"none")").value().thinking.kind ==
        model::ThinkingKind::kDisabled);
  CHECK(decoded("").value().thinking.kind == model::ThinkingKind::kUnset);
}

TEST_CASE("a wish for any JSON stays this dialect's own") {
  const auto request = decoded(R"("response_format":{"type":"json_object"},"stop":"x")");
  CHECK(request.value().dialect_rest == R"("response_format":{"type":"json_object"})");
  CHECK(request.value().stop_sequences == std::vector<std::string>{"x"});
}

TEST_CASE("what cannot be served is refused by name") {
  struct {
    const char* members;
    const char* begins;
  } rows[] = {{R"("n":2)", "n: "},
              {R"("functions":[{"name":"x"}])", "functions: "},
              {R"("modalities":["text","audio"])", "modalities: "},
              {R"("tools":[{"type":"custom","custom":{"name":"x"}}])", "tools[0]: "},
              {R"("model":true)", "model: "},
              {R"("messages":[])", "messages: "},
              {R"("stream":true,"stream":false)", "stream: "},
              {R"("tools":{})", "tools: "},
              {R"("tool_choice":"maybe")", "tool_choice: "},
              {R"("tools":[{"type":"function","function":{}}])", "tools[0].function.name: "},
              {R"("stop":[1])", "stop: "},
              {R"("response_format":{"type":"json_schema","json_schema":{}})",
               "response_format.json_schema.schema: "}};
  for (const auto& row : rows) {
    INFO(row.members);
    const auto request = decoded(row.members);
    REQUIRE_FALSE(request.ok());
    CHECK_THAT(request.status().message(), Catch::Matchers::StartsWith(row.begins));
  }
  for (const char* body : {"", "{", "[]", R"({"messages":[]})", R"({"model":"m"})",
                           R"({"model":"m","messages":"hi"})"})
    CHECK_FALSE(dialect().decode_request(body).ok());
}
