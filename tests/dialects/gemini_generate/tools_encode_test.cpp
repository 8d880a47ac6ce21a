#include "dialects/gemini_generate/member_case.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

const MoreCase kMembers[] = {
    {"no tools, no choice", "gemini-3.6-flash", R"j("tool_choice":{"type":"any"})j", "toolConfig",
     "null", "tool_choice"},
    {"any tool", "gemini-3.6-flash",
     R"j("tools":[{"name":"f","description":"d","input_schema":{"type":"object"}}],
      "tool_choice":{"type":"any"})j",
     "toolConfig", R"j({"functionCallingConfig":{"mode":"ANY"}})j", ""},
    {"one tool", "gemini-3.6-flash",
     R"j("tools":[{"name":"f","input_schema":{"type":"object"}}],
      "tool_choice":{"type":"tool","name":"f"})j",
     "toolConfig", R"j({"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}})j",
     ""},
    {"no tool", "gemini-3.6-flash",
     R"j("tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"none"})j",
     "toolConfig", R"j({"functionCallingConfig":{"mode":"NONE"}})j", ""},
    {"strict tools", "gemini-3.6-flash",
     R"j("tools":[{"name":"f","input_schema":{"type":"object"},"strict":true}])j", "toolConfig",
     R"j({"functionCallingConfig":{"mode":"VALIDATED"}})j", ""},
    {"a choice of a tool that is not there", "gemini-3.6-flash",
     R"j("tools":[{"name":"f","input_schema":{"type":"object"}}],
      "tool_choice":{"type":"tool","name":"g"})j",
     "toolConfig", "null", "tool_choice"},
    {"tools", "gemini-3.6-flash",
     R"j("tools":[{"name":"f","description":"d","input_schema":{"type":"object","properties":
      {"a":{"type":"string","default":"x"}}},"eager_input_streaming":true,"defer_loading":true}])j",
     "tools",
     R"j([{"functionDeclarations":[{"name":"f","description":"d","parametersJsonSchema":
      {"type":"object","properties":{"a":{"type":"string"}}}}]}])j",
     "tools.defer_loading"},
    {"tools of an old model", "gemini-2.0-flash",
     R"j("tools":[{"name":"f","description":"d","input_schema":{"type":"object","properties":{}}},
      {"name":"g","input_schema":{"type":"object","properties":{"a":{"type":"string"}}}}])j",
     "tools",
     R"j([{"functionDeclarations":[{"name":"f","description":"d"},{"name":"g","parameters":
      {"type":"object","properties":{"a":{"type":"string"}}}}]}])j",
     ""},
    {"a tool whose schema Anthropic's models know", "gemini-3.6-flash",
     R"j("tools":[{"type":"bash_20250124","name":"bash"}])j", "tools",
     R"j([{"functionDeclarations":[{"name":"bash",
      "description":"Run a command in a persistent bash session.","parametersJsonSchema":
      {"type":"object","properties":{"command":{"type":"string","description":"The command to run."},
      "restart":{"type":"boolean","description":"Restart the session instead."}}}}]}])j",
     "tool bash_20250124 -> a function"},
    {"web search", "gemini-2.5-flash",
     R"j("tools":[{"type":"web_search_20250305","name":"web_search","max_uses":8}],
      "tool_choice":{"type":"tool","name":"web_search"})j",
     "tools", R"j([{"googleSearch":{}}])j", "tools.max_uses"},
};

TEST_CASE("tools and the choice among them") {
  for (const MoreCase& row : kMembers)
    check_member(row);
}

TEST_CASE("more tools than the server takes") {
  std::string tools = "\"tools\":[";
  for (int i = 0; i < 600; ++i) {
    tools += (i > 0 ? "," : "") + std::string("{\"name\":\"t") + std::to_string(i) +
             "\",\"input_schema\":{\"type\":\"object\"}}";
  }
  Translation translation = translation_to("gemini-2.5-flash");
  const std::string out =
      encoded(request_text(R"j([{"role":"user","content":"go"},{"role":"assistant","content":[
        {"type":"tool_use","id":"toolu_a","name":"t599","input":{}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_a","content":"x"}]}])j",
                           tools + "]"),
              translation);
  test::GeminiServer server;
  server.generation = 2;
  CHECK(test::gemini_refusals(out, server).empty());
  CHECK(has_loss(translation, "tools 600 -> 512"));
  CHECK(out.find("\"name\":\"t599\",\"parametersJsonSchema\"") != std::string::npos);
}

}  // namespace
}  // namespace tollgate::dialects::gemini_generate
