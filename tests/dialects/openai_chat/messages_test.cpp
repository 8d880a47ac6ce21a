#include "dialects/openai_chat/messages.hpp"

#include "dialects/openai_chat/through.hpp"
#include "dialects/same_json.hpp"

using namespace tollgate;
using namespace tollgate::dialects;
using namespace tollgate::dialects::openai_chat;
using model::Block;
using model::BlockKind;
using model::Role;
using model::SourceKind;

namespace {

Block text(const std::string& said) {
  Block block;
  block.text = said;
  return block;
}

Block with_source(BlockKind kind, SourceKind source, const std::string& data) {
  Block block;
  block.kind = kind;
  block.source =
      model::Source{source, kind == BlockKind::kImage ? "image/png" : "application/pdf", data, ""};
  return block;
}

Block call(const std::string& id) {
  Block block;
  block.kind = BlockKind::kToolUse;
  block.id = id;
  block.name = "R";
  block.input = R"({"a":1})";
  return block;
}

Block result(const std::string& id, std::vector<Block> content) {
  Block block;
  block.kind = BlockKind::kToolResult;
  block.id = id;
  block.content = std::move(content);
  return block;
}

struct Written {
  Status status;
  std::string json;
  DataSize data;
};

Written written(const model::Request& request, Translation& translation) {
  Written out;
  json::Writer writer(out.json);
  writer.begin_object();
  out.status = write_messages(request, {}, translation, writer, out.data);
  writer.end_object();
  return out;
}

struct Row {
  const char* name;
  std::vector<model::Message> messages;
  const char* json;
};

}  // namespace

TEST_CASE("turns become messages") {
  const Row rows[] = {
      {"one text is a string",
       {{Role::kUser, false, {text("hi")}, ""}},
       R"([{"role":"user","content":"hi"}])"},
      {"two texts are parts",
       {{Role::kUser, false, {text("a"), text("b")}, ""}},
       R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}])"},
      {"images",
       {{Role::kUser,
         false,
         {text("see"), with_source(BlockKind::kImage, SourceKind::kBase64, "AAAA"),
          with_source(BlockKind::kImage, SourceKind::kUrl, "https://x")},
         ""}},
       R"([{"role":"user","content":[{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},{"type":"image_url","image_url":{"url":"https://x"}}]}])"},
      {"a PDF",
       {{Role::kUser, false, {with_source(BlockKind::kDocument, SourceKind::kBase64, "JVBE")}, ""}},
       R"([{"role":"user","content":[{"type":"file","file":{"filename":"document-1.pdf","file_data":"data:application/pdf;base64,JVBE"}}]}])"},
      {"a document of text",
       {{Role::kUser, false, {with_source(BlockKind::kDocument, SourceKind::kText, "plain")}, ""}},
       R"([{"role":"user","content":"plain"}])"},
      {"an assistant",
       {{Role::kAssistant, false, {text("a"), text("b")}, ""}},
       R"([{"role":"assistant","content":"ab"}])"},
      {"calls and results",
       {{Role::kAssistant, false, {call("c1"), call("c2")}, ""},
        {Role::kUser, false, {result("c1", {text("x")}), result("c2", {}), text("go")}, ""}},
       R"x([{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"R","arguments":"{\"a\":1}"}},{"id":"c2","type":"function","function":{"name":"R","arguments":"{\"a\":1}"}}]},
         {"role":"tool","tool_call_id":"c1","content":"x"},{"role":"tool","tool_call_id":"c2","content":"(no output)"},{"role":"user","content":"go"}])x"},
      {"pictures in results",
       {{Role::kUser,
         false,
         {result("c1", {text("shot"), with_source(BlockKind::kImage, SourceKind::kBase64, "AAAA")}),
          result("c2", {with_source(BlockKind::kImage, SourceKind::kBase64, "BBBB"),
                        with_source(BlockKind::kDocument, SourceKind::kBase64, "JVBE")}),
          text("go")},
         ""}},
       R"([{"role":"tool","tool_call_id":"c1","content":"shot\n[image 1 of this tool result follows in the next user message]"},
          {"role":"tool","tool_call_id":"c2","content":"[image 1 of this tool result follows in the next user message]\n[document 1 of this tool result follows in the next user message]"},
          {"role":"user","content":[{"type":"text","text":"Image 1 returned by tool call c1:"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},
            {"type":"text","text":"Image 1 returned by tool call c2:"},{"type":"image_url","image_url":{"url":"data:image/png;base64,BBBB"}},
            {"type":"text","text":"Document 1 returned by tool call c2:"},{"type":"file","file":{"filename":"document-1.pdf","file_data":"data:application/pdf;base64,JVBE"}},{"type":"text","text":"go"}]}])"},
      {"a system message in place",
       {{Role::kUser, false, {text("a")}, ""}, {Role::kSystem, false, {text("note")}, ""}},
       R"([{"role":"user","content":"a"},{"role":"system","content":"note"}])"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    model::Request request;
    request.messages = row.messages;
    Translation translation = thinking_client();
    const Written out = written(request, translation);
    INFO(out.status.message());
    REQUIRE(out.status.ok());
    CHECK(test::json_difference(out.json, "{\"messages\":" + std::string(row.json) + "}") == "");
  }
}

TEST_CASE("the system prompt is one message, in the role the model knows") {
  model::Request request;
  request.system = {text("a"), text("b")};
  request.messages = {{Role::kUser, false, {text("hi")}, ""}};
  struct {
    const char* role;
    const char* learned;
    const char* json;
  } rows[] = {
      {"", "", R"([{"role":"system","content":"a\n\nb"},{"role":"user","content":"hi"}])"},
      {"developer", "",
       R"([{"role":"developer","content":"a\n\nb"},{"role":"user","content":"hi"}])"},
      {"prepend", "",
       R"([{"role":"user","content":[{"type":"text","text":"a\n\nb"},{"type":"text","text":"hi"}]}])"},
      {"", "user", R"([{"role":"user","content":"a\n\nb"},{"role":"user","content":"hi"}])"},
  };
  for (const auto& row : rows) {
    INFO(row.role << row.learned);
    Translation translation = thinking_client();
    translation.facts.system_role = row.role;
    if (*row.learned != 0)
      translation.lessons.push_back({model::LessonKind::kSystemRole, row.learned});
    CHECK(test::json_difference(written(request, translation).json,
                                "{\"messages\":" + std::string(row.json) + "}") == "");
  }
}

TEST_CASE("a model that cannot see gets a placeholder") {
  model::Request request;
  request.messages = {
      {Role::kUser,
       false,
       {with_source(BlockKind::kImage, SourceKind::kBase64, "AAAA"),
        result("c1", {with_source(BlockKind::kImage, SourceKind::kBase64, "AAAA")})},
       ""}};
  Translation translation = thinking_client();
  translation.facts.images = false;
  const Written out = written(request, translation);
  REQUIRE(out.status.ok());
  CHECK(
      out.json ==
      R"({"messages":[{"role":"tool","tool_call_id":"c1","content":"[image omitted: the model cannot see images]"},{"role":"user","content":"[image omitted: the model cannot see images]"}]})");
  CHECK(translation.losses.all().size() == 1);
  CHECK(out.data.items == 0);
}

TEST_CASE("an image of a type that the server cannot read is said, and noted") {
  for (const auto& [type, taken] : {std::pair("image/png", true),
                                    {"image/jpeg", true},
                                    {"image/webp", false},
                                    {"image/gif", false}}) {
    INFO(type);
    Block image = with_source(BlockKind::kImage, SourceKind::kBase64, "AAAA");
    image.source->media_type = type;
    model::Request request;
    request.messages = {{Role::kUser, false, {image, result("c1", {image})}, ""}};
    Translation translation = thinking_client();
    translation.traits.webp_and_gif = false;
    const Written out = written(request, translation);
    REQUIRE(out.status.ok());
    CHECK((out.json.find("image_url") != std::string::npos) == taken);
    CHECK((out.json.find("[image omitted: the model cannot read images of type " +
                         std::string(type) + "]") == std::string::npos) == taken);
    CHECK((out.data.items == 2) == taken);
  }
}

TEST_CASE("what cannot be said is refused and named") {
  struct {
    const char* name;
    Block block;
    bool urls;
    bool pdfs;
    std::optional<bool> pdf;
  } rows[] = {
      {"an image by its file id",
       with_source(BlockKind::kImage, SourceKind::kFile, "f"),
       true,
       true,
       {}},
      {"an image by its URL",
       with_source(BlockKind::kImage, SourceKind::kUrl, "https://x"),
       false,
       true,
       {}},
      {"a document by its URL or file id",
       with_source(BlockKind::kDocument, SourceKind::kUrl, "https://x"),
       true,
       true,
       {}},
      {"a PDF document",
       with_source(BlockKind::kDocument, SourceKind::kBase64, "JVBE"),
       true,
       false,
       {}},
      {"a PDF document", with_source(BlockKind::kDocument, SourceKind::kBase64, "JVBE"), true, true,
       false},
  };
  for (const auto& row : rows) {
    for (const bool in_result : {false, true}) {
      INFO(row.name << in_result);
      model::Request request;
      request.messages = {
          {Role::kUser, false, {in_result ? result("c1", {row.block}) : row.block}, ""}};
      Translation translation = thinking_client();
      translation.traits.image_urls = row.urls;
      translation.traits.pdf_parts = row.pdfs;
      translation.facts.pdf = row.pdf;
      const Written out = written(request, translation);
      REQUIRE_FALSE(out.status.ok());
      CHECK(out.status.message() ==
            "messages.0: " + std::string(row.name) + " cannot be sent to the model 'gpt-4o'.");
    }
  }
}

TEST_CASE("the traits of a server show in the messages") {
  model::Request request;
  request.messages = {{Role::kUser, false, {text("hi")}, ""},
                      {Role::kAssistant, false, {call("c1")}, ""}};
  Translation translation = thinking_client();
  translation.traits.null_content = false;
  CHECK_THAT(written(request, translation).json,
             Catch::Matchers::Contains(R"("role":"assistant","content":"")"));

  model::CacheMark mark;
  request.messages[0].content[0].cache = mark;
  translation.losses = {};
  (void)written(request, translation);
  CHECK(translation.losses.all().size() == 1);
  translation.traits.name = "openrouter";
  translation.target_model = "anthropic/claude-sonnet-5";
  CHECK_THAT(written(request, translation).json,
             Catch::Matchers::Contains(R"("cache_control":{"type":"ephemeral"})"));

  // Where conversations of tools are marked most often.
  mark.ttl = "1h";
  Block marked = result("c1", {text("x")});
  marked.cache = mark;
  request.messages.push_back({Role::kUser, false, {marked}, ""});
  CHECK_THAT(
      written(request, translation).json,
      Catch::Matchers::Contains(
          R"("tool_call_id":"c1","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral","ttl":"1h"}}]})"));
  CHECK(translation.losses.all().size() == 1);
}

TEST_CASE("reasoning goes back in the turns since the user spoke") {
  Translation translation = thinking_client();
  translation.traits.reasoning_replay = model::ReasoningReplay::kToolTurns;
  translation.traits.reasoning_field = "reasoning_content";
  Block thinking;
  thinking.kind = BlockKind::kThinking;
  thinking.text = "hm";
  model::Request request;
  request.messages = {{Role::kUser, false, {text("a")}, ""},
                      {Role::kAssistant, false, {thinking, call("c1")}, ""},
                      {Role::kUser, false, {result("c1", {text("x")})}, ""},
                      {Role::kAssistant, false, {thinking, text("done")}, ""},
                      {Role::kUser, false, {text("b")}, ""},
                      {Role::kAssistant, false, {thinking, call("c2")}, ""},
                      {Role::kUser, false, {result("c2", {text("y")})}, ""}};
  const Written out = written(request, translation);
  const size_t at = out.json.find("reasoning_content");
  REQUIRE(at != std::string::npos);
  CHECK(at > out.json.find("\"content\":\"b\""));
  CHECK(out.json.find("reasoning_content", at + 1) == std::string::npos);
  // A server that refuses the field is not shown it again.
  translation.lessons.push_back({model::LessonKind::kDropField, "reasoning_content"});
  CHECK(written(request, translation).json.find("reasoning_content") == std::string::npos);
}

TEST_CASE("a turn of foreign thinking alone is left out, but for servers that count turns") {
  Block thinking;
  thinking.kind = BlockKind::kThinking;
  thinking.text = "hm";
  thinking.signature = "EqQB";
  model::Request request;
  request.messages = {{Role::kUser, false, {text("a")}, ""},
                      {Role::kAssistant, false, {thinking}, ""},
                      {Role::kUser, false, {text("b")}, ""}};
  Translation translation = thinking_client();
  CHECK(written(request, translation).json.find("assistant") == std::string::npos);
  translation.traits.merge_turns = true;
  CHECK_THAT(written(request, translation).json,
             Catch::Matchers::Contains(R"x({"role":"assistant","content":"(empty)"})x"));
}
