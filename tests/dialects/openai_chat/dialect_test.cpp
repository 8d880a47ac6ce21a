#include "dialects/openai_chat/through.hpp"

using namespace tollgate;
using namespace tollgate::dialects;
using namespace tollgate::dialects::openai_chat;

TEST_CASE("the model of a chunk or an answer is renamed, and nothing else") {
  struct {
    const char* name;
    std::string data;
    const char* after;
    bool changed;
  } rows[] = {
      {"a chunk", R"({"id":"x","model":"gpt-4o-2024","choices":[{"model":"in"}]})",
       R"({"id":"x","model":"coding/gpt","choices":[{"model":"in"}]})", true},
      {"the name already", R"({"model":"coding/gpt"})", R"({"model":"coding/gpt"})", false},
      {"no model", R"({"error":{"message":"m"}})", R"({"error":{"message":"m"}})", false},
      {"the end", "[DONE]", "[DONE]", false},
      {"no text", R"({"model":null})", R"({"model":null})", false},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    std::string data = row.data;
    CHECK(dialect().rename_model(data, "coding/gpt") == row.changed);
    CHECK(data == row.after);
  }
}

TEST_CASE("errors have this dialect's shape, whole and inside a stream") {
  model::Failure failure;
  failure.kind = model::FailureKind::kRateLimit;
  failure.status = 429;
  failure.message = "slow";
  std::string body;
  dialect().encode_error(failure, "req_1", body);
  CHECK(
      body ==
      R"({"error":{"message":"slow","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"}})");
  std::string stream;
  dialect().encode_stream_error(failure, "req_1", stream);
  CHECK(stream == "data: " + body + "\n\ndata: [DONE]\n\n");
  const model::Failure read = dialect().decode_error(429, {}, body);
  CHECK(read.message == "slow");
  CHECK(read.kind == model::FailureKind::kRateLimit);
}

TEST_CASE("a refusal for want of room is an answer of nothing") {
  const std::string said =
      "Could not finish the message because max_tokens or model output limit was reached. Please "
      "try again with higher max_tokens.";
  const std::string body =
      R"({"error":{"message":")" + said + R"(","type":"invalid_request_error","code":null}})";
  const auto answer = dialect().answer_of_refusal(400, body);
  REQUIRE(answer);
  Translation translation = thinking_client();
  const auto response = dialect().decode_response(*answer, translation);
  REQUIRE(response.ok());
  CHECK(response.value().content.empty());
  CHECK(response.value().stop_reason == model::StopReason::kMaxTokens);
  CHECK(response.value().usage.tokens.input == 77);
  CHECK_FALSE(dialect().answer_of_refusal(500, body));
  CHECK_FALSE(dialect().answer_of_refusal(400, R"({"error":{"message":"no"}})"));
  CHECK_FALSE(dialect().answer_of_refusal(400, said));
}

TEST_CASE("the answer of a token counter is read") {
  CHECK(dialect().decode_token_count(R"({"count":12,"max_model_len":4096})").value() == 12);
  for (const char* body : {"", "{}", R"({"count":-1})", R"({"count":"12"})"}) {
    INFO(body);
    CHECK_FALSE(dialect().decode_token_count(body).ok());
  }
}

TEST_CASE("the dialect has a name, a ping that means nothing, and lessons") {
  CHECK(dialect().name() == "openai_chat");
  CHECK(test::sse_events(dialect().ping()).empty());
  CHECK_FALSE(dialect().counts_tokens());
  const auto lesson = dialect().lesson(
      400, R"({"error":{"message":"Unrecognized request argument supplied: stream_options"}})");
  REQUIRE(lesson);
  CHECK(lesson->value == "stream_options");
}
