#include "dialects/openai_responses/through.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

using model::ThinkingKind;
using model::ToolChoiceKind;

model::Request decoded(const std::string& members) {
  const auto request = dialect().decode_request(R"({"model":"m","input":"hi")" +
                                                (members.empty() ? "" : "," + members) + "}");
  INFO((request.ok() ? "" : request.status().message()));
  REQUIRE(request.ok());
  return request.value();
}

const std::string kTool =
    R"("tools":[{"type":"function","name":"f","parameters":{"type":"object"}}])";

TEST_CASE("the plainest request") {
  const model::Request request = decoded("");
  CHECK(request.model == "m");
  REQUIRE(request.messages.size() == 1);
  CHECK(request.messages[0].content[0].text == "hi");
  CHECK_FALSE(request.stream);
  CHECK_FALSE(request.max_tokens);
  CHECK(request.rest.empty());
}

TEST_CASE("members have their places in the hub") {
  const model::Request request = decoded(
      R"("instructions":"Be kind.","max_output_tokens":500,"stream":true,"temperature":0.5,)"
      R"("top_p":0.9,"safety_identifier":"id","user":"other","service_tier":"default","store":false,)"
      R"("include":["reasoning.encrypted_content"],"prompt_cache_key":"k","metadata":{"a":"b"})");
  REQUIRE(request.system.size() == 1);
  CHECK(request.system[0].text == "Be kind.");
  CHECK(request.max_tokens == 500);
  CHECK(request.stream);
  CHECK(request.temperature == 0.5);
  CHECK(request.top_p == 0.9);
  CHECK(request.user_id == "id");
  CHECK(request.service_tier == "standard_only");
  CHECK(request.rest.empty());
}

TEST_CASE("a choice among some tools leaves the others out") {
  const model::Request request = decoded(
      R"("tools":[{"type":"function","name":"f"},{"type":"custom","name":"patch"},{"type":"web_search"},)"
      R"({"type":"function","name":"g"}],"tool_choice":{"type":"allowed_tools","mode":"auto",)"
      R"("tools":[{"type":"function","name":"g"},{"type":"custom","name":"patch"},{"type":"web_search"}]})");
  REQUIRE(request.tools.size() == 3);
  CHECK(request.tools[1].name == "web_search");
  CHECK(request.tools[2].name == "g");
  CHECK(request.losses.all().size() == 1);
}

TEST_CASE("reasoning is asked for by effort and summary") {
  struct Row {
    std::string reasoning;
    ThinkingKind kind;
    std::string effort;
    std::string display;
  };
  const Row rows[] = {
      {"null", ThinkingKind::kUnset, "", ""},
      {"{}", ThinkingKind::kUnset, "", ""},
      {R"({"effort":null,"summary":null})", ThinkingKind::kUnset, "", ""},
      {R"({"effort":"none"})", ThinkingKind::kDisabled, "", ""},
      {R"({"effort":"minimal"})", ThinkingKind::kAdaptive, "low", "omitted"},
      {R"({"effort":"high","summary":"auto"})", ThinkingKind::kAdaptive, "high", "summarized"},
      {R"({"summary":"detailed"})", ThinkingKind::kAdaptive, "", "summarized"},
  };
  for (const Row& row : rows) {
    INFO(row.reasoning);
    const model::Request request = decoded("\"reasoning\":" + row.reasoning);
    CHECK(request.thinking.kind == row.kind);
    CHECK(request.effort == row.effort);
    CHECK(request.thinking.display == row.display);
  }
}

TEST_CASE("tools of every kind") {
  const model::Request request = decoded(
      R"("tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object",)"
      R"("properties":{"a":{}}},"strict":true},{"type":"function","name":"g","parameters":null,)"
      R"("strict":false},{"type":"custom","name":"apply_patch","description":"Patch.","format":)"
      R"({"type":"grammar","syntax":"lark","definition":"start: x"}},{"type":"web_search","filters":)"
      R"({"allowed_domains":["e.org"]},"user_location":{"type":"approximate","city":"Paris"}},)"
      R"({"type":"image_generation"}])");
  REQUIRE(request.tools.size() == 4);
  CHECK(request.tools[0].input_schema == R"({"type":"object","properties":{"a":{}}})");
  CHECK(request.tools[0].strict == true);
  CHECK(request.tools[1].input_schema == R"({"type":"object","properties":{}})");
  CHECK_FALSE(request.tools[1].strict);
  CHECK_FALSE(request.tools[1].has_description);
  CHECK(request.tools[2].name == "apply_patch__freeform");
  CHECK(request.tools[2].description ==
        "Patch.\n\nThe member input holds text of this grammar (lark):\nstart: x");
  CHECK(request.tools[3].type == "web_search_20250305");
  CHECK(request.tools[3].rest ==
        R"("allowed_domains":["e.org"],"user_location":{"type":"approximate","city":"Paris"})");
}

TEST_CASE("choices of tools") {
  struct Row {
    std::string choice;
    ToolChoiceKind kind;
    std::string name;
  };
  const Row rows[] = {
      {R"("auto")", ToolChoiceKind::kAuto, ""},
      {R"("none")", ToolChoiceKind::kNone, ""},
      {R"("required")", ToolChoiceKind::kAny, ""},
      {R"({"type":"function","name":"f"})", ToolChoiceKind::kTool, "f"},
      {R"({"type":"custom","name":"f"})", ToolChoiceKind::kTool, "f__freeform"},
      {R"({"type":"web_search_preview"})", ToolChoiceKind::kTool, "web_search"},
      {R"({"type":"allowed_tools","mode":"required","tools":[]})", ToolChoiceKind::kAny, ""},
  };
  for (const Row& row : rows) {
    INFO(row.choice);
    const model::Request request = decoded(kTool + ",\"tool_choice\":" + row.choice);
    REQUIRE(request.tool_choice);
    CHECK(request.tool_choice->kind == row.kind);
    CHECK(request.tool_choice->name == row.name);
    CHECK_FALSE(request.tool_choice->disable_parallel);
  }
  CHECK_FALSE(decoded(R"("tool_choice":"auto","tools":[])").tool_choice);
  CHECK_FALSE(decoded(kTool).tool_choice);
  CHECK_FALSE(decoded(kTool + R"(,"parallel_tool_calls":true)").tool_choice);
  const model::Request single = decoded(kTool + R"(,"parallel_tool_calls":false)");
  REQUIRE(single.tool_choice);
  CHECK(single.tool_choice->kind == ToolChoiceKind::kAuto);
  CHECK(single.tool_choice->disable_parallel);
}

TEST_CASE("structured output is the schema alone") {
  CHECK(decoded(R"("text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"}}})")
            .output_schema == R"({"type":"object"})");
  CHECK(decoded(R"("text":{"format":{"type":"text"},"verbosity":"low"})").output_schema.empty());
}

TEST_CASE("what the hub cannot hold is told") {
  const std::pair<const char*, const char*> rows[] = {
      {R"("store":true)", "store"},
      {R"("store":false,"background":false,"service_tier":"auto","truncation":"disabled")", ""},
      {R"("truncation":"auto")", "truncation"},
      {R"("metadata":{"a":"b"})", "metadata"},
      {R"("metadata":{},"max_tool_calls":null,"user":"u","include":["reasoning.encrypted_content"])",
       ""},
      {R"("max_tool_calls":3)", "max_tool_calls"},
      {R"("top_logprobs":0)", ""},
      {R"("top_logprobs":5)", "top_logprobs"},
      {R"("service_tier":"flex")", "service_tier"},
      {R"("text":{"format":{"type":"json_object"},"verbosity":"low"})",
       "text.verbosity; text.format (json_object)"},
      {R"("tools":[{"type":"local_shell"},{"type":"file_search"}])",
       "tools (local_shell); tools (file_search)"},
      {R"("made_up":1)", "made_up"},
  };
  for (const auto& [members, losses] : rows) {
    INFO(members);
    std::string told;
    const model::Request request = decoded(members);
    for (const model::Loss& loss : request.losses.all())
      told += (told.empty() ? "" : "; ") + loss.what;
    CHECK(told == losses);
  }
  const auto request = dialect().decode_request(
      R"({"model":"m","input":[{"role":"user","content":"a"},{"type":"web_search_call","id":"w"}]})");
  REQUIRE(request.ok());
  REQUIRE(request.value().losses.all().size() == 1);
  CHECK(request.value().losses.all()[0].what == "input (web_search_call)");
}

TEST_CASE("what is not kept here is refused in clear words") {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"input":"hi"})", "model"},
      {R"({"model":"m"})", "input"},
      {R"({"model":"m","input":5})", "input"},
      {R"({"model":"m","input":"hi","previous_response_id":"resp_1"})", "previous_response_id"},
      {R"({"model":"m","input":"hi","conversation":"conv_1"})", "conversation"},
      {R"({"model":"m","input":"hi","background":true})", "background"},
      {R"({"model":"m","input":"hi","prompt":{"id":"p"}})", "prompt"},
      {R"({"input":[],"model":"m","model":true})", "model"},
      {R"({"model":"m","input":"hi","input":"ho"})", "input"},
      {R"({"model":"m","input":"hi","stream":false,"stream":true})", "stream"},
      {"[]", ""},
      {"{", ""},
  };
  for (const auto& [body, path] : rows) {
    INFO(body);
    const auto request = dialect().decode_request(body);
    REQUIRE_FALSE(request.ok());
    CHECK(request.status().path() == path);
    CHECK(!request.status().message().empty());
  }
  decoded(R"("previous_response_id":null,"conversation":null,"background":false,"prompt":null)");
}

}  // namespace
}  // namespace tollgate::dialects::openai_responses
