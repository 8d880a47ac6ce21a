#include "dialects/bedrock_converse/family.hpp"

#include "dialects/bedrock_converse/converse_support.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

TEST_CASE("a model's id names its family") {
  struct Row {
    const char* id;
    FamilyKind kind;
    bool caches;
    bool tool_choice;
    uint32_t stop_sequences_max;
  };
  const Row rows[] = {
      {"us.anthropic.claude-opus-5-5", FamilyKind::kClaude, true, true, 4},
      {"arn:aws:bedrock:us-east-1:1:inference-profile/eu.anthropic.claude-sonnet-5",
       FamilyKind::kClaude, true, true, 4},
      {"us.amazon.nova-2-lite-v1:0", FamilyKind::kNova2, true, true, 4},
      {"amazon.nova-pro-v1:0", FamilyKind::kNova, true, true, 4},
      {"openai.gpt-oss-120b-1:0", FamilyKind::kGptOss, false, true, 4},
      {"us.deepseek.r1-v1:0", FamilyKind::kDeepSeek, false, false, 4},
      {"us.meta.llama4-scout-17b-instruct-v1:0", FamilyKind::kOther, false, false, 0},
      {"mistral.mistral-large-2407-v1:0", FamilyKind::kOther, false, true, 4},
      {"arn:aws:bedrock:us-east-1:1:application-inference-profile/abcd", FamilyKind::kOther, false,
       true, 4},
  };
  for (const Row& row : rows) {
    INFO(row.id);
    const Family& family = family_of(row.id);
    CHECK(family.kind == row.kind);
    CHECK(family.caches == row.caches);
    CHECK(family.tool_choice == row.tool_choice);
    CHECK(family.stop_sequences_max == row.stop_sequences_max);
  }
}

}  // namespace
}  // namespace tollgate::dialects::bedrock_converse
