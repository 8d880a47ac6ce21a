#include "dialects/openai_chat/usage.hpp"

#include "dialects/same_json.hpp"
#include "support/catch.hpp"

using namespace tollgate;
using namespace tollgate::dialects::openai_chat;

namespace {

struct Row {
  const char* name;
  const char* json;
  int64_t input;
  int64_t cached;
  int64_t written;
  int64_t output;
};

}  // namespace

TEST_CASE("usage of every server becomes counters that do not overlap") {
  const Row rows[] = {
      {"OpenAI",
       R"({"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,"prompt_tokens_details":{"cached_tokens":64},"completion_tokens_details":{"reasoning_tokens":8}})",
       36, 64, 0, 20},
      {"xAI counts reasoning beside",
       R"({"prompt_tokens":250,"completion_tokens":11,"total_tokens":483,"completion_tokens_details":{"reasoning_tokens":222}})",
       250, 0, 0, 233},
      {"DeepSeek",
       R"({"prompt_tokens":339,"completion_tokens":83,"total_tokens":422,"prompt_cache_hit_tokens":320})",
       19, 320, 0, 83},
      {"Moonshot",
       R"({"prompt_tokens":100,"completion_tokens":3,"total_tokens":103,"cached_tokens":40})", 60,
       40, 0, 3},
      {"with writes",
       R"({"prompt_tokens":100,"completion_tokens":1,"total_tokens":101,"prompt_tokens_details":{"cached_tokens":10,"cache_write_tokens":50}})",
       40, 10, 50, 1},
      {"cached beside the prompt",
       R"({"prompt_tokens":5,"completion_tokens":1,"total_tokens":6,"prompt_tokens_details":{"cached_tokens":50}})",
       5, 50, 0, 1},
      {"no total", R"({"prompt_tokens":5,"completion_tokens":1})", 5, 0, 0, 1},
      {"a wrong total", R"({"prompt_tokens":5,"completion_tokens":1,"total_tokens":1})", 5, 0, 0,
       1},
      {"nulls",
       R"({"prompt_tokens":5,"completion_tokens":1,"total_tokens":6,"prompt_tokens_details":null})",
       5, 0, 0, 1},
      {"less than nothing", R"({"prompt_tokens":-5,"completion_tokens":1e99})", 0, 0, 0, 0},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    json::Document document;
    const model::UsagePatch patch = read_usage(document.parse(row.json).value());
    CHECK(patch.input == row.input);
    CHECK(patch.cache_read == row.cached);
    CHECK(patch.cache_write == row.written);
    CHECK(patch.output == row.output);
  }
}

TEST_CASE("usage is told with the whole prompt") {
  model::Usage usage;
  usage.tokens = {10, 20, 3, 4, 5};
  usage.reasoning = 2;
  std::string out;
  json::Writer writer(out);
  write_usage(usage, writer);
  CHECK(
      test::json_difference(
          out,
          R"({"prompt_tokens":37,"completion_tokens":5,"total_tokens":42,"prompt_tokens_details":{"cached_tokens":20,"cache_write_tokens":7},"completion_tokens_details":{"reasoning_tokens":2}})") ==
      "");
}
