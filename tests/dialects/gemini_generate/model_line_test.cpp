#include "dialects/gemini_generate/model_line.hpp"

#include "support/catch.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

struct LineCase {
  const char* id;
  ThinkingControl thinking;
  const char* levels;  ///< Or the least and the most of a budget.
  bool signs;
  bool json_schemas;
  int64_t output;
};

const LineCase kLines[] = {
    {"gemini-2.5-pro", ThinkingControl::kBudget, "128-32768", false, true, 65'536},
    {"gemini-2.5-flash", ThinkingControl::kBudget, "1-24576 or none", false, true, 65'536},
    {"gemini-2.5-flash-lite", ThinkingControl::kBudget, "512-24576 or none", false, true, 65'536},
    {"gemini-2.0-flash", ThinkingControl::kNone, "", false, false, 8'192},
    {"gemini-1.5-pro-002", ThinkingControl::kNone, "", false, false, 8'192},
    {"gemini-3-pro-preview", ThinkingControl::kLevel, "low high", true, true, 65'536},
    {"gemini-3.1-pro-preview", ThinkingControl::kLevel, "low medium high", true, true, 65'536},
    {"gemini-3-flash-preview", ThinkingControl::kLevel, "minimal low medium high", true, true,
     65'536},
    {"gemini-3.6-flash", ThinkingControl::kLevel, "minimal low medium high", true, true, 65'536},
    {"gemini-3.7-flash", ThinkingControl::kLevel, "low medium high", true, true, 65'536},
    {"gemini-4-argon", ThinkingControl::kLevel, "low medium high", true, true, 65'536},
    {"gemini-4-hydrogen", ThinkingControl::kLevel, "low medium high xhigh", true, true, 65'536},
    {"models/gemini-2.5-flash", ThinkingControl::kBudget, "1-24576 or none", false, true, 65'536},
    {"gemini-flash-latest", ThinkingControl::kLevel, "minimal low medium high", true, true, 65'536},
    {"gemini-2.5-flash-image", ThinkingControl::kNone, "", false, true, 65'536},
    {"gemma-3-27b-it", ThinkingControl::kNone, "", false, false, 0},
    {"", ThinkingControl::kNone, "", false, false, 0},
};

TEST_CASE("what models take is read off their names") {
  for (const LineCase& row : kLines) {
    INFO(row.id);
    const ModelLine line = model_line(row.id);
    CHECK(line.thinking == row.thinking);
    std::string told;
    if (line.thinking == ThinkingControl::kBudget) {
      told = std::to_string(line.budget_min) + "-" + std::to_string(line.budget_max) +
             (line.can_rest ? " or none" : "");
    }
    for (const std::string_view level : line.levels) {
      if (!level.empty()) told += (told.empty() ? "" : " ") + std::string(level);
    }
    CHECK(told == row.levels);
    CHECK(line.wants_signatures == row.signs);
    CHECK(line.media_in_results == row.signs);
    CHECK(line.schema_beside_tools == row.signs);
    CHECK(line.json_schemas == row.json_schemas);
    CHECK(line.output_tokens_max == row.output);
  }
  CHECK(model_line("gemini-4-argon").output_tokens_max_whole == 32'768);
  CHECK(model_line("gemini-3.6-flash").output_tokens_max_whole == 65'536);
}

}  // namespace
}  // namespace tollgate::dialects::gemini_generate
