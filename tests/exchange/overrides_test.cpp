#include "exchange/overrides.hpp"

#include <string>

#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/openai_chat/dialect.hpp"
#include "dialects/openai_responses/dialect.hpp"
#include "exchange/member_edits.hpp"
#include "exchange/money_host.hpp"
#include "support/catch.hpp"

namespace tollgate::test {
namespace {

using exchange::facts_with;
using exchange::overrides_of_passing;
using exchange::overrides_of_translated;
using Edits = std::vector<providers::MemberEdit>;

const dialects::Dialect& messages() {
  return dialects::anthropic_messages::dialect();
}
const dialects::Dialect& chat() {
  return dialects::openai_chat::dialect();
}
const dialects::Dialect& responses() {
  return dialects::openai_responses::dialect();
}

std::string text_of(const Edits& edits) {
  std::string text;
  for (const providers::MemberEdit& edit : edits)
    text += edit.key + "=" + edit.value.value_or("-") + " ";
  return text;
}

TEST_CASE("an override that the client's dialect has is made before the translation") {
  struct Row {
    const char* name;
    const dialects::Dialect& client;
    Edits edits;
    const char* asked;
    const char* sent;
  };
  const Row rows[] = {
      {"Messages",
       messages(),
       {{"temperature", "0.2"}, {"reasoning_effort", "\"low\""}, {"speed", std::nullopt}},
       "temperature=0.2 speed=- ",
       "reasoning_effort=\"low\" "},
      {"Chat",
       chat(),
       {{"reasoning_effort", "\"low\""}, {"thinking", "{}"}},
       "reasoning_effort=\"low\" ",
       "thinking={} "},
      {"Responses",
       responses(),
       {{"instructions", "\"be brief\""}, {"stop_sequences", "[]"}},
       "instructions=\"be brief\" ",
       "stop_sequences=[] "},
      {"the maximum in Messages", messages(), {{"max_output_tokens", "9"}}, "max_tokens=9 ", ""},
      {"the maximum in Chat",
       chat(),
       {{"max_tokens", "9"}},
       "max_completion_tokens=9 max_tokens=- ",
       ""},
      {"the maximum in Responses",
       responses(),
       {{"max_tokens", std::nullopt}},
       "max_output_tokens=- ",
       ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const exchange::Overrides overrides = overrides_of_translated(row.edits, row.client);
    CHECK(text_of(overrides.asked) == row.asked);
    CHECK(text_of(overrides.sent) == row.sent);
  }
}

TEST_CASE("a body that passes keeps its own name for the answer's maximum") {
  struct Row {
    const char* name;
    const dialects::Dialect& client;
    const char* body;
    const char* key;
    const char* changed;
  };
  const Row rows[] = {
      {"Messages", messages(), R"({"max_tokens":1})", "max_completion_tokens",
       R"({"max_tokens":9})"},
      {"Responses", responses(), R"({"a":1})", "max_tokens", R"({"max_output_tokens":9,"a":1})"},
      {"Chat, the new name", chat(), R"({"max_completion_tokens":1})", "max_tokens",
       R"({"max_completion_tokens":9})"},
      {"Chat, the old name", chat(), R"({"max_tokens":1})", "max_completion_tokens",
       R"({"max_tokens":9})"},
      {"Chat, both", chat(), R"({"max_tokens":1,"max_completion_tokens":2})", "max_tokens",
       R"({"max_completion_tokens":9})"},
      {"Chat, none", chat(), R"({"a":1})", "max_tokens", R"({"max_tokens":9,"a":1})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Edits edits = overrides_of_passing({{row.key, "9"}}, row.client, row.body,
                                             dialects::Operation::kGenerate);
    CHECK(exchange::with_edits(row.body, edits) == row.changed);
  }
}

TEST_CASE("a count of tokens gets only what is counted") {
  const Edits edits = {{"max_tokens", "9"},
                       {"speed", "\"fast\""},
                       {"system", "\"s\""},
                       {"temperature", std::nullopt}};
  CHECK(text_of(overrides_of_passing(edits, messages(), "{}", dialects::Operation::kCountTokens)) ==
        "system=\"s\" temperature=- ");
}

TEST_CASE("facts are read again where an override may bring in what they count") {
  exchange::DocumentPool documents;
  const std::string_view body =
      R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]})";
  CHECK_FALSE(
      facts_with({{"max_tokens", "9000"}, {"speed", "\"fast\""}}, messages(), body, documents));
  const auto searching = facts_with(
      {{"tools", R"([{"type":"web_search_20250305","name":"web_search","max_uses":3}])"}},
      messages(), body, documents);
  REQUIRE(searching);
  CHECK(searching->server_tool_uses == 3);
  CHECK(searching->body_bytes > body.size());
  const auto thinking = facts_with({{"thinking", R"({"type":"enabled","budget_tokens":8000})"}},
                                   messages(), body, documents);
  REQUIRE(thinking);
  CHECK(thinking->thinking_budget == 8'000);
  const auto tools = facts_with({{"tools", R"([{"type":"function","function":{"name":"f"}}])"}},
                                chat(), body, documents);
  REQUIRE(tools);
  CHECK(tools->tool_count == 1);
  CHECK_FALSE(facts_with({{"tools", R"({"no":"list"})"}}, messages(), body, documents));
}

TEST_CASE("an override reaches a target of another dialect in that dialect's words") {
  struct Row {
    const char* name;
    const char* type;
    const char* model;
    const char* override_params;
    std::vector<const char*> there;
    std::vector<const char*> absent;
  };
  const Row rows[] = {
      {"a maximum and a temperature that the model does not take",
       "openai",
       "gpt-5",
       "{max_tokens: 8192, temperature: 0.2}",
       {"\"max_output_tokens\":8192"},
       {"\"max_tokens\"", "\"temperature\""}},
      {"the target's own words",
       "openai",
       "gpt-5",
       "{service_tier: flex}",
       {"\"service_tier\":\"flex\"", "\"max_output_tokens\":100"},
       {}},
      {"fast mode is nothing to others",
       "openai",
       "gpt-5",
       "{speed: fast}",
       {"\"max_output_tokens\":100"},
       {"speed"}},
      {"Gemini has its maximum inside",
       "google-gemini",
       "gemini-2.5-flash",
       "{max_tokens: 8192, temperature: 0.2}",
       {"\"maxOutputTokens\":8192", "\"temperature\":0.2"},
       {"\"max_tokens\""}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    FakeHost host(make_gateway("type: provider-account/" + std::string(row.type) +
                               "\nname: other\nauth_data: {type: api-key, api_key: sk}\n"
                               "integrations: [{name: m, model_id: " +
                               row.model +
                               "}]\n---\ntype: user\nname: dev@corp.example\ntokens: [{env: "
                               "TOKEN_1}]\n---\nname: coding\nrouting_config:\n"
                               "  type: priority-based-routing\n"
                               "  load_balance_targets: [{target: other/m, override_params: " +
                               row.override_params + "}]\n"));
    host.post(R"({"model":"coding","max_tokens":100,"messages":[{"role":"user","content":"hi"}]})");
    REQUIRE(host.calls.size() == 1);
    const std::string& sent = host.calls[0].body;
    CAPTURE(sent);
    for (const char* part : row.there)
      CHECK(sent.find(part) != std::string::npos);
    for (const char* part : row.absent)
      CHECK(sent.find(part) == std::string::npos);
  }
}

/// What is reserved for 100 tokens asked for and a route that changes that.
int64_t reserved(std::string_view override_params) {
  const auto gateway = money_gateway(
      "\nname: coding\nrouting_config:\n"
      "  type: priority-based-routing\n"
      "  load_balance_targets: [{target: eng/opus, "
      "override_params: " +
      std::string(override_params) + "}]\n");
  FakeHost host(gateway);
  host.post(R"({"model":"coding","max_tokens":100,"messages":[]})",
            {{"authorization", "Bearer token-ANN"}});
  REQUIRE(host.calls.size() == 1);
  return host.exchange().record().reserved.value;
}

TEST_CASE("what is reserved follows what is sent") {
  const int64_t plain = reserved("{temperature: 0.5}");
  const int64_t token_price =
      (reserved("{max_tokens: 2100}") - reserved("{max_tokens: 1100}")) / 1'000;
  CHECK(token_price == 25'000);  // 25 USD a million.
  CHECK(reserved("{max_tokens: 1}") < plain);
  CHECK(reserved("{max_tokens: null}") > plain + 10'000 * token_price);
  CHECK(reserved("{speed: fast}") > plain);
  // The route's own system prompt is read as well: at least a byte of it a token.
  CHECK(reserved("{system: '" + std::string(5'000, 'x') + "'}") > plain + 5'000 * 5'000);
  // An hour of cache is dearer to write.
  CHECK(reserved("{system: [{type: text, text: a, cache_control: {type: ephemeral, ttl: 1h}}]}") >
        reserved("{system: [{type: text, text: a, cache_control: {type: ephemeral, ttl: 5m}}]}"));
}

}  // namespace
}  // namespace tollgate::test
