#include "model/stream_unfold.hpp"

#include "model/stream_fold.hpp"
#include "support/catch.hpp"

using namespace tollgate::model;

namespace {

Block block(BlockKind kind, std::string text) {
  Block made;
  made.kind = kind;
  made.text = std::move(text);
  return made;
}

Response everything() {
  Response response;
  response.id = "msg_1";
  response.model = "m";
  response.rest = "\"container\":null";
  response.content.push_back(block(BlockKind::kThinking, "hm"));
  response.content.back().signature = "sig";
  response.content.push_back(block(BlockKind::kRedactedThinking, "data"));
  response.content.push_back(block(BlockKind::kText, "Hello"));
  response.content.back().citations = R"([{"url":"a"},{"url":"b"}])";
  response.content.push_back(block(BlockKind::kText, ""));
  response.content.push_back(block(BlockKind::kToolUse, ""));
  response.content.back().id = "toolu_1";
  response.content.back().name = "Read";
  response.content.back().input = R"({"a":1})";
  response.content.push_back(block(BlockKind::kServerToolResult, ""));
  response.content.back().type = "web_search_tool_result";
  response.content.back().input = "[]";
  response.stop_reason = StopReason::kStopSequence;
  response.stop_sequence = "END";
  response.has_stop_sequence = true;
  response.stop_details = "{}";
  response.usage.tokens = {10, 20, 3, 4, 50};
  response.usage.reasoning = 7;
  response.usage.web_searches = 1;
  response.usage.service_tier = "standard";
  response.usage_rest = "\"x\":1";
  return response;
}

}  // namespace

TEST_CASE("a whole answer told as a stream is the same answer") {
  Response refused;
  refused.stop_reason = StopReason::kOther;
  refused.stop_reason_name = "odd";
  const std::pair<const char*, Response> rows[] = {
      {"everything", everything()}, {"nothing", Response()}, {"odd end", refused}};
  for (const auto& [name, response] : rows) {
    INFO(name);
    std::vector<StreamEvent> events;
    unfold(response, events);
    StreamFold fold;
    for (const StreamEvent& event : events)
      REQUIRE(fold.add(event).ok());
    REQUIRE(fold.complete());
    CHECK(fold.response() == response);
  }
}

TEST_CASE("what can come in pieces comes behind its block's start") {
  std::vector<StreamEvent> events;
  unfold(everything(), events);
  for (const StreamEvent& event : events) {
    if (event.kind != StreamEventKind::kBlockStart) continue;
    CHECK((event.block.kind == BlockKind::kRedactedThinking || event.block.text.empty()));
    if (event.block.kind == BlockKind::kToolUse) CHECK(event.block.input == "{}");
  }
}
