#include "dialects/openai_responses/answer_encode.hpp"

#include "dialects/carriage.hpp"
#include "support/catch.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

using model::Block;
using model::BlockKind;

Block block_of(BlockKind kind, const std::string& text) {
  Block block;
  block.kind = kind;
  block.text = text;
  return block;
}

std::string item_of(const Block& block, const std::string& sources = "") {
  const ClientItem item = client_item(block);
  std::string out;
  json::Writer writer(out);
  write_client_item(block, item, "id_1", sources, false, writer);
  return out;
}

TEST_CASE("blocks are items as OpenAI's clients know them") {
  Block call = block_of(BlockKind::kToolUse, "");
  call.id = "call_1";
  call.name = "f";
  Block freeform = call;
  freeform.name = "apply_patch__freeform";
  freeform.input = R"({"input":"*** Begin"})";
  Block search = call;
  search.kind = BlockKind::kServerToolUse;
  search.name = "web_search";
  search.input = R"({"query":"rain"})";
  Block cited = block_of(BlockKind::kText, "Grüße");
  cited.citations = R"([{"type":"web_search_result_location","url":"https://e.org","title":"E"}])";
  Block signed_thought = block_of(BlockKind::kThinking, "hm");
  signed_thought.signature = "EqQB";
  struct Row {
    const char* name;
    Block block;
    std::string sources;
    std::string item;
  };
  const Row rows[] = {
      {"text", block_of(BlockKind::kText, "Hi"), "",
       R"({"id":"id_1","type":"message","status":"completed","role":"assistant","content":[)"
       R"({"type":"output_text","text":"Hi","annotations":[],"logprobs":[]}]})"},
      {"cited text", cited, "",
       R"({"id":"id_1","type":"message","status":"completed","role":"assistant","content":[)"
       R"({"type":"output_text","text":"Grüße","annotations":[{"type":"url_citation",)"
       R"("url":"https://e.org","title":"E","start_index":0,"end_index":5}],"logprobs":[]}]})"},
      {"thinking", signed_thought, "",
       R"({"id":"id_1","type":"reasoning","summary":[{"type":"summary_text","text":"hm"}],)"
       R"("encrypted_content":"tgs.EqQB"})"},
      {"redacted thinking", block_of(BlockKind::kRedactedThinking, "secret"), "",
       R"({"id":"id_1","type":"reasoning","summary":[],"encrypted_content":"tgx.secret"})"},
      {"a call", call, "",
       R"({"id":"id_1","type":"function_call","status":"completed","call_id":"call_1","name":"f",)"
       R"("arguments":"{}"})"},
      {"a custom tool's call", freeform, "",
       R"({"id":"id_1","type":"custom_tool_call","status":"completed","call_id":"call_1",)"
       R"("name":"apply_patch","input":"*** Begin"})"},
      {"a search", search, R"([{"type":"web_search_result","url":"https://e.org"}])",
       R"({"id":"id_1","type":"web_search_call","status":"completed","action":{"type":"search",)"
       R"("query":"rain","sources":[{"type":"url","url":"https://e.org"}]}})"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(item_of(row.block, row.sources) == row.item);
  }
  Block carried = block_of(BlockKind::kThinking, "");
  carried.signature = seal_carriage({"a/b", "0", "r", ""});
  CHECK(item_of(carried).find("\"encrypted_content\":\"tg1.") != std::string::npos);
  CHECK(client_item(block_of(BlockKind::kServerToolResult, "")) == ClientItem::kNone);
}

TEST_CASE("ids tell what an item is") {
  Translation translation;
  CHECK(client_item_id(ClientItem::kText, translation).starts_with("msg_"));
  CHECK(client_item_id(ClientItem::kCall, translation).starts_with("fc_"));
  CHECK(client_item_id(ClientItem::kThinking, translation).starts_with("rs_"));
}

TEST_CASE("a custom tool's text, whatever the model made of it") {
  CHECK(freeform_input(R"({"input":"x"})") == "x");
  CHECK(freeform_input(R"({"patch":"x"})") == R"({"patch":"x"})");
  CHECK(freeform_input("{broken") == "{broken");
  CHECK(freeform_name("apply_patch__freeform") == "apply_patch");
}

TEST_CASE("endings have their status") {
  struct Row {
    model::StopReason reason;
    const char* status;
    const char* why;
  };
  const Row rows[] = {
      {model::StopReason::kEndTurn, "completed", ""},
      {model::StopReason::kToolUse, "completed", ""},
      {model::StopReason::kStopSequence, "completed", ""},
      {model::StopReason::kMaxTokens, "incomplete", "max_output_tokens"},
      {model::StopReason::kContextWindow, "incomplete", "max_output_tokens"},
      {model::StopReason::kRefusal, "incomplete", "content_filter"},
  };
  for (const Row& row : rows) {
    AnswerHead head;
    set_status(row.reason, head);
    CHECK(head.status == row.status);
    CHECK(head.incomplete_reason == row.why);
  }
}

}  // namespace
}  // namespace tollgate::dialects::openai_responses
