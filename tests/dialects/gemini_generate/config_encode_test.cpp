#include "dialects/gemini_generate/member_case.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

const MoreCase kMembers[] = {
    {"thinking off, levels", "gemini-3.6-flash", R"j("thinking":{"type":"disabled"})j",
     "generationConfig",
     R"j({"maxOutputTokens":1000,"thinkingConfig":{"thinkingLevel":"MINIMAL"}})j", ""},
    {"thinking off, budgets", "gemini-2.5-flash", R"j("thinking":{"type":"disabled"})j",
     "generationConfig", R"j({"maxOutputTokens":1000,"thinkingConfig":{"thinkingBudget":0}})j", ""},
    {"thinking off where it cannot be", "gemini-2.5-pro", R"j("thinking":{"type":"disabled"})j",
     "generationConfig", R"j({"maxOutputTokens":1000,"thinkingConfig":{"thinkingBudget":128}})j",
     ""},
    {"nothing said of thinking", "gemini-4-argon", R"j("temperature":1)j", "generationConfig",
     R"j({"maxOutputTokens":1000,"temperature":1,"thinkingConfig":{"thinkingLevel":"LOW"}})j", ""},
    {"a budget", "gemini-2.5-flash", R"j("thinking":{"type":"enabled","budget_tokens":5000})j",
     "generationConfig",
     R"j({"maxOutputTokens":1000,"thinkingConfig":{"thinkingBudget":5000,"includeThoughts":true}})j",
     ""},
    {"a budget too large", "gemini-2.5-flash",
     R"j("thinking":{"type":"enabled","budget_tokens":50000})j", "generationConfig",
     R"j({"maxOutputTokens":1000,"thinkingConfig":{"thinkingBudget":24576,"includeThoughts":true}})j",
     "thinking.budget_tokens 50000 -> 24576"},
    {"a budget as a level", "gemini-4-argon",
     R"j("thinking":{"type":"enabled","budget_tokens":5000})j", "generationConfig",
     R"j({"maxOutputTokens":1000,"thinkingConfig":{"thinkingLevel":"MEDIUM","includeThoughts":true}})j",
     ""},
    {"a large budget is high, not more", "gemini-4-hydrogen",
     R"j("thinking":{"type":"enabled","budget_tokens":60000})j", "generationConfig",
     R"j({"maxOutputTokens":1000,"thinkingConfig":{"thinkingLevel":"HIGH","includeThoughts":true}})j",
     ""},
    {"adaptive", "gemini-2.5-pro", R"j("thinking":{"type":"adaptive"})j", "generationConfig",
     R"j({"maxOutputTokens":1000,"thinkingConfig":{"thinkingBudget":-1,"includeThoughts":true}})j",
     ""},
    {"adaptive, without its text", "gemini-4-carbon",
     R"j("thinking":{"type":"adaptive","display":"omitted"})j", "generationConfig",
     R"j({"maxOutputTokens":1000})j", ""},
    {"effort between two levels", "gemini-3-pro-preview",
     R"j("thinking":{"type":"adaptive"},"output_config":{"effort":"medium"})j", "generationConfig",
     R"j({"maxOutputTokens":1000,"thinkingConfig":{"thinkingLevel":"HIGH","includeThoughts":true}})j",
     "effort medium -> high"},
    {"the highest effort", "gemini-4-hydrogen",
     R"j("thinking":{"type":"adaptive"},"output_config":{"effort":"max"})j", "generationConfig",
     R"j({"maxOutputTokens":1000,"thinkingConfig":{"thinkingLevel":"XHIGH","includeThoughts":true}})j",
     "effort max -> xhigh"},
    {"effort where there are no levels", "gemini-2.0-flash",
     R"j("thinking":{"type":"adaptive"},"output_config":{"effort":"high"})j", "generationConfig",
     R"j({"maxOutputTokens":1000})j", "thinking"},
    {"sampling and stops", "gemini-4-argon",
     R"j("temperature":0.5,"top_p":0.9,"top_k":7,"stop_sequences":["a","","b"],
      "thinking":{"type":"adaptive","display":"omitted"})j",
     "generationConfig",
     R"j({"maxOutputTokens":1000,"temperature":0.5,"topP":0.9,"topK":7,
      "stopSequences":["a","b"]})j",
     ""},
    {"a shaped answer", "gemini-2.5-flash",
     R"j("output_config":{"format":{"type":"json_schema","schema":{"type":"object","properties":
      {"t":{"type":"string","minLength":1}},"required":["t"],"additionalProperties":false}}})j",
     "generationConfig",
     R"j({"maxOutputTokens":1000,"responseMimeType":"application/json","responseJsonSchema":
      {"type":"object","properties":{"t":{"type":"string","description":"(minLength: 1)"}},
      "required":["t"],"additionalProperties":false},"thinkingConfig":{"thinkingBudget":0}})j",
     "schema.minLength"},
};

TEST_CASE("how an answer is to be made") {
  for (const MoreCase& row : kMembers)
    check_member(row);
}

TEST_CASE("how long an answer may be") {
  struct Row {
    const char* model;
    bool stream;
    int64_t wished;
    int64_t sent;
  };
  const Row rows[] = {
      {"gemini-2.5-flash", true, 64'000, 64'000}, {"gemini-2.5-flash", true, 100'000, 65'536},
      {"gemini-4-argon", true, 64'000, 64'000},   {"gemini-4-argon", false, 64'000, 32'768},
      {"gemini-2.0-flash", true, 32'000, 8'192},  {"gemini-4-argon", true, 1, 1},
  };
  for (const Row& row : rows) {
    INFO(row.model << " " << row.wished);
    Translation translation = translation_to(row.model);
    model::Request request = request_of(request_text(R"j([{"role":"user","content":"a"}])j"));
    request.stream = row.stream;
    request.max_tokens = row.wished;
    std::string out;
    REQUIRE(dialect().encode_request(request, translation, out).ok());
    CHECK(out.find("\"maxOutputTokens\":" + std::to_string(row.sent)) != std::string::npos);
    CHECK(has_loss(translation, "max_tokens") == (row.sent != row.wished));
  }
  Translation taught = translation_to("gemini-2.5-flash");
  taught.lessons.push_back({model::LessonKind::kOutputMax, "500"});
  CHECK(encoded(request_text(R"j([{"role":"user","content":"a"}])j"), taught)
            .find("\"maxOutputTokens\":500") != std::string::npos);
}

TEST_CASE("more stop sequences than the server takes are watched for here") {
  Translation translation = translation_to("gemini-2.5-flash");
  const std::string out =
      encoded(request_text(R"j([{"role":"user","content":"a"}])j",
                           R"j("stop_sequences":["1","2","3","4","5","6","7"])j"),
              translation);
  CHECK(out.find(R"j("stopSequences":["1","2","3","4","5"])j") != std::string::npos);
  CHECK(translation.stop_sequences == std::vector<std::string>{"6", "7"});
}

}  // namespace
}  // namespace tollgate::dialects::gemini_generate
