#include "model/request_facts.hpp"

#include "support/catch.hpp"

using namespace tollgate::model;

TEST_CASE("facts are read off a decoded request") {
  Request request;
  request.model = "m";
  request.stream = true;
  request.max_tokens = 9;
  request.thinking.kind = ThinkingKind::kEnabled;
  request.thinking.budget_tokens = 1024;
  request.output_schema = "{}";
  request.tools.resize(2);
  request.tools[0].input_schema = "{}";
  request.tools[1].type = "web_search_20250305";
  Message message;
  Block result;
  result.kind = BlockKind::kToolResult;
  Block image;
  image.kind = BlockKind::kImage;
  result.content.push_back(image);
  message.content.push_back(result);
  request.messages.push_back(message);
  const RequestFacts facts = facts_of(request);
  CHECK(facts.model == "m");
  CHECK(facts.stream);
  CHECK(facts.max_tokens == 9);
  CHECK(facts.thinking_budget == 1024);
  CHECK(facts.tool_count == 2);
  CHECK(facts.server_tool_count == 1);
  CHECK(facts.message_count == 1);
  CHECK(facts.has_images);
  CHECK_FALSE(facts.has_documents);
  CHECK_FALSE(facts.has_thinking_blocks);
  CHECK(facts.wants_thinking);
  CHECK(facts.wants_structured_output);
}

TEST_CASE("a plain request asks for nothing special") {
  const RequestFacts facts = facts_of(Request());
  CHECK_FALSE(facts.wants_thinking);
  CHECK_FALSE(facts.wants_structured_output);
  CHECK_FALSE(facts.has_images);
  CHECK(facts.tool_count == 0);
}

Block text_of(std::string text) {
  Block block;
  block.text = std::move(text);
  return block;
}

TEST_CASE("text, binary data and failed tools are counted as they stand in the messages") {
  Request request;
  request.system = {text_of("not of a message")};
  Message first;
  first.content = {text_of("12345")};
  Block early;
  early.kind = BlockKind::kToolResult;
  early.is_error = true;
  first.content.push_back(early);
  Block result;
  result.kind = BlockKind::kToolResult;
  result.is_error = true;
  Block image;
  image.kind = BlockKind::kImage;
  image.source = Source{SourceKind::kBase64, "image/png", "QUJDRA==", {}};
  result.content = {text_of("123"), image};
  Block linked;
  linked.kind = BlockKind::kImage;
  linked.source = Source{SourceKind::kUrl, {}, "https://pictures.example/a.png", {}};
  Block call;
  call.kind = BlockKind::kToolUse;
  call.input = R"({"path":"a.txt"})";
  Message last;
  last.content = {result, linked, call, text_of("12")};
  request.messages = {first, last};
  const RequestFacts facts = facts_of(request);
  CHECK(facts.text_bytes == 10);
  CHECK(facts.last_message_bytes == 5);
  CHECK(facts.binary_bytes == 8);
  CHECK(facts.tool_error_count == 1);
}
