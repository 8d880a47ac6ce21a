#include "dialects/openai_tools.hpp"

#include "support/catch.hpp"

using namespace tollgate;
using namespace tollgate::dialects;

namespace {

model::Tool tool(const std::string& name, const std::string& type = "") {
  model::Tool made;
  made.name = name;
  made.type = type;
  if (made.is_custom()) made.input_schema = R"({"type":"object","properties":{}})";
  return made;
}

void choose(model::Request& request, const std::string& name) {
  request.tool_choice = model::ToolChoice{model::ToolChoiceKind::kTool, name, false, ""};
}

}  // namespace

TEST_CASE("tools the client runs become functions") {
  model::Request request;
  request.tools = {tool("Read"), tool("Edit", "custom"), tool("bash", "bash_20250124"),
                   tool("str_replace_based_edit_tool", "text_editor_20250728")};
  request.tools[0].description = "Reads.";
  Translation translation;
  translation.tool_names.emplace_back("Edit", "Edit_1");
  const auto tools = openai_tools(request, translation, true);
  REQUIRE(tools.ok());
  REQUIRE(tools.value().functions.size() == 4);
  CHECK(tools.value().functions[0].description == "Reads.");
  CHECK(tools.value().functions[1].name == "Edit_1");
  CHECK_THAT(tools.value().functions[2].parameters, Catch::Matchers::Contains("\"restart\""));
  CHECK_THAT(tools.value().functions[3].parameters, Catch::Matchers::Contains("\"old_str\""));
  CHECK(translation.losses.all().empty());
}

TEST_CASE("tools nobody here can serve are refused where they are needed, and left out elsewhere") {
  struct {
    const char* name;
    std::vector<model::Tool> tools;
    const char* chosen;
    bool has_search;
    bool ok;
    size_t functions;
  } rows[] = {
      {"a search alone", {tool("web_search", "web_search_20250305")}, "", false, false, 0},
      {"a search that is forced",
       {tool("Read"), tool("web_search", "web_search_20250305")},
       "web_search",
       false,
       false,
       0},
      {"a search among others",
       {tool("Read"), tool("web_search", "web_search_20250305")},
       "",
       false,
       true,
       1},
      {"a search the upstream has",
       {tool("web_search", "web_search_20250305")},
       "web_search",
       true,
       true,
       0},
      {"code",
       {tool("code_execution", "code_execution_20250825"), tool("Read")},
       "",
       true,
       true,
       1},
      {"a computer", {tool("computer", "computer_20250124"), tool("Read")}, "", true, false, 0},
      {"a memory", {tool("memory", "memory_20250818"), tool("Read")}, "", true, true, 2},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    model::Request request;
    request.tools = row.tools;
    if (*row.chosen != 0) choose(request, row.chosen);
    Translation translation;
    translation.traits.web_search = row.has_search;
    const auto tools = openai_tools(request, translation, true);
    CHECK(tools.ok() == row.ok);
    if (!tools.ok()) {
      CHECK_THAT(tools.status().message(),
                 Catch::Matchers::Contains("is not available on this model."));
      continue;
    }
    CHECK(tools.value().functions.size() == row.functions);
    const bool searches = tools.value().web_search != nullptr;
    CHECK(searches == (row.has_search && row.functions == 0));
    const size_t left_out = row.tools.size() - row.functions - (searches ? 1 : 0);
    CHECK(translation.losses.all().size() == left_out);
  }
}

TEST_CASE("a dialect without a place for the search refuses it where it is needed") {
  model::Request request;
  request.tools = {tool("web_search", "web_search_20250305")};
  Translation translation;
  translation.traits.web_search = true;
  CHECK_FALSE(openai_tools(request, translation, false).ok());
  request.tools.push_back(tool("Read"));
  const auto tools = openai_tools(request, translation, false);
  REQUIRE(tools.ok());
  CHECK(tools.value().web_search == nullptr);
  CHECK(translation.losses.all().size() == 1);
}

TEST_CASE("the search is a tool among the most there may be") {
  model::Request request;
  request.tools = {tool("a"), tool("b"), tool("web_search", "web_search_20250305")};
  Translation translation;
  translation.traits.web_search = true;
  translation.traits.tools_max = 2;
  const auto refused = openai_tools(request, translation, true);
  REQUIRE_FALSE(refused.ok());
  CHECK_THAT(refused.status().message(),
             Catch::Matchers::Contains("at most 2 tools; the request has 3."));
  request.tools[1].defer_loading = true;
  CHECK(openai_tools(request, translation, true).value().functions.size() == 1);
}

TEST_CASE("what stands beside a tool and is not sent is noted") {
  model::Request request;
  request.tools = {tool("a"), tool("b")};
  request.tools[0].cache.emplace();
  request.tools[1].rest = R"("input_examples":[{}],"allowed_callers":["direct"])";
  Translation translation;
  REQUIRE(openai_tools(request, translation, true).ok());
  std::string losses;
  for (const model::Loss& loss : translation.losses.all())
    losses += loss.what + "; ";
  CHECK(losses == "cache_control; tools: input_examples; tools: allowed_callers; ");
}

TEST_CASE("too many tools lose the deferred ones nobody asked for, or are refused") {
  model::Request request;
  for (int i = 0; i < 130; ++i) {
    request.tools.push_back(tool("t" + std::to_string(i)));
    request.tools.back().defer_loading = i >= 126;
  }
  model::Block reference;
  reference.kind = model::BlockKind::kToolReference;
  reference.name = "t127";
  model::Block result;
  result.kind = model::BlockKind::kToolResult;
  result.content.push_back(reference);
  request.messages.push_back({model::Role::kUser, false, {result}, ""});
  Translation translation;
  const auto tools = openai_tools(request, translation, true);
  REQUIRE(tools.ok());
  CHECK(tools.value().functions.size() == 127);
  CHECK(tools.value().functions.back().name == "t127");
  CHECK(translation.losses.all().size() == 3);

  for (model::Tool& each : request.tools)
    each.defer_loading = false;
  const auto refused = openai_tools(request, translation, true);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.status().message() ==
        "This upstream accepts at most 128 tools; the request has 130. Disable some MCP servers.");
  translation.traits.tools_max = 130;
  CHECK(openai_tools(request, translation, true).ok());
}

TEST_CASE("deferred tools go out while there is room") {
  model::Request request;
  request.tools = {tool("a"), tool("b")};
  request.tools[1].defer_loading = true;
  Translation translation;
  CHECK(openai_tools(request, translation, true).value().functions.size() == 2);
}

TEST_CASE("strict is kept where the schema and the server allow it") {
  const char* clean = R"({"type":"object","properties":{},"additionalProperties":false})";
  struct {
    const char* name;
    const char* schema;
    bool server;
    bool strict;
  } rows[] = {{"clean", clean, true, true},
              {"a server without", clean, false, false},
              {"open", R"({"type":"object"})", true, false}};
  for (const auto& row : rows) {
    INFO(row.name);
    model::Request request;
    request.tools = {tool("a")};
    request.tools[0].input_schema = row.schema;
    request.tools[0].strict = true;
    Translation translation;
    translation.traits.strict_tools = row.server;
    CHECK(openai_tools(request, translation, true).value().functions[0].strict == row.strict);
    CHECK(translation.losses.all().size() == (row.strict ? 0U : 1U));
  }
}

TEST_CASE("a description that is too long ends at a sentence and stands in the system prompt") {
  model::Request request;
  request.tools = {tool("a"), tool("b")};
  request.tools[0].description =
      "One sentence, caf\xC3\xA9. Another sentence that is longer than what fits.";
  request.tools[1].description = "Short.";
  Translation translation;
  translation.lessons.push_back({model::LessonKind::kDescriptionMax, "30"});
  const auto tools = openai_tools(request, translation, true).value();
  CHECK(tools.functions[0].description == "One sentence, caf\xC3\xA9.");
  CHECK(tools.functions[1].description == "Short.");
  CHECK(tools.system_text == "## Tool: a\n" + request.tools[0].description);
  CHECK(translation.losses.all().size() == 1);
}
