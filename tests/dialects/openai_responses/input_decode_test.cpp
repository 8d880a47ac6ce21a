#include "dialects/carriage.hpp"
#include "dialects/openai_responses/through.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

using model::Block;
using model::BlockKind;
using model::Role;
using model::SourceKind;

Result<model::Request> read(const std::string& items) {
  return dialect().decode_request(R"({"model":"m","input":[)" + items + "]}");
}

model::Request decoded(const std::string& items) {
  const auto request = read(items);
  INFO((request.ok() ? "" : request.status().message()));
  REQUIRE(request.ok());
  return request.value();
}

/// The only block of the only message.
Block one(const std::string& item, Role role) {
  const model::Request request = decoded(item);
  REQUIRE(request.messages.size() == 1);
  CHECK(request.messages[0].role == role);
  REQUIRE(request.messages[0].content.size() == 1);
  return request.messages[0].content[0];
}

std::string user(const std::string& part) {
  return R"({"role":"user","content":[)" + part + "]}";
}

TEST_CASE("items become turns") {
  const model::Request request = decoded(
      R"({"role":"developer","content":"Rules."},{"role":"system","content":"More."},)"
      R"({"type":"message","role":"user","content":[{"type":"input_text","text":"a"}]},)"
      R"({"type":"message","role":"user","content":"b"},)"
      R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"c"}]},)"
      R"({"type":"function_call","call_id":"call_1","name":"f","arguments":"{\"x\":1}"},)"
      R"({"type":"function_call","call_id":"call_2","name":"g","arguments":""},)"
      R"({"type":"function_call_output","call_id":"call_1","output":"one"},)"
      R"({"type":"function_call_output","call_id":"call_2","output":[{"type":"input_text","text":"two"}]},)"
      R"({"role":"developer","content":"Now."},{"role":"user","content":"d"})");
  REQUIRE(request.system.size() == 2);
  CHECK(request.system[1].text == "More.");
  REQUIRE(request.messages.size() == 5);
  CHECK(request.messages[0].content.size() == 2);
  const model::Message& answer = request.messages[1];
  CHECK(answer.role == Role::kAssistant);
  REQUIRE(answer.content.size() == 3);
  CHECK(answer.content[1].kind == BlockKind::kToolUse);
  CHECK(answer.content[1].input == R"({"x":1})");
  CHECK(answer.content[2].input == "{}");
  const model::Message& results = request.messages[2];
  CHECK(results.role == Role::kUser);
  REQUIRE(results.content.size() == 2);
  CHECK(results.content[0].id == "call_1");
  CHECK(results.content[0].content_is_text);
  CHECK(results.content[1].content[0].text == "two");
  CHECK(request.messages[3].role == Role::kSystem);
  CHECK(request.messages[4].content[0].text == "d");
}

TEST_CASE("content parts") {
  CHECK(one(user(R"({"type":"input_text","text":"a"})"), Role::kUser).text == "a");
  Block image =
      one(user(R"({"type":"input_image","image_url":"data:image/png;base64,iVBO"})"), Role::kUser);
  CHECK(image.kind == BlockKind::kImage);
  CHECK(image.source->media_type == "image/png");
  CHECK(image.source->data == "iVBO");
  image = one(user(R"({"type":"input_image","image_url":"https://e.org/a.png","detail":"high"})"),
              Role::kUser);
  CHECK(image.source->kind == SourceKind::kUrl);
  Block file = one(
      user(
          R"({"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,JVBE"})"),
      Role::kUser);
  CHECK(file.kind == BlockKind::kDocument);
  CHECK(file.text == "a.pdf");
  CHECK(file.source->media_type == "application/pdf");
  file = one(
      user(
          R"({"type":"input_file","filename":"a.txt","file_data":"data:text/plain;charset=utf-8;base64,SGk="})"),
      Role::kUser);
  CHECK(file.source->kind == SourceKind::kText);
  CHECK(file.source->data == "Hi");
  file = one(user(R"({"type":"input_file","file_url":"https://e.org/a.pdf"})"), Role::kUser);
  CHECK(file.source->kind == SourceKind::kUrl);
  CHECK(one(R"({"role":"assistant","content":[{"type":"refusal","refusal":"No."}]})",
            Role::kAssistant)
            .text == "No.");
}

TEST_CASE("a custom tool's call has its text in one member") {
  const Block call = one(
      R"({"type":"custom_tool_call","call_id":"call_1","name":"apply_patch","input":"*** \"x\""})",
      Role::kAssistant);
  CHECK(call.name == "apply_patch__freeform");
  CHECK(call.input == R"({"input":"*** \"x\""})");
  const Block result =
      one(R"({"type":"custom_tool_call_output","call_id":"call_1","output":"ok"})", Role::kUser);
  CHECK(result.kind == BlockKind::kToolResult);
  CHECK(result.id == "call_1");
}

TEST_CASE("calls of tools with items of their own are calls too") {
  const Block call = one(
      R"({"type":"local_shell_call","call_id":"call_1","action":{"type":"exec","command":["ls"]}})",
      Role::kAssistant);
  CHECK(call.name == "local_shell");
  CHECK(call.input == R"({"type":"exec","command":["ls"]})");
  CHECK(one(R"({"type":"local_shell_call_output","call_id":"call_1","output":"a b"})", Role::kUser)
            .content[0]
            .text == "a b");
  CHECK(
      one(R"({"type":"computer_call_output","call_id":"c","output":{"type":"computer_screenshot",)"
          R"("image_url":"https://e.org/s.png"}})",
          Role::kUser)
          .content[0]
          .kind == BlockKind::kImage);
}

TEST_CASE("reasoning comes back as what it was") {
  const auto reasoning = [](const std::string& encrypted) {
    return one(R"({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"a"},)"
               R"({"type":"summary_text","text":"b"}],"encrypted_content":")" +
                   encrypted + "\"}",
               Role::kAssistant);
  };
  Block block = reasoning("tgs.EqQB");
  CHECK(block.kind == BlockKind::kThinking);
  CHECK(block.signature == "EqQB");
  CHECK(block.text == "a\n\nb");
  const Carriage carriage{"a/b", "0", "r", R"("id":"rs_1")"};
  CHECK(reasoning(seal_carriage(carriage)).signature == seal_carriage(carriage));
  block = reasoning("tgx.secret");
  CHECK(block.kind == BlockKind::kRedactedThinking);
  CHECK(block.text == "secret");
  // OpenAI's own is nothing another upstream must ever see as a signature.
  CHECK(is_carriage(reasoning("gAAAA").signature));
}

TEST_CASE("texts of nothing and what OpenAI ran itself are left out") {
  CHECK(
      decoded(
          R"({"role":"user","content":""},{"role":"assistant","content":[{"type":"output_text","text":""}]})")
          .messages.empty());
  CHECK(
      decoded(
          R"({"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search"}})")
          .messages.empty());
}

TEST_CASE("items nobody here understands are refused, with their place") {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"role":"user","content":"a"},{"type":"item_reference","id":"msg_1"})", "input.1"},
      {R"({"type":"news"})", "input.0"},
      {R"({"type":"function_call","name":"f"})", "input.0"},
      {R"(5)", "input.0"},
      {R"({"role":"robot","content":"a"})", "input.0.role"},
      {R"({"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_audio"}]})",
       "input.0.content.1.type"},
      {R"({"role":"user","content":[{"type":"input_image","file_id":"f"}]})", "input.0.content.0"},
      {R"({"role":"user","content":[{"type":"input_file","file_id":"f"}]})", "input.0.content.0"},
  };
  for (const auto& [items, path] : rows) {
    INFO(items);
    const auto request = read(items);
    REQUIRE_FALSE(request.ok());
    CHECK(request.status().path() == path);
  }
}

}  // namespace
}  // namespace tollgate::dialects::openai_responses
