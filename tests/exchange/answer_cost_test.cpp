// What answers cost, from the provider's bytes to the record: whole and streamed alike, in the
// words of each provider. The amounts are added up by hand beside each row.

#include <string>

#include "exchange/money_host.hpp"
#include "json/reader.hpp"
#include "support/catch.hpp"

namespace tollgate::test {
namespace {

constexpr const char* kAccounts = R"(
type: provider-account/self-hosted-model
name: own
base_url: http://127.0.0.1:9/v1
model_server: vllm
integrations:
  - name: qwen
    model_id: Qwen/Qwen3
    cost: {per_1000_tokens: {input: 0.001, output: 0.005, cache_read: 0.0001}}
---
type: provider-account/openai
name: main
base_url: http://127.0.0.1:9/v1
auth_data: {type: api-key, api_key: sk}
integrations:
  - {name: terra, model_id: gpt-5.6-terra, api: responses}
  - {name: chat, model_id: gpt-5.6-terra, api: chat}
---
type: provider-account/google-gemini
name: studio
base_url: http://127.0.0.1:9
auth_data: {type: api-key, api_key: k}
integrations: [{name: pro, model_id: gemini-2.5-pro}]
---
type: tenant-budget-config
name: all
limits: {cost_per_day: 100}
)";

struct Row {
  const char* name;
  const char* model;
  std::string whole;
  std::string stream;
  int64_t nano_usd;
};

constexpr const char* kMessagesUsage =
    R"("input_tokens":1000,"cache_read_input_tokens":4000,"cache_creation_input_tokens":500,)"
    R"("cache_creation":{"ephemeral_5m_input_tokens":200,"ephemeral_1h_input_tokens":300})";
constexpr const char* kMessagesEnd =
    R"("output_tokens":500,"server_tool_use":{"web_search_requests":2},"iterations":[)"
    R"({"type":"message","input_tokens":1000,"output_tokens":500},)"
    R"({"type":"compaction","input_tokens":200,"output_tokens":10},)"
    R"({"type":"advisor_message","model":"claude-haiku-4-5","input_tokens":300,"output_tokens":20}])";

std::string messages_stream(const std::string& start, const std::string& end) {
  return "event: message_start\ndata: "
         "{\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":"
         "\"message\",\"role\":\"assistant\",\"model\":\"claude\",\"content\":[],\"usage\":{" +
         start +
         ",\"output_tokens\":1}}}\n\n"
         "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
         "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
         "event: content_block_delta\ndata: "
         "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{"
         "\"type\":\"text_delta\",\"text\":\"hi\"}}\n\n"
         "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
         "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
         "\"end_turn\"},\"usage\":{" +
         end + "}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
}

std::string messages_whole(const std::string& usage) {
  return R"({"id":"m","type":"message","role":"assistant","model":"claude","content":[{"type":"text",)"
         R"("text":"hi"}],"stop_reason":"end_turn","usage":{)" +
         usage + "}}";
}

constexpr const char* kChatUsage =
    R"("usage":{"prompt_tokens":1000,"prompt_tokens_details":{"cached_tokens":400},)"
    R"("completion_tokens":50,"completion_tokens_details":{"reasoning_tokens":20},)"
    R"("total_tokens":1050})";

std::string chat_whole() {
  return R"({"id":"c","object":"chat.completion","created":1,"model":"x","choices":[{"index":0,)"
         R"("message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],)" +
         std::string(kChatUsage) + "}";
}

std::string chat_stream() {
  const std::string head =
      R"(data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"x",)";
  return head +
         R"("choices":[{"index":0,"delta":{"role":"assistant","content":"hi"},"finish_reason":null}]})"
         "\n\n" +
         head + R"("choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})" + "\n\n" + head +
         R"("choices":[],)" + kChatUsage + "}\n\ndata: [DONE]\n\n";
}

std::string response_with(const char* status, const std::string& output) {
  return R"({"id":"r","object":"response","created_at":1,"model":"gpt-5.6-terra","status":")" +
         std::string(status) + R"(","output":)" + output +
         R"(,"usage":{"input_tokens":1000,"input_tokens_details":{"cached_tokens":400},)"
         R"("output_tokens":50,"output_tokens_details":{"reasoning_tokens":20},"total_tokens":1050}})";
}

constexpr const char* kResponseItem =
    R"({"type":"message","id":"i","status":"completed","role":"assistant","content":[)"
    R"({"type":"output_text","text":"hi","annotations":[]}]})";

std::string responses_stream() {
  const auto event = [](const std::string& type, const std::string& members) {
    return "event: " + type + "\ndata: {\"type\":\"" + type + "\"," + members + "}\n\n";
  };
  return event("response.created",
               R"("sequence_number":0,"response":{"id":"r","object":"response","created_at":1,)"
               R"("model":"gpt-5.6-terra","status":"in_progress","output":[],"usage":null})") +
         event("response.output_item.added",
               R"("sequence_number":1,"output_index":0,"item":{"type":"message","id":"i","status":)"
               R"("in_progress","role":"assistant","content":[]})") +
         event("response.content_part.added",
               R"("sequence_number":2,"item_id":"i","output_index":0,"content_index":0,"part":{)"
               R"("type":"output_text","text":"","annotations":[]})") +
         event(
             "response.output_text.delta",
             R"("sequence_number":3,"item_id":"i","output_index":0,"content_index":0,"delta":"hi")") +
         event(
             "response.output_text.done",
             R"("sequence_number":4,"item_id":"i","output_index":0,"content_index":0,"text":"hi")") +
         event("response.output_item.done",
               R"("sequence_number":5,"output_index":0,"item":)" + std::string(kResponseItem)) +
         event("response.completed",
               R"("sequence_number":6,"response":)" +
                   response_with("completed", "[" + std::string(kResponseItem) + "]"));
}

std::string gemini_chunk(const char* text, bool last) {
  return R"({"candidates":[{"content":{"role":"model","parts":[{"text":")" + std::string(text) +
         R"("}]},)" + (last ? R"("finishReason":"STOP",)" : "") +
         R"("index":0}],"usageMetadata":{"promptTokenCount":1000,"cachedContentTokenCount":400,)"
         R"("candidatesTokenCount":)" +
         (last ? "30" : "1") +
         R"(,"thoughtsTokenCount":20,"totalTokenCount":1050},"modelVersion":"gemini-2.5-pro",)"
         R"("responseId":"g"})";
}

/// cost_nano_usd of the only record.
int64_t recorded_cost(const MoneyHost& host) {
  json::Document document;
  const auto record = document.parse(host.record());
  REQUIRE(record.ok());
  return record.value()["cost_nano_usd"].integer().value_or(-1);
}

void check_both(const std::shared_ptr<gateway::Gateway>& gateway, const Row& row) {
  for (const bool streams : {false, true}) {
    CAPTURE(row.name, streams);
    MoneyHost host(gateway);
    host.ask("ANN", money_request(row.model, 1'000, 300, streams ? R"(,"stream":true)" : ""));
    CAPTURE(host.body);
    REQUIRE(host.called());
    if (streams) {
      host.stream(row.stream);
    } else {
      host.upstream_head(200, {{"content-type", "application/json"}});
      host.upstream_body(row.whole);
      host.upstream_end();
    }
    REQUIRE(host.done);
    CHECK(host.status == 200);
    CHECK(recorded_cost(host) == row.nano_usd);
    CHECK(gateway->environment()->ledger->open_reservations() == 0);
  }
}

TEST_CASE("an answer costs what its usage says, whole or streamed, in every provider's words") {
  const auto gateway = money_gateway(kAccounts);
  const Row rows[] = {
      // 5,000,000 + 2,000,000 + 1,250,000 + 3,000,000 + 12,500,000; two searches 20,000,000;
      // compaction at the model's own price 1,250,000, the advisor at Haiku's 400,000.
      {"Messages, with searches and steps beside the totals", "opus",
       messages_whole(std::string(kMessagesUsage) + "," + kMessagesEnd),
       messages_stream(kMessagesUsage, kMessagesEnd), 45'400'000},
      // 600 at 1 USD a million, 400 at 0.10, 50 at 5: reasoning is part of the output.
      {"Chat, at a price of one's own", "own/qwen", chat_whole(), chat_stream(), 890'000},
      // 600 at 2, 400 at 0.20, 50 at 12.
      {"Chat, by the list", "main/chat", chat_whole(), chat_stream(), 1'880'000},
      {"Responses", "main/terra",
       response_with("completed", "[" + std::string(kResponseItem) + "]"), responses_stream(),
       1'880'000},
      // 600 at 1.25, 400 at 0.125, 30 and 20 thought at 10.
      {"Gemini", "studio/pro", gemini_chunk("hi", true),
       "data: " + gemini_chunk("h", false) + "\n\ndata: " + gemini_chunk("i", true) + "\n\n",
       1'300'000},
  };
  for (const Row& row : rows)
    check_both(gateway, row);
}

TEST_CASE("a model that no list knows costs what the settings say") {
  const std::string account =
      "type: provider-account/anthropic\nname: lab\nauth_data: {type: api-key, api_key: k}\n"
      "integrations: [{name: secret, model_id: inhouse-1}]\n---\n"
      "type: gateway-global-settings\nname: g\n";
  struct Mode {
    const char* settings;
    int64_t nano_usd;  ///< Negative: not served.
  };
  // 1,000 tokens in, 100 out.
  const Mode modes[] = {
      {"unknown_price: free\n", 0},
      {"unknown_price: refuse\n", -1},
      {"fallback_price: {per_1000_tokens: {input: 0.002, output: 0.03}}\n", 5'000'000},
      {"unknown_price: fallback\nfallback_price: {per_1000_tokens: {input: 1, output: 0}}\n",
       1'000'000'000},
  };
  const std::string usage = R"("input_tokens":1000)";
  for (const Mode& mode : modes) {
    CAPTURE(mode.settings);
    const auto gateway = money_gateway(account + mode.settings);
    if (mode.nano_usd >= 0) {
      check_both(gateway,
                 {mode.settings, "lab/secret", messages_whole(usage + R"(,"output_tokens":100)"),
                  messages_stream(usage, R"("output_tokens":100)"), mode.nano_usd});
      continue;
    }
    MoneyHost host(gateway);
    host.ask("ANN", money_request("lab/secret", 10));
    CHECK(host.status == 400);
    CHECK_FALSE(host.called());
  }
}

TEST_CASE(
    "without a word about it, an unknown model costs as much as the dearest of its provider") {
  const auto gateway = money_gateway(
      "type: provider-account/anthropic\nname: lab\nauth_data: {type: api-key, api_key: k}\n"
      "integrations:\n  - {name: secret, model_id: inhouse-1}\n"
      "  - {name: fable, model_id: claude-fable-5-2}\n  - {name: mythos, model_id: "
      "claude-mythos-5-2}\n");
  const auto cost_of = [&](const std::string& model) {
    MoneyHost host(gateway);
    host.ask("ANN", money_request(model, 1'000));
    REQUIRE(host.called());
    host.answer(1'000, 100);
    return recorded_cost(host);
  };
  const int64_t secret = cost_of("lab/secret");
  for (const char* known : {"opus", "haiku", "lab/fable", "lab/mythos"}) {
    CAPTURE(known);
    CHECK(secret >= cost_of(known));
    CHECK(cost_of(known) > 0);
  }
}

}  // namespace
}  // namespace tollgate::test
