#include <string>

#include "dialects/bedrock_converse/request_support.hpp"
#include "dialects/carriage.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

/// A request with this tool and conversation.
std::string tool_request(std::string_view tool, std::string_view messages) {
  return R"({"model":"m","max_tokens":100,"messages":)" + std::string(messages) + R"(,"tools":[)" +
         std::string(tool) + "]}";
}

constexpr const char* kTool =
    R"({"name":"get_weather","description":"d","input_schema":{"type":"object","properties":{}}})";

TEST_CASE("reasoning goes back to who wrote it, and to nobody else") {
  const auto history = [](std::string_view block) {
    return request(R"([{"role":"user","content":"a"},{"role":"assistant","content":[)" +
                   std::string(block) + R"(,{"type":"text","text":"b"}]},
                   {"role":"user","content":"c"}])");
  };
  const auto thinking = [&](std::string_view signature) {
    return history(R"({"type":"thinking","thinking":"t","signature":")" + std::string(signature) +
                   R"("})");
  };
  const auto sealed = [](const char* target, const char* tag, const char* payload) {
    return seal_carriage({target, tag, "c", payload});
  };
  const std::string own = sealed("bedrock/model", "0a1b2c3d", R"("signature":"x")");
  struct Case {
    const char* name;
    std::string_view model;
    std::string body;
    const char* part;  ///< Empty: nothing goes back.
  };
  const Case rows[] = {
      {"Claude's own signature", kClaude, thinking("c2ln"),
       R"({"reasoningContent":{"reasoningText":{"text":"t","signature":"c2ln"}}})"},
      {"Claude's own, to Nova", kNova2, thinking("c2ln"), ""},
      {"no signature", kClaude, thinking(""), ""},
      {"sealed by this target", kNova2, thinking(own),
       R"({"reasoningContent":{"reasoningText":{"text":"t","signature":"x"}}})"},
      {"sealed, but DeepSeek refuses", "us.deepseek.r1-v1:0", thinking(own), ""},
      {"of another target", kNova2, thinking(sealed("other/model", "0a1b2c3d", "")), ""},
      {"of another credential", kNova2, thinking(sealed("bedrock/model", "ffffffff", "")), ""},
      {"of OpenAI", kClaude, thinking(seal_carriage({"bedrock/model", "0a1b2c3d", "r", ""})), ""},
      {"redacted, Claude", kClaude, history(R"({"type":"redacted_thinking","data":"EoAB"})"),
       R"({"reasoningContent":{"redactedContent":"RW9BQg=="}})"},
      {"hidden text", kNova2, thinking(sealed("bedrock/model", "0a1b2c3d", R"("text":"hidden")")),
       R"({"reasoningContent":{"reasoningText":{"text":"hidden"}}})"},
  };
  for (const Case& row : rows) {
    INFO(row.name);
    Translation translation = translation_to(row.model);
    const std::string out = encoded(row.body, translation);
    if (row.part[0] == '\0') {
      CHECK(out.find("reasoning") == std::string::npos);
      CHECK(has_loss(translation, "thinking"));
    } else {
      CHECK(out.find(row.part) != std::string::npos);
      CHECK(translation.losses.all().empty());
    }
    // After the upstream said that it cannot read them, none goes.
    Translation taught = translation_to(row.model);
    taught.lessons = {{model::LessonKind::kDropReasoning, ""}};
    CHECK(encoded(row.body, taught).find("reasoningContent") == std::string::npos);
  }
}

TEST_CASE("turns alternate, begin with a user's and are never empty") {
  const Row rows[] = {
      {"an assistant's first", kClaude,
       request(R"j([{"role":"assistant","content":"a"},{"role":"user","content":"b"}])j"),
       R"j({"messages":[{"role":"user","content":[{"text":"(the conversation goes on)"}]},
           {"role":"assistant","content":[{"text":"a"}]},{"role":"user","content":[{"text":"b"}]}],
           "inferenceConfig":{"maxTokens":100}})j",
       "first turn"},
      {"nothing but reasoning", kClaude,
       request(R"j([{"role":"user","content":"a"},{"role":"assistant","content":[
           {"type":"thinking","thinking":"t","signature":"c2ln"}]},{"role":"user","content":"b"}])j"),
       R"j({"messages":[{"role":"user","content":[{"text":"a"}]},{"role":"assistant","content":[
           {"reasoningContent":{"reasoningText":{"text":"t","signature":"c2ln"}}},
           {"text":"(empty)"}]},{"role":"user","content":[{"text":"b"}]}],
           "inferenceConfig":{"maxTokens":100}})j"},
      {"a model without system texts", "amazon.titan-text-express-v1",
       request(kHi, R"j(,"system":"Be brief.")j"),
       R"j({"messages":[{"role":"user","content":[{"text":"Be brief."},{"text":"hi"}]}],
           "inferenceConfig":{"maxTokens":100}})j",
       "system -> first user turn"},
  };
  for (const Row& row : rows)
    check(row);
}

TEST_CASE("cache marks become cache points behind their blocks, four at most") {
  const Row rows[] = {
      {"Claude", kClaude,
       request(R"([{"role":"user","content":[{"type":"text","text":"a",
                 "cache_control":{"type":"ephemeral"}},{"type":"text","text":"b",
                 "cache_control":{"type":"ephemeral","ttl":"1h"}}]}])",
               R"(,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}])"),
       R"({"system":[{"text":"s"},{"cachePoint":{"type":"default"}}],
           "messages":[{"role":"user","content":[{"text":"a"},{"cachePoint":{"type":"default"}},
             {"text":"b"},{"cachePoint":{"type":"default","ttl":"1h"}}]}],
           "inferenceConfig":{"maxTokens":100}})"},
      {"Llama caches nothing", kLlama,
       request(user(R"({"type":"text","text":"a","cache_control":{"type":"ephemeral"}})")),
       R"({"messages":[{"role":"user","content":[{"text":"a"}]}],
           "inferenceConfig":{"maxTokens":100}})",
       "cache_control"},
      {"beside the messages", kClaude, request(kHi, R"(,"cache_control":{"type":"ephemeral"})"),
       R"({"messages":[{"role":"user","content":[{"text":"hi"},
           {"cachePoint":{"type":"default"}}]}],"inferenceConfig":{"maxTokens":100}})"},
  };
  for (const Row& row : rows)
    check(row);
  std::string blocks;
  for (int i = 0; i < 6; ++i) {
    if (i > 0) blocks += ',';
    blocks += R"({"type":"text","text":"t)" + std::to_string(i) +
              R"(","cache_control":{"type":"ephemeral"}})";
  }
  const std::string out = encoded(request(user(blocks)), kClaude);
  CHECK(out.find(R"({"text":"t1"},{"text":"t2"},{"cachePoint")") != std::string::npos);
}

TEST_CASE("a call and its result keep their pair, names and values") {
  const std::string name(80, 'n');
  Translation translation = translation_to(kClaude);
  const std::string out =
      encoded(tool_request(R"({"name":")" + name +
                               R"(","description":"d","input_schema":{"type":"object"}})",
                           R"([{"role":"user","content":"a"},{"role":"assistant","content":[
          {"type":"tool_use","id":"bad id!","name":")" +
                               name + R"(","input":{"n":1.50,"deep":[1,null,{"a":true}]}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"bad id!","is_error":true,
          "content":[{"type":"text","text":"x"},{"type":"tool_reference","tool_name":")" +
                               name + R"("}]}]}])"),
              translation);
  REQUIRE(translation.tool_names.size() == 1);
  const std::string& mine = translation.tool_names[0].second;
  CHECK(mine.size() <= 64);
  CHECK(out.find(name) == std::string::npos);
  CHECK(out.find(R"("input":{"n":1.50,"deep":[1,null,{"a":true}]})") != std::string::npos);
  CHECK(out.find(R"("status":"error")") != std::string::npos);
  CHECK(out.find("The tool " + mine + " can be used now.") != std::string::npos);
}

TEST_CASE("results of tools are written as the family takes them") {
  const auto with_result = [](std::string_view result) {
    return tool_request(kTool,
                        R"([{"role":"user","content":"a"},{"role":"assistant","content":[
          {"type":"tool_use","id":"toolu_1","name":"get_weather","input":{}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1")" +
                            std::string(result) + R"(},{"type":"text","text":"go on"}]}])");
  };
  constexpr const char* kImage =
      R"(,"content":[{"type":"image","source":{"type":"base64","media_type":"image/png",
          "data":"iVBORw=="}}])";
  struct Row {
    const char* name;
    std::string_view model;
    std::string body;
    const char* part;
  };
  const Row rows[] = {
      {"nothing", kClaude, with_result(""),
       R"j({"toolResult":{"toolUseId":"toolu_1","content":[{"text":"(no output)"}]}})j"},
      {"blank", kClaude, with_result(R"(,"content":" ")"),
       R"j("content":[{"text":"(no output)"}])j"},
      {"an image, where it may stand", kClaude, with_result(kImage),
       R"("content":[{"image":{"format":"png","source":{"bytes":"iVBORw=="}}}]}},{"text":"go on"})"},
      {"an image, where it may not", "mistral.mistral-large-2407-v1:0", with_result(kImage),
       R"("content":[{"text":"[The image follows below.]"}]}},)"
       R"({"text":"Of the result of tool call toolu_1:"},{"image":{"format":"png",)"
       R"("source":{"bytes":"iVBORw=="}}},{"text":"go on"})"},
      {"an image nobody sees", kLlama, with_result(kImage), "This model cannot see images."},
      {"a failure, without a status", kLlama, with_result(R"(,"is_error":true,"content":"boom")"),
       R"("content":[{"text":"[The tool failed.]"},{"text":"boom"}]})"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const std::string out = encoded(row.body, row.model);
    INFO(out);
    CHECK(out.find(row.part) != std::string::npos);
  }
}

}  // namespace
}  // namespace tollgate::dialects::bedrock_converse
