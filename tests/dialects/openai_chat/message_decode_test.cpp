#include "dialects/openai_chat/through.hpp"

using namespace tollgate;
using namespace tollgate::dialects;
using namespace tollgate::dialects::openai_chat;
using model::BlockKind;
using model::Role;

namespace {

Result<model::Request> decoded(const std::string& messages) {
  return dialect().decode_request(R"({"model":"m","messages":)" + messages + "}");
}

}  // namespace

TEST_CASE("a conversation becomes turns") {
  const auto request = decoded(R"([
    {"role":"system","content":"Be brief."},
    {"role":"developer","content":[{"type":"text","text":"Really."}]},
    {"role":"user","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}},
      {"type":"image_url","image_url":{"url":"https://e.org/x.png"}},{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBE"}}]},
    {"role":"assistant","content":"","reasoning_content":"unsigned","reasoning_details":[{"type":"reasoning.text","text":"hm","signature":"sig"},{"type":"reasoning.text","text":"lost"},{"type":"reasoning.encrypted","data":"blob"}],
      "tool_calls":[{"id":"call_1","type":"function","function":{"name":"R","arguments":"{\"a\":1}"}},{"id":"call_2","type":"function","function":{"name":"W","arguments":""}}]},
    {"role":"tool","tool_call_id":"call_1","content":"out"},
    {"role":"tool","tool_call_id":"call_2","content":[{"type":"text","text":"out 2"}]},
    {"role":"system","content":"a note"},
    {"role":"user","content":"thanks"}])");
  INFO((request.ok() ? "" : request.status().message()));
  REQUIRE(request.ok());
  const model::Request& all = request.value();
  REQUIRE(all.system.size() == 2);
  CHECK(all.system[1].text == "Really.");
  REQUIRE(all.messages.size() == 5);
  const auto& user = all.messages[0].content;
  REQUIRE(user.size() == 4);
  CHECK(user[1].source->media_type == "image/png");
  CHECK(user[1].source->data == "AAAA");
  CHECK(user[2].source->kind == model::SourceKind::kUrl);
  CHECK(user[3].kind == BlockKind::kDocument);
  CHECK(user[3].text == "a.pdf");
  CHECK(user[3].source->data == "JVBE");
  const auto& assistant = all.messages[1].content;
  REQUIRE(assistant.size() == 4);
  CHECK(assistant[0].kind == BlockKind::kThinking);
  CHECK(assistant[0].signature == "sig");
  CHECK(assistant[1].kind == BlockKind::kRedactedThinking);
  CHECK(assistant[2].input == R"({"a":1})");
  CHECK(assistant[3].input == "{}");
  const auto& results = all.messages[2].content;
  REQUIRE(results.size() == 2);
  CHECK(results[0].id == "call_1");
  CHECK(results[1].content[0].text == "out 2");
  CHECK(all.messages[3].role == Role::kSystem);
  CHECK(all.messages[4].content[0].text == "thanks");
}

TEST_CASE("what cannot be read is named by its place") {
  struct {
    const char* name;
    const char* messages;
    const char* path;
  } rows[] = {
      {"a role", R"([{"role":"robot","content":"x"}])", "messages[0].role"},
      {"a result without its call", R"([{"role":"tool","content":"x"}])",
       "messages[0].tool_call_id"},
      {"a call without a name",
       R"([{"role":"assistant","tool_calls":[{"id":"c","function":{"arguments":"{}"}}]}])",
       "messages[0].tool_calls[0].function.name"},
      {"a call without an id", R"([{"role":"assistant","tool_calls":[{"function":{"name":"R"}}]}])",
       "messages[0].tool_calls[0].id"},
      {"sound",
       R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"input_audio","input_audio":{}}]}])",
       "messages[0].content[1]"},
      {"an image without its place",
       R"([{"role":"user","content":[{"type":"image_url","image_url":{}}]}])",
       "messages[0].content[0].image_url.url"},
      {"an empty file", R"([{"role":"user","content":[{"type":"file","file":{}}]}])",
       "messages[0].content[0]"},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    const auto request = decoded(row.messages);
    REQUIRE_FALSE(request.ok());
    CHECK(request.status().path() == row.path);
    CHECK_THAT(request.status().message(),
               Catch::Matchers::StartsWith(std::string(row.path) + ": "));
  }
}
