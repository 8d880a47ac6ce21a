#include "providers/google_vertex/claude_body.hpp"

#include "providers/google/call.hpp"
#include "providers/google_vertex/provider.hpp"

namespace tollgate::providers::google_vertex {
namespace {

/// The edits as one line: "model-, anthropic_version=…".
std::string edited(const GoogleCall& call, std::string_view body, model::Losses& losses) {
  return call.with_context([&](const CallContext& context) {
    std::vector<MemberEdit> edits;
    REQUIRE(call.provider.edit_body(context, body, edits, losses).ok());
    std::string out;
    for (const MemberEdit& edit : edits) {
      out += (out.empty() ? "" : " ") + edit.key + (edit.value ? "=" + *edit.value : "-");
    }
    return out;
  });
}

GoogleCall claude() {
  GoogleCall call(google_vertex_provider());
  call.model_id = "claude-opus-5-5";
  return call;
}

TEST_CASE("a body of Claude's own API becomes one of rawPredict") {
  model::Losses losses;
  GoogleCall call = claude();
  CHECK(edited(call, R"j({"model":"m","max_tokens":5,"stream":true})j", losses) ==
        "model- anthropic_version=\"vertex-2023-10-16\"");
  CHECK(losses.all().empty());
  call.operation = dialects::Operation::kCountTokens;
  CHECK(edited(call, R"j({"model":"m"})j", losses) ==
        "model=\"claude-opus-5-5\" anthropic_version=\"vertex-2023-10-16\"");
  call.model_id = "gemini-3.6-flash";
  CHECK(edited(call, R"j({"contents":[]})j", losses).empty());
}

TEST_CASE("members that Vertex does not take go, and are told") {
  model::Losses losses;
  const std::string out = edited(
      claude(), R"j({"model":"m","service_tier":"auto","container":"c","context_management":{}})j",
      losses);
  CHECK(out ==
        "model- anthropic_version=\"vertex-2023-10-16\" service_tier- container- "
        "context_management-");
  CHECK(losses.all().size() == 3);
  // With its beta the field may stay.
  GoogleCall paired = claude();
  REQUIRE(paired.client.add("anthropic-beta", "context-management-2025-06-27").ok());
  CHECK(edited(paired, R"j({"model":"m","context_management":{}})j", losses) ==
        "model- anthropic_version=\"vertex-2023-10-16\"");
}

TEST_CASE("a beta that was refused is not sent again, nor its field") {
  const auto lesson =
      claude_lesson(400, R"j({"type":"error","error":{"type":"invalid_request_error","message":
      "Unexpected value(s) `context-management-2025-06-27` for the `anthropic-beta` header."}})j");
  REQUIRE(lesson);
  CHECK(lesson->kind == model::LessonKind::kDropField);
  CHECK_FALSE(claude_lesson(500, "anthropic-beta"));
  CHECK_FALSE(claude_lesson(400, R"j({"error":{"message":"max_tokens"}})j"));
  CHECK_FALSE(claude_lesson(400, R"j({"error":{"message":"the `anthropic-beta` header"}})j"));
  GoogleCall call = claude();
  REQUIRE(call.client.add("anthropic-beta", "context-management-2025-06-27").ok());
  call.lessons = {*lesson};
  model::Losses losses;
  CHECK(edited(call, R"j({"model":"m","context_management":{}})j", losses) ==
        "model- anthropic_version=\"vertex-2023-10-16\" context_management-");
  call.with_context([&](const CallContext& context) {
    CHECK(claude_betas(context).empty());
    return 0;
  });
}

}  // namespace
}  // namespace tollgate::providers::google_vertex
