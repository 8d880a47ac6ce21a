// request_decode.cpp and request_encode.cpp, block_decode.cpp and block_encode.cpp.

#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/recorded_requests.hpp"
#include "dialects/same_json.hpp"
#include "support/catch.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

using model::BlockKind;

model::Request decoded(std::string_view body) {
  const auto request = dialect().decode_request(body);
  INFO((request.ok() ? "" : request.status().message()));
  REQUIRE(request.ok());
  return request.value();
}

std::string encoded(const model::Request& request) {
  Translation translation;
  if (!request.max_tokens) translation.operation = Operation::kCountTokens;
  std::string out;
  REQUIRE(dialect().encode_request(request, translation, out).ok());
  return out;
}

struct RoundTripCase {
  const char* name;
  const char* members;  ///< Beside model and messages.
};

const RoundTripCase kRoundTripCases[] = {
    {"nothing more", R"("max_tokens":1)"},
    {"all that is known",
     R"("max_tokens":64000,"stream":true,"temperature":0.7,"top_p":1.0,"top_k":40,
        "stop_sequences":["a","b"],"service_tier":"auto","speed":"fast",
        "metadata":{"user_id":"u","more":1},"thinking":{"type":"enabled","budget_tokens":1024,
        "display":"omitted","block_binding":{"a":1}},
        "output_config":{"effort":"high","format":{"type":"json_schema","schema":{"b":1,"a":2}},
        "task_budget":{"type":"tokens","total":5}},
        "context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]})"},
    {"what is unknown", R"("inference_geo":"us","container":{"id":"c"},"x":[1.50,{"y":null}])"},
    {"empty and null",
     R"("tools":[],"stop_sequences":[],"metadata":{},"output_config":{},"thinking":null,
        "system":[],"temperature":null,"speed":null,"tool_choice":null,"service_tier":"")"},
    {"a system text", R"("system":"be brief")"},
    {"an empty system text", R"("system":"")"},
    {"system blocks",
     R"("system":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},
        {"type":"text","text":"b","cache_control":{"type":"ephemeral","ttl":"1h","scope":"global"}}])"},
    {"tools", R"("tools":[{"name":"Bash","description":"","input_schema":{"z":1,"a":2},
        "strict":false,"defer_loading":true,"eager_input_streaming":true},
        {"type":"custom","name":"c","input_schema":{},"cache_control":{"type":"ephemeral"}},
        {"type":null,"name":"n","defer_loading":false,"strict":null},
        {"type":"web_search_20250305","name":"web_search","max_uses":8,"allowed_domains":["a"]},
        {"type":"mcp_toolset","mcp_server_name":"m"}],
        "tool_choice":{"type":"tool","name":"web_search","disable_parallel_tool_use":true})"},
    {"explicit defaults", R"("tool_choice":{"type":"auto","disable_parallel_tool_use":false})"},
    {"kinds to come", R"("tool_choice":{"type":"new"},"thinking":{"type":"new","a":1},
        "output_config":{"format":{"type":"grammar","lark":"x"}},"context_management":7)"},
};

TEST_CASE("a request survives the way through the model") {
  for (const RoundTripCase& row : kRoundTripCases) {
    INFO(row.name);
    const std::string body = R"({"model":"m","messages":[{"role":"user","content":"hi"}],)" +
                             std::string(row.members) + "}";
    const model::Request request = decoded(body);
    const std::string again = encoded(request);
    INFO(again);
    CHECK(test::json_difference(body, again).empty());
    CHECK(decoded(again) == request);
  }
}

const char* const kBlocks[] = {
    R"({"type":"text","text":"a"})",
    R"({"type":"text","text":"","citations":[]})",
    R"({"type":"text","text":"a","citations":null,"new":{"b":1}})",
    R"({"type":"text","text":"\u0000\ud83d\ude00 \u2028","cache_control":{"type":"ephemeral"}})",
    R"({"type":"text","text":"a","cache_control":null})",
    R"({"type":"text","text":"a","cache_control":{"type":"eternal"}})",
    R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}})",
    R"({"type":"image","source":{"type":"url","url":"https://x"},"transformations":{"a":1}})",
    R"({"type":"image","source":{"type":"file","file_id":"f"}})",
    R"({"type":"image","source":{"type":"carrier_pigeon","name":"Bo"}})",
    R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"d"},
        "title":"t","context":"c","citations":{"enabled":true}})",
    R"({"type":"document","source":{"type":"content","content":"d"},"title":null})",
    R"({"type":"document","source":{"type":"content","content":[{"type":"text","text":"x"},
        {"type":"image","source":{"type":"url","url":"u","more":1}}]},"title":""})",
    R"({"type":"search_result","source":"s","title":"t","content":[{"type":"text","text":"x"}],
        "citations":{"enabled":true}})",
    R"({"type":"thinking","thinking":"","signature":"sig"})",
    R"({"type":"thinking","thinking":"t","signature":""})",
    R"({"type":"redacted_thinking","data":"d"})",
    R"({"type":"tool_use","id":"i","name":"n","input":{"b":1.0,"a":[{}]},"caller":{"type":"x"}})",
    R"({"type":"tool_result","tool_use_id":"i"})",
    R"({"type":"tool_result","tool_use_id":"i","content":""})",
    R"({"type":"tool_result","tool_use_id":"i","content":[],"is_error":false})",
    R"({"type":"tool_result","tool_use_id":"i","content":"x","is_error":true})",
    R"({"type":"tool_result","tool_use_id":"i","content":[{"type":"text","text":"x"},
        {"type":"tool_reference","tool_name":"t"},{"type":"browser_state","url":"u"},
        {"type":"document","source":{"type":"content","content":[{"type":"tool_result",
        "tool_use_id":"j","content":[{"type":"tool_result","tool_use_id":"k","content":[
        {"type":"text","deeper":"than the API goes"}]}]}]}}]})",
    R"({"type":"server_tool_use","id":"i","name":"web_search","input":{"q":1}})",
    R"({"type":"mcp_tool_use","id":"i","name":"n","input":{},"server_name":"s"})",
    R"({"type":"web_search_tool_result","tool_use_id":"i","content":[{"a":1}],"caller":{}})",
    R"({"type":"web_fetch_tool_result","tool_use_id":"i","content":{"type":"e"}})",
    R"({"type":"mcp_tool_result","tool_use_id":"i","is_error":false,"content":[]})",
    R"({"type":"compaction","content":null})",
    R"({"type":"never_heard_of","text":7,"cache_control":{"type":"ephemeral"}})",
};

TEST_CASE("every block survives the way through the model") {
  for (const char* block : kBlocks) {
    INFO(block);
    const std::string body =
        R"({"model":"m","messages":[{"role":"assistant","id":"x","content":[)" +
        std::string(block) + R"(]},{"role":"system","content":"s"}]})";
    const model::Request request = decoded(body);
    const std::string again = encoded(request);
    INFO(again);
    CHECK(test::json_difference(body, again).empty());
    CHECK(decoded(again) == request);
  }
}

TEST_CASE("what the model says of a request") {
  const model::Request request = decoded(R"({
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

TEST_CASE("the upstream gets its own name of the model") {
  Translation translation;
  translation.target_model = "claude-sonnet-5";
  std::string out;
  const model::Request request = decoded(R"({"model":"mine","messages":[]})");
  REQUIRE(dialect().encode_request(request, translation, out).ok());
  CHECK(decoded(out).model == "claude-sonnet-5");
}

TEST_CASE("a request that generates has a bound") {
  const model::Request request = decoded(R"({"model":"m","messages":[]})");
  for (const int64_t known : {int64_t{0}, int64_t{64000}}) {
    Translation translation;
    translation.output_tokens_max = known;
    std::string out;
    REQUIRE(dialect().encode_request(request, translation, out).ok());
    CHECK(decoded(out).max_tokens == (known == 0 ? 4096 : known));
  }
}

TEST_CASE("requests Claude Code sent survive the way through the model") {
  const auto recorded = test::recorded_requests();
  for (const test::RecordedRequest& recording : recorded) {
    INFO(recording.name);
    const model::Request request = decoded(recording.body);
    const std::string again = encoded(request);
    CHECK(test::json_difference(recording.body, again).empty());
    CHECK(decoded(again) == request);
    for (const model::Tool& tool : request.tools) {
      // Schemas keep their order and spelling: prompt caches read bytes.
      if (!tool.input_schema.empty()) {
        CHECK(recording.body.find(tool.input_schema) != std::string::npos);
        CHECK(again.find(tool.input_schema) != std::string::npos);
      }
    }
  }
  if (!test::recordings("claude-code", ".json").empty()) CHECK(recorded.size() >= 10);
}

}  // namespace
}  // namespace tollgate::dialects::anthropic_messages
