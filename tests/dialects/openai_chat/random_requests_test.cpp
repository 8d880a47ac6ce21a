// Requests at random: what the encoder makes of them must be what the service takes.

#include <random>

#include "dialects/openai_chat/through.hpp"
#include "model/model_facts.hpp"
#include "support/openai_chat_rules.hpp"

using namespace tollgate;
using namespace tollgate::dialects;
using namespace tollgate::dialects::openai_chat;
using model::Block;
using model::BlockKind;
using model::Role;

namespace {

Translation translation_for(const std::string& model_id) {
  Translation translation = thinking_client();
  translation.thinking_wanted = false;
  translation.target_model = model_id;
  translation.facts = model::known_facts("openai", model_id);
  return translation;
}

Block text_block(const std::string& said) {
  Block block;
  block.text = said;
  return block;
}

/// Requests that no client in its right mind would send.
class RequestMaker {
 public:
  explicit RequestMaker(uint32_t seed) : random_(seed) {}

  model::Request make() {
    model::Request request;
    request.model = "m";
    request.stream = flip();
    if (flip()) request.max_tokens = static_cast<int64_t>(pick(200'000)) + 1;
    if (flip()) request.temperature = 0.5;
    if (flip()) request.top_k = 3;
    if (flip()) request.stop_sequences.resize(pick(7), "stop");
    if (flip())
      request.effort = std::vector<std::string>{"low", "medium", "high", "xhigh", "max"}[pick(5)];
    request.thinking.kind = static_cast<model::ThinkingKind>(pick(5));
    if (request.thinking.kind == model::ThinkingKind::kEnabled)
      request.thinking.budget_tokens = static_cast<int64_t>(pick(40'000));
    if (flip())
      request.user_id = flip() ? R"({"device_id":"d","session_id":")" + std::string(80, 's') + "\"}"
                               : "user_1_session_2";
    if (flip()) request.output_schema = schema();
    if (flip()) request.service_tier = flip() ? "auto" : "standard_only";
    for (size_t i = pick(3); i > 0; --i)
      request.system.push_back(text_block(flip() ? "You are" : ""));
    for (size_t i = pick(4); i > 0; --i)
      request.tools.push_back(tool());
    if (flip())
      request.tool_choice =
          model::ToolChoice{static_cast<model::ToolChoiceKind>(pick(4)),
                            request.tools.empty() ? "R" : request.tools[0].name, flip(), ""};
    for (size_t i = pick(8); i > 0; --i)
      message(request);
    request.messages.push_back({Role::kUser, false, {text_block("end")}, ""});
    return request;
  }

 private:
  size_t pick(size_t bound) { return static_cast<size_t>(random_()) % bound; }
  bool flip() { return pick(2) == 0; }

  std::string schema() {
    return std::vector<std::string>{
        "{}",
        R"({"type":"object","anyOf":[{"required":["a"]},{"required":["b"]}],"properties":{"a":{"type":"string"},"b":{}}})",
        R"({"$schema":"x","type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"type":"string","format":"uri"}},"additionalProperties":false})",
        R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false})"}
        [pick(4)];
  }

  std::string name() {
    return std::vector<std::string>{"Read", "mcp__a.b:c", std::string(100, 'n'),
                                    std::string(100, 'n') + "2"}[pick(4)];
  }
  std::string id() {
    return std::vector<std::string>{"toolu_1", "toolu_2", "call:3", std::string(80, 'i'),
                                    ""}[pick(5)];
  }

  model::Tool tool() {
    model::Tool made;
    made.name = name();
    made.input_schema = schema();
    made.has_description = flip();
    if (made.has_description) made.description = "d";
    if (flip()) made.strict = true;
    return made;
  }

  Block image() {
    Block block;
    block.kind = flip() ? BlockKind::kImage : BlockKind::kDocument;
    block.source = model::Source{model::SourceKind::kBase64,
                                 block.kind == BlockKind::kImage ? "image/png" : "application/pdf",
                                 "AAAA", ""};
    return block;
  }

  Block thinking() {
    Block block;
    block.kind = flip() ? BlockKind::kThinking : BlockKind::kRedactedThinking;
    block.text = flip() ? "hm" : "";
    block.signature = flip() ? "EqQB" : "";
    return block;
  }

  Block any(Role role) {
    Block block;
    switch (pick(role == Role::kSystem ? 1 : 7)) {
      case 0:
        return text_block(flip() ? "text" : flip() ? "" : " ");
      case 1:
      case 2:
        block.kind = role == Role::kAssistant ? BlockKind::kToolUse : BlockKind::kToolResult;
        block.id = id();
        block.name = name();
        if (role == Role::kAssistant) block.input = flip() ? R"({"a": "b"})" : "";
        for (size_t i = role == Role::kUser ? pick(3) : 0; i > 0; --i)
          block.content.push_back(flip() ? text_block("out") : image());
        block.is_error = role == Role::kUser && flip();
        return block;
      case 3:
        return role == Role::kAssistant ? thinking() : image();
      case 4:
        block.kind = BlockKind::kToolReference;
        block.name = name();
        return block;
      case 5:
        block.kind = flip() ? BlockKind::kServerToolUse : BlockKind::kOther;
        block.type = "news";
        return block;
      default:
        block.kind = flip() ? BlockKind::kToolUse : BlockKind::kToolResult;
        block.id = id();
        block.name = name();
        return block;
    }
  }

  void message(model::Request& request) {
    model::Message made;
    made.role = static_cast<Role>(pick(3));
    for (size_t i = pick(4); i > 0; --i)
      made.content.push_back(any(made.role));
    request.messages.push_back(std::move(made));
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("whatever conversation is sent, the service takes it") {
  for (uint32_t seed = 0; seed < 4000; ++seed) {
    const model::Request request = RequestMaker(seed).make();
    const char* ids[] = {"gpt-4o", "gpt-5", "o3-mini", "gpt-5.4"};
    Translation translation = translation_for(ids[seed % 4]);
    if (translation.facts.pdf == false) translation.facts.pdf = true;
    translation.traits.merge_turns = seed % 3 == 0;
    translation.traits.system_in_place = seed % 5 != 0;
    std::string out;
    const Status status = dialect().encode_request(request, translation, out);
    INFO("seed " << seed << " " << status.message());
    REQUIRE(status.ok());
    test::ChatModel judged = test::chat_model_of(translation.facts);
    judged.turns_alternate = translation.traits.merge_turns && !translation.traits.system_in_place;
    const std::vector<std::string> refusals = test::chat_refusals(out, judged);
    INFO(out);
    REQUIRE(refusals == std::vector<std::string>{});
  }
}
