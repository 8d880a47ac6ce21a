#include "dialects/anthropic_messages/blocks.hpp"
#include "support/catch.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

Status decoded(std::string_view text, model::Block& block) {
  json::Document document;
  const auto parsed = document.parse(text);
  REQUIRE(parsed.ok());
  return decode_block(parsed.value(), text, block);
}

struct KindCase {
  const char* text;
  model::BlockKind kind;
  const char* type;
  const char* rest;
};

const KindCase kKindCases[] = {
    {R"({"text":"a","type":"text","new":[1]})", model::BlockKind::kText, "", R"("new":[1])"},
    {R"({"type":"tool_use","id":"i","name":"n","input":{}})", model::BlockKind::kToolUse, "", ""},
    {R"({"type":"mcp_tool_use","id":"i","name":"n","input":{},"server_name":"s"})",
     model::BlockKind::kServerToolUse, "mcp_tool_use", R"("server_name":"s")"},
    {R"({"type":"advisor_tool_result","tool_use_id":"i","content":{}})",
     model::BlockKind::kServerToolResult, "advisor_tool_result", ""},
    {R"({"type":"fallback","from":{"model":"m"}})", model::BlockKind::kOther, "fallback",
     R"("from":{"model":"m"})"},
    {R"({"type":"tool_result","tool_use_id":"i","is_error":false,"content":[]})",
     model::BlockKind::kToolResult, "", R"("is_error":false,"content":[])"},
};

TEST_CASE("a block's kind, and what stays raw") {
  for (const KindCase& row : kKindCases) {
    INFO(row.text);
    model::Block block;
    REQUIRE(decoded(row.text, block).ok());
    CHECK(block.kind == row.kind);
    CHECK(block.type == row.type);
    CHECK(block.rest == row.rest);
  }
}

TEST_CASE("a call's input is an object, whatever its client sent") {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"a": 1.50})", R"({"a": 1.50})"},
      {"null", R"({"__unparsedToolInput":"null"})"},
      {"true", R"({"__unparsedToolInput":"true"})"},
  };
  for (const auto& [input, kept] : rows) {
    INFO(input);
    model::Block block;
    const std::string text =
        R"({"type":"tool_use","id":"i","name":"n","input":)" + std::string(input) + "}";
    REQUIRE(decoded(text, block).ok());
    CHECK(block.input == kept);
  }
}

struct FaultCase {
  const char* text;
  const char* path;
};

const FaultCase kFaultCases[] = {
    {"7", ""},
    {"{}", "type"},
    {R"({"type":"thinking","signature":"s"})", "thinking"},
    {R"({"type":"redacted_thinking"})", "data"},
    {R"({"type":"image","source":"x"})", "source"},
    {R"({"type":"tool_reference"})", "tool_name"},
    {R"({"type":"tool_result","tool_use_id":"i","content":[{"type":"text"}]})", "content.0.text"},
    {R"({"type":"document","source":{"type":"content","content":[7]}})", "source.content.0"},
};

TEST_CASE("a block that means nothing is refused with its place") {
  for (const FaultCase& row : kFaultCases) {
    INFO(row.text);
    model::Block block;
    const Status status = decoded(row.text, block);
    CHECK(status.code() == Code::kInvalid);
    CHECK(status.path() == row.path);
  }
}

TEST_CASE("no text decides how deep blocks nest") {
  std::string text = R"({"type":"text","text":"x"})";
  for (int i = 0; i < 100; ++i)
    text = R"({"type":"tool_result","tool_use_id":"i","content":[)" + text + "]}";
  model::Block block;
  REQUIRE(decoded(text, block).ok());
  size_t depth = 0;
  for (const model::Block* at = &block; !at->content.empty(); at = &at->content[0])
    ++depth;
  CHECK(depth == 4);
}

}  // namespace
}  // namespace tollgate::dialects::anthropic_messages
