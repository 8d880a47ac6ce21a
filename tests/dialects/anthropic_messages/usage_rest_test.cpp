#include "dialects/anthropic_messages/usage_rest.hpp"

#include "dialects/anthropic_messages/answer_splice.hpp"
#include "support/catch.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

struct RestCase {
  const char* name;
  const char* usage;
  const char* rest;
};

const RestCase kRestCases[] = {
    {"all that is known",
     R"({"input_tokens":1,"output_tokens":2,"cache_read_input_tokens":3,"speed":"standard",
         "cache_creation":{"ephemeral_5m_input_tokens":0},"service_tier":"standard",
         "server_tool_use":{"web_search_requests":0},"output_tokens_details":{"thinking_tokens":0},
         "iterations":[]})",
     ""},
    {"counters are never raw", R"({"input_tokens":null,"output_tokens":"7"})", ""},
    {"null says nothing and stays", R"({"server_tool_use":null,"iterations":null})",
     R"("server_tool_use":null,"iterations":null)"},
    {"what is unknown", R"({"a":[1.50],"input_tokens":1,"b":{}})", R"("a":[1.50],"b":{})"},
};

TEST_CASE("what encoding would not write stays raw") {
  for (const RestCase& row : kRestCases) {
    INFO(row.name);
    json::Document document;
    const auto parsed = document.parse(row.usage);
    REQUIRE(parsed.ok());
    CHECK(usage_rest(parsed.value(), row.usage, read_usage(parsed.value())) == row.rest);
  }
}

TEST_CASE("what another event said is not written beside it") {
  model::UsagePatch patch;
  patch.cache_write_5m = 1;
  CHECK(usage_rest(R"("cache_creation":{"odd":0},"a":1,"speed":7)", patch) == R"("a":1,"speed":7)");
  CHECK(usage_rest("", patch).empty());
}

TEST_CASE("iterations keep their unknown members") {
  const std::string_view text =
      R"({"x":1,"iterations":[{"type":"message","input_tokens":1,"model":null,"speed":"fast"},
          {"type":"compaction","cache_creation":{"ephemeral_1h_input_tokens":5}}]})";
  json::Document document;
  const auto parsed = document.parse(text);
  REQUIRE(parsed.ok());
  const model::UsagePatch patch = read_usage_whole(parsed.value(), text);
  REQUIRE(patch.iterations->size() == 2);
  CHECK((*patch.iterations)[0].rest == R"("model":null,"speed":"fast")");
  CHECK((*patch.iterations)[1].rest.empty());
  CHECK((*patch.iterations)[1].tokens.cache_write_1h == 5);
}

}  // namespace
}  // namespace tollgate::dialects::anthropic_messages
