#include <set>

#include "dialects/dialect.hpp"
#include "support/catch.hpp"

namespace tollgate::dialects {
namespace {

TEST_CASE("ids are drawn from the seed and never twice") {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Translation translation;
    Translation twin;
    translation.id_seed = seed;
    twin.id_seed = seed;
    for (int i = 0; i < 50; ++i) {
      const std::string id = translation.make_id("toolu_");
      CHECK(id == twin.make_id("toolu_"));
      CHECK(id.size() == 30);
      CHECK(id.starts_with("toolu_"));
      CHECK(seen.insert(id).second);
    }
  }
}

TEST_CASE("tool names are translated in both directions") {
  Translation translation;
  translation.tool_names = {{"mcp__server__tool", "mcp_a1"}, {"other", "o"}};
  CHECK(translation.upstream_tool_name("other") == "o");
  CHECK(translation.client_tool_name("mcp_a1") == "mcp__server__tool");
  CHECK(translation.upstream_tool_name("Bash") == "Bash");
  CHECK(translation.client_tool_name("Bash") == "Bash");
}

}  // namespace
}  // namespace tollgate::dialects
