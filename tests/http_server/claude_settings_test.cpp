#include "claude_settings.hpp"

#include "json.hpp"
#include "live_line.hpp"
#include "support/catch.hpp"

using namespace tollgate::server;

namespace {

const std::vector<ClientModel> kModels = {
    {"old-sonnet", "claude-3-5-sonnet-20241022"},
    {"claude-sonnet-4-20250514", "claude-sonnet-4-20250514"},
    {"a/claude-sonnet-4-5", "claude-sonnet-4-5"},
    {"claude-opus-4-8", "claude-opus-4-8"},
    {"gpt", "gpt-5"},
};

}  // namespace

TEST_CASE("each settings file is JSON with what its kind needs") {
  struct Row {
    const char* kind;
    const char* token;
    const char* headers;
    const char* helper;
  };
  const Row rows[] = {
      {"standard", "REPLACE-WITH-YOUR-TOLLGATE-TOKEN", "", ""},
      {"subscription", "", "x-tollgate-api-key: REPLACE-WITH-YOUR-TOLLGATE-TOKEN", ""},
      {"project", "", "", ""},
      {"managed", "", "", "/usr/local/bin/tollgate-token"},
      {"server-managed", "", "", "/usr/local/bin/tollgate-token"},
  };
  for (const Row& row : rows) {
    INFO(row.kind);
    const auto kind = settings_kind(row.kind);
    REQUIRE(kind);
    const std::string text = claude_settings(*kind, "https://gw.example", kModels);
    JsonDocument document;
    const JsonValue top = document.parse(text);
    const JsonValue env = top.member("env");
    CHECK(env.member("ANTHROPIC_BASE_URL").text() == "https://gw.example");
    CHECK(env.member("ANTHROPIC_AUTH_TOKEN").text() == row.token);
    CHECK(env.member("ANTHROPIC_CUSTOM_HEADERS").text() == row.headers);
    CHECK(top.member("apiKeyHelper").text() == row.helper);
    CHECK(env.member("ANTHROPIC_DEFAULT_SONNET_MODEL").text() == "a/claude-sonnet-4-5");
    CHECK(env.member("ANTHROPIC_DEFAULT_OPUS_MODEL").text() == "claude-opus-4-8");
    CHECK_FALSE(env.member("ANTHROPIC_DEFAULT_HAIKU_MODEL"));
    CHECK(top.member("model").text() == "a/claude-sonnet-4-5");
    int models = 0;
    top.member("availableModels").each_item([&](JsonValue) { ++models; });
    CHECK(models == 5);
    CHECK_FALSE(settings_note(*kind).empty());
  }
  CHECK_FALSE(settings_kind("personal"));
}

TEST_CASE("an alias stands for the virtual model of its family, and the newest of those") {
  std::vector<ClientModel> models = kModels;
  models.push_back({"coding/claude-sonnet", "coding/claude-sonnet", true});
  models.push_back({"coding/claude-sonnet-2", "coding/claude-sonnet-2", true});
  models.push_back({"claude-sonnet-9", "claude-sonnet-9"});
  const std::string text = claude_settings(SettingsKind::kManaged, "http://a", models);
  JsonDocument document;
  const JsonValue top = document.parse(text);
  const JsonValue env = top.member("env");
  CHECK(env.member("ANTHROPIC_DEFAULT_SONNET_MODEL").text() == "coding/claude-sonnet-2");
  CHECK(env.member("ANTHROPIC_DEFAULT_OPUS_MODEL").text() == "claude-opus-4-8");
  CHECK(top.member("model").text() == "coding/claude-sonnet-2");
}

TEST_CASE("without named models the client's own are left alone") {
  const std::string text = claude_settings(SettingsKind::kStandard, "http://a", {});
  CHECK(text.find("MODEL") == std::string::npos);
  CHECK(text.find("availableModels") == std::string::npos);
}

TEST_CASE("a live line tells what happened and draws nothing on the terminal") {
  LiveLine line;
  std::string out;
  line.append(out,
              R"({"time":"2026-11-22T09:00:01.123Z","status":200,"model":"sonnet","target":"a/b",)"
              R"("principal":"user:x","outcome":"ok","usage":{"input_tokens":12,"output_tokens":3,)"
              R"("cache_read_input_tokens":7},"cost_nano_usd":1234567,"timings_us":{"end":8340}})");
  CHECK(out == "09:00:01  200  sonnet -> a/b  user:x  in 12 out 3 cache 7  $0.001235  8 ms\n");
  out.clear();
  line.append(out,
              R"({"time":"","status":400,"model":"\u001b[2Jx\n","target":"","outcome":"refused",)"
              R"("failure":"no such model","usage":null,"cost_nano_usd":null})");
  CHECK(out == "  400  ?[2Jx?  refused: no such model\n");
  out.clear();
  line.append(out, "not json");
  CHECK(out.empty());
}
