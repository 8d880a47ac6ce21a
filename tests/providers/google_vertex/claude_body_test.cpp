#include "providers/google_vertex/claude_body.hpp"

#include <cstdio>
#include <set>

#include "dialects/recorded_requests.hpp"
#include "exchange/member_edits.hpp"
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

struct MemberCase {
  const char* name;
  const char* model;
  const char* betas;
  const char* members;
  const char* edits;  ///< Beside model and version.
  std::vector<std::string> lost;
};

const MemberCase kMembers[] = {
    {"all that is taken",
     "claude-opus-5-5",
     "",
     R"j("max_tokens":5,"messages":[],"system":"s","tools":[],"tool_choice":{"type":"auto"},
      "thinking":{"type":"adaptive"},"temperature":1,"top_p":1,"top_k":1,"stop_sequences":["a"],
      "output_config":{"effort":"high"},"metadata":{"user_id":"u"},"stream":true,
      "cache_control":{"type":"ephemeral"})j",
     "",
     {}},
    {"what only Anthropic itself takes",
     "claude-opus-5-5",
     "",
     R"j("service_tier":"auto","container":"c","inference_geo":"us","mcp_servers":[],"thread":{},
      "billing_policy":{},"fallbacks":"default","diagnostics":{},"compaction":{},
      "fallback_credit_token":"t")j",
     " service_tier- container- inference_geo- mcp_servers- thread- billing_policy- fallbacks- "
     "diagnostics- compaction- fallback_credit_token-",
     {"service_tier", "container", "inference_geo", "mcp_servers", "thread", "billing_policy",
      "fallbacks", "diagnostics", "compaction", "fallback_credit_token"}},
    {"what nobody knows yet",
     "claude-opus-5-5",
     "",
     R"j("new_in_2027":1)j",
     " new_in_2027-",
     {"new_in_2027"}},
    {"context management without its beta",
     "claude-opus-5-5",
     "",
     R"j("context_management":{})j",
     " context_management-",
     {"context_management"}},
    {"and with it",
     "claude-opus-5-5",
     "context-management-2025-06-27",
     R"j("context_management":{})j",
     "",
     {}},
    {"the schema's old place without its beta",
     "claude-opus-5-5",
     "",
     R"j("output_format":{})j",
     " output_format-",
     {"output_format"}},
    {"and with it",
     "claude-opus-5-5",
     "structured-outputs-2025-11-13",
     R"j("output_format":{})j",
     "",
     {}},
    {"a fast lane there is not",
     "claude-opus-5-5",
     "",
     R"j("speed":"fast")j",
     " speed-",
     {"speed"}},
    {"and where there is one", "claude-fable-5-2", "", R"j("speed":"fast")j", "", {}},
    {"a cache mark with a scope",
     "claude-opus-5-5",
     "",
     R"j("system":[{"type":"text","text":"a","cache_control":{"type":"ephemeral","scope":"g"}}])j",
     R"j( system=[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}])j",
     {"cache_control.scope"}},
};

TEST_CASE("members that Vertex does not take go, and are told") {
  for (const MemberCase& row : kMembers) {
    INFO(row.name);
    GoogleCall call = claude();
    call.model_id = row.model;
    if (row.betas[0] != '\0') REQUIRE(call.client.add("anthropic-beta", row.betas).ok());
    model::Losses losses;
    const std::string body = "{\"model\":\"m\"," + std::string(row.members) + "}";
    CHECK(edited(call, body, losses) ==
          "model- anthropic_version=\"vertex-2023-10-16\"" + std::string(row.edits));
    std::vector<std::string> lost;
    for (const model::Loss& loss : losses.all())
      lost.push_back(loss.what);
    CHECK(lost == row.lost);
  }
}

TEST_CASE("every recorded request of Claude Code becomes one that rawPredict takes") {
  const std::set<std::string_view> taken = {
      "anthropic_version", "max_tokens", "messages",       "system", "tools",
      "tool_choice",       "thinking",   "temperature",    "top_p",  "top_k",
      "output_config",     "metadata",   "stop_sequences", "stream", "cache_control"};
  size_t bodies = 0;
  for (const test::RecordedRequest& recorded : test::recorded_requests()) {
    for (const bool betas : {true, false}) {
      for (const bool counting : {true, false}) {
        INFO(recorded.name << (betas ? " with betas" : "") << (counting ? ", counting" : ""));
        GoogleCall call = claude();
        if (counting) call.operation = dialects::Operation::kCountTokens;
        if (betas) {
          REQUIRE(call.client
                      .add("anthropic-beta",
                           "claude-code-20250219,context-management-2025-06-27,"
                           "prompt-caching-scope-2026-01-05,advanced-tool-use-2025-11-20")
                      .ok());
        }
        const std::string body = call.with_context([&](const CallContext& context) {
          std::vector<MemberEdit> edits;
          model::Losses losses;
          REQUIRE(call.provider.edit_body(context, recorded.body, edits, losses).ok());
          CHECK(claude_betas(context) == (betas ? "context-management-2025-06-27" : ""));
          return exchange::with_edits(recorded.body, edits);
        });
        json::Document document;
        const auto parsed = document.parse(body);
        REQUIRE(parsed.ok());
        for (const json::Member member : parsed.value().members()) {
          INFO(member.key);
          const bool paired = member.key == "context_management" && betas;
          CHECK((taken.contains(member.key) || paired || (member.key == "model" && counting)));
        }
        CHECK(parsed.value()["anthropic_version"].string_or("") == "vertex-2023-10-16");
        CHECK((parsed.value()["model"].string_or("") == "claude-opus-5-5") == counting);
        CHECK(body.find("\"scope\"") == std::string::npos);
        ++bodies;
      }
    }
  }
  if (bodies == 0) std::printf("skipped: no recorded requests\n");
}

TEST_CASE("a member that was refused is not sent again, nor its beta") {
  struct Row {
    const char* message;
    const char* lesson;  ///< Empty: it teaches nothing.
  };
  const Row rows[] = {
      {"context_management: Extra inputs are not permitted", "context_management"},
      {"tools.0.custom.x: Extra inputs are not permitted", ""},
      {": Extra inputs are not permitted", ""},
      {"max_tokens: Field required", ""},
  };
  for (const Row& row : rows) {
    INFO(row.message);
    const auto lesson = claude_lesson(400, R"j({"type":"error","error":{"type":"x","message":")j" +
                                               std::string(row.message) + "\"}}");
    CHECK(lesson.has_value() == (row.lesson[0] != '\0'));
    if (!lesson) continue;
    CHECK(lesson->value == row.lesson);
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
