#include "support/gemini_rules.hpp"

#include "support/catch.hpp"

namespace tollgate::test {
namespace {

struct RuleCase {
  const char* name;
  const char* body;
  const char* says;
};

const RuleCase kRules[] = {
    {"unknown member", R"j({"contents":[{"role":"user","parts":[{"text":"a"}]}],"model":"m"})j",
     "Unknown name \"model\""},
    {"no contents", "{}", "contents is not specified"},
    {"an empty text", R"j({"contents":[{"role":"user","parts":[{"text":""}]}]})j", "empty text"},
    {"two roles in a row", R"j({"contents":[{"role":"user","parts":[{"text":"a"}]},
      {"role":"user","parts":[{"text":"a"}]}]})j",
     "alternate"},
    {"the model first", R"j({"contents":[{"role":"model","parts":[{"text":"a"}]}]})j", "alternate"},
    {"a missing result", R"j({"contents":[{"role":"user","parts":[{"text":"a"}]},
      {"role":"model","parts":[{"functionCall":{"name":"f","args":{}},"thoughtSignature":"YQ=="}]},
      {"role":"user","parts":[{"text":"b"}]}]})j",
     "number of function response"},
    {"a late result", R"j({"contents":[{"role":"user","parts":[{"text":"a"}]},
      {"role":"model","parts":[{"functionCall":{"name":"f","args":{}},"thoughtSignature":"YQ=="}]},
      {"role":"user","parts":[{"text":"b"},{"functionResponse":{"name":"f","response":{}}}]}]})j",
     "behind other parts"},
    {"an orphan", R"j({"contents":[{"role":"user","parts":[
      {"functionResponse":{"name":"f","response":{}}}]}]})j",
     "without its call"},
    {"a missing signature", R"j({"contents":[{"role":"user","parts":[{"text":"a"}]},
      {"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]},
      {"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]}]})j",
     "missing a thought_signature"},
    {"a wrong signature", R"j({"contents":[{"role":"user","parts":[{"text":"a"}]},
      {"role":"model","parts":[{"functionCall":{"name":"f","args":{}},"thoughtSignature":"YmFk"}]},
      {"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]}]})j",
     "Corrupted"},
    {"a keyword of a schema", R"j({"contents":[{"role":"user","parts":[{"text":"a"}]}],
      "tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"object","properties":
      {"a":{"type":"integer","exclusiveMinimum":1}}}}]}]})j",
     "exclusiveMinimum"},
    {"a budget for a model with levels", R"j({"contents":[{"role":"user","parts":[{"text":"a"}]}],
      "generationConfig":{"thinkingConfig":{"thinkingBudget":5}}})j",
     "budget is not supported"},
    {"a long answer", R"j({"contents":[{"role":"user","parts":[{"text":"a"}]}],
      "generationConfig":{"maxOutputTokens":70000}})j",
     "out of range"},
    {"a moving picture", R"j({"contents":[{"role":"user","parts":[
      {"inlineData":{"mimeType":"image/gif","data":"YQ=="}}]}]})j",
     "Unsupported MIME type"},
    {"a choice without tools", R"j({"contents":[{"role":"user","parts":[{"text":"a"}]}],
      "toolConfig":{"functionCallingConfig":{"mode":"ANY"}}})j",
     "without function_declarations"},
};

TEST_CASE("the strict server refuses what the real one refuses") {
  GeminiServer server;
  server.signatures = {"YQ=="};
  for (const RuleCase& row : kRules) {
    INFO(row.name);
    const auto wrong = gemini_refusals(row.body, server);
    bool said = false;
    for (const std::string& line : wrong)
      said = said || line.find(row.says) != std::string::npos;
    CHECK(said);
  }
  CHECK(gemini_refusals(R"j({"contents":[{"role":"user","parts":[{"text":"a"}]}]})j", server)
            .empty());
}

}  // namespace
}  // namespace tollgate::test
