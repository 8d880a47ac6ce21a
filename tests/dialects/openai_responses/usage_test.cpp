#include "dialects/openai_responses/parts.hpp"
#include "dialects/openai_responses/through.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

TEST_CASE("counters do not overlap") {
  struct Row {
    const char* name;
    std::string usage;
    int64_t input;
    int64_t read;
    int64_t written;
    int64_t output;
  };
  const Row rows[] = {
      {"plain", R"({"input_tokens":10,"output_tokens":5,"total_tokens":15})", 10, 0, 0, 5},
      {"cached",
       R"({"input_tokens":100,"input_tokens_details":{"cached_tokens":64},"output_tokens":5})", 36,
       64, 0, 5},
      {"cached and written",
       R"({"input_tokens":100,"input_tokens_details":{"cached_tokens":64,"cache_write_tokens":20},)"
       R"("output_tokens":5})",
       16, 64, 20, 5},
      {"cached is not in the prompt",
       R"({"input_tokens":10,"input_tokens_details":{"cached_tokens":64},"output_tokens":5})", 10,
       64, 0, 5},
      {"the total tells the rest", R"({"input_tokens":10,"total_tokens":25})", 10, 0, 0, 15},
      {"negative",
       R"({"input_tokens":10,"input_tokens_details":{"cached_tokens":-5},"output_tokens":5})", 10,
       0, 0, 5},
  };
  json::Document document;
  for (const Row& row : rows) {
    INFO(row.name);
    const auto parsed = document.parse(row.usage);
    REQUIRE(parsed.ok());
    const model::UsagePatch patch = read_usage(parsed.value(), Translation(), 0);
    CHECK(patch.input == row.input);
    CHECK(patch.cache_read == row.read);
    CHECK(patch.cache_write == row.written);
    CHECK(patch.output == row.output);
  }
}

TEST_CASE("usage that nobody told is estimated, never nothing") {
  Translation translation;
  translation.input_tokens_estimate = 77;
  const model::UsagePatch patch = read_usage(json::Value(), translation, 300);
  CHECK(patch.input == 77);
  CHECK(patch.output == 101);
  translation.input_tokens_estimate = 0;
  CHECK(read_usage(json::Value(), translation, 0).input == 1);
}

TEST_CASE("written usage is read again as it was") {
  model::Usage usage;
  usage.tokens.input = 16;
  usage.tokens.cache_read = 64;
  usage.tokens.cache_write_5m = 20;
  usage.tokens.output = 5;
  usage.reasoning = 3;
  std::string out;
  json::Writer writer(out);
  write_usage(usage, Translation(), writer);
  CHECK(
      out ==
      R"({"input_tokens":100,"input_tokens_details":{"cached_tokens":64,"cache_write_tokens":20},)"
      R"("output_tokens":5,"output_tokens_details":{"reasoning_tokens":3},"total_tokens":105})");
  json::Document document;
  const auto parsed = document.parse(out);
  REQUIRE(parsed.ok());
  model::Usage again;
  model::merge(again, read_usage(parsed.value(), Translation(), 0));
  CHECK(again == usage);
}

TEST_CASE("a client is never told an empty prompt") {
  Translation translation;
  translation.input_tokens_estimate = 9;
  std::string out;
  json::Writer writer(out);
  write_usage(model::Usage(), translation, writer);
  CHECK(out.find("\"input_tokens\":9,") != std::string::npos);
}

}  // namespace
}  // namespace tollgate::dialects::openai_responses
