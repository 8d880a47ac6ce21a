#include <random>

#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/carriage.hpp"
#include "dialects/openai_responses/parts.hpp"
#include "dialects/openai_responses/through.hpp"
#include "dialects/recorded_requests.hpp"
#include "dialects/same_json.hpp"
#include "support/openai_responses_rules.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

/// An OpenAI reasoning model.
Translation to_openai() {
  Translation translation = thinking_client();
  translation.facts.efforts = {"none", "low", "medium", "high", "xhigh"};
  translation.facts.thinking = true;
  translation.facts.thinks_unasked = true;
  translation.facts.takes_sampling = false;
  translation.facts.output_tokens_max = 128'000;
  translation.traits.web_search = true;
  translation.traits.obfuscation_switch = true;
  translation.traits.phase = true;
  translation.session_id = "session-1";
  return translation;
}

test::ResponsesModel openai_model() {
  test::ResponsesModel model;
  model.efforts = {"none", "low", "medium", "high", "xhigh"};
  return model;
}

model::Request decoded(std::string_view body) {
  const auto request = anthropic_messages::dialect().decode_request(body);
  INFO((request.ok() ? "" : request.status().message()));
  REQUIRE(request.ok());
  return request.value();
}

std::string encoded(std::string_view body, Translation& translation) {
  std::string out;
  const Status status = dialect().encode_request(decoded(body), translation, out);
  return status.ok() ? out : "refused: " + status.message();
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines)
    text += line + "\n";
  return text;
}

const std::string kHead = R"("model":"m","max_tokens":100,)";
const std::string kHi = R"("messages":[{"role":"user","content":"hi"}])";

struct MemberRow {
  const char* name;
  std::string request;   ///< Members beside the model, the limit and one message.
  std::string expected;  ///< Members beside those of the plainest request.
};

TEST_CASE("members of a request are written as the service calls them") {
  const std::string tool = R"({"name":"Bash","description":"Run","input_schema":)"
                           R"({"type":"object","properties":{"c":{"type":"string"}}}})";
  const std::string tools = "\"tools\":[" + tool + "]";
  const std::string sent_tools =
      R"("tools":[{"type":"function","name":"Bash","description":"Run","parameters":)"
      R"({"type":"object","properties":{"c":{"type":"string"}}},"strict":false}])";
  const MemberRow rows[] = {
      {"nothing more", "", ""},
      {"system", R"("system":"Be kind.",)", R"("instructions":"Be kind.")"},
      {"system in blocks",
       R"("system":[{"type":"text","text":"x-anthropic-billing-header: cch=1;"},)"
       R"({"type":"text","text":"One."},{"type":"text","text":"Two."}],)",
       R"("instructions":"One.\n\nTwo.")"},
      {"tools", tools + ",", sent_tools},
      {"any tool", tools + R"(,"tool_choice":{"type":"any"},)",
       sent_tools + R"(,"tool_choice":"required")"},
      {"no tool", tools + R"(,"tool_choice":{"type":"none"},)",
       sent_tools + R"(,"tool_choice":"none")"},
      {"auto", tools + R"(,"tool_choice":{"type":"auto"},)", sent_tools},
      {"one tool", tools + R"(,"tool_choice":{"type":"tool","name":"Bash"},)",
       sent_tools + R"(,"tool_choice":{"type":"function","name":"Bash"})"},
      {"one call", tools + R"(,"tool_choice":{"type":"auto","disable_parallel_tool_use":true},)",
       sent_tools + R"(,"parallel_tool_calls":false)"},
      {"a choice without tools", R"("tool_choice":{"type":"any"},)", ""},
      {"structured",
       R"("output_config":{"format":{"type":"json_schema","schema":{"type":"object","properties":{},)"
       R"("required":[],"additionalProperties":false}}},)",
       R"("text":{"format":{"type":"json_schema","name":"output","schema":{"type":"object",)"
       R"("properties":{},"required":[],"additionalProperties":false},"strict":true}})"},
      {"web search",
       R"("tools":[{"type":"web_search_20250305","name":"web_search","max_uses":5,)"
       R"("allowed_domains":["e.org"],"user_location":{"type":"approximate","city":"Paris"}}],)"
       R"("tool_choice":{"type":"tool","name":"web_search"},)",
       R"("tools":[{"type":"web_search","filters":{"allowed_domains":["e.org"]},"user_location":)"
       R"({"type":"approximate","city":"Paris"}}],"tool_choice":{"type":"web_search"},)"
       R"("include":["web_search_call.action.sources"],"max_tool_calls":5)"},
      {"streamed", R"("stream":true,)",
       R"("stream":true,"stream_options":{"include_obfuscation":false})"},
      {"what has no place", R"("top_k":5,"speed":"fast","container":"c","service_tier":"auto",)",
       ""},
  };
  for (const MemberRow& row : rows) {
    INFO(row.name);
    Translation translation = to_openai();
    const std::string out = encoded("{" + kHead + row.request + kHi + "}", translation);
    const std::string expected =
        R"({"model":"gpt-5.5","input":[{"type":"message","role":"user","content":"hi"}],)"
        R"("reasoning":{"effort":"none"},"max_output_tokens":100,"prompt_cache_key":"session-1",)"
        R"("store":false)" +
        (row.expected.empty() ? "" : "," + row.expected) + "}";
    CHECK(test::json_difference(out, expected) == "");
    INFO(out);
    CHECK(joined(test::responses_refusals(out, openai_model())) == "");
  }
}

TEST_CASE("tools keep names of up to 128 characters, longer ones are cut and come back") {
  for (const size_t size : {64U, 65U, 128U, 129U, 400U}) {
    INFO(size);
    const std::string name(size, 'n');
    const std::string request =
        "{" + kHead + R"("tools":[{"name":")" + name +
        R"(","input_schema":{"type":"object"}}],"tool_choice":{"type":"tool","name":")" + name +
        R"("},"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":[)"
        R"({"type":"tool_use","id":"toolu_1","name":")" +
        name +
        R"(","input":{}}]},{"role":"user","content":[)"
        R"({"type":"tool_result","tool_use_id":"toolu_1","content":"ok"}]}]})";
    Translation translation = to_openai();
    const std::string out = encoded(request, translation);
    CHECK(joined(test::responses_refusals(out, openai_model())) == "");
    const std::string sent(translation.upstream_tool_name(name));
    CHECK((sent == name) == (size <= 128));
    CHECK(sent.size() <= 128);
    CHECK(translation.client_tool_name(sent) == name);
    // In the tools, the choice and the history.
    size_t found = 0;
    for (size_t at = 0; (at = out.find("\"name\":\"" + sent + "\"", at)) != std::string::npos; ++at)
      ++found;
    CHECK(found == 3);
  }
}

TEST_CASE("how much may be written is kept inside what is known") {
  struct Row {
    const char* name;
    int64_t wanted;
    int64_t most;
    int64_t window;
    int64_t prompt;
    std::string lesson;
    int64_t sent;
    bool noted;
  };
  const Row rows[] = {
      {"as wished", 32000, 128000, 400000, 1000, "", 32000, false},
      {"a probe", 1, 128000, 400000, 1000, "", 16, true},
      {"above the model's", 64000, 32768, 0, 1000, "", 32768, true},
      {"nothing known", 64000, 0, 0, 1000, "", 64000, false},
      {"taught", 64000, 0, 0, 1000, "20000", 20000, true},
      {"a small window", 32000, 0, 32768, 10000, "", 32768 - 11000 - 256, true},
      {"a full window", 32000, 0, 32768, 40000, "", 1024, true},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Translation translation = to_openai();
    translation.facts.output_tokens_max = row.most;
    translation.facts.context_window = row.window;
    translation.input_tokens_estimate = row.prompt;
    if (!row.lesson.empty()) {
      translation.lessons = {{model::LessonKind::kOutputMax, row.lesson}};
    }
    const std::string out =
        encoded(R"({"model":"m","max_tokens":)" + std::to_string(row.wanted) + "," + kHi + "}",
                translation);
    CHECK(out.find("\"max_output_tokens\":" + std::to_string(row.sent) + ",") != std::string::npos);
    bool noted = false;
    for (const model::Loss& loss : translation.losses.all())
      noted = noted || loss.what.starts_with("max_tokens");
    CHECK(noted == row.noted);
  }
}

TEST_CASE("a window an upstream taught counts for more than the one known") {
  Translation translation = to_openai();
  translation.facts.context_window = 400'000;
  translation.input_tokens_estimate = 10'000;
  translation.lessons = {{model::LessonKind::kContextWindow, "32768"}};
  CHECK(encoded(R"({"model":"m","max_tokens":32000,)" + kHi + "}", translation)
            .find("\"max_output_tokens\":21512,") != std::string::npos);
  translation.lessons = {{model::LessonKind::kContextWindow, "many"}};
  CHECK(encoded(R"({"model":"m","max_tokens":32000,)" + kHi + "}", translation)
            .find("\"max_output_tokens\":32000,") != std::string::npos);
}

TEST_CASE("sampling goes where the model takes it") {
  const std::string body = "{" + kHead + R"("temperature":0.5,"top_p":0.9,)" + kHi + "}";
  const std::string asked = "{" + kHead +
                            R"("temperature":0.5,"top_p":0.9,"output_config":{"effort":"high"},)" +
                            kHi + "}";
  Translation reasoning = to_openai();
  CHECK(encoded(asked, reasoning).find("temperature") == std::string::npos);
  CHECK(reasoning.losses.all().size() == 2);
  // Reasoning switched off by name, the same model takes them.
  Translation silent = to_openai();
  CHECK(encoded(body, silent).find("\"temperature\":0.5,\"top_p\":0.9") != std::string::npos);
  Translation always = to_openai();
  always.facts.efforts = {"low", "high"};
  CHECK(encoded(body, always).find("temperature") == std::string::npos);
  Translation by_default = to_openai();
  encoded("{" + kHead + R"("temperature":1,"output_config":{"effort":"high"},)" + kHi + "}",
          by_default);
  CHECK(by_default.losses.all().empty());
  Translation plain = to_openai();
  plain.facts = model::ModelFacts();
  const std::string out = encoded(body, plain);
  CHECK(out.find("\"temperature\":0.5,\"top_p\":0.9") != std::string::npos);
  Translation taught = plain;
  taught.lessons = {{model::LessonKind::kDropField, "temperature"}};
  CHECK(encoded(body, taught).find("temperature") == std::string::npos);
  Translation switchable = to_openai();
  switchable.facts.takes_sampling = true;
  switchable.facts.thinks_unasked = false;
  CHECK(encoded(body, switchable).find("temperature") != std::string::npos);
  const std::string thinking =
      "{" + kHead + R"("temperature":1,"output_config":{"effort":"high"},)" + kHi + "}";
  CHECK(encoded(thinking, switchable).find("temperature") == std::string::npos);
}

TEST_CASE("a field an upstream refused is not sent to it again") {
  const std::string body =
      "{" + kHead +
      R"("stream":true,"metadata":{"user_id":"u"},"thinking":{"type":"adaptive"},)"
      R"("output_config":{"effort":"high"},"service_tier":"standard_only",)"
      R"("tools":[{"name":"f","input_schema":{"type":"object"}}],)"
      R"("tool_choice":{"type":"any","disable_parallel_tool_use":true},"messages":[)"
      R"({"role":"user","content":"a"},{"role":"assistant","content":"b"},)"
      R"({"role":"user","content":"c"}]})";
  const std::pair<const char*, const char*> rows[] = {
      {"store", "\"store\":"},
      {"strict", "\"strict\":"},
      {"include", "\"include\":"},
      {"reasoning", "\"reasoning\":"},
      {"reasoning.effort", "\"effort\":"},
      {"reasoning_effort", "\"effort\":"},
      {"reasoning.summary", "\"summary\":"},
      {"safety_identifier", "\"safety_identifier\":"},
      {"prompt_cache_key", "\"prompt_cache_key\":"},
      {"service_tier", "\"service_tier\":"},
      {"stream_options", "\"stream_options\":"},
      {"parallel_tool_calls", "\"parallel_tool_calls\":"},
      {"tool_choice", "\"tool_choice\":"},
      {"phase", "\"phase\":"},
  };
  for (const auto& [field, member] : rows) {
    INFO(field);
    Translation translation = to_openai();
    translation.traits.service_tier = true;
    CHECK(encoded(body, translation).find(member) != std::string::npos);
    Translation taught = to_openai();
    taught.traits.service_tier = true;
    taught.lessons = {{model::LessonKind::kDropField, field}};
    CHECK(encoded(body, taught).find(member) == std::string::npos);
  }
}

TEST_CASE("what cannot be had is refused in clear words") {
  const std::pair<std::string, std::string> rows[] = {
      {R"("mcp_servers":[],)" + kHi,
       "refused: mcp_servers is not available on this model: connect "
       "them to the client."},
      {R"("messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}])",
       "refused: This model does not support assistant message prefill. The conversation must end "
       "with a user message."},
      {R"("tools":[{"type":"code_execution_20250522","name":"code_execution"}],)" + kHi,
       "refused: Tool type 'code_execution_20250522' is not available on this model."},
      {R"("tools":[{"type":"web_search_20250305","name":"web_search","blocked_domains":["e.org"]}],)" +
           kHi,
       "refused: web_search with blocked_domains is not available on this model."},
  };
  for (const auto& [members, text] : rows) {
    Translation translation = to_openai();
    CHECK(encoded("{" + kHead + members + "}", translation) == text);
  }
  Translation without = to_openai();
  without.traits.web_search = false;
  CHECK(encoded("{" + kHead + R"("tools":[{"type":"web_search_20250305","name":"web_search"}],)" +
                    kHi + "}",
                without) ==
        "refused: Tool type 'web_search_20250305' is not available on this model.");
}

TEST_CASE("a request to count is the part of the prompt") {
  Translation translation = to_openai();
  translation.operation = Operation::kCountTokens;
  const std::string out =
      encoded(R"({"model":"m","system":"Be kind.","stream":true,"temperature":1,)" + kHi + "}",
              translation);
  CHECK(test::json_difference(out, R"({"model":"gpt-5.5","instructions":"Be kind.","input":)"
                                   R"([{"type":"message","role":"user","content":"hi"}],)"
                                   R"("reasoning":{"effort":"none"}})") == "");
  CHECK(joined(test::responses_refusals(out, openai_model(), true)) == "");
}

TEST_CASE("every recorded request of Claude Code is one the service takes") {
  int checked = 0;
  for (const test::RecordedRequest& recorded : test::recorded_requests()) {
    INFO(recorded.name);
    const model::Request request = decoded(recorded.body);
    Translation translation = to_openai();
    if (!request.max_tokens) translation.operation = Operation::kCountTokens;
    std::string out;
    const Status status = dialect().encode_request(request, translation, out);
    INFO(status.message());
    REQUIRE(status.ok());
    ++checked;
    CHECK(joined(test::responses_refusals(out, openai_model(), !request.max_tokens)) == "");
    CHECK(out.find("x-anthropic-billing-header") == std::string::npos);
    Translation twin = to_openai();
    twin.operation = translation.operation;
    std::string again;
    REQUIRE(dialect().encode_request(request, twin, again).ok());
    CHECK(again == out);
  }
  if (!test::recordings("claude-code", ".json").empty()) CHECK(checked >= 20);
}

/// Makes requests such as a client under every kind of stress might send.
class RequestMaker {
 public:
  explicit RequestMaker(uint32_t seed) : random_(seed) {}

  model::Request make() {
    model::Request request;
    request.model = "m";
    request.max_tokens = 1 + pick(50'000);
    request.stream = flip();
    for (size_t i = pick(3); i > 0; --i)
      request.system.push_back(text());
    for (size_t i = pick(5); i > 0; --i)
      add_tool(request);
    if (flip()) {
      request.tool_choice.emplace();
      request.tool_choice->kind = static_cast<model::ToolChoiceKind>(pick(4));
      request.tool_choice->disable_parallel = flip();
      if (request.tool_choice->kind == model::ToolChoiceKind::kTool) {
        if (request.tools.empty()) add_tool(request);
        request.tool_choice->name = request.tools[pick(request.tools.size())].name;
      }
    }
    request.thinking.kind = static_cast<model::ThinkingKind>(pick(5));
    if (flip()) request.effort = std::vector<std::string>{"low", "high", "max", "odd"}[pick(4)];
    if (flip()) request.temperature = 0.5;
    if (flip()) request.top_k = 3;
    if (flip()) request.stop_sequences = {"STOP"};
    if (flip()) request.user_id = "user_a_session_b";
    if (flip()) request.service_tier = "standard_only";
    for (size_t i = 1 + pick(8); i > 0; --i)
      add_message(request);
    // A conversation ends with its user, or else with a call that will be answered.
    request.messages.emplace_back();
    request.messages.back().content.push_back(text());
    return request;
  }

 private:
  size_t pick(size_t below) { return below == 0 ? 0 : random_() % below; }
  bool flip() { return pick(2) == 0; }

  model::Block text() {
    model::Block block;
    block.text = std::vector<std::string>{"", " ", "word", "Grüße \"x\"\n", "\\"}[pick(5)];
    if (flip()) block.cache.emplace();
    return block;
  }

  void add_tool(model::Request& request) {
    model::Tool tool;
    tool.name = std::vector<std::string>{"Bash",
                                         "Read",
                                         "a.b c",
                                         std::string(70, 'n'),
                                         std::string(70, 'n') + "2",
                                         "mcp__x"}[pick(6)];
    for (const model::Tool& other : request.tools) {
      if (other.name == tool.name) return;
    }
    tool.input_schema =
        std::vector<std::string>{
            "{}", R"({"type":"object"})", R"({"anyOf":[{"type":"object","properties":{"a":{}}}]})",
            R"({"$schema":"x","type":"object","properties":{"a":{"type":"string"}},"required":["a"]})",
            R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false})"}
            [pick(5)];
    if (flip()) tool.strict = flip();
    request.tools.push_back(std::move(tool));
  }

  model::Block result() {
    model::Block block;
    block.kind = model::BlockKind::kToolResult;
    block.id = id();
    block.is_error = flip();
    for (size_t i = pick(3); i > 0; --i)
      block.content.push_back(flip() ? text() : image());
    return block;
  }

  model::Block image() {
    model::Block block;
    block.kind = flip() ? model::BlockKind::kImage : model::BlockKind::kDocument;
    block.source.emplace();
    block.source->kind = flip() ? model::SourceKind::kBase64 : model::SourceKind::kUrl;
    block.source->media_type =
        block.kind == model::BlockKind::kImage ? "image/png" : "application/pdf";
    block.source->data = block.source->kind == model::SourceKind::kUrl ? "https://e.org/x" : "AAAA";
    return block;
  }

  std::string id() {
    return std::vector<std::string>{"toolu_1", "toolu_2", "call:3", std::string(80, 'i')}[pick(4)];
  }

  model::Block thinking() {
    model::Block block;
    block.kind = flip() ? model::BlockKind::kThinking : model::BlockKind::kRedactedThinking;
    Carriage carriage{"openai-main/gpt-5.5", "0a1b2c3d", "r", R"("id":"rs_1","e":"gA==","n":[3])"};
    if (flip()) carriage.credential_tag = "ffffffff";
    if (pick(4) == 0) carriage.kind = "d";
    std::string field = flip() ? seal_carriage(carriage) : "EqQBCkYIBRgCKkA0";
    if (block.kind == model::BlockKind::kThinking) {
      block.text = flip() ? "abc" : "";
      block.signature = std::move(field);
    } else {
      block.text = std::move(field);
    }
    return block;
  }

  model::Block call() {
    model::Block block;
    block.kind = model::BlockKind::kToolUse;
    block.id = id();
    block.name = std::vector<std::string>{"Bash", "a.b c", std::string(70, 'n')}[pick(3)];
    block.input = flip() ? "{ \"a\" : 1 }" : "";
    return block;
  }

  model::Block other() {
    model::Block block;
    block.kind = std::vector<model::BlockKind>{
        model::BlockKind::kServerToolUse, model::BlockKind::kServerToolResult,
        model::BlockKind::kSearchResult, model::BlockKind::kToolReference,
        model::BlockKind::kOther}[pick(5)];
    block.name = "Bash";
    block.type = "news";
    block.text = "title";
    return block;
  }

  void add_message(model::Request& request) {
    model::Message message;
    message.role = static_cast<model::Role>(pick(3));
    for (size_t i = pick(4); i > 0; --i) {
      switch (message.role == model::Role::kSystem ? 0 : pick(5)) {
        case 0:
          message.content.push_back(text());
          break;
        case 1:
          message.content.push_back(message.role == model::Role::kAssistant ? call() : result());
          break;
        case 2:
          message.content.push_back(message.role == model::Role::kAssistant ? thinking() : image());
          break;
        case 3:
          message.content.push_back(other());
          break;
        default:
          message.content.push_back(message.role == model::Role::kAssistant ? call() : text());
          break;
      }
    }
    request.messages.push_back(std::move(message));
  }

  std::mt19937 random_;
};

TEST_CASE("whatever conversation is sent, the service takes it") {
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    const model::Request request = RequestMaker(seed).make();
    Translation translation = to_openai();
    std::string out;
    const Status status = dialect().encode_request(request, translation, out);
    INFO("seed " << seed);
    INFO(status.message());
    REQUIRE(status.ok());
    const std::string refusals = joined(test::responses_refusals(out, openai_model()));
    if (!refusals.empty()) INFO(out);
    REQUIRE(refusals == "");
  }
}

}  // namespace
}  // namespace tollgate::dialects::openai_responses
