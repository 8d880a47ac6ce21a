#include "json/reader.hpp"
#include "support/fake_host.hpp"

// Servers of the OpenAI family from the configuration to the client's bytes.
namespace tollgate::test {
namespace {

std::shared_ptr<gateway::Gateway> family_gateway() {
  return make_gateway(
      "type: provider-account/self-hosted-model\nname: own\nbase_url: http://127.0.0.1:9/v1\n"
      "model_server: vllm\nintegrations: [{name: qwen, model_id: Qwen/Qwen3}]\n---\n"
      "type: provider-account/openai\nname: main\nbase_url: http://127.0.0.1:9/v1\n"
      "auth_data: {type: api-key, api_key: sk-canary}\n"
      "integrations: [{name: gpt, model_id: gpt-5.6-terra}]\n---\n"
      "type: user\nname: dev-1@corp.example\ntokens: [{env: TOKEN_1}]\n");
}

const HeaderList kToken = {{"authorization", "Bearer token-1"}};

std::string chat_body(const char* members) {
  return R"({"model":"own/qwen","messages":[{"role":"user","content":"hi"}])" +
         std::string(members) + "}";
}

constexpr const char* kChunks =
    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,"
    "\"model\":\"Qwen/Qwen3\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\","
    "\"content\":\"Hello\"},\"finish_reason\":null}]}\n\n"
    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,"
    "\"model\":\"Qwen/Qwen3\",\"choices\":[{\"index\":0,\"delta\":{},"
    "\"finish_reason\":\"stop\"}]}\n\n"
    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,"
    "\"model\":\"Qwen/Qwen3\",\"choices\":[],\"usage\":{\"prompt_tokens\":31,"
    "\"completion_tokens\":7,\"total_tokens\":38}}\n\n"
    "data: [DONE]\n\n";

TEST_CASE("usage is asked for on behalf of a client of Chat, and kept from it") {
  struct {
    const char* name;
    const char* members;
    const char* options;
    bool shown;
  } rows[] = {
      {"not asked", R"(,"stream":true)", R"({"include_usage":true})", false},
      {"asked", R"(,"stream":true,"stream_options":{"include_usage":true})",
       R"({"include_usage":true})", true},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    FakeHost host(family_gateway());
    host.request("POST", "/v1/chat/completions", kToken, chat_body(row.members));
    REQUIRE(host.calls.size() == 1);
    CHECK(host.calls[0].url == "http://127.0.0.1:9/v1/chat/completions");
    json::Document document;
    const auto sent = document.parse(host.calls[0].body);
    REQUIRE(sent.ok());
    CHECK(sent.value()["model"].string_or("") == "Qwen/Qwen3");
    CHECK(sent.value()["stream_options"]["include_usage"].boolean() == true);
    host.stream(kChunks);
    CHECK(host.done);
    CHECK(host.body.find("Hello") != std::string::npos);
    CHECK(host.body.find("Qwen/Qwen3") == std::string::npos);
    CHECK(host.body.ends_with("data: [DONE]\n\n"));
    CHECK((host.body.find("prompt_tokens") != std::string::npos) == row.shown);
    REQUIRE(host.records.size() == 1);
    CHECK(host.records[0].find("\"input_tokens\":31") != std::string::npos);
    CHECK(host.records[0].find("\"output_tokens\":7") != std::string::npos);
  }
}

TEST_CASE("an answer that is whole where a stream was asked for is told as one") {
  const char* const answer =
      R"({"id":"c","object":"chat.completion","model":"Qwen/Qwen3","choices":[{"index":0,)"
      R"("message":{"role":"assistant","content":"Hello","tool_calls":[{"id":"call_12345",)"
      R"("type":"function","function":{"name":"Read","arguments":"{\"a\":1}"}}]},)"
      R"("finish_reason":"tool_calls"}],)"
      R"("usage":{"prompt_tokens":31,"completion_tokens":7,"total_tokens":38}})";
  FakeHost host(family_gateway());
  host.post(R"({"model":"own/qwen","max_tokens":100,"stream":true,)"
            R"("tools":[{"name":"Read","input_schema":{"type":"object"}}],)"
            R"("messages":[{"role":"user","content":"hi"}]})");
  host.upstream_head(200, {{"content-type", "application/json"}});
  host.upstream_body(std::string_view(answer).substr(0, 50));
  CHECK(host.heads == 0);
  host.upstream_body(std::string_view(answer).substr(50));
  host.upstream_end();
  CHECK(host.done);
  CHECK(host.status == 200);
  CHECK(host.head_value("content-type").starts_with("text/event-stream"));
  CHECK(host.body.starts_with("event: message_start\n"));
  CHECK(host.body.find(R"("text":"Hello")") != std::string::npos);
  CHECK(host.body.find(R"("partial_json":"{\"a\":1}")") != std::string::npos);
  CHECK(host.body.find(R"("stop_reason":"tool_use")") != std::string::npos);
  CHECK(host.body.find("event: message_stop") != std::string::npos);
  REQUIRE(host.records.size() == 1);
  CHECK(host.records[0].find("\"input_tokens\":31") != std::string::npos);
}

TEST_CASE("a limit that leaves no room for an answer is an answer of nothing") {
  const char* const refusal =
      R"({"error":{"message":"Could not finish the message because max_tokens or model output )"
      R"(limit was reached. Please try again with higher max_tokens.","code":null}})";
  for (const bool stream : {false, true}) {
    INFO(stream);
    FakeHost host(family_gateway());
    host.post(std::string(R"({"model":"own/qwen","max_tokens":1,)") +
              (stream ? R"("stream":true,)" : "") +
              R"("messages":[{"role":"user","content":"hi"}]})");
    host.upstream_head(400, {{"content-type", "application/json"}, {"x-request-id", "r-1"}});
    host.upstream_body(refusal);
    host.upstream_end();
    CHECK(host.done);
    CHECK(host.calls.size() == 1);
    CHECK(host.status == 200);
    CHECK(host.head_value("content-type")
              .starts_with(stream ? "text/event-stream" : "application/json"));
    CHECK(host.body.find(R"("stop_reason":"max_tokens")") != std::string::npos);
    CHECK((host.body.find("event: message_stop") != std::string::npos) == stream);
    REQUIRE(host.records.size() == 1);
    CHECK(host.records[0].find("\"status\":200") != std::string::npos);
    CHECK(host.records[0].find("\"outcome\":\"ok\"") != std::string::npos);
  }
}

TEST_CASE("what is no answer at all is a failed attempt, be it asked for as a stream") {
  for (const char* answer : {"", "{}", R"({"error":{"message":"no"}})", "<html>"}) {
    INFO(answer);
    FakeHost host(family_gateway());
    host.post(R"({"model":"own/qwen","max_tokens":100,"stream":true,)"
              R"("messages":[{"role":"user","content":"hi"}]})");
    for (size_t answered = 0; answered < host.calls.size(); host.pass(5 * kSecond)) {
      answered = host.calls.size();
      host.upstream_head(200, {{"content-type", "application/json"}});
      if (*answer != '\0') host.upstream_body(answer);
      host.upstream_end();
      if (host.done) break;
    }
    CHECK(host.done);
    CHECK(host.status >= 500);
    CHECK(host.body.find("\"type\":\"error\"") != std::string::npos);
  }
}

/// The numbers of the events of a stream of Responses, in order.
std::vector<int64_t> numbers(const std::string& body) {
  std::vector<int64_t> found;
  for (size_t at = body.find("data: "); at != std::string::npos; at = body.find("data: ", at)) {
    at += 6;
    json::Document document;
    const auto event = document.parse(body.substr(at, body.find('\n', at) - at));
    REQUIRE(event.ok());
    found.push_back(event.value()["sequence_number"].integer().value_or(-1));
  }
  return found;
}

TEST_CASE("a stream of Responses counts the gateway's own events among the others") {
  FakeHost host(family_gateway());
  host.request("POST", "/v1/responses", kToken,
               R"({"model":"own/qwen","stream":true,"input":"hi","metadata":{"a":"b"}})");
  host.upstream_head(200, {{"content-type", "text/event-stream"}});
  host.upstream_body(
      std::string_view(kChunks).substr(0, std::string_view(kChunks).find("\n\n") + 2));
  host.pass(11 * kSecond);
  host.upstream_failed(TG_FAILURE_RESET);
  CHECK(host.done);
  CHECK(host.body.find("\"type\":\"keepalive\"") != std::string::npos);
  CHECK(host.body.find("\"type\":\"response.failed\"") != std::string::npos);
  const std::vector<int64_t> counted = numbers(host.body);
  for (size_t i = 0; i < counted.size(); ++i)
    CHECK(counted[i] == static_cast<int64_t>(i));
  REQUIRE(host.records.size() == 1);
  CHECK(host.records[0].find("metadata") != std::string::npos);
}

}  // namespace
}  // namespace tollgate::test
