#include "model/claude_model.hpp"

#include "support/catch.hpp"

namespace tollgate::model {
namespace {

TEST_CASE("ids of Claude models tell their version, wherever they are served") {
  struct Row {
    const char* id;
    uint32_t version;
    bool adaptive;
    bool budget;
    bool can_stop;
    bool effort;
  };
  const Row rows[] = {
      {"claude-sonnet-4-5-20250929", 405, false, true, true, false},
      {"us.anthropic.claude-sonnet-4-20250514-v1:0", 400, false, true, true, false},
      {"anthropic.claude-3-5-sonnet-20241022-v2:0", 305, false, false, true, false},
      {"anthropic.claude-3-7-sonnet-20250219-v1:0", 307, false, true, true, false},
      {"anthropic.claude-v2:1", 200, false, false, true, false},
      {"claude-haiku-4-5@20251001", 405, false, true, true, false},
      {"claude-opus-4-5-20251101", 405, false, true, true, true},
      {"global.anthropic.claude-opus-4-6-v1", 406, true, true, true, true},
      {"claude-opus-4.8", 408, true, true, true, true},
      {"claude-opus-5", 500, true, false, true, true},
      {"us.anthropic.claude-opus-5-5", 505, true, false, false, true},
      {"claude-fable-5-2", 502, true, false, false, true},
      {"claude-sonnet-5", 500, true, false, true, true},
      {"arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-haiku-5-5", 505, true,
       false, false, true},
      {"claude-opus-latest", ClaudeModel::kNewest, true, false, false, true},
  };
  for (const Row& row : rows) {
    INFO(row.id);
    const auto model = claude_model(row.id);
    REQUIRE(model);
    CHECK(model->version == row.version);
    CHECK(model->takes_adaptive() == row.adaptive);
    CHECK(model->takes_budget() == row.budget);
    CHECK(model->can_stop_thinking() == row.can_stop);
    CHECK(model->takes_effort() == row.effort);
  }
  CHECK_FALSE(claude_model("us.amazon.nova-2-lite-v1:0"));
  CHECK_FALSE(claude_model("claude"));
  CHECK_FALSE(claude_model(""));
}

}  // namespace
}  // namespace tollgate::model
