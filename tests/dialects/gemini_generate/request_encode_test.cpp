#include "dialects/gemini_generate/member_case.hpp"
#include "dialects/recorded_requests.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

struct Target {
  const char* model;
  int generation;
  bool vertex;
};

const Target kTargets[] = {
    {"gemini-2.5-flash", 2, false},     {"gemini-2.5-pro", 2, true},
    {"gemini-3-pro-preview", 3, false}, {"gemini-3.6-flash", 3, true},
    {"gemini-4-argon", 4, false},       {"gemini-flash-latest", 3, false},
};

test::GeminiServer server_of(const Target& target, bool stream, bool counting) {
  test::GeminiServer server;
  server.generation = target.generation;
  server.vertex = target.vertex;
  server.stream = stream;
  server.counting = counting;
  return server;
}

TEST_CASE("what Claude Code sends is taken by every generation") {
  for (const test::RecordedRequest& recorded : test::recorded_requests()) {
    for (const Target& target : kTargets) {
      INFO(recorded.name << " to " << target.model);
      const model::Request request = request_of(recorded.body);
      for (const bool counting : {false, true}) {
        Translation translation = translation_to(target.model, target.vertex);
        if (counting) translation.operation = Operation::kCountTokens;
        std::string out;
        const Status status = dialect().encode_request(request, translation, out);
        INFO(status.message());
        REQUIRE(status.ok());
        const auto wrong = test::gemini_refusals(out, server_of(target, request.stream, counting));
        INFO(one_line(wrong));
        CHECK(wrong.empty());
        // Two turns of a session must have the same beginning, or no prefix is cached.
        Translation again = translation_to(target.model, target.vertex);
        again.operation = translation.operation;
        again.id_seed = 99;
        std::string second;
        REQUIRE(dialect().encode_request(request, again, second).ok());
        CHECK(second == out);
      }
    }
  }
}

const MoreCase kMembers[] = {
    {"system", "gemini-3.6-flash",
     R"j("system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=1"},
      {"type":"text","text":"S","cache_control":{"type":"ephemeral"}},{"type":"text","text":"T"}])j",
     "systemInstruction", R"j({"role":"user","parts":[{"text":"S"},{"text":"T"}]})j",
     "cache_control"},
    {"a shaped answer beside tools, where it cannot be", "gemini-2.5-flash",
     R"j("tools":[{"name":"f","input_schema":{"type":"object"}}],
      "output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}})j",
     "systemInstruction",
     R"j({"role":"user","parts":[{"text":"Give your final answer as JSON alone, valid by this schema: {\"type\":\"object\"}"}]})j",
     "output_config.format"},
    {"what has no place", "gemini-4-argon",
     R"j("metadata":{"user_id":"u"},"service_tier":"auto","inference_geo":"us",
      "context_management":{"edits":[{"type":"x"}]},"container":"c","tools":[])j",
     "tools", "null", "inference_geo"},
};

TEST_CASE("what stands beside the conversation") {
  for (const MoreCase& row : kMembers)
    check_member(row);
}

TEST_CASE("every member without a place is told") {
  Translation translation = translation_to("gemini-4-argon");
  encoded(request_text(R"j([{"role":"user","content":[{"type":"text","text":"a","x_new":1}]}])j",
                       kMembers[std::size(kMembers) - 1].more),
          translation);
  for (const char* what : {"metadata", "service_tier", "inference_geo", "context_management",
                           "container", "content.x_new"}) {
    INFO(what);
    CHECK(has_loss(translation, what));
  }
  CHECK_FALSE(has_loss(translation, "tools"));
}

TEST_CASE("long and odd tool names are shortened the same way everywhere") {
  const std::string name(100, 'n');
  Translation translation = translation_to("gemini-3.6-flash");
  const std::string out = encoded(
      request_text(R"j([{"role":"user","content":"go"},{"role":"assistant","content":[
        {"type":"tool_use","id":"toolu_a","name":")j" +
                       name + R"j(","input":{}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_a","content":"x"}]}])j",
                   R"j("tools":[{"name":")j" + name + R"j(","input_schema":{"type":"object"}},
        {"name":"9 lives","input_schema":{"type":"object"}}],
        "tool_choice":{"type":"tool","name":")j" +
                       name + R"j("})j"),
      translation);
  CHECK(out.find(name) == std::string::npos);
  test::GeminiServer server;
  const auto wrong = test::gemini_refusals(out, server);
  INFO(one_line(wrong));
  CHECK(wrong.empty());
}

TEST_CASE("what an upstream taught is heeded") {
  const std::string messages =
      R"j([{"role":"user","content":"go"},{"role":"assistant","content":[
        {"type":"tool_use","id":"toolu_g_abcdef","name":"f","input":{}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_g_abcdef",
         "content":"x"}]}])j";
  const std::string tools =
      R"j("tools":[{"name":"f","input_schema":{"type":"object","properties":{"a":
        {"type":"string","pattern":"x"}}}}])j";
  const auto with = [&](model::Lesson lesson) {
    Translation translation = translation_to("gemini-2.5-flash");
    translation.lessons.push_back(std::move(lesson));
    return encoded(request_text(messages, tools), translation);
  };
  using model::LessonKind;
  CHECK(with({LessonKind::kDropField, "id"}).find("abcdef") == std::string::npos);
  CHECK(with({LessonKind::kDropField, "thinkingConfig"}).find("thinking") == std::string::npos);
  const std::string old = with({LessonKind::kDropField, "parametersJsonSchema"});
  CHECK(old.find("\"parameters\":") != std::string::npos);
  CHECK(old.find("parametersJsonSchema") == std::string::npos);
}

}  // namespace
}  // namespace tollgate::dialects::gemini_generate
