#include "dialects/openai_chat/through.hpp"
#include "json/reader.hpp"
#include "support/recordings.hpp"

using namespace tollgate;
using namespace tollgate::dialects;
using namespace tollgate::dialects::openai_chat;

namespace {

struct Recorded {
  const char* name;
  const char* begins;  ///< The blocks, by their kinds.
  model::StopReason stop;
  model::Tokens tokens;  ///< All 0: none were told.
};

constexpr model::Tokens tokens(int64_t input, int64_t cached, int64_t output) {
  return {input, cached, 0, 0, output};
}

/// "thinking text Read{…}" of an answer.
std::string shape(const model::Response& response) {
  std::string all;
  for (const model::Block& block : response.content) {
    if (!all.empty()) all += ' ';
    all += block.kind == model::BlockKind::kText       ? "text"
           : block.kind == model::BlockKind::kThinking ? "thinking"
                                                       : block.name + block.input;
  }
  return all;
}

const Recorded kRecorded[] = {
    {"azure-chat-stream-text-prompt-filter", "text", model::StopReason::kEndTurn, {}},
    {"deepseek-chat-stream-reasoning-tool", "thinking", model::StopReason::kToolUse,
     tokens(19, 320, 83)},
    {"deepseek-chat-stream-tool", "", model::StopReason::kToolUse, tokens(348, 0, 65)},
    {"edge-chat-stream-args-in-first-delta", "llm_version{}", model::StopReason::kToolUse,
     tokens(57, 0, 17)},
    {"edge-chat-stream-args-missing-then-delta", "llm_version{}", model::StopReason::kToolUse, {}},
    {"edge-chat-stream-tool-index-starts-at-1", "text read_file{", model::StopReason::kToolUse, {}},
    {"groq-chat-stream-tool", "thinking", model::StopReason::kToolUse, {}},
    {"llamabox-chat-stream-reasoning-no-done", "thinking text", model::StopReason::kEndTurn,
     tokens(15, 0, 171)},
    {"ollama-chat-stream-reasoning-tool", "thinking", model::StopReason::kToolUse, {}},
    {"openai-chat-stream-late-moderation-chunk", "text", model::StopReason::kEndTurn,
     tokens(13, 0, 11)},
    {"openai-chat-stream-length", "text", model::StopReason::kMaxTokens, {}},
    {"openai-chat-stream-parallel-tools", "", model::StopReason::kToolUse, {}},
    {"openai-chat-stream-refusal", "text", model::StopReason::kRefusal, {}},
    {"openai-chat-stream-text", "text", model::StopReason::kEndTurn, {}},
    {"openai-chat-stream-tool", "", model::StopReason::kToolUse, {}},
    {"openrouter-chat-stream-annotations", "text", model::StopReason::kEndTurn, {}},
    {"openrouter-chat-stream-error-midway", "thinking", model::StopReason::kMaxTokens,
     tokens(43, 0, 10)},
    {"openrouter-chat-stream-reasoning-details-tool", "thinking", model::StopReason::kToolUse,
     tokens(626, 0, 106)},
    {"proxy-chat-stream-reasoning-details-only", "thinking text", model::StopReason::kEndTurn,
     tokens(45, 0, 73)},
    {"vllm-chat-stream-text", "text", model::StopReason::kEndTurn, {}},
    {"xai-chat-stream-reasoning-tool", "thinking", model::StopReason::kToolUse, {}},
};

std::vector<std::filesystem::path> chat_streams() {
  std::vector<std::filesystem::path> found;
  for (const auto& path : test::recordings("openai", ".sse")) {
    if (path.filename().string().find("-chat-") != std::string::npos) found.push_back(path);
  }
  return found;
}

DecodedStream decoded(const std::vector<std::string_view>& pieces) {
  Translation translation = thinking_client();
  return decode_pieces(pieces, translation);
}

}  // namespace

TEST_CASE("recorded streams are decoded whole") {
  for (const auto& path : chat_streams()) {
    const std::string name = path.stem().string();
    INFO(name);
    const std::string bytes = test::read_file(path);
    const DecodedStream result = decoded({bytes});
    INFO(result.status.message());
    REQUIRE(result.status.ok());
    const model::Response response = folded(result.events);
    CHECK(result.events.front().usage.input == 77);
    for (const model::Block& block : response.content) {
      if (block.kind == model::BlockKind::kThinking)
        CHECK_THAT(block.signature, Catch::Matchers::StartsWith("tg1."));
      if (block.kind == model::BlockKind::kToolUse) {
        json::Document document;
        CHECK(document.parse(block.input).ok());
        CHECK(block.id.size() >= 6);
      }
    }
    for (const Recorded& row : kRecorded) {
      if (row.name != name) continue;
      CHECK_THAT(shape(response), Catch::Matchers::StartsWith(row.begins));
      CHECK(static_cast<int>(response.stop_reason) == static_cast<int>(row.stop));
      if (row.tokens == model::Tokens{}) continue;
      CHECK(response.usage.tokens.input == row.tokens.input);
      CHECK(response.usage.tokens.cache_read == row.tokens.cache_read);
      CHECK(response.usage.tokens.output == row.tokens.output);
    }
  }
}

TEST_CASE("any split of a recorded stream gives the same events") {
  for (const auto& path : chat_streams()) {
    INFO(path.stem().string());
    const std::string bytes = test::read_file(path);
    const DecodedStream whole = decoded({bytes});
    CHECK(decoded(test::single_bytes(bytes)).events == whole.events);
    for (uint32_t seed = 0; seed < 12; ++seed)
      CHECK(decoded(test::random_pieces(bytes, seed)).events == whole.events);
  }
}

TEST_CASE("a recorded stream cut anywhere is complete or an error") {
  for (const auto& path : chat_streams()) {
    const std::string name = path.stem().string();
    INFO(name);
    const std::string bytes = test::read_file(path);
    const model::Response whole = folded(decoded({bytes}).events);
    // Long recordings are cut at fewer places: the events are what differs.
    const size_t step = bytes.size() > 40'000 ? 61 : bytes.size() > 10'000 ? 17 : 1;
    for (size_t size = 0; size < bytes.size(); size += step) {
      const DecodedStream cut = decoded({std::string_view(bytes).substr(0, size)});
      const bool stopped =
          !cut.events.empty() && cut.events.back().kind == model::StreamEventKind::kMessageStop;
      INFO(size);
      CHECK(cut.status.ok() == stopped);
      if (!stopped) continue;
      const model::Response response = folded(cut.events);
      REQUIRE(response.content.size() == whole.content.size());
      for (size_t i = 0; i < response.content.size(); ++i) {
        CHECK(response.content[i].text == whole.content[i].text);
        CHECK(response.content[i].input == whole.content[i].input);
      }
    }
  }
}

TEST_CASE("odd framing is taken, broken streams are not") {
  struct {
    const char* name;
    std::string bytes;
    const char* told;
  } rows[] = {
      {"comments",
       ": keep-alive\n\ndata: " + delta(R"({"content":"a"})") +
           "\n\n: x\n\ndata: " + finish("stop") + "\n\ndata:[DONE]\n\n",
       "start S0:text D'a' E0 end_turn stop"},
      {"CRLF",
       "data: " + delta(R"({"content":"a"})") + "\r\n\r\ndata: " + finish("stop") + "\r\n\r\n",
       "start S0:text D'a' E0 end_turn stop"},
      {"an error event", "event: error\ndata: {\"error\":{\"message\":\"m\",\"type\":\"x\"}}\n\n",
       "error"},
      {"an error event of its own kind", "event: error\ndata: {\"reason\":\"m\"}\n\n", "error"},
      {"an error event behind a finish",
       "data: " + finish("length") +
           "\n\nevent: error\ndata: {\"message\":\"limit\",\"code\":400}\n\ndata: [DONE]\n\n",
       "start max_tokens stop"},
      {"nothing", "", "broken"},
      {"[DONE] alone", "data: [DONE]\n\n", "broken"},
      {"no finish", "data: " + delta(R"({"content":"a"})") + "\n\n", "start S0:text D'a' broken"},
      {"no JSON", "data: hello\n\n", "broken"},
      {"a list", "data: [1]\n\n", "broken"},
      {"cut JSON", "data: {\"choices\":[\n\n", "broken"},
      {"chunks behind the end",
       stream_of({delta(R"({"content":"a"})"), finish("stop")}) +
           "data: [DONE]\n\ndata: {\"x\":1}\n\n",
       "start S0:text D'a' E0 end_turn stop"},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    const DecodedStream result = decoded({row.bytes});
    std::string words = in_short(result.events);
    if (!result.status.ok()) words += words.empty() ? "broken" : " broken";
    CHECK(words == row.told);
  }
}
