#include "dialects/gemini_generate/tool_ids.hpp"

#include "support/catch.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

TEST_CASE("the upstream's id can be read off the client's") {
  Translation translation;
  std::vector<std::string> seen;
  const std::string marked = client_call_id("grBScFvZ", seen, translation);
  CHECK(marked == "toolu_g_grBScFvZ");
  CHECK(upstream_tool_id(marked) == "grBScFvZ");
  for (const char* odd : {"", "a b", "grBScFvZ"}) {
    const std::string own = client_call_id(odd, seen, translation);
    CHECK(own.size() == 30);
    CHECK(upstream_tool_id(own).empty());
  }
  const std::string longer(80, 'x');
  CHECK(upstream_tool_id(client_call_id(longer, seen, translation)).empty());
  CHECK(upstream_tool_id("call_1").empty());
  CHECK(upstream_tool_id("toolu_01ABCdef").empty());
}

}  // namespace
}  // namespace tollgate::dialects::gemini_generate
