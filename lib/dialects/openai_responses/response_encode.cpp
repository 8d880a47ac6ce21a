#include "dialects/openai_responses/answer_encode.hpp"
#include "dialects/openai_responses/parts.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

/// The result block that belongs to a web search.
std::string_view results_of(const model::Response& response, const std::string& id) {
  for (const model::Block& block : response.content) {
    if (block.kind == model::BlockKind::kServerToolResult && block.id == id) return block.input;
  }
  return {};
}

}  // namespace

void encode_response(const model::Response& response, Translation& translation, std::string& out) {
  AnswerHead head;
  head.id = translation.make_id("resp_");
  head.model = translation.requested_model.empty() ? response.model : translation.requested_model;
  head.usage = &response.usage;
  set_status(response.stop_reason, head);
  json::Writer items(head.output);
  for (const model::Block& block : response.content) {
    const ClientItem item = client_item(block);
    if (item == ClientItem::kNone || (item == ClientItem::kText && block.text.empty())) continue;
    write_client_item(block, item, client_item_id(item, translation),
                      results_of(response, block.id), false, items);
  }
  json::Writer writer(out);
  write_answer(head, translation, writer);
}

}  // namespace tollgate::dialects::openai_responses
