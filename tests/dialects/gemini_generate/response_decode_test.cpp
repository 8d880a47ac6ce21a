#include "dialects/gemini_generate/signatures.hpp"
#include "dialects/gemini_generate/through_gemini.hpp"
#include "dialects/same_json.hpp"
#include "json/walk.hpp"
#include "support/recordings.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

using model::BlockKind;
using model::StopReason;

std::string recording(const char* name) {
  const auto found = test::recordings("gemini", name);
  return found.empty() ? std::string() : test::read_file(found.front());
}

model::Response decoded_whole(std::string_view body, Translation& translation) {
  const auto response = dialect().decode_response(body, translation);
  INFO((response.ok() ? "" : response.status().message()));
  REQUIRE(response.ok());
  return response.value();
}

TEST_CASE("recorded whole answers") {
  Translation translation = translation_to("gemini-2.5-flash", true);
  if (const std::string body = recording("vertex-text-nonstream.json"); !body.empty()) {
    const model::Response response = decoded_whole(body, translation);
    REQUIRE(response.content.size() == 1);
    CHECK(response.content[0].text == "1\n2\n3");
    CHECK(response.stop_reason == StopReason::kEndTurn);
    CHECK(response.usage.tokens.input == 7);
    CHECK(response.usage.tokens.output == 26);
    CHECK(response.usage.reasoning == 21);
    CHECK(response.model == "gemini-2.5-flash");
    CHECK_FALSE(response.usage.estimated);
  }
  if (const std::string body = recording("vertex-parallel-tools-nonstream.json"); !body.empty()) {
    const model::Response response = decoded_whole(body, translation);
    REQUIRE(response.content.size() == 3);
    CHECK(response.content[0].kind == BlockKind::kRedactedThinking);
    CHECK(response.content[1].name == "weather");
    CHECK(response.content[2].name == "best_language_to_learn");
    CHECK(response.content[2].input == "{}");
    CHECK(response.stop_reason == StopReason::kToolUse);
    CHECK(response.usage.tokens.output == 136);
  }
  if (const std::string body = recording("tool-call-with-id-gemini3.json"); !body.empty()) {
    const model::Response response = decoded_whole(body, translation);
    REQUIRE(response.content.size() == 2);
    CHECK(response.content[1].id == "toolu_g_grBScFvZ");
    CHECK(response.content[1].input == "{\"order_id\":\"A-4417\"}");
  }
  if (const std::string body = recording("vertex-unexpected-tool-call.json"); !body.empty()) {
    const model::Response response = decoded_whole(body, translation);
    REQUIRE(response.content.size() == 2);
    CHECK(response.content[1].name == "list_files");
    CHECK(response.stop_reason == StopReason::kToolUse);
  }
  if (const std::string body = recording("max-tokens-empty.json"); !body.empty()) {
    const model::Response response = decoded_whole(body, translation);
    CHECK(response.content.empty());
    CHECK(response.stop_reason == StopReason::kMaxTokens);
    CHECK(response.usage.tokens.input == 15);
    CHECK(response.usage.tokens.output == 2);
  }
  if (const std::string body = recording("prompt-blocked-model-armor.json"); !body.empty()) {
    const model::Response response = decoded_whole(body, translation);
    CHECK(response.content.empty());
    CHECK(response.stop_reason == StopReason::kRefusal);
    CHECK(response.stop_details.find("Prompt Injection and Jailbreak") != std::string::npos);
    CHECK(response.usage.estimated);
  }
  if (const std::string body = recording("text-json-array-stream.json"); !body.empty()) {
    const model::Response response = decoded_whole(body, translation);
    REQUIRE(response.content.size() == 3);
    CHECK(response.content[0].kind == BlockKind::kThinking);
    CHECK(response.content[1].text == "Scoop");
    CHECK(response.content[2].kind == BlockKind::kRedactedThinking);
    CHECK(response.usage.tokens.input == 11);
    CHECK(response.usage.tokens.output == 293);
  }
}

TEST_CASE("recorded token counts") {
  if (const std::string body = recording("vertex-count-tokens.json"); !body.empty()) {
    CHECK(dialect().decode_token_count(body).value() == 36);
  }
  if (const std::string body = "{\"totalTokens\":12}"; true) {
    CHECK(dialect().decode_token_count(body).value() == 12);
  }
  CHECK_FALSE(dialect().decode_token_count("{\"input_tokens\":12}").ok());
  CHECK_FALSE(dialect().decode_token_count("oops").ok());
  CHECK(dialect().counts_tokens());
}

TEST_CASE("whole answers that are none") {
  Translation translation = translation_to("gemini-2.5-flash");
  for (const char* body :
       {"", "oops", "{}", "[]", "7", "{\"candidates\":[]}", "{\"error\":{\"message\":\"no\"}}",
        "{\"candidates\":[{\"finishReason\":\"MALFORMED_FUNCTION_CALL\"}]}"}) {
    INFO(body);
    CHECK(dialect().decode_response(body, translation).status().code() == Code::kInvalid);
  }
  // Why the last of them is none is told as on a stream.
  REQUIRE(translation.failure);
  CHECK(translation.failure->status == 500);
  CHECK(translation.failure->should_retry == true);
  // A whole body that names no reason simply ended.
  CHECK(
      decoded_whole("{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}}]}", translation)
          .stop_reason == StopReason::kEndTurn);
}

/// An answer as a client gives it back: the turn of a conversation.
std::string turn_of(const model::Response& response) {
  Translation translation;
  translation.requested_model = "m";
  std::string body;
  REQUIRE(anthropic_messages::dialect().encode_response(response, translation, body).ok());
  json::Document document;
  const auto parsed = document.parse(body);
  REQUIRE(parsed.ok());
  for (json::MemberWalk walk(parsed.value(), body); walk.next();) {
    if (walk.key() == "content") return std::string(walk.text());
  }
  return "[]";
}

TEST_CASE("signatures come back on the parts they came on") {
  struct Row {
    const char* name;
    const char* parts;
  };
  const Row rows[] = {
      {"a call", R"j({"functionCall":{"name":"f","args":{}},"thoughtSignature":"YQ=="})j"},
      {"parallel calls", R"j({"functionCall":{"name":"f","args":{}},"thoughtSignature":"YQ=="},
        {"functionCall":{"id":"abcdefgh","name":"g","args":{"x":[1]}}})j"},
      {"each call its own", R"j({"functionCall":{"name":"f","args":{}},"thoughtSignature":"YQ=="},
        {"functionCall":{"name":"g","args":{}},"thoughtSignature":"Yg=="})j"},
      {"a thought before a call", R"j({"text":"t","thought":true},
        {"functionCall":{"name":"f","args":{}},"thoughtSignature":"YQ=="})j"},
      {"a signed thought", R"j({"text":"t","thought":true,"thoughtSignature":"YQ=="},
        {"text":"a"},{"functionCall":{"name":"f","args":{}},"thoughtSignature":"Yg=="})j"},
      {"a text, then a call", R"j({"text":"a","thoughtSignature":"YQ=="},
        {"functionCall":{"name":"f","args":{}},"thoughtSignature":"Yg=="})j"},
      {"a late one", R"j({"text":"a"},{"text":"","thoughtSignature":"YQ=="})j"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const std::string parts = "[" + std::string(row.parts) + "]";
    Translation translation = translation_to("gemini-3.6-flash");
    const model::Response response = decoded_whole(
        "{\"candidates\":[{\"content\":{\"parts\":" + parts + "},\"finishReason\":\"STOP\"}]}",
        translation);
    std::string results;
    for (const model::Block& block : response.content) {
      if (block.kind != BlockKind::kToolUse) continue;
      results += "{\"type\":\"tool_result\",\"tool_use_id\":\"" + block.id + "\"},";
    }
    const std::string conversation =
        "[{\"role\":\"user\",\"content\":\"go\"},{\"role\":"
        "\"assistant\",\"content\":" +
        turn_of(response) + "},{\"role\":\"user\",\"content\":[" + results +
        "{\"type\":\"text\",\"text\":\"more\"}]}]";
    Translation back = translation_to("gemini-3.6-flash");
    const std::string out = encoded(request_text(conversation), back);
    json::Document document;
    const auto sent = document.parse(out);
    REQUIRE(sent.ok());
    auto content = sent.value()["contents"].elements().begin();
    ++content;
    INFO(out);
    json::Document wanted;
    const auto meant = wanted.parse(parts);
    REQUIRE(meant.ok());
    CHECK(test::json_difference((*content)["parts"], meant.value(), "$") == "");
    test::GeminiServer server;
    server.signatures = {"YQ==", "Yg=="};
    const auto wrong = test::gemini_refusals(out, server);
    INFO(one_line(wrong));
    CHECK(wrong.empty());

    // Another model, account or credential cannot read them.
    for (const int change : {0, 1, 2}) {
      Translation other = translation_to("gemini-3.6-flash");
      if (change == 0) other.target = "google/other";
      if (change == 1) other.credential_tag = "76543210";
      if (change == 2) other.lessons.push_back({model::LessonKind::kDropReasoning, ""});
      const std::string foreign = encoded(request_text(conversation), other);
      CHECK(foreign.find("\"YQ==\"") == std::string::npos);
      CHECK(foreign.find("tg1.") == std::string::npos);
      server.signatures = {"bm8="};
      CHECK(test::gemini_refusals(foreign, server).empty());
      CHECK((has_loss(other, "thinking (foreign)") || has_loss(other, "(foreign)")));
    }
  }
}

}  // namespace
}  // namespace tollgate::dialects::gemini_generate
