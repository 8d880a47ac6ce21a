#include "dialects/client_tools.hpp"

#include "json/reader.hpp"
#include "support/catch.hpp"

namespace tollgate::dialects {
namespace {

TEST_CASE("tools that Anthropic's models know become functions") {
  struct Row {
    const char* type;
    const char* name;
    const char* argument;  ///< In its schema; empty: nothing is known of it.
  };
  const Row rows[] = {
      {"bash_20250124", "bash", "command"},
      {"text_editor_20250728", "str_replace_based_edit_tool", "old_str"},
      {"memory_20250818", "memory", "new_path"},
      {"computer_20251124", "computer", ""},
      {"browser_toolset_20260801", "", ""},
      {"web_search_20250305", "web_search", ""},
      {"", "mine", ""},
      {"custom", "mine", ""},
  };
  for (const Row& row : rows) {
    INFO(row.type);
    model::Request request;
    model::Tool tool;
    tool.type = row.type;
    tool.name = row.name;
    request.tools = {tool};
    model::Losses losses;
    describe_client_tools(request, losses);
    const model::Tool& made = request.tools.at(0);
    if (row.argument[0] == '\0') {
      CHECK(made == tool);
      CHECK(losses.all().empty());
      continue;
    }
    CHECK(made.is_custom());
    CHECK(made.name == row.name);
    CHECK_FALSE(made.description.empty());
    json::Document document;
    const auto schema = document.parse(made.input_schema);
    REQUIRE(schema.ok());
    CHECK(schema.value()["properties"][row.argument].is_object());
    REQUIRE(losses.all().size() == 1);
    CHECK(losses.all()[0].what.find(row.type) != std::string::npos);
  }
}

TEST_CASE("what the client says of such a tool stays") {
  model::Request request;
  model::Tool tool;
  tool.type = "bash_20250124";
  tool.name = "sh";
  tool.description = "mine";
  tool.input_schema = "{}";
  request.tools = {tool};
  model::Losses losses;
  describe_client_tools(request, losses);
  CHECK(request.tools[0].description == "mine");
  CHECK(request.tools[0].input_schema == "{}");
}

}  // namespace
}  // namespace tollgate::dialects
