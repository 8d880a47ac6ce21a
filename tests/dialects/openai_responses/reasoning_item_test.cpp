#include "dialects/carriage.hpp"
#include "dialects/openai_responses/through.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

const std::string kEnd = R"({"type":"response.completed","response":{"status":"completed"}})";

std::string done(const std::string& members) {
  return R"({"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning",)"
         R"("id":"rs_1",)" +
         members + "}}";
}
std::string delta(const char* kind, const char* place, int at, const std::string& text) {
  return std::string(R"({"type":"response.)") + kind + R"(.delta","output_index":0,")" + place +
         "\":" + std::to_string(at) + ",\"delta\":\"" + text + "\"}";
}
std::string summary(int at, const std::string& text) {
  return delta("reasoning_summary_text", "summary_index", at, text);
}
std::string plain(int at, const std::string& text) {
  return delta("reasoning_text", "content_index", at, text);
}
const std::string kTwoParts =
    R"("summary":[{"type":"summary_text","text":"one"},{"type":"summary_text","text":"two"}],)"
    R"("encrypted_content":"gA==")";

struct Row {
  const char* name;
  std::vector<std::string> events;
  std::string thinking;
  std::string kind;
  std::string payload;
};

TEST_CASE("a reasoning item is one thinking block that carries itself") {
  const std::string carried = R"("id":"rs_1","e":"gA==","n":)";
  const Row rows[] = {
      {"nothing shown",
       {done(R"("summary":[],"encrypted_content":"gA==")"), kEnd},
       "",
       "r",
       carried + "[]"},
      {"parts in deltas",
       {summary(0, "on"), summary(0, "e"), summary(1, "two"), done(kTwoParts), kEnd},
       "one\n\ntwo",
       "r",
       carried + "[3,3]"},
      {"parts at the end", {done(kTwoParts), kEnd}, "one\n\ntwo", "r", carried + "[3,3]"},
      {"a rest at the end",
       {summary(0, "o"), done(kTwoParts), kEnd},
       "one\n\ntwo",
       "r",
       carried + "[3,3]"},
      {"a part told by its done",
       {R"({"type":"response.reasoning_summary_text.done","output_index":0,"summary_index":0,"text":"one"})",
        done(kTwoParts), kEnd},
       "one\n\ntwo",
       "r",
       carried + "[3,3]"},
      {"plain",
       {plain(0, "think"),
        done(R"("summary":[],"content":[{"type":"reasoning_text","text":"think"}])"), kEnd},
       "think",
       "p",
       R"("f":"reasoning_content")"},
      {"plain at the end",
       {done(R"("summary":[],"content":[{"type":"reasoning_text","text":"think"}])"), kEnd},
       "think",
       "p",
       R"("f":"reasoning_content")"},
      {"both, of which the first counts",
       {plain(0, "think"), summary(0, "short"),
        done(R"("summary":[{"type":"summary_text","text":"short"}],"encrypted_content":"gA==")"),
        kEnd},
       "think",
       "r",
       carried + "[5]"},
      {"without its end", {summary(0, "one"), kEnd}, "one", "r", R"("id":"","e":"","n":[3])"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Translation translation = thinking_client();
    const model::Response response = stream_answer(row.events, translation);
    REQUIRE(response.content.size() == 1);
    CHECK(response.content[0].kind == model::BlockKind::kThinking);
    CHECK(response.content[0].text == row.thinking);
    const auto carriage = open_carriage(response.content[0].signature);
    REQUIRE(carriage);
    CHECK(carriage->target == translation.target);
    CHECK(carriage->credential_tag == translation.credential_tag);
    CHECK(carriage->kind == row.kind);
    CHECK(carriage->payload == row.payload);
  }
}

TEST_CASE("what is shown of reasoning is the client's wish") {
  const std::vector<std::string> events = {summary(0, "one"), done(kTwoParts), kEnd};
  Translation translation = thinking_client();
  translation.thinking_wanted = false;
  CHECK(stream_answer(events, translation).content.empty());
  translation.thinking_wanted = true;
  translation.thinking_omitted = true;
  const model::Response response = stream_answer(events, translation);
  REQUIRE(response.content.size() == 1);
  CHECK(response.content[0].text.empty());
  CHECK(open_carriage(response.content[0].signature));
}

TEST_CASE("an item that neither shows nor carries anything is no block") {
  Translation translation = thinking_client();
  CHECK(stream_answer({done(R"("summary":[])"), kEnd}, translation).content.empty());
}

TEST_CASE("the block's signature comes once, at its end") {
  Translation translation = thinking_client();
  const DecodedStream decoded =
      decoded_stream(stream_of({summary(0, "one"), done(kTwoParts), kEnd}), translation);
  size_t signatures = 0;
  for (size_t i = 0; i < decoded.events.size(); ++i) {
    if (decoded.events[i].delta != model::DeltaKind::kSignature) continue;
    ++signatures;
    CHECK(decoded.events[i + 1].kind == model::StreamEventKind::kBlockStop);
  }
  CHECK(signatures == 1);
}

TEST_CASE("reasoning that is too large to carry is noted") {
  Translation translation = thinking_client();
  const model::Response response = stream_answer(
      {done(R"("summary":[],"encrypted_content":")" + std::string(5 << 20, 'x') + "\""), kEnd},
      translation);
  REQUIRE(response.content.size() == 1);
  CHECK(response.content[0].signature.empty());
  CHECK(translation.losses.all().size() == 1);
}

}  // namespace
}  // namespace tollgate::dialects::openai_responses
