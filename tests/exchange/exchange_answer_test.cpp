// Answers to the client.

#include <algorithm>
#include <string>

#include "json/reader.hpp"
#include "support/fake_host.hpp"

namespace tollgate::test {
namespace {

constexpr std::string_view kBody =
    R"({"model":"claude-sonnet-4-5","max_tokens":100,"messages":[{"role":"user","content":"hi"}],"stream":true,"x-unknown":{"a":[1, 2]}})";
constexpr std::string_view kWholeBody =
    R"({"model":"claude-sonnet-4-5","max_tokens":100,"messages":[{"role":"user","content":"hi"}]})";

const std::string kEvents =
    "event: message_start\n"
    R"(data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[],"stop_reason":null,"usage":{"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":1}}   })"
    "\n\n"
    "event: content_block_start\n"
    R"(data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"
    "\n\n"
    "event: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"h\u00e9"} })"
    "\n\n"
    "event: content_block_stop\n"
    R"(data: {"type":"content_block_stop","index":0})"
    "\n\n"
    "event: message_delta\n"
    R"(data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":7}})"
    "\n\n"
    "event: message_stop\n"
    R"(data: {"type":"message_stop"})"
    "\n\n";

std::string with_client_model(std::string text) {
  const std::string upstream = "claude-sonnet-4-5-20250929";
  const size_t at = text.find(upstream);
  if (at != std::string::npos) text.replace(at, upstream.size(), "claude-sonnet-4-5");
  return text;
}

TEST_CASE("a whole answer passes with the model's name as the one difference") {
  FakeHost host(make_gateway());
  host.post(kWholeBody);
  const std::string answer =
      R"({ "id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","new":{"x":1.50},"usage":{"input_tokens":3,"output_tokens":4}})";
  host.upstream_head(200, {{"content-type", "application/json"},
                           {"request-id", "req_up"},
                           {"anthropic-ratelimit-tokens-limit", "5"},
                           {"anthropic-organization-id", "org"},
                           {"set-cookie", "c"}});
  host.upstream_body(answer.substr(0, 40));
  host.upstream_body(answer.substr(40));
  host.upstream_end();
  CHECK(host.done);
  CHECK(host.body == with_client_model(answer));
  CHECK(host.head_body_size == host.body.size());
  CHECK(host.head_value("request-id") == "req_up");
  CHECK(host.head_value("anthropic-organization-id") == "org");
  CHECK(host.head_value("anthropic-ratelimit-tokens-limit").empty());
  CHECK(host.head_value("set-cookie").empty());
  // The record is there before the last byte.
  const auto at = [&](int32_t kind) {
    return std::find(host.order.begin(), host.order.end(), kind) - host.order.begin();
  };
  CHECK(at(TG_ACTION_RECORD) < at(TG_ACTION_CLIENT_BODY));
}

TEST_CASE("probes, models and metrics are answered without an upstream") {
  struct Row {
    const char* method;
    const char* target;
    uint32_t status;
    const char* text;
  };
  const Row rows[] = {
      {"HEAD", "/", 200, ""},
      {"GET", "/", 200, "tollgate"},
      {"HEAD", "/api/hello", 200, ""},
      {"GET", "/healthz", 200, "ok"},
      {"GET", "/readyz", 200, "ready"},
      {"GET", "/metrics", 200, "# TYPE"},
      {"GET", "/v1/models?limit=1000", 200, R"("id":"claude-sonnet-4-5")"},
      {"GET", "/v1/v1/models", 200, R"("has_more":false)"},
      {"GET", "/v1/models/claude-same", 200, R"("type":"model")"},
      {"GET", "/v1/models/nope", 404, "nope"},
      {"GET", "/v1/models?limit=0", 400, "limit"},
      {"GET", "/v1/messages", 405, "method"},
      {"POST", "/elsewhere", 404, "ANTHROPIC_BASE_URL"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.method, row.target);
    FakeHost host(make_gateway());
    host.request(row.method, row.target, {{"authorization", "Bearer token-1"}}, "");
    CHECK(host.status == row.status);
    CHECK(host.body.find(row.text) != std::string::npos);
    CHECK_FALSE(host.head_value("request-id").empty());
    CHECK(host.calls.empty());
    CHECK(host.done);
  }
}

TEST_CASE("the models' list shows only what the caller may use, page by page") {
  FakeHost host(make_gateway());
  host.request("GET", "/v1/models?limit=2", {{"authorization", "Bearer token-1"}}, "");
  CHECK(host.body.find("claude-secret") == std::string::npos);
  CHECK(host.body.find(R"("has_more":true)") != std::string::npos);
  FakeHost rest(make_gateway());
  rest.request("GET", "/v1/models?limit=2&after_id=claude-same",
               {{"authorization", "Bearer token-1"}}, "");
  FakeHost escaped(make_gateway());
  escaped.request("GET", "/v1/models?limit=2&after_id=claude%2Dsame",
                  {{"authorization", "Bearer token-1"}}, "");
  CHECK(escaped.body == rest.body);
  CHECK(rest.body.find("claude-max") != std::string::npos);
  CHECK(rest.body.find(R"("has_more":false)") != std::string::npos);
}

// A model of each kind of name, one of them in two accounts, and a route.
constexpr std::string_view kListConfig = R"(
type: provider-account/openai
name: openai-eng
auth_data: {type: api-key, api_key: k}
integrations:
  - {name: gpt-5, model_id: gpt-5, display_name: GPT-5, capabilities: {context_window: 400000, max_output_tokens: 128000}}
  - {name: Claude-like, model_id: gpt-5-mini}
---
type: provider-account/anthropic
name: house
auth_data: {type: api-key, api_key: sk-house}
integrations: [{name: claude-sonnet-4-5, model_id: claude-sonnet-4-5}, {name: twice, model_id: a}]
---
type: provider-account/anthropic
name: spare
auth_data: {type: api-key, api_key: sk-spare}
integrations: [{name: twice, model_id: b}]
---
type: provider-account/virtual-model
name: coding
integrations:
  - {name: fast, routing_config: {type: priority-based-routing, load_balance_targets: [{target: spare/twice}]}}
---
type: user
name: dev-1@corp.example
tokens: [{env: TOKEN_1}]
)";

const HeaderList kAnthropicClient = {{"authorization", "Bearer token-1"},
                                     {"anthropic-version", "2023-06-01"}};
const HeaderList kOpenAiClient = {{"authorization", "Bearer token-1"}};

std::string ids_of(const std::string& body) {
  json::Document document;
  std::string ids;
  const Result<json::Value> list = document.parse(body);
  REQUIRE(list.ok());
  for (const json::Value model : list.value()["data"].elements())
    ids += std::string(model["id"].string_or("?")) + " ";
  return ids;
}

std::string get(const HeaderList& headers, std::string_view target, uint32_t status = 200) {
  FakeHost host(make_gateway(kListConfig));
  host.request("GET", target, headers, "");
  CHECK(host.status == status);
  return host.body;
}

TEST_CASE("Claude Code finds every model under a name that it offers") {
  const std::string body = get(kAnthropicClient, "/v1/models?limit=1000");
  CHECK(ids_of(body) ==
        "coding/fast anthropic.coding/fast gpt-5 anthropic.gpt-5 Claude-like claude-sonnet-4-5 "
        "house/twice anthropic.house/twice spare/twice anthropic.spare/twice ");
  CHECK(body.find(R"("id":"anthropic.gpt-5","display_name":"GPT-5")") != std::string::npos);
  CHECK(body.find(R"("max_input_tokens":400000,"max_tokens":128000)") != std::string::npos);
  CHECK(body.find("\"object\"") == std::string::npos);
  CHECK(get(kAnthropicClient, "/v1/models/anthropic.coding%2Ffast")
            .find(R"("id":"anthropic.coding/fast")") != std::string::npos);
}

TEST_CASE("an alias is the model it stands for, and the answer bears the alias") {
  struct Row {
    const char* model;
    const char* key;
    const char* upstream;
  };
  for (const Row& row :
       {Row{"anthropic.coding/fast", "sk-spare", "b"},
        Row{"anthropic.house/twice", "sk-house", "a"}, Row{"anthropic.fast", "sk-spare", "b"}}) {
    CAPTURE(row.model);
    FakeHost host(make_gateway(kListConfig));
    host.post(R"({"model":")" + std::string(row.model) +
              R"(","max_tokens":9,"messages":[{"role":"user","content":"hi"}]})");
    REQUIRE(host.calls.size() == 1);
    CHECK(host.calls[0].header("x-api-key") == row.key);
    CHECK(host.calls[0].body.find("\"model\":\"" + std::string(row.upstream) + "\"") !=
          std::string::npos);
    host.upstream_head(200, {{"content-type", "application/json"}});
    host.upstream_body(
        R"({"id":"m","type":"message","role":"assistant","model":"b","content":[],"usage":{"input_tokens":1,"output_tokens":1}})");
    host.upstream_end();
    CHECK(host.body.find("\"model\":\"" + std::string(row.model) + "\"") != std::string::npos);
  }
}

TEST_CASE("an alias widens nothing: what has the name itself comes first, unknown stays unknown") {
  FakeHost unknown(make_gateway(kListConfig));
  unknown.post(R"({"model":"anthropic.nope","max_tokens":9,"messages":[]})");
  CHECK(unknown.status == 400);
  CHECK(unknown.calls.empty());

  const std::string with_own = std::string(kListConfig) +
                               "---\ntype: provider-account/anthropic\nname: third\n"
                               "auth_data: {type: api-key, api_key: sk-third}\n"
                               "integrations: [{name: anthropic.fast, model_id: c}]\n";
  FakeHost own(make_gateway(with_own));
  own.post(R"({"model":"anthropic.fast","max_tokens":9,"messages":[]})");
  REQUIRE(own.calls.size() == 1);
  CHECK(own.calls[0].header("x-api-key") == "sk-third");

  const std::string wildcard = std::string(kListConfig) +
                               "---\ntype: provider-account/anthropic\nname: any\n"
                               "auth_data: {type: api-key, api_key: sk-any}\n"
                               "integrations: [{name: \"*\"}]\n";
  FakeHost passed(make_gateway(wildcard));
  passed.post(R"({"model":"anthropic.claude-9","max_tokens":9,"messages":[]})");
  REQUIRE(passed.calls.size() == 1);
  CHECK(passed.calls[0].body.find("anthropic.claude-9") != std::string::npos);
  FakeHost meant(make_gateway(wildcard));
  meant.post(R"({"model":"anthropic.fast","max_tokens":9,"messages":[]})");
  REQUIRE(meant.calls.size() == 1);
  CHECK(meant.calls[0].header("x-api-key") == "sk-spare");
}

TEST_CASE("a rule for a model matches its alias") {
  FakeHost host(make_gateway(
      std::string(kListConfig) +
      "---\ntype: gateway-load-balancing-config\nname: rules\nrules:\n"
      "  - {id: r, type: priority-based-routing, when: {models: [claude-sonnet-4-5, gpt-5]}, "
      "load_balance_targets: [{target: spare/twice}]}\n"));
  host.post(R"({"model":"anthropic.gpt-5","max_tokens":9,"messages":[]})");
  REQUIRE(host.calls.size() == 1);
  CHECK(host.calls[0].header("x-api-key") == "sk-spare");
}

TEST_CASE("OpenAI's clients get a list of their own shape, whole and without aliases") {
  const std::string body = get(kOpenAiClient, "/v1/models");
  CHECK(ids_of(body) == "coding/fast gpt-5 Claude-like claude-sonnet-4-5 house/twice spare/twice ");
  CHECK(body.starts_with(R"({"object":"list","data":[)"));
  CHECK(body.find(R"("id":"gpt-5","object":"model","created":0,"owned_by":"openai-eng")") !=
        std::string::npos);
  CHECK(get(kOpenAiClient, "/v1/models/coding/fast").find(R"("owned_by":"coding")") !=
        std::string::npos);
  CHECK(get(kOpenAiClient, "/v1/models/nope", 404).starts_with(R"({"error":{"message":)"));
  CHECK(get(kAnthropicClient, "/v1/models/nope", 404).starts_with(R"({"type":"error")"));
  CHECK(get({{"x-api-key", "token-1"}}, "/v1/models").find("\"object\"") == std::string::npos);
}

TEST_CASE("pages of models are as Anthropic's") {
  struct Row {
    const char* query;
    const char* ids;
    bool has_more;
  };
  for (const Row& row : {
           Row{"limit=2", "coding/fast anthropic.coding/fast ", true},
           Row{"limit=2&after_id=gpt-5", "anthropic.gpt-5 Claude-like ", true},
           Row{"limit=3&after_id=house%2Ftwice",
               "anthropic.house/twice spare/twice anthropic.spare/twice ", false},
           Row{"limit=2&before_id=gpt-5", "coding/fast anthropic.coding/fast ", false},
           Row{"limit=1&before_id=gpt-5", "anthropic.coding/fast ", true},
       }) {
    CAPTURE(row.query);
    const std::string body = get(kAnthropicClient, "/v1/models?" + std::string(row.query));
    CHECK(ids_of(body) == row.ids);
    json::Document document;
    const json::Value list = document.parse(body).value();
    CHECK(list["has_more"].boolean() == row.has_more);
    const std::string ids = row.ids;
    CHECK(list["first_id"].string_or("") == ids.substr(0, ids.find(' ')));
  }
}

TEST_CASE("bodies are kept in the record only when asked for") {
  for (const bool asked : {false, true}) {
    FakeHost host(make_gateway());
    HeaderList headers = {{"authorization", "Bearer token-1"},
                          {"X-TFY-METADATA", R"({"project":"billing"})"}};
    if (asked) headers.emplace_back("X-TFY-LOGGING-CONFIG", R"({"enabled": true})");
    host.post(kBody, headers);
    host.stream(kEvents);
    REQUIRE(host.records.size() == 1);
    json::Document document;
    const json::Value record = document.parse(host.records[0]).value();
    CHECK(record["metadata"]["project"].string_or("") == "billing");
    CHECK((host.records[0].find("x-unknown") != std::string::npos) == asked);
    CHECK((host.records[0].find("content_block_delta") != std::string::npos) == asked);
  }
}

}  // namespace
}  // namespace tollgate::test
