#include "exchange/explain_body.hpp"

#include <string>

#include "exchange/explain.hpp"
#include "json/reader.hpp"
#include "support/fake_host.hpp"

namespace tollgate::test {
namespace {

TEST_CASE("a body tells where it is posted to") {
  struct Row {
    const char* name;
    const char* body;
    const char* path;
  };
  const Row rows[] = {
      {"Messages", R"({"model":"m","max_tokens":1,"messages":[]})", "/v1/messages"},
      {"what fits both", R"({"model":"m","messages":[{"role":"user","content":"hi"}]})",
       "/v1/messages"},
      {"Messages' own tools and pictures",
       R"({"tools":[{"name":"t","input_schema":{}}],"messages":[{"role":"user","content":[{"type":"image"}]}]})",
       "/v1/messages"},
      {"Chat by a member", R"({"model":"m","max_completion_tokens":1,"messages":[]})",
       "/v1/chat/completions"},
      {"Chat by a role", R"({"messages":[{"role":"system","content":"s"}]})",
       "/v1/chat/completions"},
      {"Chat by a tool", R"({"messages":[],"tools":[{"type":"function","function":{"name":"f"}}]})",
       "/v1/chat/completions"},
      {"Chat by a picture",
       R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"u"}}]}]})",
       "/v1/chat/completions"},
      {"Chat by a call", R"({"messages":[{"role":"assistant","tool_calls":[]}]})",
       "/v1/chat/completions"},
      {"Responses", R"({"model":"m","input":"hi"})", "/v1/responses"},
      {"no JSON", "{", "/v1/messages"},
      {"nothing", "", "/v1/messages"},
  };
  exchange::DocumentPool documents;
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(exchange::path_of_body(row.body, documents) == row.path);
  }
}

TEST_CASE("requests of all three dialects are explained") {
  struct Row {
    const char* name;
    const char* path;  ///< Empty: by its shape.
    const char* body;
    int64_t status;  ///< Of the denial; 0: allowed.
  };
  const Row rows[] = {
      {"Messages", "", R"({"model":"claude-same","max_tokens":1,"messages":[]})", 0},
      {"Chat", "",
       R"({"model":"claude-same","messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"}]})",
       0},
      {"Responses", "", R"({"model":"claude-same","input":"hi"})", 0},
      {"as the path says", "/v1/chat/completions",
       R"({"model":"claude-same","messages":[{"role":"user","content":"hi"}]})", 0},
      {"Chat with several answers", "",
       R"({"model":"claude-same","n":2,"messages":[{"role":"user","content":"hi"}]})", 400},
      {"not what the path says", "/v1/responses",
       R"({"model":"claude-same","max_tokens":1,"messages":[]})", 400},
      {"a path of something else", "/v1/models", "{}", 400},
  };
  const auto gateway = make_gateway();
  for (const Row& row : rows) {
    CAPTURE(row.name);
    HeaderList headers = {{"authorization", "Bearer token-1"}};
    if (*row.path != '\0') headers.emplace_back(":path", row.path);
    const HeaderViews views(headers);
    json::Document document;
    const auto parsed = document.parse(
        exchange::explain(*gateway->configuration(), *gateway->environment(), views.data(),
                          views.pairs(), row.body, {1, 1'795'338'000'000}));
    REQUIRE(parsed.ok());
    CHECK(parsed.value()["allowed"].boolean() == (row.status == 0));
    CHECK(parsed.value()["denial"]["status"].integer().value_or(0) == row.status);
    CHECK(parsed.value()["distribution"].size() == (row.status == 0 ? 1U : 0U));
  }
}

}  // namespace
}  // namespace tollgate::test
