#include <string>

#include "dialects/bedrock_converse/converse_support.hpp"
#include "dialects/bedrock_converse/parts.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

TEST_CASE("counters of Converse do not overlap, and other spellings say nothing more") {
  struct Row {
    const char* name;
    const char* usage;
    model::Tokens tokens;
  };
  const Row rows[] = {
      {"plain", R"({"inputTokens":7,"outputTokens":5,"totalTokens":12})", {7, 0, 0, 0, 5}},
      {"caches, twice told",
       R"({"inputTokens":2,"outputTokens":5,"cacheReadInputTokens":3,"cacheReadInputTokenCount":3,
           "cacheWriteInputTokens":4,"cacheWriteInputTokenCount":4,"serverToolUsage":{}})",
       {2, 3, 4, 0, 5}},
      {"lives of what was written",
       R"({"inputTokens":2,"outputTokens":5,"cacheWriteInputTokens":10,
           "cacheDetails":[{"ttl":"5m","inputTokens":4},{"ttl":"1h","inputTokens":6}]})",
       {2, 0, 4, 6, 5}},
      {"nonsense", R"({"inputTokens":"x","outputTokens":-3,"cacheDetails":7})", {0, 0, 0, 0, 0}},
      {"nothing", "null", {0, 0, 0, 0, 0}},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    json::Document document;
    const auto parsed = document.parse(row.usage);
    REQUIRE(parsed.ok());
    model::Usage usage;
    merge(usage, read_usage(parsed.value()));
    CHECK(usage.tokens == row.tokens);
  }
}

}  // namespace
}  // namespace tollgate::dialects::bedrock_converse
