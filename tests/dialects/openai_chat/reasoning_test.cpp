#include "dialects/openai_chat/reasoning.hpp"

#include "dialects/carriage.hpp"
#include "dialects/openai_chat/through.hpp"
#include "dialects/same_json.hpp"
#include "support/recordings.hpp"

using namespace tollgate;
using namespace tollgate::dialects;
using namespace tollgate::dialects::openai_chat;

namespace {

model::Block thinking(const std::string& text, const std::string& signature) {
  model::Block block;
  block.kind = model::BlockKind::kThinking;
  block.text = text;
  block.signature = signature;
  return block;
}

model::Block call() {
  model::Block block;
  block.kind = model::BlockKind::kToolUse;
  block.name = "R";
  return block;
}

std::string plain(const Translation& translation, const char* field, const char* text) {
  ReasoningTrace trace;
  trace.add_text(field, text);
  return trace.seal(translation);
}

Translation replaying(model::ReasoningReplay replay, std::string_view field) {
  Translation translation = thinking_client();
  translation.traits.reasoning_replay = replay;
  translation.traits.reasoning_field = field;
  return translation;
}

}  // namespace

TEST_CASE("plain reasoning goes back where and as it is wanted") {
  using model::ReasoningReplay;
  struct {
    const char* name;
    ReasoningReplay replay;
    const char* own;
    bool tool_turn;
    const char* field;
    const char* text;
  } rows[] = {
      {"never", ReasoningReplay::kNone, "", true, "", ""},
      {"as it came", ReasoningReplay::kAll, "", false, "reasoning", "hm"},
      {"as the server reads it", ReasoningReplay::kAll, "reasoning_content", false,
       "reasoning_content", "hm"},
      {"in tool turns", ReasoningReplay::kToolTurns, "", true, "reasoning", "hm"},
      {"not in earlier turns", ReasoningReplay::kToolTurns, "", false, "", ""},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    Translation translation = replaying(row.replay, row.own);
    const Replay replay = replay_of({thinking("hm", plain(translation, "reasoning", "hm")), call()},
                                    row.tool_turn, translation);
    CHECK(replay.field == row.field);
    CHECK(replay.text == row.text);
    CHECK(translation.losses.all().empty() == (*row.field != 0));
  }
}

TEST_CASE("reasoning the client does not show travels in the signature") {
  Translation translation = replaying(model::ReasoningReplay::kAll, "");
  translation.thinking_omitted = true;
  const std::string signature = plain(translation, "reasoning", "hidden");
  CHECK(replay_of({thinking("", signature)}, false, translation).text == "hidden");
}

TEST_CASE("foreign reasoning is left out, and noted") {
  Translation translation = replaying(model::ReasoningReplay::kAll, "");
  const std::string item = seal_carriage({"openai-main/gpt-4o", "0a1b2c3d", "r", R"("id":"rs_1")"});
  for (const std::string& signature :
       {std::string("EqQBClaude"), item, std::string("tg1.broken")}) {
    Translation each = translation;
    const Replay replay = replay_of({thinking("hm", signature)}, true, each);
    CHECK(replay.text.empty());
    CHECK(replay.details.empty());
    CHECK(each.losses.all().size() == 1);
  }
  translation.lessons.push_back({model::LessonKind::kDropReasoning, ""});
  CHECK(replay_of({thinking("hm", plain(translation, "reasoning", "hm"))}, true, translation)
            .text.empty());
}

TEST_CASE("a server that wants the field sees it in every turn that calls a tool") {
  Translation translation = replaying(model::ReasoningReplay::kToolTurns, "reasoning_content");
  CHECK(replay_of({call()}, true, translation).field == "reasoning_content");
  CHECK(replay_of({call()}, false, translation).field.empty());
  CHECK(replay_of({}, true, translation).field.empty());
  translation.thinking_wanted = false;
  CHECK(replay_of({call()}, true, translation).field.empty());
}

TEST_CASE("details go back verbatim, to the server that wrote them") {
  Translation translation = thinking_client();
  translation.target = "openrouter/claude";
  const std::string bytes = stream_of(
      {delta(
           R"({"reasoning":"The ","reasoning_details":[{"type":"reasoning.text","text":"The ","format":"anthropic-claude-v1","index":0}]})"),
       delta(
           R"({"reasoning":"end","reasoning_details":[{"type":"reasoning.text","text":"end","format":"anthropic-claude-v1","index":0}]})"),
       delta(
           R"({"reasoning_details":[{"type":"reasoning.text","signature":"c2ln","format":"anthropic-claude-v1","index":0}]})"),
       delta(
           R"({"reasoning_details":[{"type":"reasoning.encrypted","data":"ZGF0YQ==","id":"rs_1","index":1}]})"),
       delta(R"({"content":"Hi"})"), finish("stop")});
  const model::Response response = folded(decode_pieces({bytes}, translation).events);
  REQUIRE(response.content.size() == 2);
  CHECK(response.content[0].text == "The end");
  Replay replay = replay_of(response.content, false, translation);
  CHECK(
      test::json_difference(
          replay.details,
          R"([{"type":"reasoning.text","text":"The end","signature":"c2ln","format":"anthropic-claude-v1","index":0},{"type":"reasoning.encrypted","data":"ZGF0YQ==","id":"rs_1","index":1}])") ==
      "");
  CHECK(replay.field.empty());
  translation.target = "openrouter/other";
  replay = replay_of(response.content, false, translation);
  CHECK(replay.details.empty());
}

TEST_CASE("a recorded signature goes back") {
  const auto path =
      test::recordings_folder() / "openai" / "openrouter-chat-stream-reasoning-details-tool.sse";
  if (!std::filesystem::exists(path)) return;
  const std::string bytes = test::read_file(path);
  Translation translation = thinking_client();
  const model::Response response = folded(decode_pieces({bytes}, translation).events);
  const Replay replay = replay_of(response.content, true, translation);
  json::Document document;
  const auto parsed = document.parse(replay.details);
  REQUIRE(parsed.ok());
  CHECK(parsed.value().size() == 1);
  const json::Value detail = *parsed.value().elements().begin();
  CHECK(detail["text"].string() == response.content[0].text);
  CHECK(detail["signature"].string_or("").size() > 100);
  CHECK(detail["format"].string() == "anthropic-claude-v1");
}
