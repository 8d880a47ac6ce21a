#include "dialects/bedrock_converse/betas.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

TEST_CASE("only betas that Bedrock knows go on, by its names, each once") {
  using List = std::vector<std::string>;
  struct Row {
    const char* name;
    const char* list;
    model::Lessons lessons;
    List taken;
    size_t losses;
  };
  const Row rows[] = {
      {"none", "", {}, {}, 0},
      {"known", "context-1m-2025-08-07", {}, {"context-1m-2025-08-07"}, 0},
      {"unknown", "claude-code-20250219,oauth-2025-04-20", {}, {}, 2},
      {"renamed, and given twice",
       " advanced-tool-use-2025-11-20 , tool-search-tool-2025-10-19,,",
       {},
       {"tool-search-tool-2025-10-19"},
       1},
      {"one was refused",
       "context-1m-2025-08-07,effort-2025-11-24",
       {{model::LessonKind::kDropField, "anthropic_beta.effort-2025-11-24"}},
       {"context-1m-2025-08-07"},
       1},
      {"all were refused",
       "context-1m-2025-08-07",
       {{model::LessonKind::kDropField, "anthropic_beta"}},
       {},
       1},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    model::Losses losses;
    CHECK(bedrock_betas(row.list, row.lessons, losses) == row.taken);
    CHECK(losses.all().size() == row.losses);
  }
}

}  // namespace
}  // namespace tollgate::dialects::bedrock_converse
