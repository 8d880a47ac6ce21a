#include "record/record.hpp"

#include <string>
#include <string_view>

#include <simdjson.h>

#include "base/limits.hpp"
#include "example.hpp"
#include "support/catch.hpp"

namespace tollgate::record {

namespace {

// What a reader sees, from a JSON library of its own.
class Parsed {
 public:
  explicit Parsed(const std::string& json) {
    REQUIRE(parser_.parse(json).get(root_) == simdjson::SUCCESS);
  }
  /// The value at a JSON pointer, as JSON without spaces; "absent" when there is none.
  std::string at(std::string_view pointer) const {
    simdjson::dom::element found;
    if (root_.at_pointer(pointer).get(found) != simdjson::SUCCESS) return "absent";
    return simdjson::minify(found);
  }
  /// The characters of a string.
  std::string text(std::string_view pointer) const {
    return std::string(std::string_view(root_.at_pointer(pointer)));
  }

 private:
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
};

struct FieldCase {
  const char* pointer;
  const char* json;
};

const FieldCase kFieldCases[] = {
    {"/request_id", R"("req_01HZX3K5J8Q2N4")"},
    {"/decision_id", R"("dec_01HZX3K5J8Q2N5")"},
    {"/time", R"("2026-11-22T09:00:00.250Z")"},
    {"/operation", R"("messages")"},
    {"/method", R"("POST")"},
    {"/path", R"("/v1/messages")"},
    {"/client_address", R"("127.0.0.1:52144")"},
    {"/user_agent", R"json("claude-cli/2.1.181 (external, cli)")json"},
    {"/principal", R"("user:dev-1@corp.example")"},
    {"/token_prefix", R"("tg_AbC")"},
    {"/teams", R"(["platform","everyone"])"},
    {"/model", R"("claude-sonnet-4-5")"},
    {"/target", R"("backup/claude-sonnet-4-5")"},
    {"/upstream_model", R"("claude-sonnet-4-5-20250929")"},
    {"/status", "200"},
    {"/stream", "true"},
    {"/outcome", R"("ok")"},
    {"/failure", R"("")"},
    {"/stop_reason", R"("tool_use")"},
    {"/previous_target", R"("")"},
    {"/tool_errors", "0"},
    {"/client_retries", "0"},
    {"/feedback", "absent"},
    {"/usage/input_tokens", "3"},
    {"/usage/output_tokens", "550"},
    {"/usage/cache_read_input_tokens", "7"},
    {"/usage/cache_creation_5m", "12304"},
    {"/usage/cache_creation_1h", "11"},
    {"/usage/reasoning_tokens", "0"},
    {"/usage/estimated", "false"},
    {"/usage/iterations", "[]"},
    {"/cost_nano_usd", "54399000"},
    {"/reserved_nano_usd", "120000000"},
    {"/attempts/0",
     R"({"target":"main/claude-sonnet-4-5","status":529,"ms":12,"reason":"overloaded"})"},
    {"/attempts/1", R"({"target":"backup/claude-sonnet-4-5","status":200,"ms":1234,"reason":""})"},
    {"/steps/1", R"({"rule":"budget:daily","verdict":"allowed","reason":"4.20 USD left"})"},
    {"/dropped", R"json(["metadata.trace","thinking.signature (foreign)"])json"},
    {"/renamed", R"(["max_tokens -> max_completion_tokens"])"},
    {"/clamped", R"(["max_tokens 64000 -> 32768"])"},
    {"/reordered", R"(["tool_result before text"])"},
    {"/metadata", R"({"environment":"ci","cost-center":"42"})"},
    {"/session_id", R"("2f6c1c5e-6a51-4a0e-9b6e-0c8f3a2d1e4b")"},
    {"/agent_id", R"("agent-7")"},
    {"/parent_agent_id", R"("agent-1")"},
    {"/policy_version", R"("p-3")"},
    {"/price_version", R"("2026-11-22")"},
    {"/timings_us",
     R"({"request_read":1,"upstream_open":25,"upstream_head":310000,"first_content":420000,"end":1300000})"},
    {"/request_body", "absent"},
    {"/response_body", "absent"},
    {"/bodies_cut", "absent"},
};

const FieldCase kEmptyCases[] = {
    {"/request_id", R"("")"}, {"/time", R"("1970-01-01T00:00:00.000Z")"},
    {"/target", R"("")"},     {"/status", "0"},
    {"/stream", "false"},     {"/usage", "null"},
    {"/teams", "[]"},         {"/cost_nano_usd", "null"},
    {"/attempts", "[]"},      {"/steps", "[]"},
    {"/dropped", "[]"},       {"/renamed", "[]"},
    {"/clamped", "[]"},       {"/reordered", "[]"},
    {"/metadata", "{}"},      {"/timings_us", "{}"},
};

}  // namespace

TEST_CASE("a record has every field") {
  const std::string json = to_json(test::example_record());
  const Parsed parsed(json);
  for (const FieldCase& row : kFieldCases) {
    INFO(row.pointer);
    CHECK(parsed.at(row.pointer) == row.json);
  }
}

TEST_CASE("a record of nothing has the same shape") {
  const Parsed parsed(to_json(Record{}));
  for (const FieldCase& row : kEmptyCases) {
    INFO(row.pointer);
    CHECK(parsed.at(row.pointer) == row.json);
  }
}

TEST_CASE("a free answer is not one without a price") {
  Record record;
  record.cost = NanoUsd{0};
  CHECK(Parsed(to_json(record)).at("/cost_nano_usd") == "0");
}

TEST_CASE("steps billed apart are in the usage") {
  Record record;
  record.usage = model::Usage{};
  record.usage->reasoning = 40;
  record.usage->web_searches = 2;
  record.usage->fast = true;
  record.usage->estimated = true;
  record.usage->service_tier = "priority";
  model::UsageIteration advisor;
  advisor.type = "advisor_message";
  advisor.model = "claude-opus-5";
  advisor.tokens.input = 9;
  advisor.tokens.output = 4;
  record.usage->iterations = {advisor};
  const Parsed parsed(to_json(record));
  CHECK(parsed.at("/usage/reasoning_tokens") == "40");
  CHECK(parsed.at("/usage/web_searches") == "2");
  CHECK(parsed.at("/usage/fast") == "true");
  CHECK(parsed.at("/usage/estimated") == "true");
  CHECK(parsed.at("/usage/service_tier") == R"("priority")");
  CHECK(parsed.at("/usage/iterations/0/type") == R"("advisor_message")");
  CHECK(parsed.at("/usage/iterations/0/model") == R"("claude-opus-5")");
  CHECK(parsed.at("/usage/iterations/0/input_tokens") == "9");
  CHECK(parsed.at("/usage/iterations/0/output_tokens") == "4");
}

TEST_CASE("a record is one line of valid UTF-8, whatever clients send") {
  constexpr char kNasty[] = "\"\\\n\r\t\x01\x7f\0\xff\xfe half:\xe2\x82";
  const std::string nasty(kNasty, sizeof kNasty - 1);
  Record record = test::example_record();
  record.path = nasty;
  record.user_agent = nasty;
  record.failure = nasty;
  record.metadata = {{nasty, nasty}};
  record.attempts[0].reason = nasty;
  record.bodies_kept = true;
  record.request_body = nasty;
  const std::string json = to_json(record);
  for (const char c : json)
    REQUIRE(static_cast<unsigned char>(c) >= 0x20);
  CHECK(simdjson::validate_utf8(json));
  const Parsed parsed(json);
  CHECK(parsed.text("/path").starts_with("\"\\\n\r\t\x01\x7f"));
  CHECK(parsed.text("/request_body") == parsed.text("/path"));
}

TEST_CASE("bodies are there when they are kept, and only then") {
  Record record;
  record.request_body = R"({"model":"m"})";
  record.response_body = "event: ping\n\n";
  CHECK(Parsed(to_json(record)).at("/request_body") == "absent");
  record.bodies_kept = true;
  const Parsed parsed(to_json(record));
  CHECK(parsed.text("/request_body") == R"({"model":"m"})");
  CHECK(parsed.text("/response_body") == "event: ping\n\n");
  CHECK(parsed.at("/bodies_cut") == "false");
  record.bodies_cut = true;
  CHECK(Parsed(to_json(record)).at("/bodies_cut") == "true");
}

TEST_CASE("a body above the bound is cut between characters") {
  constexpr size_t kMax = limits::kRecordBodyBytesMax;
  Record record;
  record.bodies_kept = true;
  record.request_body = std::string(kMax, 'a');
  CHECK(Parsed(to_json(record)).at("/bodies_cut") == "false");
  record.request_body = std::string(kMax - 1, 'a') + "\xe2\x82\xac";
  const Parsed parsed(to_json(record));
  CHECK(parsed.text("/request_body") == std::string(kMax - 1, 'a'));
  CHECK(parsed.at("/bodies_cut") == "true");
  record.request_body = std::string(kMax + 1, 'a');
  CHECK(Parsed(to_json(record)).text("/request_body").size() == kMax);
}

}  // namespace tollgate::record
