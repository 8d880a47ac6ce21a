#include "dialects/openai_chat/prompt_text.hpp"

#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/openai_chat/through.hpp"

using namespace tollgate;
using namespace tollgate::dialects;
using namespace tollgate::dialects::openai_chat;

namespace {

std::string text_of(const std::string& members) {
  const auto request = anthropic_messages::dialect().decode_request(
      R"({"model":"m","max_tokens":5,)" + members + "}");
  REQUIRE(request.ok());
  Translation translation = thinking_client();
  const auto tools = openai_tools(request.value(), translation, false);
  REQUIRE(tools.ok());
  return prompt_text(request.value(), tools.value());
}

size_t count_of(const std::string& text, const std::string& word) {
  size_t found = 0;
  for (size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += word.size())
    ++found;
  return found;
}

}  // namespace

TEST_CASE("a text for a counter holds all that the model will read") {
  const std::string text = text_of(
      R"("system":"Be terse.","tools":[{"name":"Read","description":"Reads.","input_schema":
         {"type":"object","properties":{"path":{"type":"string"}}}}],"messages":[
         {"role":"user","content":"What is in it?"},
         {"role":"assistant","content":[{"type":"thinking","thinking":"I look.","signature":"SIG"},
           {"type":"tool_use","id":"toolu_1","name":"Read","input":{"path":"a.txt"}}]},
         {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[
           {"type":"text","text":"one line"}]},{"type":"text","text":"And now?"}]}])");
  for (const char* part : {"Be terse.", "Read", "Reads.", "\"path\"", "What is in it?", "I look.",
                           "a.txt", "one line", "And now?"}) {
    INFO(part);
    CHECK(text.find(part) != std::string::npos);
  }
  CHECK(text.find("SIG") == std::string::npos);
  CHECK(text.ends_with("<|im_start|>assistant\n"));
  CHECK(count_of(text, "<|im_start|>") == 5);
  CHECK(count_of(text, "<|im_end|>") == 4);
}

TEST_CASE("pictures and files are words, wherever they stand") {
  const std::string image =
      R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw=="}})";
  const std::string pdf =
      R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":")" +
      std::string(120'000, 'A') + "\"}}";
  const auto words = [](const std::string& blocks) {
    return count_of(text_of(R"("messages":[{"role":"user","content":[)" + blocks + "]}]"), " the");
  };
  CHECK(words(image) == 1'600);
  CHECK(words(pdf) == 9'000);
  CHECK(words(R"({"type":"tool_result","tool_use_id":"t","content":[)" + image + "]}") == 1'600);
  CHECK(
      words(
          R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"a"}})") ==
      0);
}
