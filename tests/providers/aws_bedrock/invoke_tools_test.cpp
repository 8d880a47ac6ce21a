#include "providers/aws_bedrock/invoke_tools.hpp"

#include "support/catch.hpp"

namespace tollgate::providers::aws_bedrock {
namespace {

TEST_CASE("tools lose what Bedrock refuses, and not a byte more") {
  struct Row {
    const char* name;
    const char* tools;
    std::vector<std::string> betas;
    const char* expected;  ///< Empty: they stay as they are.
  };
  const std::vector<std::string> search = {"tool-search-tool-2025-10-19"};
  const Row rows[] = {
      {"plain ones", R"([ {"name":"a", "input_schema":{"type":"object"}} ])", {}, ""},
      {"kinds the client runs",
       R"([{"type":"bash_20250124","name":"bash"},{"type":"custom"}])",
       {},
       ""},
      {"deferred, without its beta",
       R"([{"name":"a","defer_loading":true,"description":"x  y"},{"name":"b"}])",
       {},
       R"([{"name":"a","description":"x  y"},{"name":"b"}])"},
      {"deferred, with it", R"([{"name":"a","defer_loading":true}])", search, ""},
      {"never taken", R"([{"name":"a","eager_input_streaming":true,"allowed_callers":["x"]}])",
       search, R"([{"name":"a"}])"},
      {"tool search, without its beta",
       R"([{"type":"tool_search_tool_regex_20251119","name":"t"},{"name":"b"}])",
       {},
       R"([{"name":"b"}])"},
      {"tool search, with it", R"([{"type":"tool_search_tool_regex_20251119","name":"t"}])", search,
       ""},
      {"no list", R"({"a":1})", {}, ""},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    std::string out;
    model::Losses losses;
    REQUIRE(invoke_tools(row.tools, row.betas, out, losses).ok());
    CHECK(out == row.expected);
    CHECK(losses.all().empty() == out.empty());
  }
}

TEST_CASE("a tool that runs at Anthropic only is refused in words") {
  for (const char* type : {"web_search_20250305", "code_execution_20250825", "mcp_toolset"}) {
    std::string out;
    model::Losses losses;
    const Status status =
        invoke_tools(R"([{"type":")" + std::string(type) + R"("}])", {}, out, losses);
    CHECK(status.code() == Code::kInvalid);
    CHECK(status.message().find(type) != std::string::npos);
  }
}

}  // namespace
}  // namespace tollgate::providers::aws_bedrock
