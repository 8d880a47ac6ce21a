#include "dialects/anthropic_messages/thinking_fit.hpp"

#include "dialects/anthropic_messages/through_model.hpp"
#include "dialects/carriage.hpp"
#include "json/reader.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

using model::ThinkingKind;

std::string thinking(const std::string& signature) {
  return R"({"type":"thinking","thinking":"hm","signature":")" + signature + "\"}";
}
const std::string kForeign = thinking(seal_carriage({"openai/gpt", "0", "r", R"("e":"x")"}));
const std::string kOwn = thinking("EqQBCkYIBRgCKkA0");
const std::string kCall = R"({"type":"tool_use","id":"toolu_1","name":"Bash","input":{}})";
const std::string kResult =
    R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"ok"}]})";

std::string body(const std::string& assistant, const std::string& last,
                 const std::string& members) {
  return R"({"model":"m","max_tokens":20000,)" + members +
         R"("messages":[{"role":"user","content":"go"},{"role":"assistant","content":[)" +
         assistant + "]}," + last + "]}";
}

std::string encoded(const std::string& text, Translation& translation) {
  std::string out;
  REQUIRE(dialect().encode_request(decoded_request(text), translation, out).ok());
  return out;
}

TEST_CASE("thinking of another upstream does not go to Claude") {
  const std::string redacted = R"({"type":"redacted_thinking","data":")" +
                               seal_carriage({"openai/gpt", "0", "r", ""}) + "\"}";
  for (const std::string& block : {kForeign, redacted}) {
    Translation translation;
    const std::string out = encoded(body(block + "," + kCall, kResult, ""), translation);
    CHECK(out.find("tg1.") == std::string::npos);
    CHECK(out.find("thinking") == std::string::npos);
    CHECK(out.find("tool_use") != std::string::npos);
    REQUIRE(translation.losses.all().size() == 1);
    CHECK(translation.losses.all()[0].what == "thinking (of another upstream)");
  }
  Translation translation;
  const std::string out = encoded(body(kOwn + "," + kCall, kResult, ""), translation);
  CHECK(out.find("EqQBCkYIBRgCKkA0") != std::string::npos);
  CHECK(translation.losses.all().empty());
}

TEST_CASE("a turn that only thought goes whole") {
  Translation translation;
  const std::string out =
      encoded(body(kForeign, R"({"role":"user","content":"on"})", ""), translation);
  json::Document document;
  const auto parsed = document.parse(out);
  REQUIRE(parsed.ok());
  CHECK(parsed.value()["messages"].size() == 2);
}

TEST_CASE("the client still gets such thinking back unchanged") {
  model::Response response;
  response.content.resize(1);
  response.content[0].kind = model::BlockKind::kThinking;
  response.content[0].signature = seal_carriage({"openai/gpt", "0", "r", R"("e":"x")"});
  CHECK(encoded_response(response, "m").find(response.content[0].signature) != std::string::npos);
}

TEST_CASE("a loop whose thinking was left out goes on without") {
  const std::string enabled = R"("thinking":{"type":"enabled","budget_tokens":4000},)";
  const std::string managed =
      R"("context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]},)";
  struct Row {
    const char* name;
    std::string assistant;
    std::string last;
    std::string members;
    bool thinks;
  };
  const std::string text = R"({"role":"user","content":"on"})";
  const Row rows[] = {
      {"foreign, in a loop", kForeign + "," + kCall, kResult, enabled + managed, false},
      {"its own, in a loop", kOwn + "," + kCall, kResult, enabled + managed, true},
      {"both, in a loop", kForeign + "," + kOwn + "," + kCall, kResult, enabled + managed, true},
      {"none, in a loop", kCall, kResult, enabled + managed, true},
      {"foreign, the loop over", kForeign + R"(,{"type":"text","text":"a"})", text,
       enabled + managed, true},
      {"foreign, adaptive", kForeign + "," + kCall, kResult,
       R"("thinking":{"type":"adaptive"},)" + managed, true},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Translation translation;
    const std::string out = encoded(body(row.assistant, row.last, row.members), translation);
    CHECK((out.find(R"("thinking":{"type":"disabled"})") == std::string::npos) == row.thinks);
    CHECK((out.find("clear_thinking") != std::string::npos) == row.thinks);
  }
}

TEST_CASE("models that know no adaptive thinking get a budget") {
  struct Row {
    const char* name;
    int64_t max_tokens;
    std::string effort;
    std::vector<std::string> efforts;
    ThinkingKind kind;
    int64_t budget;
    std::string sent_effort;
  };
  const Row rows[] = {
      {"an effort", 64000, "high", {}, ThinkingKind::kEnabled, 24576, ""},
      {"none named", 64000, "", {}, ThinkingKind::kEnabled, 8192, ""},
      {"little room", 4000, "high", {}, ThinkingKind::kEnabled, 2000, ""},
      {"no room", 1500, "high", {}, ThinkingKind::kUnset, 0, ""},
      {"a model that knows", 64000, "high", {"low", "high"}, ThinkingKind::kAdaptive, 0, "high"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    model::Request request;
    request.max_tokens = row.max_tokens;
    request.effort = row.effort;
    request.thinking.kind = ThinkingKind::kAdaptive;
    Translation translation;
    translation.facts.thinking = true;
    translation.facts.efforts = row.efforts;
    const FittedThinking fitted = fit_thinking(request, translation);
    CHECK(fitted.thinking.kind == row.kind);
    CHECK(fitted.thinking.budget_tokens.value_or(0) == row.budget);
    CHECK(fitted.effort == row.sent_effort);
    CHECK(translation.losses.all().size() == (row.kind == ThinkingKind::kAdaptive ? 0 : 1));
  }
}

}  // namespace
}  // namespace tollgate::dialects::anthropic_messages
