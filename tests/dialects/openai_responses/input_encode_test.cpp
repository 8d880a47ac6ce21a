#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/carriage.hpp"
#include "dialects/openai_responses/request_parts.hpp"
#include "dialects/openai_responses/through.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

std::string input_of(const std::string& messages, Translation& translation) {
  const auto request = anthropic_messages::dialect().decode_request(
      R"({"model":"m","max_tokens":100,"messages":)" + messages + "}");
  INFO((request.ok() ? "" : request.status().message()));
  REQUIRE(request.ok());
  std::string out;
  json::Writer writer(out);
  const Status status = write_input(request.value(), translation, writer);
  return status.ok() ? out : "refused: " + status.message();
}

std::string lossless_input(const std::string& messages) {
  Translation translation = thinking_client();
  const std::string out = input_of(messages, translation);
  CHECK(translation.losses.all().empty());
  return out;
}

const std::string kCall =
    R"({"type":"tool_use","id":"toolu_1","name":"Bash","input":{ "command" : "ls  -l" }})";
const std::string kCallItem =
    R"({"type":"function_call","call_id":"toolu_1","name":"Bash","arguments":"{\"command\":\"ls  -l\"}"})";

std::string assistant(const std::string& blocks) {
  return R"([{"role":"assistant","content":[)" + blocks + "]}]";
}
std::string result(const std::string& content) {
  return R"([{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1")" + content +
         "}]}]";
}
std::string output(const std::string& value) {
  return R"([{"type":"function_call_output","call_id":"toolu_1","output":)" + value + "}]";
}

TEST_CASE("turns become items, in their order") {
  const std::string png =
      R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBO"}})";
  const std::string png_part =
      R"({"type":"input_image","image_url":"data:image/png;base64,iVBO","detail":"auto"})";
  struct Row {
    const char* name;
    std::string messages;
    std::string input;
  };
  const Row rows[] = {
      {"one text", R"([{"role":"user","content":"hi"}])",
       R"([{"type":"message","role":"user","content":"hi"}])"},
      {"several parts", R"([{"role":"user","content":[{"type":"text","text":"see"},)" + png + "]}]",
       R"([{"type":"message","role":"user","content":[{"type":"input_text","text":"see"},)" +
           png_part + "]}]"},
      {"a system message between others",
       R"([{"role":"user","content":"a"},{"role":"system","content":"now"}])",
       R"([{"type":"message","role":"user","content":"a"},{"type":"message","role":"developer","content":"now"}])"},
      {"texts, a call and a text",
       assistant(R"({"type":"text","text":"a"},{"type":"text","text":"b"},)" + kCall +
                 R"(,{"type":"text","text":"c"})"),
       R"([{"type":"message","role":"assistant","content":[{"type":"output_text","text":"a"},)"
       R"({"type":"output_text","text":"b"}]},)" +
           kCallItem +
           R"(,{"type":"message","role":"assistant","content":[{"type":"output_text","text":"c"}]}])"},
      {"a result", result(R"(,"content":"done")"), output("\"done\"")},
      {"a result in blocks",
       result(R"(,"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}])"),
       output(R"("a\nb")")},
      {"a result of nothing", result(""), output("\"(no output)\"")},
      {"an error", result(R"(,"content":"no such file","is_error":true)"),
       output("\"Error: no such file\"")},
      {"a result with an image", result(R"(,"content":[{"type":"text","text":"a"},)" + png + "]"),
       output(R"([{"type":"input_text","text":"a"},)" + png_part + "]")},
      {"a reference to a tool",
       result(R"(,"content":[{"type":"tool_reference","tool_name":"Bash"}])"),
       output("\"Tool Bash is now available.\"")},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(lossless_input(row.messages) == row.input);
  }
}

TEST_CASE("images of results go behind where the server takes none there") {
  Translation translation = thinking_client();
  translation.traits.images_in_results = false;
  const std::string out = input_of(
      R"([{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[)"
      R"({"type":"text","text":"shot"},{"type":"image","source":{"type":"base64",)"
      R"("media_type":"image/png","data":"iVBO"}}]},{"type":"text","text":"look"}]}])",
      translation);
  CHECK(
      out ==
      R"([{"type":"function_call_output","call_id":"toolu_1","output":"shot\n[image 1 of this )"
      R"(tool result follows in the next user message]"},{"type":"message","role":"user","content":)"
      R"([{"type":"input_text","text":"Image 1 returned by tool call toolu_1:"},)"
      R"({"type":"input_image","image_url":"data:image/png;base64,iVBO","detail":"auto"},)"
      R"({"type":"input_text","text":"look"}]}])");
  REQUIRE(translation.losses.all().size() == 1);
  CHECK(translation.losses.all()[0].kind == model::LossKind::kReordered);
}

TEST_CASE("phases tell what is said before a call from what is said last") {
  Translation translation = thinking_client();
  translation.traits.phase = true;
  const std::string out = input_of(
      assistant(R"({"type":"text","text":"a"},)" + kCall + R"(,{"type":"text","text":"b"})"),
      translation);
  CHECK(out.find(R"("text":"a"}],"phase":"commentary"})") != std::string::npos);
  CHECK(out.find(R"("text":"b"}],"phase":"final_answer"})") != std::string::npos);
}

TEST_CASE("a server that wants texts before calls gets them so") {
  Translation translation = thinking_client();
  translation.traits.name = "deepseek";
  const std::string out =
      input_of(assistant(kCall + R"(,{"type":"text","text":"b"})"), translation);
  CHECK(out.find("output_text") < out.find("function_call"));
  CHECK(translation.losses.all().size() == 1);
  Translation other = thinking_client();
  other.traits.name = "deepseek";
  input_of(assistant(R"({"type":"text","text":"b"},)" + kCall), other);
  CHECK(other.losses.all().empty());
}

std::string thinking(const std::string& text, const Carriage& carriage) {
  return R"({"type":"thinking","thinking":")" + text + R"(","signature":")" +
         seal_carriage(carriage) + "\"}";
}
Carriage ours(const std::string& kind, const std::string& payload) {
  return {"openai-main/gpt-5.5", "0a1b2c3d", kind, payload};
}
const std::string kSaid = R"({"type":"text","text":"x"})";

TEST_CASE("reasoning goes back to who made it, as it was") {
  struct Row {
    const char* name;
    std::string text;
    std::string sizes;
    std::string summary;
  };
  const Row rows[] = {
      {"nothing shown", "", "[]", "[]"},
      {"one part", "one", "[3]", R"([{"type":"summary_text","text":"one"}])"},
      {"two parts", R"(one\n\ntwo)", "[3,3]",
       R"([{"type":"summary_text","text":"one"},{"type":"summary_text","text":"two"}])"},
      {"parts with blank lines in them", R"(a\n\nb\n\nc)", "[4,1]",
       R"([{"type":"summary_text","text":"a\n\nb"},{"type":"summary_text","text":"c"}])"},
      {"a text the client left out", "", "[3,3]", "[]"},
      {"a text the client changed", "other", "[3]", R"([{"type":"summary_text","text":"other"}])"},
      {"sizes that are none", "one", "[-1,99999999999999999999]",
       R"([{"type":"summary_text","text":"one"}])"},
      {"sizes beyond the text", "one", "[9223372036854775807,5]",
       R"([{"type":"summary_text","text":"one"}])"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const Carriage carriage = ours("r", R"("id":"rs_1","e":"gA==","n":)" + row.sizes);
    CHECK(lossless_input(assistant(thinking(row.text, carriage) + "," + kSaid)) ==
          R"([{"type":"reasoning","id":"rs_1","summary":)" + row.summary +
              R"(,"encrypted_content":"gA=="},{"type":"message","role":"assistant","content":)"
              R"([{"type":"output_text","text":"x"}]}])");
  }
}

TEST_CASE("reasoning nobody there could read is left out and noted") {
  const std::string payload = R"("id":"rs_1","e":"gA==","n":[])";
  Carriage other_target = ours("r", payload);
  other_target.target = "openai-eu/gpt-5.5";
  Carriage other_key = ours("r", payload);
  other_key.credential_tag = "ffffffff";
  const std::pair<const char*, std::string> rows[] = {
      {"another target", thinking("t", other_target) + "," + kSaid},
      {"another key", thinking("t", other_key) + "," + kSaid},
      {"another kind", thinking("t", ours("d", payload)) + "," + kSaid},
      {"without its content",
       thinking("t", ours("r", R"("id":"rs_1","e":"","n":[])")) + "," + kSaid},
      {"plain", thinking("t", ours("p", R"("f":"reasoning_content")")) + "," + kSaid},
      {"Claude's", R"({"type":"thinking","thinking":"t","signature":"EqQB"},)" + kSaid},
      {"damaged", R"({"type":"thinking","thinking":"t","signature":"tg1.AAAA"},)" + kSaid},
      {"Claude's, redacted", R"({"type":"redacted_thinking","data":"EqQB"},)" + kSaid},
      {"the last of its turn", kSaid + "," + thinking("t", ours("r", payload))},
      {"before a search",
       thinking("t", ours("r", payload)) +
           R"(,{"type":"server_tool_use","id":"s","name":"web_search","input":{}})"},
  };
  for (const auto& [name, blocks] : rows) {
    INFO(name);
    Translation translation = thinking_client();
    CHECK(input_of(assistant(blocks), translation).find("\"reasoning\"") == std::string::npos);
    CHECK(!translation.losses.all().empty());
  }
  Translation taught = thinking_client();
  taught.lessons = {{model::LessonKind::kDropReasoning, ""}};
  CHECK(input_of(assistant(thinking("t", ours("r", payload)) + "," + kSaid), taught)
            .find("\"reasoning\"") == std::string::npos);
}

TEST_CASE("redacted thinking of our own goes back, and plain reasoning where it is wanted") {
  const Carriage carriage = ours("r", R"("id":"rs_1","e":"gA==","n":[])");
  CHECK(lossless_input(assistant(R"({"type":"redacted_thinking","data":")" +
                                 seal_carriage(carriage) + "\"}," + kSaid))
            .starts_with(
                R"([{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gA=="})"));
  Translation translation = thinking_client();
  translation.traits.reasoning_replay = model::ReasoningReplay::kToolTurns;
  CHECK(
      input_of(assistant(thinking("t", ours("p", R"("f":"reasoning_content")")) + "," + kSaid),
               translation)
          .starts_with(
              R"([{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"t"}]})"));
}

TEST_CASE("names of tools are the upstream's") {
  Translation translation = thinking_client();
  translation.tool_names = {{"Bash", "b1"}};
  CHECK(input_of(assistant(kCall), translation).find(R"("name":"b1")") != std::string::npos);
  CHECK(
      input_of(result(R"(,"content":[{"type":"tool_reference","tool_name":"Bash"}])"), translation)
          .find("Tool b1 is") != std::string::npos);
}

TEST_CASE("what cannot be sent at all is refused") {
  Translation translation = thinking_client();
  CHECK(input_of(result(R"(,"content":[{"type":"image","source":{"type":"file","file_id":"f"}}])"),
                 translation)
            .starts_with("refused: An image by file id"));
}

}  // namespace
}  // namespace tollgate::dialects::openai_responses
