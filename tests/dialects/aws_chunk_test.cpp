#include "dialects/aws_chunk.hpp"

#include <string>

#include "base/base64.hpp"
#include "support/catch.hpp"

namespace tollgate::dialects {
namespace {

TEST_CASE("a chunk of InvokeModel is unwrapped") {
  CHECK(aws_chunk_payload(
            R"({"bytes":"eyJ0eXBlIjoiY29udGVudF9ibG9ja19kZWx0YSIsImluZGV4IjowLCJkZWx0YSI6eyJ0eXBl)"
            R"(IjoidGV4dF9kZWx0YSIsInRleHQiOiJIZWxsbyJ9fQ==","p":"abcd"})")
            .value() ==
        R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}})");
  struct Row {
    const char* name;
    const char* payload;
    const char* event;  ///< Empty: refused.
  };
  const Row rows[] = {
      {"without padding member", R"({"bytes":"e30="})", "{}"},
      {"bytes behind it", R"({"p":"abc","bytes":"e30="})", "{}"},
      {"a slash with an escape", R"({"bytes":"Ij8/Pz8i","q":"\/"})", R"("????")"},
      {"an escaped slash", R"({"bytes":"Ij8\/Pz8i"})", R"("????")"},
      {"no bytes", R"({"p":"abc"})", ""},
      {"empty bytes", R"({"bytes":""})", ""},
      {"no text", R"({"bytes":7})", ""},
      {"no base64", R"({"bytes":"e3?="})", ""},
      {"cut base64", R"({"bytes":"e30"})", ""},
      {"no object", "[]", ""},
      {"nothing", "", ""},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const Result<std::string> event = aws_chunk_payload(row.payload);
    REQUIRE(event.ok() == (row.event[0] != '\0'));
    if (event.ok()) CHECK(event.value() == row.event);
  }
}

TEST_CASE("what Bedrock adds to the last event goes, and nothing else") {
  struct Row {
    const char* name;
    const char* event;
    const char* without;
  };
  const Row rows[] = {
      {"at the end",
       R"({"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":9}})",
       R"({"type":"message_stop"})"},
      {"at the beginning",
       R"({"amazon-bedrock-invocationMetrics":{"a":[1]} , "type":"message_stop"})",
       R"({ "type":"message_stop"})"},
      {"between", R"({"a":1,"amazon-bedrock-invocationMetrics":{},"b":2})", R"({"a":1,"b":2})"},
      {"alone", R"({"amazon-bedrock-invocationMetrics":{}})", "{}"},
      {"in a text", R"({"delta":{"text":"amazon-bedrock-invocationMetrics"}})",
       R"({"delta":{"text":"amazon-bedrock-invocationMetrics"}})"},
      {"deeper", R"({"delta":{"amazon-bedrock-invocationMetrics":1}})",
       R"({"delta":{"amazon-bedrock-invocationMetrics":1}})"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const std::string payload = R"({"bytes":")" + base64_encode(row.event) + R"("})";
    CHECK(aws_chunk_payload(payload).value() == row.without);
  }
}

}  // namespace
}  // namespace tollgate::dialects
