#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "dialects/carriage.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"
#include "support/converse_rules.hpp"
#include "support/fake_host.hpp"
#include "support/gemini_rules.hpp"
#include "support/invoke_rules.hpp"
#include "support/openai_chat_rules.hpp"
#include "support/openai_responses_rules.hpp"

// A conversation that moves from any dialect to any other, with thinking and tool calls behind it.
namespace tollgate::test {
namespace {

constexpr std::string_view kConfig =
    "type: provider-account/anthropic\nname: claude\nbase_url: http://127.0.0.1:9\n"
    "auth_data: {type: api-key, api_key: sk}\n"
    "integrations: [{name: m, model_id: claude-sonnet-4-5-20250929}]\n---\n"
    "type: provider-account/openai\nname: responses\nbase_url: http://127.0.0.1:9/v1\n"
    "auth_data: {type: api-key, api_key: sk}\nintegrations: [{name: m, model_id: gpt-5}]\n---\n"
    "type: provider-account/self-hosted-model\nname: chat\nbase_url: http://127.0.0.1:9/v1\n"
    "auth_data: {type: api-key, api_key: sk}\n"
    "integrations: [{name: m, model_id: qwen3-coder, capabilities: {thinking: true}}]\n---\n"
    "type: provider-account/google-gemini\nname: gemini\nbase_url: http://127.0.0.1:9\n"
    "auth_data: {type: api-key, api_key: sk}\n"
    "integrations: [{name: m, model_id: gemini-3-pro-preview}]\n---\n"
    "type: provider-account/aws-bedrock\nname: bedrock\nbase_url: http://127.0.0.1:9\n"
    "region: us-east-1\nauth_data: {type: api-key, api_key: sk}\nintegrations:\n"
    "  - {name: invoke, model_id: us.anthropic.claude-opus-4-5-20251101-v1:0}\n"
    "  - {name: converse, model_id: us.anthropic.claude-opus-4-5-20251101-v1:0, api: converse}\n"
    "---\ntype: user\nname: dev-1@corp.example\ntokens: [{env: TOKEN_1}]\n---\n"
    "type: gateway-global-settings\nname: settings\nretry_settings: {attempts: 0}\n";

constexpr std::string_view kClaudeAnswer =
    R"({"id":"msg_1","type":"message","role":"assistant","model":"c","content":[)"
    R"({"type":"thinking","thinking":"Let me look.","signature":"c2lnbmF0dXJlLW9mLWNsYXVkZQ=="},)"
    R"({"type":"text","text":"I look."},)"
    R"({"type":"tool_use","id":"toolu_01A","name":"Read","input":{"path":"a.txt"}}],)"
    R"("stop_reason":"tool_use","usage":{"input_tokens":9,"output_tokens":9}})";
constexpr std::string_view kChatThought = R"("My own look.")";
constexpr std::string_view kChatAnswer =
    R"({"id":"c","object":"chat.completion","model":"q","choices":[{"index":0,"message":)"
    R"({"role":"assistant","reasoning_content":"My own look.","content":"I look.","tool_calls":[)"
    R"({"id":"call_1|a.b","type":"function","function":{"name":"Read",)"
    R"("arguments":"{\"path\":\"a.txt\"}"}}]},"finish_reason":"tool_calls"}],)"
    R"("usage":{"prompt_tokens":9,"completion_tokens":9,"total_tokens":18}})";
constexpr std::string_view kResponsesAnswer =
    R"({"id":"resp_1","object":"response","status":"completed","model":"g","output":[)"
    R"({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Let me look."}],)"
    R"("encrypted_content":"Z0FBQUFB"},)"
    R"({"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[)"
    R"({"type":"output_text","text":"I look.","annotations":[]}]},)"
    R"({"type":"function_call","id":"fc_1","call_id":"call_9","name":"Read","status":"completed",)"
    R"("arguments":"{\"path\":\"a.txt\"}"}],)"
    R"("usage":{"input_tokens":9,"output_tokens":9,"total_tokens":18}})";
constexpr std::string_view kGeminiAnswer =
    R"({"candidates":[{"content":{"role":"model","parts":[{"text":"Let me look.","thought":true},)"
    R"({"text":"I look."},{"functionCall":{"name":"Read","args":{"path":"a.txt"}},)"
    R"("thoughtSignature":"Z2VtaW5p"}]},"finishReason":"STOP","index":0}],)"
    R"("usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":9,"totalTokenCount":18}})";
constexpr std::string_view kConverseAnswer =
    R"({"output":{"message":{"role":"assistant","content":[{"reasoningContent":{"reasoningText":)"
    R"({"text":"Let me look.","signature":"c2lnbmF0dXJlLW9mLWNvbnZlcnNl"}}},{"text":"I look."},)"
    R"({"toolUse":{"toolUseId":"tooluse_1","name":"Read","input":{"path":"a.txt"}}}]}},)"
    R"("stopReason":"tool_use","usage":{"inputTokens":9,"outputTokens":9,"totalTokens":18}})";

/// What Anthropic refuses of a conversation in its own dialect: thinking without a signature of its
/// own, odd ids, results without calls, a last turn of the assistant's with thinking not first.
std::vector<std::string> messages_refusals(std::string_view body) {
  std::vector<std::string> refusals;
  json::Document document;
  const auto root = document.parse(body);
  if (!root.ok()) return {"not JSON"};
  std::vector<std::string> open;
  for (const json::Value message : root.value()["messages"].elements()) {
    const bool assistant = message["role"].string_or("") == "assistant";
    std::vector<std::string> calls;
    for (const json::Value block : message["content"].elements()) {
      const std::string_view type = block["type"].string_or("");
      if (type == "thinking" || type == "redacted_thinking") {
        const std::string_view mark =
            type == "thinking" ? block["signature"].string_or("") : block["data"].string_or("");
        if (mark.empty()) refusals.push_back("thinking without a signature");
        if (mark.find(dialects::kCarriagePrefix) != std::string_view::npos) {
          refusals.push_back("somebody else's signature");
        }
      }
      if (type == "tool_use") {
        const std::string_view id = block["id"].string_or("");
        if (id.empty() ||
            id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789_-") != std::string_view::npos) {
          refusals.push_back("a tool id " + std::string(id));
        }
        calls.emplace_back(id);
      }
      if (type == "tool_result") {
        const auto call = std::find(open.begin(), open.end(), block["tool_use_id"].string_or(""));
        if (call == open.end()) {
          refusals.push_back("a result without a call");
        } else {
          open.erase(call);
        }
      }
    }
    if (!assistant && !open.empty()) refusals.push_back("a call without a result");
    open = std::move(calls);
  }
  return refusals;
}

/// A server of one's own takes back the reasoning it gave, and would not know that of others.
std::vector<std::string> chat_refused(std::string_view body) {
  ChatModel model;
  model.takes_max_tokens = true;
  std::vector<std::string> refusals = chat_refusals(body, model);
  std::erase_if(refusals, [](const std::string& line) {
    return line.find("reasoning_content: unknown parameter") != std::string::npos;
  });
  for (size_t at = 0; (at = body.find("\"reasoning_content\":", at)) != std::string_view::npos;
       ++at) {
    if (!body.substr(at + 20).starts_with(kChatThought)) {
      refusals.push_back("somebody else's reasoning");
    }
  }
  return refusals;
}

struct Speaker {
  const char* model;
  std::string_view answer;
  std::vector<std::string> (*refusals)(std::string_view body);
};

const std::array<Speaker, 6> kSpeakers = {{
    {"claude/m", kClaudeAnswer, messages_refusals},
    {"responses/m", kResponsesAnswer,
     [](std::string_view body) { return responses_refusals(body); }},
    {"chat/m", kChatAnswer, chat_refused},
    {"gemini/m", kGeminiAnswer,
     [](std::string_view body) {
       GeminiServer server;
       server.stream = false;
       server.signatures = {"Z2VtaW5p"};
       return gemini_refusals(body, server);
     }},
    {"bedrock/invoke", kClaudeAnswer,
     [](std::string_view body) {
       std::vector<std::string> all = invoke_violations(body);
       for (std::string& refusal : messages_refusals(body))
         all.push_back(std::move(refusal));
       return all;
     }},
    {"bedrock/converse", kConverseAnswer,
     [](std::string_view body) {
       return converse_violations(body, "us.anthropic.claude-opus-4-5-20251101-v1:0");
     }},
}};

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines)
    text += line + "\n";
  return text;
}

/// The answer with ids of this turn: no upstream gives one twice.
std::string numbered(std::string_view answer, int turn) {
  std::string out(answer);
  for (const std::string_view id :
       {"toolu_01A", "call_1|a.b", "call_9", "tooluse_1", "rs_1", "fc_1"}) {
    const size_t at = out.find("\"" + std::string(id) + "\"");
    if (at != std::string::npos) out.insert(at + 1 + id.size(), std::to_string(turn));
  }
  return out;
}

/// What a client keeps of a conversation: it knows nothing of who answered.
struct Conversation {
  int turns = 0;
  std::string messages = R"({"role":"user","content":"What is in a.txt?"})";

  std::string request(const char* model) const {
    return R"({"model":")" + std::string(model) +
           R"(","max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":4000},"tools":[)"
           R"({"name":"Read","description":"Reads.","input_schema":{"type":"object","properties":)"
           R"({"path":{"type":"string"}},"required":["path"]}}],"messages":[)" +
           messages + "]}";
  }

  /// The answer goes back as it came, with a result for each call.
  void take(std::string_view answer) {
    json::Document document;
    const auto root = document.parse(answer);
    REQUIRE(root.ok());
    const size_t begin = answer.find("\"content\":") + 10;
    const json::Value content = root.value()["content"];
    REQUIRE(content.is_array());
    std::string results;
    for (const json::Value block : content.elements()) {
      if (block["type"].string_or("") != "tool_use") continue;
      if (!results.empty()) results += ',';
      results += R"({"type":"tool_result","tool_use_id":)";
      json::append_string(results, block["id"].string_or(""));
      results += R"(,"content":"a line"})";
    }
    REQUIRE_FALSE(results.empty());
    int depth = 0;
    bool quoted = false;
    size_t end = begin;
    do {
      const char c = answer[end];
      if (quoted && c == '\\') {
        ++end;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted) {
        depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
      }
      ++end;
    } while (depth > 0);
    messages += R"(,{"role":"assistant","content":)" +
                std::string(answer.substr(begin, end - begin)) + R"(},{"role":"user","content":[)" +
                results + "]}";
  }

  /// One turn at this model: what is sent must be taken, and its answer goes on.
  void turn(const std::shared_ptr<gateway::Gateway>& gateway, const Speaker& speaker) {
    CAPTURE(speaker.model);
    FakeHost host(gateway);
    host.post(request(speaker.model));
    REQUIRE(host.calls.size() == 1);
    const std::string& sent = host.calls[0].body;
    CAPTURE(sent);
    CHECK(joined(speaker.refusals(sent)) == "");
    host.upstream_head(200, {{"content-type", "application/json"}});
    host.upstream_body(numbered(speaker.answer, ++turns));
    host.upstream_end();
    REQUIRE(host.status == 200);
    take(host.body);
  }
};

TEST_CASE("whoever takes over a conversation takes what others said in it") {
  const auto gateway = make_gateway(kConfig);
  for (const Speaker& first : kSpeakers) {
    for (const Speaker& second : kSpeakers) {
      CAPTURE(first.model, second.model);
      Conversation conversation;
      conversation.turn(gateway, first);
      conversation.turn(gateway, second);
      // And back, with both behind it.
      conversation.turn(gateway, first);
    }
  }
}

TEST_CASE("a conversation that has been everywhere is taken everywhere") {
  const auto gateway = make_gateway(kConfig);
  Conversation conversation;
  for (int round = 0; round < 2; ++round) {
    for (const Speaker& speaker : kSpeakers)
      conversation.turn(gateway, speaker);
  }
}

std::string with_name(std::string_view text, std::string_view name) {
  std::string out(text);
  const std::string read = R"("name":"Read")";
  for (size_t at = 0; (at = out.find(read, at)) != std::string::npos;)
    out.replace(at, read.size(), R"("name":")" + std::string(name) + "\"");
  return out;
}

std::string name_of_tool(std::string_view sent) {
  json::Document document;
  const auto root = document.parse(sent);
  REQUIRE(root.ok());
  const json::Value tools = root.value()["tools"];
  for (const json::Value tool : tools.elements()) {
    const json::Value nested = tool["function"];
    return std::string((nested.exists() ? nested : tool)["name"].string_or(""));
  }
  return {};
}

TEST_CASE("a long name of a tool is as long as each dialect takes it, and comes back whole") {
  const auto gateway = make_gateway(kConfig);
  const std::string name = "mcp__a-server-with-a-long-name__" + std::string(80, 'x');
  const Speaker* speakers[] = {&kSpeakers[1], &kSpeakers[2], &kSpeakers[1], &kSpeakers[2]};
  Conversation conversation;
  std::string cut;
  for (const Speaker* speaker : speakers) {
    CAPTURE(speaker->model);
    FakeHost host(gateway);
    host.post(with_name(conversation.request(speaker->model), name));
    REQUIRE(host.calls.size() == 1);
    const std::string& sent = host.calls[0].body;
    CHECK(joined(speaker->refusals(sent)) == "");
    const std::string known = name_of_tool(sent);
    if (speaker == &kSpeakers[1]) {
      CHECK(known == name);
    } else {
      CHECK(known.size() == 64);
      CHECK((cut.empty() || cut == known));
      cut = known;
      CHECK(sent.find(name) == std::string::npos);
    }
    host.upstream_head(200, {{"content-type", "application/json"}});
    host.upstream_body(with_name(numbered(speaker->answer, ++conversation.turns), known));
    host.upstream_end();
    REQUIRE(host.status == 200);
    CHECK(host.body.find(R"("name":")" + name + "\"") != std::string::npos);
    conversation.take(host.body);
  }
}

}  // namespace
}  // namespace tollgate::test
