#include "dialects/anthropic_messages/through_model.hpp"
#include "support/catch.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

using model::BlockKind;

TEST_CASE("what the model says of a request") {
  const model::Request request = decoded_request(R"({
    "model":"team/claude","max_tokens":5,"stream":false,
    "system":[{"type":"text","text":"sys","cache_control":{"type":"ephemeral","ttl":"1h"}}],
    "tools":[{"name":"Read","description":"d","input_schema":{"type":"object"}},
             {"type":"web_search_20250305","name":"web_search","max_uses":3}],
    "tool_choice":{"type":"any","disable_parallel_tool_use":true},
    "thinking":{"type":"adaptive"},
    "output_format":{"type":"json_schema","schema":{"s":1}},
    "messages":[
      {"role":"user","content":"hi"},
      {"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},
        {"type":"tool_use","id":"i1","name":"Read","input":{"b":1,"a":2}}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"i1","is_error":true,
        "content":[{"type":"image","source":{"type":"base64","media_type":"image/png",
        "data":"AA"}}]}]},
      {"role":"system","content":"later"}]})");
  CHECK(request.model == "team/claude");
  CHECK(request.max_tokens == 5);
  CHECK_FALSE(request.stream);
  CHECK_FALSE(request.system_is_text);
  CHECK(request.system.at(0).cache->ttl == "1h");
  CHECK(request.tools.at(0).is_custom());
  CHECK(request.tools.at(0).input_schema == R"({"type":"object"})");
  CHECK_FALSE(request.tools.at(1).is_custom());
  CHECK(request.tools.at(1).max_uses == 3);
  CHECK(request.tool_choice->kind == model::ToolChoiceKind::kAny);
  CHECK(request.tool_choice->disable_parallel);
  CHECK(request.thinking.kind == model::ThinkingKind::kAdaptive);
  CHECK(request.output_schema == R"({"s":1})");
  REQUIRE(request.messages.size() == 4);
  CHECK(request.messages[0].content_is_text);
  CHECK(request.messages[1].content.at(0).signature == "s");
  CHECK(request.messages[1].content.at(1).kind == BlockKind::kToolUse);
  CHECK(request.messages[1].content.at(1).input == R"({"b":1,"a":2})");
  const model::Block& result = request.messages[2].content.at(0);
  CHECK(result.id == "i1");
  CHECK(result.is_error);
  CHECK(result.content.at(0).source->media_type == "image/png");
  CHECK(request.messages[3].role == model::Role::kSystem);
}

struct RefusalCase {
  const char* body;
  const char* message;
};

const RefusalCase kRefusalCases[] = {
    {"{", "The request body is not valid JSON: "},
    {"[]", "The request body should be a JSON object"},
    {R"({"messages":[]})", "model: Field required"},
    {R"({"model":7,"messages":[]})", "model: Input should be a valid string"},
    {R"({"model":"m"})", "messages: Field required"},
    {R"({"model":"m","messages":{}})", "messages: Input should be a valid list"},
    {R"({"model":"m","messages":[7]})", "messages.0: Input should be an object"},
    {R"({"model":"m","messages":[{"content":"x"}]})", "messages.0.role: Field required"},
    {R"({"model":"m","messages":[{"role":"robot","content":"x"}]})", "messages.0.role: Input"},
    {R"({"model":"m","messages":[{"role":"user"}]})", "messages.0.content: Field required"},
    {R"({"model":"m","messages":[{"role":"user","content":7}]})", "messages.0.content: Input"},
    {R"({"model":"m","messages":[{"role":"user","content":["x"]}]})",
     "messages.0.content.0: Input should be an object"},
    {R"({"model":"m","messages":[{"role":"user","content":[{"text":"x"}]}]})",
     "messages.0.content.0.type: Field required"},
    {R"({"model":"m","messages":[{"role":"user","content":"x"},{"role":"user","content":[
        {"type":"text","text":"x"},{"type":"text"}]}]})",
     "messages.1.content.1.text: Field required"},
    {R"({"model":"m","messages":[{"role":"user","content":[{"type":"tool_result",
        "tool_use_id":"i","content":[{"type":"image"}]}]}]})",
     "messages.0.content.0.content.0.source: Field required"},
    {R"({"model":"m","messages":[{"role":"user","content":[{"type":"tool_use","id":7}]}]})",
     "messages.0.content.0.id: Input should be a valid string"},
    {R"({"model":"m","messages":[],"tools":[7]})", "tools.0: Input should be an object"},
    {R"({"model":"m","messages":[],"system":[7]})", "system.0: Input should be an object"},
};

TEST_CASE("a request that cannot be understood is refused with its place") {
  for (const RefusalCase& row : kRefusalCases) {
    INFO(row.body);
    const auto request = dialect().decode_request(row.body);
    REQUIRE_FALSE(request.ok());
    CHECK(request.status().code() == Code::kInvalid);
    CHECK_THAT(request.status().message(), Catch::Matchers::StartsWith(row.message));
  }
}

}  // namespace
}  // namespace tollgate::dialects::anthropic_messages
