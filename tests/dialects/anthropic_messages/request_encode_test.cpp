#include "dialects/anthropic_messages/through_model.hpp"
#include "dialects/recorded_requests.hpp"
#include "dialects/same_json.hpp"
#include "support/catch.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

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
    const model::Request request = decoded_request(body);
    const std::string again = encoded_request(request);
    INFO(again);
    CHECK(test::json_difference(body, again).empty());
    CHECK(decoded_request(again) == request);
  }
}

TEST_CASE("the upstream gets its own name of the model") {
  Translation translation;
  translation.target_model = "claude-sonnet-5";
  std::string out;
  const model::Request request = decoded_request(R"({"model":"mine","messages":[]})");
  REQUIRE(dialect().encode_request(request, translation, out).ok());
  CHECK(decoded_request(out).model == "claude-sonnet-5");
}

TEST_CASE("a request that generates has a bound") {
  const model::Request request = decoded_request(R"({"model":"m","messages":[]})");
  for (const int64_t known : {int64_t{0}, int64_t{64000}}) {
    Translation translation;
    translation.facts.output_tokens_max = known;
    std::string out;
    REQUIRE(dialect().encode_request(request, translation, out).ok());
    CHECK(decoded_request(out).max_tokens == (known == 0 ? 4096 : known));
  }
}

TEST_CASE("requests Claude Code sent survive the way through the model") {
  const auto recorded = test::recorded_requests();
  for (const test::RecordedRequest& recording : recorded) {
    INFO(recording.name);
    const model::Request request = decoded_request(recording.body);
    const std::string again = encoded_request(request);
    CHECK(test::json_difference(recording.body, again).empty());
    CHECK(decoded_request(again) == request);
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

TEST_CASE("sampling is what the model takes of it") {
  model::Request request;
  request.max_tokens = 10;
  request.temperature = 1.5;
  request.top_p = 0.5;
  Translation translation;
  std::string out;
  REQUIRE(dialect().encode_request(request, translation, out).ok());
  CHECK(out.find("\"temperature\":1,\"top_p\":0.5") != std::string::npos);
  REQUIRE(translation.losses.all().size() == 1);
  CHECK(translation.losses.all()[0].kind == model::LossKind::kClamped);
  Translation without;
  without.facts.takes_sampling = false;
  out.clear();
  REQUIRE(dialect().encode_request(request, without, out).ok());
  CHECK(out.find("temperature") == std::string::npos);
  CHECK(out.find("top_p") == std::string::npos);
  CHECK(without.losses.all().size() == 1);
}

}  // namespace
}  // namespace tollgate::dialects::anthropic_messages
