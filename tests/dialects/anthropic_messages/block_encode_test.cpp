#include "dialects/anthropic_messages/through_model.hpp"
#include "dialects/same_json.hpp"
#include "support/catch.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

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
    const model::Request request = decoded_request(body);
    const std::string again = encoded_request(request);
    INFO(again);
    CHECK(test::json_difference(body, again).empty());
    CHECK(decoded_request(again) == request);
  }
}

}  // namespace
}  // namespace tollgate::dialects::anthropic_messages
