#include "dialects/carriage.hpp"
#include "json/reader.hpp"
#include "support/fake_host.hpp"
#include "support/gemini_rules.hpp"
#include "support/recordings.hpp"
#include "support/rsa_test_key.hpp"

// Accounts of Google from the configuration to the client's bytes.
namespace tollgate::test {
namespace {

std::shared_ptr<gateway::Gateway> google_gateway() {
  std::string pem;
  for (const char c : rsa_test_key().private_pem)
    pem += c == '\n' ? std::string("\\n") : std::string(1, c);
  return make_gateway(
      "type: provider-account/google-gemini\nname: studio\nbase_url: http://127.0.0.1:9\n"
      "auth_data: {type: api-key, api_key: AIza-canary}\n"
      "integrations: [{name: flash, model_id: gemini-3.6-flash}]\n---\n"
      "type: provider-account/google-vertex\nname: vertex\nbase_url: http://127.0.0.1:9\n"
      "auth_data:\n  type: key-file\n  key_file_content: '{\"type\":\"service_account\","
      "\"project_id\":\"proj\",\"private_key_id\":\"k\",\"client_email\":\"svc@proj\","
      "\"token_uri\":\"http://127.0.0.1:9/token\",\"private_key\":\"" +
      pem +
      "\"}'\nintegrations:\n  - {name: pro, model_id: gemini-3.1-pro-preview}\n"
      "  - {name: opus, model_id: claude-opus-5-5}\n---\n"
      "type: user\nname: dev-1@corp.example\ntokens: [{env: TOKEN_1}]\n");
}

std::string body_of(std::string_view model, std::string_view more = "") {
  return "{\"model\":\"" + std::string(model) +
         "\",\"max_tokens\":100,\"stream\":true,\"service_tier\":\"auto\","
         "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]" +
         std::string(more) + "}";
}

std::string recording(const char* ending) {
  const auto found = recordings("gemini", ending);
  return found.empty() ? std::string() : read_file(found.front());
}

TEST_CASE("a stream of AI Studio reaches a client of Messages") {
  const std::string stream = recording("tool-call-signature-gemini3-stream.sse");
  FakeHost host(google_gateway());
  host.post(body_of("studio/flash"));
  REQUIRE(host.calls.size() == 1);
  CHECK(host.calls[0].url ==
        "http://127.0.0.1:9/v1beta/models/gemini-3.6-flash:streamGenerateContent?alt=sse");
  CHECK(host.calls[0].header("x-goog-api-key") == "AIza-canary");
  CHECK(gemini_refusals(host.calls[0].body, GeminiServer()).empty());
  if (stream.empty()) return;
  host.stream(stream);
  CHECK(host.done);
  CHECK(host.status == 200);
  CHECK(host.head_value("content-type").starts_with("text/event-stream"));
  CHECK(host.body.find("\"model\":\"studio/flash\"") != std::string::npos);
  CHECK(host.body.find("\"name\":\"get_country\"") != std::string::npos);
  CHECK(host.body.find("\"data\":\"" + std::string(dialects::kCarriagePrefix)) !=
        std::string::npos);
  CHECK(host.body.find("\"stop_reason\":\"tool_use\"") != std::string::npos);
  CHECK(host.body.find("event: message_stop") != std::string::npos);
  CHECK(host.body.find("AIza-canary") == std::string::npos);
  REQUIRE(host.records.size() == 1);
  CHECK(host.records[0].find("\"input_tokens\":29") != std::string::npos);
  CHECK(host.records[0].find("\"output_tokens\":212") != std::string::npos);
  CHECK(host.records[0].find("service_tier") != std::string::npos);
}

TEST_CASE("an array in pieces is a stream too, and a cut one an error") {
  const std::string array = recording("json-array-stream.json");
  if (array.empty()) return;
  for (const bool whole : {true, false}) {
    FakeHost host(google_gateway());
    host.post(body_of("studio/flash"));
    host.upstream_head(200, {{"content-type", "application/json; charset=UTF-8"}});
    const size_t most = whole ? array.size() : array.size() / 2;
    for (size_t at = 0; at < most; at += 100)
      host.upstream_body(std::string_view(array).substr(at, std::min<size_t>(100, most - at)));
    host.upstream_end();
    CHECK(host.done);
    CHECK(host.body.find("Scoop") != std::string::npos);
    CHECK((host.body.find("event: message_stop") != std::string::npos) == whole);
    CHECK((host.body.find("event: error") != std::string::npos) == !whole);
  }
}

/// Answers every call with the next body, the last one again and again, until the client has one.
void answer_with(FakeHost& host, const std::vector<std::string>& bodies, bool stream) {
  for (size_t answered = 0; !host.done && answered < host.calls.size();) {
    const std::string& body = bodies[std::min(answered, bodies.size() - 1)];
    answered = host.calls.size();
    host.upstream_head(200, {{"content-type", stream ? "text/event-stream" : "application/json"}});
    host.upstream_body(stream ? "data: " + body + "\r\n\r\n" : body);
    host.upstream_end();
    if (!host.done) host.pass(5 * kSecond);
  }
}

TEST_CASE("an answer that Gemini leaves empty is asked for once more") {
  const std::string usage =
      R"("usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":2},"modelVersion":"m"})";
  const std::string none =
      R"({"candidates":[{"content":{"role":"model"},"finishReason":"STOP"}],)" + usage;
  const std::string some =
      R"({"candidates":[{"content":{"parts":[{"text":"hi"}]},"finishReason":"STOP"}],)" + usage;
  const std::string cut = R"({"candidates":[{"finishReason":"MAX_TOKENS"}],)" + usage;
  const std::string bad = R"({"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}],)" + usage;
  const std::string over =
      R"({"error":{"code":503,"message":"The model is overloaded","status":"UNAVAILABLE"}})";
  const std::string wrong =
      R"({"error":{"code":400,"message":"no such field","status":"INVALID_ARGUMENT"}})";
  struct Row {
    const char* name;
    std::vector<std::string> answers;
    size_t calls;
    uint32_t status;
    const char* told;
    const char* not_told;
  };
  const Row rows[] = {
      {"empty, then not", {none, some}, 2, 200, "hi", "x-none"},
      {"empty twice", {none}, 2, 200, "\"stop_reason\":\"end_turn\"", "\"type\":\"text\""},
      {"not empty", {some}, 1, 200, "hi", "x-none"},
      {"cut before it began", {cut}, 1, 200, "\"stop_reason\":\"max_tokens\"", "x-none"},
      {"a malformed call, then not", {bad, some}, 2, 200, "hi", "MALFORMED"},
      {"malformed for good", {bad}, 3, 500, "MALFORMED_FUNCTION_CALL", "message_stop"},
      {"an error in its place, then not", {over, some}, 2, 200, "hi", "overloaded"},
      {"an error that stays", {over}, 3, 529, "overloaded_error", "message_stop"},
      {"an error of the request's", {wrong}, 1, 400, "no such field", "message_stop"},
  };
  for (const Row& row : rows) {
    for (const bool stream : {true, false}) {
      INFO(row.name << (stream ? ", streaming" : ", whole"));
      FakeHost host(google_gateway());
      std::string body = body_of("studio/flash");
      if (!stream) body.replace(body.find("\"stream\":true"), 13, "\"stream\":false");
      host.post(body);
      answer_with(host, row.answers, stream);
      REQUIRE(host.done);
      CHECK(host.calls.size() == row.calls);
      CHECK(host.status == row.status);
      // The client may try again what the model got wrong.
      CHECK((host.head_value("x-should-retry") == "true") == (row.status == 500));
      CHECK(host.body.find(row.told) != std::string::npos);
      CHECK(host.body.find(row.not_told) == std::string::npos);
      REQUIRE(host.records.size() == 1);
      if (row.answers.front() == none) {
        CHECK(host.records[0].find("empty answer") != std::string::npos);
      }
    }
  }
}

TEST_CASE("a request for no token is answered here, where it could only be paid for") {
  for (const bool stream : {true, false}) {
    INFO(stream);
    FakeHost host(google_gateway());
    std::string body = body_of("studio/flash");
    body.replace(body.find("100"), 3, "0");
    if (!stream) body.replace(body.find("\"stream\":true"), 13, "\"stream\":false");
    host.post(body);
    CHECK(host.calls.empty());
    REQUIRE(host.done);
    CHECK(host.status == 200);
    CHECK(host.head_value("x-tollgate-resolved-model") == "studio/flash");
    CHECK(host.head_value("content-type")
              .starts_with(stream ? "text/event-stream" : "application/json"));
    CHECK(host.body.find("\"stop_reason\":\"max_tokens\"") != std::string::npos);
    CHECK(host.body.find("\"output_tokens\":0") != std::string::npos);
    CHECK(host.body.find("\"type\":\"text\"") == std::string::npos);
    CHECK((host.body.find("event: message_stop") != std::string::npos) == stream);
    REQUIRE(host.records.size() == 1);
    CHECK(host.records[0].find("\"cost_nano_usd\":0") != std::string::npos);
    CHECK(host.records[0].find("\"attempts\":[]") != std::string::npos);
  }
  // Claude keeps the prompt for later, and is asked.
  FakeHost host(google_gateway());
  std::string body = body_of("vertex/opus");
  body.replace(body.find("100"), 3, "0");
  host.post(body);
  CHECK(host.calls.size() == 1);
}

TEST_CASE("a key that is not valid is the administrator's affair") {
  const std::string answer = recording("error-400-bad-key.json");
  if (answer.empty()) return;
  FakeHost host(google_gateway());
  host.post(body_of("studio/flash"));
  host.upstream_head(400, {{"content-type", "application/json"}});
  host.upstream_body(answer);
  host.upstream_end();
  CHECK(host.status == 502);
  CHECK(host.body.find("administrator") != std::string::npos);
}

TEST_CASE("Vertex is called with a token that is fetched first and renewed when refused") {
  const auto gateway = google_gateway();
  FakeHost host(gateway);
  host.post(body_of("vertex/pro"));
  REQUIRE(host.calls.size() == 1);
  CHECK(host.calls[0].url == "http://127.0.0.1:9/token");
  CHECK(host.calls[0].body.starts_with("grant_type="));
  const auto answer_token = [](FakeHost& to, const char* token) {
    to.upstream_head(200, {{"content-type", "application/json"}});
    to.upstream_body("{\"access_token\":\"" + std::string(token) + "\",\"expires_in\":3599}");
    to.upstream_end();
  };
  answer_token(host, "ya29.first");
  REQUIRE(host.calls.size() == 2);
  CHECK(host.calls[1].url ==
        "http://127.0.0.1:9/v1/projects/proj/locations/global/publishers/google/models/"
        "gemini-3.1-pro-preview:streamGenerateContent?alt=sse");
  CHECK(host.calls[1].header("authorization") == "Bearer ya29.first");
  // Another request has it at hand; Google refuses it: one new token, one more try.
  FakeHost second(gateway);
  second.post(body_of("vertex/pro"));
  REQUIRE(second.calls.size() == 1);
  CHECK(second.calls[0].header("authorization") == "Bearer ya29.first");
  second.upstream_head(401, {{"content-type", "application/json"}});
  second.upstream_body(R"({"error":{"code":401,"message":"m","status":"UNAUTHENTICATED"}})");
  second.upstream_end();
  REQUIRE(second.calls.size() == 2);
  CHECK(second.calls[1].url == "http://127.0.0.1:9/token");
  answer_token(second, "ya29.second");
  REQUIRE(second.calls.size() == 3);
  CHECK(second.calls[2].header("authorization") == "Bearer ya29.second");
  second.upstream_head(401, {{"content-type", "application/json"}});
  second.upstream_body(R"({"error":{"code":401,"message":"m","status":"UNAUTHENTICATED"}})");
  second.upstream_end();
  CHECK(second.calls.size() == 3);
  CHECK(second.status == 502);
}

TEST_CASE("Claude on Vertex gets the client's body with a few members changed") {
  FakeHost host(google_gateway());
  host.post(body_of("vertex/opus", ",\"context_management\":{\"edits\":[]}"),
            {{"authorization", "Bearer token-1"},
             {"anthropic-version", "2023-06-01"},
             {"anthropic-beta", "claude-code-20250219,context-management-2025-06-27"}});
  host.upstream_head(200, {});
  host.upstream_body(R"({"access_token":"ya29.x","expires_in":3599})");
  host.upstream_end();
  REQUIRE(host.calls.size() == 2);
  const SeenCall& call = host.calls[1];
  CHECK(call.url ==
        "http://127.0.0.1:9/v1/projects/proj/locations/global/publishers/anthropic/models/"
        "claude-opus-5-5:streamRawPredict");
  CHECK(call.header("anthropic-beta") == "context-management-2025-06-27");
  CHECK(call.header("anthropic-version").empty());
  json::Document document;
  const auto body = document.parse(call.body);
  REQUIRE(body.ok());
  CHECK_FALSE(body.value()["model"].exists());
  CHECK_FALSE(body.value()["service_tier"].exists());
  CHECK(body.value()["context_management"].exists());
  CHECK(body.value()["anthropic_version"].string_or("") == "vertex-2023-10-16");
  CHECK(body.value()["stream"].boolean() == true);
  // Google's own front answers in another form; the client reads its own.
  for (size_t answered = 1; answered < host.calls.size(); host.pass(5 * kSecond)) {
    answered = host.calls.size();
    host.upstream_head(429, {{"content-type", "application/json"}});
    host.upstream_body(
        R"([{"error":{"code":429,"message":"Quota","status":"RESOURCE_EXHAUSTED"}}])");
    host.upstream_end();
    if (host.done) break;
  }
  CHECK(host.status == 429);
  CHECK(host.body.find("\"type\":\"rate_limit_error\"") != std::string::npos);
  CHECK(host.body.find("RESOURCE_EXHAUSTED") == std::string::npos);
}

}  // namespace
}  // namespace tollgate::test
