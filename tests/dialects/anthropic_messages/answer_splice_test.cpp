#include "dialects/anthropic_messages/answer_splice.hpp"

#include "support/catch.hpp"
#include "support/recordings.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

struct SpliceCase {
  const char* name;
  std::string input;
  std::string output;  ///< Empty: refused.
};

const SpliceCase kSpliceCases[] = {
    {"the model", R"({"type":"message","model":"up" ,"content":[]})",
     R"({"type":"message","model":"my/model" ,"content":[]})"},
    {"only the model at the top", R"({"content":[{"model":"up"}],"model":"up","type":"message"})",
     R"({"content":[{"model":"up"}],"model":"my/model","type":"message"})"},
    {"escapes", R"({"type":"message","mod\u0065l":"\u0075p"})",
     R"({"type":"message","mod\u0065l":"my/model"})"},
    {"the client's already", R"({"type":"message","model":"my\/model"})",
     R"({"type":"message","model":"my\/model"})"},
    {"no model", R"({"type":"message" })", R"({"type":"message" })"},
    {"a model that is no string", R"({"type":"message","model":null})",
     R"({"type":"message","model":null})"},
    {"html", "<html></html>", ""},
    {"nothing", "", ""},
    {"cut", R"({"type":"message","model":"up")", ""},
    {"an error", R"({"type":"error","error":{}})", ""},
    {"a list", R"([{"type":"message"}])", ""},
};

TEST_CASE("whole answers carry the client's name of the model") {
  json::Document document;
  for (const SpliceCase& row : kSpliceCases) {
    INFO(row.name);
    std::string body = row.input;
    const Result<AnswerFacts> facts = splice_answer(document, body, "my/model");
    REQUIRE(facts.ok() == !row.output.empty());
    CHECK(body == (facts.ok() ? row.output : row.input));
    if (!facts.ok()) CHECK(facts.status().code() == Code::kInvalid);
  }
}

TEST_CASE("recorded answers differ by the model only") {
  json::Document document;
  for (const auto& path : test::recordings("anthropic", "nonstream.json")) {
    INFO(path.filename().string());
    const std::string original = test::read_file(path);
    std::string body = original;
    const Result<AnswerFacts> first = splice_answer(document, body, "other");
    REQUIRE(first.ok());
    CHECK(body != original);
    const std::string upstream = first.value().upstream_model;
    const Result<AnswerFacts> second = splice_answer(document, body, upstream);
    REQUIRE(second.ok());
    CHECK(second.value().upstream_model == "other");
    CHECK(body == original);
    CHECK(second.value().usage.tokens.input > 0);
    CHECK(second.value().usage.tokens.output > 0);
    CHECK_FALSE(second.value().stop_reason.empty());
  }
}

TEST_CASE("usage is read member by member") {
  json::Document document;
  const auto parsed = document.parse(R"({
    "input_tokens": 10, "output_tokens": 20, "cache_read_input_tokens": null,
    "cache_creation_input_tokens": 30,
    "cache_creation": {"ephemeral_5m_input_tokens": 12, "ephemeral_1h_input_tokens": 18},
    "output_tokens_details": {"thinking_tokens": 5},
    "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 1},
    "service_tier": "priority", "inference_geo": "us", "speed": "fast",
    "iterations": [{"type":"advisor_message","model":"claude-opus-5","input_tokens":3,
      "output_tokens":4,"cache_read_input_tokens":5,"cache_creation_input_tokens":6,
      "cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":6}}],
    "something_new": {}})");
  REQUIRE(parsed.ok());
  const model::UsagePatch patch = read_usage(parsed.value());
  CHECK_FALSE(patch.cache_read.has_value());
  model::Usage usage;
  model::merge(usage, patch);
  CHECK(usage.tokens == model::Tokens{10, 0, 12, 18, 20});
  CHECK(usage.reasoning == 5);
  CHECK(usage.web_searches == 2);
  CHECK(usage.web_fetches == 1);
  CHECK(usage.service_tier == "priority");
  CHECK(usage.inference_geo == "us");
  CHECK(usage.fast);
  REQUIRE(usage.iterations.size() == 1);
  CHECK(usage.iterations[0].type == "advisor_message");
  CHECK(usage.iterations[0].model == "claude-opus-5");
  CHECK(usage.iterations[0].tokens == model::Tokens{3, 5, 0, 6, 4});
}

TEST_CASE("usage of other shapes says nothing") {
  json::Document document;
  for (const char* text : {"null", "[]", "7", R"({"input_tokens":"7","iterations":null,"speed":null,
        "server_tool_use":null,"output_tokens_details":null,"cache_creation":null})"}) {
    INFO(text);
    const auto parsed = document.parse(text);
    REQUIRE(parsed.ok());
    model::Usage usage;
    model::merge(usage, read_usage(parsed.value()));
    CHECK(usage.tokens == model::Tokens{});
  }
}

struct ErrorCase {
  const char* text;
  uint32_t status;
  model::FailureKind kind;
  uint32_t want_status;
  const char* type;
};

const ErrorCase kErrorCases[] = {
    {R"({"type":"overloaded_error","message":"m"})", 0, model::FailureKind::kOverloaded, 529,
     "overloaded_error"},
    {R"({"type":"billing_error","message":"m"})", 429, model::FailureKind::kBilling, 429,
     "billing_error"},
    {R"({"type":"request_too_large","message":"m"})", 0, model::FailureKind::kTooLarge, 413,
     "request_too_large"},
    {R"({"type":"never_heard_of","message":"m"})", 403, model::FailureKind::kPermission, 403,
     "permission_error"},
    {R"({"type":"never_heard_of","message":"m"})", 0, model::FailureKind::kApi, 500, "api_error"},
    {R"({"message":"m"})", 422, model::FailureKind::kInvalidRequest, 422, "invalid_request_error"},
    {R"({"message":"m"})", 503, model::FailureKind::kApi, 503, "api_error"},
};

TEST_CASE("error objects become failures, and back") {
  json::Document document;
  for (const ErrorCase& row : kErrorCases) {
    INFO(row.text << " " << row.status);
    const auto parsed = document.parse(row.text);
    REQUIRE(parsed.ok());
    const model::Failure failure = read_error(parsed.value(), row.status);
    CHECK(failure.kind == row.kind);
    CHECK(failure.status == row.want_status);
    CHECK(failure.message == "m");
    CHECK(error_type(failure) == row.type);
  }
  CHECK(status_of_error_type("timeout_error") == 504);
  CHECK(status_of_error_type("never_heard_of") == 0);
}

}  // namespace
}  // namespace tollgate::dialects::anthropic_messages
