#include <functional>

#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/openai_chat/through.hpp"
#include "dialects/recorded_requests.hpp"
#include "dialects/same_json.hpp"
#include "model/model_facts.hpp"
#include "support/openai_chat_rules.hpp"

using namespace tollgate;
using namespace tollgate::dialects;
using namespace tollgate::dialects::openai_chat;
using model::Block;
using model::BlockKind;
using model::Role;

namespace {

Translation to_openai(const std::string& model_id) {
  Translation translation = thinking_client();
  translation.thinking_wanted = false;
  translation.target_model = model_id;
  translation.facts = model::known_facts("openai", model_id);
  return translation;
}

Block text(const std::string& said) {
  Block block;
  block.text = said;
  return block;
}

model::Request asking() {
  model::Request request;
  request.messages = {{Role::kUser, false, {text("hi")}, ""}};
  return request;
}

std::string encoded(const model::Request& request, Translation& translation) {
  std::string out;
  const Status status = dialect().encode_request(request, translation, out);
  INFO(status.message());
  REQUIRE(status.ok());
  return out;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines)
    all += line + "\n";
  return all;
}

/// The members behind the messages, for a request with this change.
struct Row {
  const char* name;
  std::function<void(model::Request&, Translation&)> change;
  const char* members;
  size_t losses;
};

}  // namespace

TEST_CASE("settings are written as this model and this server take them") {
  using model::LessonKind;
  const auto no_change = [](model::Request&, Translation&) {};
  const Row rows[] = {
      {"nothing", no_change, "{}", 0},
      {"a limit", [](auto& r, auto&) { r.max_tokens = 100; }, R"({"max_tokens":100})", 0},
      {"a limit by its newer name",
       [](auto& r, auto& t) {
         r.max_tokens = 100;
         t.facts.token_field = "max_completion_tokens";
       },
       R"({"max_completion_tokens":100})", 0},
      {"a name that was learned",
       [](auto& r, auto& t) {
         r.max_tokens = 100;
         t.facts.token_field = "max_completion_tokens";
         t.lessons.push_back({LessonKind::kTokenField, "max_tokens"});
       },
       R"({"max_tokens":100})", 0},
      {"more than the model writes",
       [](auto& r, auto& t) {
         r.max_tokens = 64000;
         t.facts.output_tokens_max = 16384;
       },
       R"({"max_tokens":16384})", 1},
      {"more than was learned",
       [](auto& r, auto& t) {
         r.max_tokens = 64000;
         t.facts.output_tokens_max = 16384;
         t.lessons.push_back({LessonKind::kOutputMax, "8192"});
       },
       R"({"max_tokens":8192})", 1},
      {"less than it takes",
       [](auto& r, auto& t) {
         r.max_tokens = 1;
         t.facts.output_tokens_min = 16;
       },
       R"({"max_tokens":16})", 1},
      {"more than the window holds",
       [](auto& r, auto& t) {
         r.max_tokens = 64000;
         t.facts.context_window = 8000;
         t.input_tokens_estimate = 20;
       },
       R"({"max_tokens":7722})", 1},
      {"a window that was learned",
       [](auto& r, auto& t) {
         r.max_tokens = 64000;
         t.lessons.push_back({LessonKind::kContextWindow, "900"});
       },
       R"({"max_tokens":1024})", 1},
      {"a stream", [](auto& r, auto&) { r.stream = true; },
       R"({"stream":true,"stream_options":{"include_usage":true}})", 0},
      {"a stream of an old server",
       [](auto& r, auto& t) {
         r.stream = true;
         t.traits.stream_options = false;
       },
       R"({"stream":true})", 0},
      {"a stream of a server that refused",
       [](auto& r, auto& t) {
         r.stream = true;
         t.lessons.push_back({LessonKind::kDropField, "stream_options"});
       },
       R"({"stream":true})", 0},
      {"sampling",
       [](auto& r, auto&) {
         r.temperature = 0.25;
         r.top_p = 0.5;
       },
       R"({"temperature":0.25,"top_p":0.5})", 0},
      {"sampling of a reasoner",
       [](auto& r, auto& t) {
         r.temperature = 0.25;
         r.top_p = 1;
         r.top_k = 5;
         t.facts.takes_sampling = false;
       },
       "{}", 2},
      {"sampling while it does not reason",
       [](auto& r, auto& t) {
         r.temperature = 0.25;
         t.facts.efforts = {"none", "low"};
       },
       R"({"reasoning_effort":"none","temperature":0.25})", 0},
      {"sampling while it reasons",
       [](auto& r, auto& t) {
         r.temperature = 0.25;
         r.effort = "low";
         t.facts.efforts = {"none", "low"};
       },
       R"({"reasoning_effort":"low"})", 1},
      {"sampling of another server's reasoner",
       [](auto& r, auto& t) {
         r.temperature = 0.25;
         r.effort = "low";
         t.facts.efforts = {"low"};
         t.traits.name = "xai";
       },
       R"({"reasoning_effort":"low","temperature":0.25})", 0},
      {"top_k",
       [](auto& r, auto& t) {
         r.top_k = 5;
         t.traits.top_k = true;
       },
       R"({"top_k":5})", 0},
      {"top_k elsewhere", [](auto& r, auto&) { r.top_k = 5; }, "{}", 1},
      {"stop sequences",
       [](auto& r, auto&) {
         r.stop_sequences = {"a", "b"};
       },
       R"({"stop":["a","b"]})", 0},
      {"an effort",
       [](auto& r, auto& t) {
         r.effort = "max";
         t.facts.efforts = {"minimal", "low", "medium", "high"};
       },
       R"({"reasoning_effort":"high"})", 1},
      {"an effort that was learned",
       [](auto& r, auto& t) {
         r.effort = "medium";
         t.facts.efforts = {"medium"};
         t.lessons.push_back({LessonKind::kEfforts, "low,high"});
       },
       R"({"reasoning_effort":"low"})", 1},
      {"an effort that was refused",
       [](auto& r, auto& t) {
         r.effort = "medium";
         t.facts.efforts = {"medium"};
         t.lessons.push_back({LessonKind::kDropField, "reasoning_effort"});
       },
       "{}", 1},
      {"no thinking",
       [](auto& r, auto& t) {
         r.thinking.kind = model::ThinkingKind::kDisabled;
         t.facts.efforts = {"minimal", "low"};
       },
       R"({"reasoning_effort":"minimal"})", 0},
      {"thinking as the model likes",
       [](auto& r, auto& t) {
         r.thinking.kind = model::ThinkingKind::kAdaptive;
         t.facts.efforts = {"minimal", "low"};
       },
       "{}", 0},
      {"DeepSeek's switch",
       [](auto& r, auto& t) {
         r.thinking.kind = model::ThinkingKind::kAdaptive;
         r.effort = "high";
         t.facts.efforts = {"high", "max"};
         t.traits.thinking_switch = "thinking";
       },
       R"({"reasoning_effort":"high","thinking":{"type":"enabled"}})", 0},
      {"DeepSeek's switch, off", [](auto&, auto& t) { t.traits.thinking_switch = "thinking"; },
       R"({"thinking":{"type":"disabled"}})", 0},
      {"vLLM's switch, off", [](auto&, auto& t) { t.traits.thinking_switch = "enable_thinking"; },
       R"({"chat_template_kwargs":{"enable_thinking":false}})", 0},
      {"vLLM's switch, on",
       [](auto& r, auto& t) {
         r.thinking.kind = model::ThinkingKind::kAdaptive;
         t.traits.thinking_switch = "enable_thinking";
       },
       "{}", 0},
      {"OpenRouter's effort",
       [](auto& r, auto& t) {
         r.effort = "high";
         t.traits.thinking_switch = "reasoning";
       },
       R"({"reasoning":{"effort":"high"}})", 0},
      {"OpenRouter's switch",
       [](auto& r, auto& t) {
         r.thinking.kind = model::ThinkingKind::kAdaptive;
         t.traits.thinking_switch = "reasoning";
       },
       R"({"reasoning":{"enabled":true}})", 0},
      {"OpenRouter's switch, off", [](auto&, auto& t) { t.traits.thinking_switch = "reasoning"; },
       R"({"reasoning":{"enabled":false}})", 0},
      {"OpenRouter's model that always thinks",
       [](auto&, auto& t) {
         t.traits.thinking_switch = "reasoning";
         t.facts = model::known_facts("openrouter", "openai/gpt-5");
         t.facts.output_tokens_max = t.facts.context_window = 0;
       },
       R"({"reasoning":{"effort":"minimal"}})", 0},
      {"OpenRouter's model that can be silenced",
       [](auto&, auto& t) {
         t.traits.thinking_switch = "reasoning";
         t.facts = model::known_facts("openrouter", "openai/gpt-5.5");
         t.facts.output_tokens_max = t.facts.context_window = 0;
       },
       R"({"reasoning":{"enabled":false}})", 0},
      {"OpenRouter's switch that a model refused",
       [](auto&, auto& t) {
         t.traits.thinking_switch = "reasoning";
         t.lessons.push_back({LessonKind::kEfforts, "minimal,low,medium,high,xhigh"});
       },
       R"({"reasoning":{"effort":"minimal"}})", 0},
      {"penalties of a reasoner",
       [](auto& r, auto& t) {
         r.dialect_rest =
             R"("frequency_penalty":1,"presence_penalty":1,"logprobs":true,"logit_bias":{},"seed":7)";
         t.facts.takes_sampling = false;
       },
       R"({"seed":7})", 4},
      {"penalties of xAI's reasoner",
       [](auto& r, auto& t) {
         r.dialect_rest = R"("frequency_penalty":1)";
         t.facts.takes_stop = false;
         t.traits.name = "xai";
       },
       "{}", 1},
      {"penalties", [](auto& r, auto&) { r.dialect_rest = R"("frequency_penalty":1)"; },
       R"({"frequency_penalty":1})", 0},
      {"a schema",
       [](auto& r, auto&) {
         r.output_schema = R"({"type":"object","properties":{},"additionalProperties":false})";
       },
       R"({"response_format":{"type":"json_schema","json_schema":{"name":"output","schema":{"type":"object","properties":{},"additionalProperties":false},"strict":true}}})",
       0},
      {"an open schema", [](auto& r, auto&) { r.output_schema = R"({"type":"object"})"; },
       R"({"response_format":{"type":"json_schema","json_schema":{"name":"output","schema":{"type":"object"},"strict":false}}})",
       0},
      {"who asks", [](auto& r, auto&) { r.user_id = "user_ab_account_cd_session_ef"; },
       R"({"safety_identifier":"7e38b5ef09d3fb13d1bbd3b5a8d7ed8ba8b2a1e9b4b1c4f1b5aab6b7f3f6d9fe","prompt_cache_key":"ef"})",
       0},
      {"who asks, elsewhere",
       [](auto& r, auto& t) {
         r.user_id = "u";
         t.traits.identity_fields = false;
       },
       "{}", 1},
      {"the session", [](auto&, auto& t) { t.session_id = "s-1"; }, R"({"prompt_cache_key":"s-1"})",
       0},
      {"a tier",
       [](auto& r, auto& t) {
         r.service_tier = "standard_only";
         t.traits.service_tier = true;
       },
       R"({"service_tier":"default"})", 0},
      {"the tier that is the default",
       [](auto& r, auto& t) {
         r.service_tier = "auto";
         t.traits.service_tier = true;
       },
       "{}", 0},
      {"a tier elsewhere", [](auto& r, auto&) { r.service_tier = "standard_only"; }, "{}", 1},
      {"what has no place here",
       [](auto& r, auto&) {
         r.context_management = "{}";
         r.speed = "fast";
         r.rest = R"("container":"c","betas":[],"inference_geo":"us","mcp_servers":[])";
       },
       "{}", 6},
      {"this dialect's own members",
       [](auto& r, auto&) { r.dialect_rest = R"("seed":7,"audio":{})"; }, R"({"seed":7})", 1},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    model::Request request = asking();
    Translation translation = thinking_client();
    row.change(request, translation);
    const std::string out = encoded(request, translation);
    std::string expected = R"({"model":"gpt-4o","messages":[{"role":"user","content":"hi"}])";
    const std::string members(row.members);
    if (members != "{}") expected += "," + members.substr(1, members.size() - 2);
    const std::string difference = test::json_difference(out, expected + "}");
    if (std::string(row.name) == "who asks") {
      CHECK(difference == "$.safety_identifier");
    } else {
      CHECK(difference == "");
    }
    CHECK(translation.losses.all().size() == row.losses);
  }
}

TEST_CASE("stop sequences that the upstream cannot watch for are watched for here") {
  model::Request request = asking();
  request.stop_sequences = {"a", "b", "c", "d", "e"};
  Translation many = thinking_client();
  CHECK(encoded(request, many).find("\"stop\"") == std::string::npos);
  CHECK(many.stop_sequences == request.stop_sequences);
  request.stop_sequences = {"a"};
  Translation reasoner = to_openai("gpt-5");
  CHECK(encoded(request, reasoner).find("\"stop\"") == std::string::npos);
  CHECK(reasoner.stop_sequences == request.stop_sequences);
}

TEST_CASE("tools and their choice") {
  struct {
    const char* name;
    model::ToolChoice choice;
    bool listens;
    const char* members;
  } rows[] = {
      {"any", {model::ToolChoiceKind::kAny, "", false, ""}, true, R"("tool_choice":"required")"},
      {"none", {model::ToolChoiceKind::kNone, "", false, ""}, true, R"("tool_choice":"none")"},
      {"one",
       {model::ToolChoiceKind::kTool, "R", false, ""},
       true,
       R"("tool_choice":{"type":"function","function":{"name":"R"}})"},
      {"one call at a time",
       {model::ToolChoiceKind::kAuto, "", true, ""},
       true,
       R"("parallel_tool_calls":false)"},
      {"one, where nobody listens",
       {model::ToolChoiceKind::kTool, "R", false, ""},
       false,
       R"("content":"You must call the tool R now.")"},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    model::Request request = asking();
    model::Tool tool;
    tool.name = "R";
    tool.description = "Reads.";
    tool.input_schema = R"({"type":"object","properties":{}})";
    request.tools.push_back(tool);
    request.tool_choice = row.choice;
    Translation translation = thinking_client();
    translation.traits.named_tool_choice = row.listens;
    const std::string out = encoded(request, translation);
    CHECK_THAT(out, Catch::Matchers::Contains(row.members));
    CHECK_THAT(
        out,
        Catch::Matchers::Contains(
            R"({"type":"function","function":{"name":"R","description":"Reads.","parameters":{"type":"object","properties":{}}}})"));
    CHECK(translation.single_tool_call == row.choice.disable_parallel);
  }
  model::Request request = asking();
  request.tool_choice = model::ToolChoice{model::ToolChoiceKind::kAny, "", true, ""};
  Translation translation = thinking_client();
  CHECK(encoded(request, translation) ==
        R"({"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]})");
}

TEST_CASE("a counter is asked with what makes the prompt") {
  model::Request request = asking();
  request.max_tokens = 100;
  request.temperature = 0.5;
  request.stream = true;
  model::Tool tool;
  tool.name = "R";
  tool.input_schema = R"({"type":"object","properties":{}})";
  request.tools = {tool};
  Translation translation = thinking_client();
  translation.operation = Operation::kCountTokens;
  CHECK(
      test::json_difference(
          encoded(request, translation),
          R"({"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"R","parameters":{"type":"object","properties":{}}}}],"add_generation_prompt":true})") ==
      "");
  translation.traits.name = "vllm";
  request.messages.push_back({Role::kAssistant, false, {text("Sure")}, ""});
  CHECK_THAT(
      encoded(request, translation),
      Catch::Matchers::EndsWith(R"("add_generation_prompt":false,"continue_final_message":true})"));
}

TEST_CASE("counters of texts are given a text") {
  const model::Request request = asking();
  for (
      const auto& [server, members] :
      {std::pair("xai", R"("text":"<|im_start|>user\nhi\n<|im_end|>\n<|im_start|>assistant\n")"),
       {"llama-cpp",
        R"("content":"<|im_start|>user\nhi\n<|im_end|>\n<|im_start|>assistant\n","add_special":true)"}}) {
    Translation translation = thinking_client();
    translation.operation = Operation::kCountTokens;
    translation.traits.name = server;
    CHECK(encoded(request, translation) == "{\"model\":\"gpt-4o\"," + std::string(members) + "}");
  }
}

TEST_CASE("a server without schemas gets them in words") {
  model::Request request = asking();
  request.output_schema = R"({"type":"object"})";
  Translation translation = thinking_client();
  translation.traits.schema_answers = false;
  const std::string out = encoded(request, translation);
  CHECK_THAT(out, Catch::Matchers::Contains(R"("response_format":{"type":"json_object"})"));
  CHECK_THAT(out, Catch::Matchers::Contains(R"({"role":"system","content":"Answer with one JSON)"));
}

TEST_CASE("a choice that a model refuses while it thinks is left out") {
  model::Request request = asking();
  model::Tool tool;
  tool.name = "R";
  tool.input_schema = R"({"type":"object","properties":{}})";
  request.tools = {tool};
  request.tool_choice = model::ToolChoice{model::ToolChoiceKind::kAny, "", false, ""};
  Translation translation = thinking_client();
  CHECK_THAT(encoded(request, translation), Catch::Matchers::Contains("tool_choice"));
  translation.lessons.push_back({model::LessonKind::kDropField, "tool_choice"});
  CHECK(encoded(request, translation).find("tool_choice") == std::string::npos);
  CHECK(translation.losses.all().size() == 1);
}

TEST_CASE("what no upstream of this dialect can do is refused") {
  struct {
    const char* name;
    std::function<void(model::Request&)> change;
    const char* begins;
  } rows[] = {
      {"a prefill",
       [](auto& r) {
         r.messages.push_back({Role::kAssistant, false, {text("Sure")}, ""});
       },
       "This model does not support assistant message prefill."},
      {"a search alone, though the server has one in its other dialect",
       [](auto& r) {
         model::Tool search;
         search.type = search.name = "web_search";
         search.type += "_20250305";
         r.tools = {search};
       },
       "Tool type 'web_search_20250305' is not available on this model."},
      {"remote MCP servers", [](auto& r) { r.rest = R"("mcp_servers":[{"url":"x"}])"; },
       "mcp_servers: "},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    model::Request request = asking();
    row.change(request);
    Translation translation = thinking_client();
    translation.traits.web_search = true;
    std::string out;
    const Status status = dialect().encode_request(request, translation, out);
    REQUIRE_FALSE(status.ok());
    CHECK_THAT(status.message(), Catch::Matchers::StartsWith(row.begins));
  }
}

TEST_CASE("xAI is sent no picture that it would refuse") {
  Block image;
  image.kind = BlockKind::kImage;
  image.source = model::Source{model::SourceKind::kBase64, "image/gif", "R0lG", ""};
  model::Request request = asking();
  request.messages[0].content.push_back(image);
  test::ChatModel grok;
  grok.takes_max_tokens = true;
  grok.only_png_and_jpeg = true;
  Translation translation = thinking_client();
  CHECK_FALSE(test::chat_refusals(encoded(request, translation), grok).empty());
  translation.traits.webp_and_gif = false;
  CHECK(joined(test::chat_refusals(encoded(request, translation), grok)) == "");
}

TEST_CASE("an answer that was begun is gone on with where the server can") {
  struct {
    const char* name;
    const char* server;
    bool taken;
  } rows[] = {{"vLLM", "vllm", true},
              {"SGLang", "sglang", true},
              {"another", "llama-cpp", false},
              {"OpenAI", "openai", false}};
  for (const auto& row : rows) {
    INFO(row.name);
    model::Request request = asking();
    request.messages.push_back({Role::kAssistant, false, {text("Sure, ")}, ""});
    Translation translation = thinking_client();
    translation.traits.name = row.server;
    std::string out;
    const Status status = dialect().encode_request(request, translation, out);
    CHECK(status.ok() == row.taken);
    CHECK((out.find(R"("add_generation_prompt":false,"continue_final_message":true)") !=
           std::string::npos) == row.taken);
  }
}

TEST_CASE("the same request is written the same, and grows at its end only") {
  model::Request request = asking();
  request.system = {text("x-anthropic-billing-header: cch=1;"), text("You are")};
  request.tools.resize(1);
  request.tools[0].name = std::string(90, 'n');
  Translation first = thinking_client();
  const std::string before = encoded(request, first);
  request.system[0].text = "x-anthropic-billing-header: cch=2;";
  Translation second = thinking_client();
  second.id_seed = 99;
  CHECK(encoded(request, second) == before);
  request.messages.push_back({Role::kAssistant, false, {text("Hello")}, ""});
  request.messages.push_back({Role::kUser, false, {text("more")}, ""});
  Translation third = thinking_client();
  const std::string after = encoded(request, third);
  const size_t common = before.find("],\"tools\"");
  REQUIRE(common != std::string::npos);
  CHECK(after.substr(0, common) == before.substr(0, common));
}

TEST_CASE("every request of Claude Code is taken by the service") {
  for (const test::RecordedRequest& recorded : test::recorded_requests()) {
    INFO(recorded.name);
    const auto request = anthropic_messages::dialect().decode_request(recorded.body);
    REQUIRE(request.ok());
    for (const char* model_id : {"gpt-4o", "gpt-4.1", "gpt-5", "gpt-5.4"}) {
      INFO(model_id);
      Translation translation = to_openai(model_id);
      std::string out;
      const Status status = dialect().encode_request(request.value(), translation, out);
      if (!status.ok()) {
        // The side request for a web search has the server's tool only.
        CHECK(status.message() ==
              "Tool type 'web_search_20250305' is not available on this model.");
        continue;
      }
      const std::string refusals =
          joined(test::chat_refusals(out, test::chat_model_of(translation.facts)));
      CHECK(refusals == "");
      CHECK(out.find("x-anthropic-billing-header") == std::string::npos);
    }
  }
}
