#include "dialects/anthropic_messages/through_model.hpp"
#include "support/catch.hpp"
#include "support/recordings.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

TEST_CASE("what is no answer") {
  Translation translation;
  for (const char* body : {"", "<html>", "[]", "{}", R"({"type":"message"})",
                           R"({"type":"error","error":{"type":"api_error"}})",
                           R"({"type":"message","content":[{"type":"text"}]})"}) {
    INFO(body);
    const auto response = dialect().decode_response(body, translation);
    REQUIRE_FALSE(response.ok());
    CHECK(response.status().code() == Code::kInvalid);
  }
}

TEST_CASE("recorded answers are read whole") {
  for (const auto& path : test::recordings("anthropic", "nonstream.json")) {
    INFO(path.filename().string());
    const model::Response response = decoded_response(test::read_file(path));
    CHECK(response.id.starts_with("msg_"));
    CHECK(response.model.starts_with("claude-"));
    CHECK(response.stop_reason != model::StopReason::kUnset);
    CHECK(response.stop_reason != model::StopReason::kOther);
    CHECK(response.usage.tokens.prompt() > 0);
    CHECK(response.usage.tokens.output > 0);
    CHECK_FALSE(response.content.empty());
  }
}

TEST_CASE("stop reasons by name") {
  const auto reason = [](const std::string& value) {
    return decoded_response(R"({"type":"message","content":[],"stop_reason":)" + value + "}");
  };
  CHECK(reason("null").stop_reason == model::StopReason::kUnset);
  CHECK(reason("\"pause_turn\"").stop_reason == model::StopReason::kPauseTurn);
  CHECK(reason("\"model_context_window_exceeded\"").stop_reason ==
        model::StopReason::kContextWindow);
  CHECK(reason("\"new\"").stop_reason == model::StopReason::kOther);
  CHECK(reason("\"new\"").stop_reason_name == "new");
}

}  // namespace
}  // namespace tollgate::dialects::anthropic_messages
