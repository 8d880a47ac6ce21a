#include "dialects/openai_responses/dialect.hpp"

#include "dialects/openai_responses/through.hpp"
#include "json/reader.hpp"
#include "support/recordings.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

TEST_CASE("the dialect's name and its counter") {
  CHECK(dialect().name() == "openai_responses");
  CHECK(dialect().counts_tokens());
  for (const auto& path : test::recordings("openai", "openai-responses-json-input-tokens.json")) {
    const auto tokens = dialect().decode_token_count(test::read_file(path));
    REQUIRE(tokens.ok());
    CHECK(tokens.value() == 16);
  }
  for (const char* body : {"", "[]", "{}", R"({"input_tokens":"16"})", R"({"input_tokens":-1})"})
    CHECK_FALSE(dialect().decode_token_count(body).ok());
}

TEST_CASE("the model's name is put into answers and events that have one") {
  const std::tuple<const char*, const char*, bool> rows[] = {
      {R"({"type":"response.created","response":{"id":"r","model":"gpt-5"}})",
       R"({"type":"response.created","response":{"id":"r","model":"a \"b\""}})", true},
      {R"({"id":"r","model":"gpt-5","output":[]})", R"({"id":"r","model":"a \"b\"","output":[]})",
       true},
      {R"({"id":"r","model":"a \"b\""})", R"({"id":"r","model":"a \"b\""})", false},
      {R"({"type":"response.output_text.delta","delta":"\"model\":\"x\""})",
       R"({"type":"response.output_text.delta","delta":"\"model\":\"x\""})", false},
      {R"({"response":{"id":"r"},"model":"gpt-5"})", R"({"response":{"id":"r"},"model":"gpt-5"})",
       false},
      {R"({"model":null})", R"({"model":null})", false},
  };
  for (const auto& [before, after, changed] : rows) {
    std::string data = before;
    CHECK(dialect().rename_model(data, "a \"b\"") == changed);
    CHECK(data == after);
  }
}

TEST_CASE("errors are OpenAI's, whole and inside a stream") {
  model::Failure failure;
  failure.kind = model::FailureKind::kInvalidRequest;
  failure.status = 400;
  failure.message = "prompt is too long: 300000 tokens > 272000 maximum";
  std::string body;
  dialect().encode_error(failure, "req_1", body);
  json::Document document;
  auto parsed = document.parse(body);
  REQUIRE(parsed.ok());
  CHECK(parsed.value()["error"]["message"].string_or("") == failure.message);
  CHECK(parsed.value()["error"]["code"].string_or("") == "context_length_exceeded");
  std::string stream;
  dialect().encode_stream_error(failure, "req_1", stream);
  const auto events = test::sse_events(stream);
  REQUIRE(events.size() == 1);
  CHECK(events[0].name == "response.failed");
  parsed = document.parse(events[0].data);
  REQUIRE(parsed.ok());
  const json::Value response = parsed.value()["response"];
  CHECK(response["status"].string_or("") == "failed");
  CHECK(response["error"]["code"].string_or("") == "context_length_exceeded");
  CHECK(response["error"]["message"].string_or("") == failure.message);
  // What a decoder of the dialect reads of it.
  Translation translation = thinking_client();
  const DecodedStream decoded = decoded_stream(stream, translation);
  REQUIRE(decoded.events.size() == 1);
  CHECK(decoded.events[0].failure.kind == model::FailureKind::kInvalidRequest);
}

TEST_CASE("an upstream's errors are read, and teach") {
  wire::Headers headers;
  const model::Failure failure = dialect().decode_error(
      429, headers, R"({"error":{"message":"Slow down.","code":"rate_limit_exceeded"}})");
  CHECK(failure.kind == model::FailureKind::kRateLimit);
  const auto lesson = dialect().lesson(
      400, R"({"error":{"message":"The encrypted content for item rs_1 could not be verified.",)"
           R"("type":"invalid_request_error","param":null,"code":"invalid_encrypted_content"}})");
  REQUIRE(lesson);
  CHECK(lesson->kind == model::LessonKind::kDropReasoning);
}

TEST_CASE("a sign of life is an event that means nothing") {
  const auto events = test::sse_events(dialect().ping());
  REQUIRE(events.size() == 1);
  Translation translation = thinking_client();
  const auto decoder = dialect().new_stream_decoder(translation);
  std::vector<model::StreamEvent> out;
  CHECK(decoder->on_event(events[0].name, events[0].data, out).ok());
  CHECK(out.empty());
}

}  // namespace
}  // namespace tollgate::dialects::openai_responses
