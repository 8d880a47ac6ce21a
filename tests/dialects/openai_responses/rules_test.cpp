#include "support/catch.hpp"
#include "support/openai_responses_rules.hpp"

namespace tollgate::test {
namespace {

const std::string kHi = R"({"type":"message","role":"user","content":"hi"})";
const std::string kTool =
    R"({"type":"function","name":"f","parameters":{"type":"object","properties":{}},"strict":false})";
const std::string kCall = R"({"type":"function_call","call_id":"c1","name":"f","arguments":"{}"})";
const std::string kOutput = R"({"type":"function_call_output","call_id":"c1","output":"ok"})";
const std::string kReasoning =
    R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"x"})";

std::string body(const std::string& items, const std::string& members = "") {
  return R"({"model":"m","store":false,"input":[)" + items + "]" +
         (members.empty() ? "" : "," + members) + "}";
}

TEST_CASE("the rules take what the service takes") {
  for (const std::string& request :
       {body(kHi), body(kHi, "\"tools\":[" + kTool + R"(],"tool_choice":"required")"),
        body(kHi + "," + kReasoning + "," + kCall + "," + kOutput + "," + kHi)}) {
    INFO(request);
    CHECK(responses_refusals(request).empty());
  }
}

TEST_CASE("the rules refuse what the service refuses") {
  const std::pair<const char*, std::string> rows[] = {
      {"no JSON", "{"},
      {"no input", R"({"model":"m","store":false})"},
      {"an empty input", body("")},
      {"an unknown member", body(kHi, R"("stop":["x"])")},
      {"a member twice", body(kHi, R"("top_logprobs":1,"top_logprobs":1)")},
      {"stored", R"({"model":"m","input":"hi","store":true})"},
      {"a limit too small", body(kHi, R"("max_output_tokens":1)")},
      {"sampling while it reasons", body(kHi, R"("temperature":1)")},
      {"an effort it has not", body(kHi, R"("reasoning":{"effort":"minimal"})")},
      {"an identity too long", body(kHi, R"("safety_identifier":")" + std::string(65, 'x') + "\"")},
      {"stream options without a stream",
       body(kHi, R"("stream_options":{"include_obfuscation":false})")},
      {"a choice without tools", body(kHi, R"("tool_choice":"auto")")},
      {"a choice of no tool",
       body(kHi, "\"tools\":[" + kTool + R"(],"tool_choice":{"type":"function","name":"g"})")},
      {"a tool twice", body(kHi, "\"tools\":[" + kTool + "," + kTool + "]")},
      {"a tool without strict",
       body(
           kHi,
           R"("tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{}}}])")},
      {"a nested tool", body(kHi, R"("tools":[{"type":"function","function":{"name":"f"}}])")},
      {"a schema without properties",
       body(
           kHi,
           R"("tools":[{"type":"function","name":"f","strict":false,"parameters":{"type":"object"}}])")},
      {"a schema of choices",
       body(
           kHi,
           R"("tools":[{"type":"function","name":"f","strict":false,"parameters":{"type":"object","properties":{},"anyOf":[]}}])")},
      {"a call without its output", body(kHi + "," + kCall)},
      {"an output without its call", body(kHi + "," + kOutput)},
      {"an output twice", body(kCall + "," + kOutput + "," + kOutput)},
      {"a call twice", body(kCall + "," + kCall + "," + kOutput)},
      {"a call with an id",
       body(R"({"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"{}"},)" +
            kOutput)},
      {"arguments of nothing",
       body(R"({"type":"function_call","call_id":"c1","name":"f","arguments":""},)" + kOutput)},
      {"arguments as an object",
       body(R"({"type":"function_call","call_id":"c1","name":"f","arguments":{}},)" + kOutput)},
      {"reasoning at the end", body(kHi + "," + kReasoning)},
      {"reasoning before a user", body(kReasoning + "," + kHi)},
      {"reasoning by id only",
       body(R"({"type":"reasoning","id":"rs_1","summary":[]},)" + kCall + "," + kOutput)},
      {"input text of an assistant",
       body(
           R"({"type":"message","role":"assistant","content":[{"type":"input_text","text":"a"}]})")},
      {"output text of a user",
       body(R"({"type":"message","role":"user","content":[{"type":"output_text","text":"a"}]})")},
      {"an image without detail",
       body(
           R"({"type":"message","role":"user","content":[{"type":"input_image","image_url":"https://e.org"}]})")},
      {"an empty text", body(R"({"type":"message","role":"user","content":""})")},
      {"a phase of a user",
       body(R"({"type":"message","role":"user","content":"a","phase":"commentary"})")},
      {"a Messages block", body(R"({"type":"tool_result","tool_use_id":"c1","content":"a"})")},
  };
  for (const auto& [name, request] : rows) {
    INFO(name);
    CHECK(!responses_refusals(request).empty());
  }
  ResponsesModel plain;
  plain.reasons = false;
  CHECK(responses_refusals(body(kHi, R"("temperature":1)"), plain).empty());
  CHECK(!responses_refusals(body(kHi, R"("include":["reasoning.encrypted_content"])"), plain)
             .empty());
  CHECK(!responses_refusals(body(kHi), {}, true).empty());  // store is not for counting.
}

}  // namespace
}  // namespace tollgate::test
