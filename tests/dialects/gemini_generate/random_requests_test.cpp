#include <random>

#include "dialects/gemini_generate/signatures.hpp"
#include "dialects/gemini_generate/through_gemini.hpp"

// Conversations as no client should send them, and what is sent to Gemini all the same.

namespace tollgate::dialects::gemini_generate {
namespace {

using model::Block;
using model::BlockKind;

class Conversations {
 public:
  explicit Conversations(uint32_t seed) : random_(seed) {}

  model::Request request(const Translation& translation) {
    model::Request request;
    request.model = "m";
    request.max_tokens = static_cast<int64_t>(below(100'000));
    request.stream = below(2) == 0;
    for (unsigned i = below(3); i > 0; --i)
      request.system.push_back(text());
    for (unsigned i = below(8); i > 0; --i)
      request.messages.push_back(message(translation));
    for (unsigned i = below(4); i > 0; --i)
      request.tools.push_back(tool(i));
    if (below(3) == 0) {
      request.tool_choice.emplace();
      request.tool_choice->kind = static_cast<model::ToolChoiceKind>(below(4));
      request.tool_choice->name = name();
      request.tool_choice->disable_parallel = below(2) == 0;
    }
    request.thinking.kind = static_cast<model::ThinkingKind>(below(5));
    if (below(2) == 0) request.thinking.budget_tokens = static_cast<int64_t>(below(70'000));
    const char* efforts[] = {"", "", "low", "medium", "high", "xhigh", "max", "odd"};
    request.effort = efforts[below(8)];
    if (below(3) == 0) request.output_schema = "{\"type\":\"object\",\"title\":\"t\"}";
    for (unsigned i = below(8); i > 0; --i)
      request.stop_sequences.push_back(below(4) == 0 ? "" : "s" + std::to_string(i));
    return request;
  }

 private:
  unsigned below(unsigned most) { return static_cast<unsigned>(random_() % most); }
  std::string name() {
    const char* names[] = {"f",
                           "mcp__server__tool",
                           "9 lives",
                           "naïve",
                           "a_name_that_is_very_much_longer_than_sixty_four_letters_may_ever_be",
                           "a_name_that_is_very_much_longer_than_sixty_four_letters_may_ever_bE"};
    return names[below(6)];
  }
  std::string id() { return (below(2) == 0 ? "toolu_g_" : "call ") + std::to_string(below(4)); }
  Block text() {
    Block block;
    block.text = below(5) == 0 ? "" : "text";
    return block;
  }
  Block media(BlockKind kind) {
    const char* types[] = {"image/png", "image/gif", "application/pdf", "image/heic"};
    Block block;
    block.kind = kind;
    block.source.emplace();
    block.source->media_type = types[below(4)];
    block.source->data = "/9g=";
    return block;
  }
  Block thinking(const Translation& translation) {
    Block block;
    const auto part = static_cast<SignedPart>(below(4));
    const std::string sealed = below(3) == 0 ? "Eqk=" : seal_signature(translation, part, "YQ==");
    if (below(2) == 0) {
      block.kind = BlockKind::kRedactedThinking;
      block.text = sealed;
    } else {
      block.kind = BlockKind::kThinking;
      block.text = below(3) == 0 ? "" : "thought";
      block.signature = sealed;
    }
    return block;
  }
  Block result() {
    Block block;
    block.kind = BlockKind::kToolResult;
    block.id = id();
    block.is_error = below(4) == 0;
    for (unsigned i = below(4); i > 0; --i) {
      block.content.push_back(
          below(2) == 0 ? text() : media(below(2) == 0 ? BlockKind::kImage : BlockKind::kDocument));
    }
    return block;
  }
  model::Message message(const Translation& translation) {
    model::Message message;
    message.role = static_cast<model::Role>(below(8) == 0 ? 2 : below(2));
    for (unsigned i = below(5); i > 0; --i) {
      if (message.role == model::Role::kSystem) {
        message.content.push_back(text());
      } else if (message.role == model::Role::kUser) {
        const unsigned kind = below(4);
        message.content.push_back(kind == 0   ? text()
                                  : kind == 1 ? media(BlockKind::kImage)
                                              : result());
      } else {
        const unsigned kind = below(4);
        Block call;
        call.kind = BlockKind::kToolUse;
        call.id = id();
        call.name = name();
        call.input = "{}";
        message.content.push_back(kind == 0   ? text()
                                  : kind == 1 ? thinking(translation)
                                              : std::move(call));
      }
    }
    return message;
  }
  model::Tool tool(unsigned number) {
    model::Tool tool;
    tool.name = name() + std::to_string(number);
    if (below(2) == 0) tool.strict = true;
    tool.input_schema =
        below(2) == 0 ? "{\"type\":\"object\"}" : "{\"properties\":{\"a\":{\"const\":1,\"x\":2}}}";
    return tool;
  }

  std::mt19937 random_;
};

TEST_CASE("nothing that goes to Gemini breaks its rules") {
  const char* models[] = {"gemini-2.5-pro", "gemini-3.6-flash", "gemini-4-argon"};
  size_t with_results = 0;
  size_t with_signatures = 0;
  for (uint32_t seed = 0; seed < 6'000; ++seed) {
    const size_t chosen = seed % 3;
    Translation translation = translation_to(models[chosen], seed % 2 == 0);
    if (seed % 7 == 0) translation.operation = Operation::kCountTokens;
    const model::Request request = Conversations(seed).request(translation);
    std::string out;
    const Status status = dialect().encode_request(request, translation, out);
    INFO("seed " << seed << ": " << status.message());
    REQUIRE(status.ok());
    with_results += out.find("functionResponse") != std::string::npos ? 1 : 0;
    with_signatures += out.find("\"YQ==\"") != std::string::npos ? 1 : 0;
    test::GeminiServer server;
    server.generation = static_cast<int>(chosen) + 2;
    server.vertex = seed % 2 == 0;
    server.stream = request.stream;
    server.counting = seed % 7 == 0;
    server.signatures = {"YQ=="};
    const auto wrong = test::gemini_refusals(out, server);
    if (wrong.empty()) continue;
    INFO(out);
    FAIL_CHECK(one_line(wrong));
  }
  // The conversations are ones that could break them.
  CHECK(with_results > 2'000);
  CHECK(with_signatures > 1'000);
}

}  // namespace
}  // namespace tollgate::dialects::gemini_generate
