#include <string>

#include "dialects/bedrock_converse/converse_support.hpp"
#include "json/splice.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

constexpr const char* kTool =
    R"({"name":"get_weather","description":"d","input_schema":{"type":"object","properties":{}}})";
constexpr const char* kSpec =
    R"({"toolSpec":{"name":"get_weather","description":"d",
        "inputSchema":{"json":{"type":"object","properties":{}}}}})";

std::string request(std::string_view tools, std::string_view more = "",
                    std::string_view messages = R"([{"role":"user","content":"hi"}])") {
  return R"({"model":"m","max_tokens":100,"messages":)" + std::string(messages) + R"(,"tools":[)" +
         std::string(tools) + "]" + std::string(more) + "}";
}

/// A conversation with one call and its result.
constexpr const char* kHistory =
    R"([{"role":"user","content":"a"},
        {"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"get_weather",
          "input":{"city":"Paris"}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1",
          "content":"sunny"}]}])";

std::string member(const std::string& body, std::string_view key) {
  const auto span = json::find_span(body, {key});
  return span ? body.substr(span->offset, span->size) : std::string();
}

TEST_CASE("tools and choices are encoded as each family takes them") {
  struct Row {
    const char* name;
    std::string_view model;
    std::string body;
    std::string config;  ///< toolConfig; empty: none.
    const char* fields = "";
    const char* loss = "";
  };
  const std::string spec = std::string(R"({"tools":[)") + kSpec + "]";
  const Row rows[] = {
      {"a tool", kNova2, request(kTool), spec + "}"},
      {"auto is what no choice means", kNova2, request(kTool, R"(,"tool_choice":{"type":"auto"})"),
       spec + "}"},
      {"any", kNova2, request(kTool, R"(,"tool_choice":{"type":"any"})"),
       spec + R"(,"toolChoice":{"any":{}}})"},
      {"one by name", kClaude, request(kTool, R"(,"tool_choice":{"type":"tool",
                                              "name":"get_weather"})"),
       spec + R"(,"toolChoice":{"tool":{"name":"get_weather"}}})"},
      {"none, without history", kClaude, request(kTool, R"(,"tool_choice":{"type":"none"})"), "",
       "", "tools (tool_choice none)"},
      {"none, with history", kClaude, request(kTool, R"(,"tool_choice":{"type":"none"})", kHistory),
       spec + "}", "", "tool_choice none -> auto"},
      {"forced, where it cannot be", kLlama, request(kTool, R"(,"tool_choice":{"type":"any"})"),
       spec + "}", "", "tool_choice -> auto"},
      {"one call an answer, Claude", kClaude,
       request(kTool, R"(,"tool_choice":{"type":"any","disable_parallel_tool_use":true})"),
       spec + "}", R"({"tool_choice":{"type":"any","disable_parallel_tool_use":true}})"},
      {"no description, no schema", kNova2, request(R"({"name":"t","input_schema":{}})"),
       R"({"tools":[{"toolSpec":{"name":"t","description":"t",
           "inputSchema":{"json":{"type":"object"}}}}]})"},
      {"a cache mark between tools, Claude", kClaude,
       request(R"({"name":"t","description":"d","input_schema":{"type":"object"},
                   "cache_control":{"type":"ephemeral"}})"),
       R"({"tools":[{"toolSpec":{"name":"t","description":"d",
           "inputSchema":{"json":{"type":"object"}}}},{"cachePoint":{"type":"default"}}]})"},
      {"a cache mark between tools, Nova", kNova2,
       request(R"({"name":"t","description":"d","input_schema":{"type":"object"},
                   "cache_control":{"type":"ephemeral"}})"),
       R"({"tools":[{"toolSpec":{"name":"t","description":"d",
           "inputSchema":{"json":{"type":"object"}}}}]})",
       "", "tools.cache_control"},
      {"members Converse has not", kClaude,
       request(R"({"name":"t","description":"d","input_schema":{"type":"object"},"strict":true,
                   "defer_loading":true,"eager_input_streaming":true})"),
       R"({"tools":[{"toolSpec":{"name":"t","description":"d",
           "inputSchema":{"json":{"type":"object"}},"strict":true}}]})",
       "", "tools.eager_input_streaming"},
      {"Claude's own kinds, told to another", kLlama,
       request(R"({"type":"bash_20250124","name":"bash"})"),
       R"({"tools":[{"toolSpec":{"name":"bash",
           "description":"Run a command in a persistent bash session.","inputSchema":{"json":
           {"type":"object","properties":{"command":{"type":"string",
            "description":"The command to run."},"restart":{"type":"boolean",
            "description":"Restart the session instead."}}}}}}]})",
       "", "tool bash_20250124 -> a function"},
      {"Claude's own kinds", kClaude, request(R"({"type":"bash_20250124","name":"bash"})"), "",
       R"({"tools":[{"type":"bash_20250124","name":"bash"}]})"},
      {"a search of the model's own", kNova2,
       request(R"({"type":"web_search_20250305","name":"web_search","max_uses":3})"),
       R"({"tools":[{"systemTool":{"name":"nova_grounding"}}]})", "", "nova_grounding"},
      {"tool search, nothing deferred", kClaude,
       request(std::string(R"({"type":"tool_search_tool_regex_20251119",
                               "name":"tool_search_tool_regex"},)") +
               kTool),
       spec + "}", "", "tool_search_tool"},
      {"history without tools", kLlama, request("", "", kHistory),
       R"({"tools":[{"toolSpec":{"name":"no_tool_available",
           "description":"There is no tool at this point. Do not call this one.",
           "inputSchema":{"json":{"type":"object","properties":{}}}}}]})"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Translation translation = translation_to(row.model);
    const std::string out = encoded(row.body, translation);
    const std::string config = member(out, "toolConfig");
    CHECK(test::json_difference(config.empty() ? "{}" : config,
                                row.config.empty() ? "{}" : row.config) == "");
    const std::string fields = member(out, "additionalModelRequestFields");
    CHECK(test::json_difference(fields.empty() ? "{}" : fields,
                                row.fields[0] == '\0' ? "{}" : row.fields) == "");
    if (row.loss[0] != '\0') CHECK(has_loss(translation, row.loss));
  }
}

TEST_CASE("tools that nobody can run here are refused in words") {
  struct Row {
    const char* name;
    std::string_view model;
    const char* tool;
  };
  const Row rows[] = {
      {"web search", kClaude, R"({"type":"web_search_20250305","name":"web_search"})"},
      {"code execution", kNova2, R"({"type":"code_execution_20250825","name":"code_execution"})"},
      {"the screen", kLlama, R"({"type":"computer_20251124","name":"computer"})"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Translation translation = translation_to(row.model);
    std::string out;
    const Status status = dialect().encode_request(request_of(request(row.tool)), translation, out);
    CHECK(status.code() == Code::kInvalid);
    CHECK(status.message().find(row.model) != std::string::npos);
  }
}

TEST_CASE("what an upstream taught is not sent again") {
  const auto out = [](std::string_view field, const std::string& body) {
    Translation translation = translation_to(kClaude);
    translation.lessons = {{model::LessonKind::kDropField, std::string(field)}};
    return encoded(body, translation);
  };
  CHECK(out("cachePoint", request(R"({"name":"t","description":"d",
            "input_schema":{"type":"object"},"cache_control":{"type":"ephemeral"}})"))
            .find("cachePoint") == std::string::npos);
  CHECK(out("toolChoice", request(kTool, R"(,"tool_choice":{"type":"any"})")).find("toolChoice") ==
        std::string::npos);
  CHECK(out("stopSequences", request(kTool, R"(,"stop_sequences":["X"])")).find("stopSequences") ==
        std::string::npos);
  CHECK(out("system", request(kTool, R"(,"system":"s")")).find(R"("system")") == std::string::npos);
  CHECK(out("thinking", request(kTool, R"(,"thinking":{"type":"adaptive"})")).find("thinking") ==
        std::string::npos);
}

}  // namespace
}  // namespace tollgate::dialects::bedrock_converse
