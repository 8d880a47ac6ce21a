#include "dialects/gemini_generate/stream_pieces.hpp"
#include "support/recordings.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

using model::Block;
using model::BlockKind;
using model::StopReason;
using model::StreamEvent;
using Kind = model::StreamEventKind;

std::string texts_of(const model::Response& response, BlockKind kind) {
  std::string out;
  for (const Block& block : response.content) {
    if (block.kind == kind) out += block.text;
  }
  return out;
}

/// What a recording says, read off the wire by hand.
struct ByHand {
  std::string text;
  std::string thoughts;
  std::vector<std::string> calls;
  std::vector<std::string> signatures;
  int64_t input = 0;
  int64_t output = 0;
  int64_t thought_tokens = 0;
};

ByHand read_by_hand(std::string_view bytes) {
  ByHand found;
  json::Document document;
  for (const test::SseText& event : test::sse_events(bytes)) {
    const auto parsed = document.parse(event.data);
    REQUIRE(parsed.ok());
    for (const json::Value candidate : parsed.value()["candidates"].elements()) {
      for (const json::Value part : candidate["content"]["parts"].elements()) {
        const std::string_view text = part["text"].string_or("");
        (part["thought"].boolean() == true ? found.thoughts : found.text) += text;
        const std::string_view name = part["functionCall"]["name"].string_or("");
        if (!name.empty()) found.calls.emplace_back(name);
        const std::string_view signature = part["thoughtSignature"].string_or("");
        if (!signature.empty()) found.signatures.emplace_back(signature);
      }
    }
    const json::Value usage = parsed.value()["usageMetadata"];
    const auto count = [&](const char* key) { return usage[key].integer().value_or(0); };
    if (usage["promptTokenCount"].exists()) {
      found.input = count("promptTokenCount") + count("toolUsePromptTokenCount");
    }
    if (usage["candidatesTokenCount"].exists() || usage["thoughtsTokenCount"].exists()) {
      found.output = count("candidatesTokenCount") + count("thoughtsTokenCount");
      found.thought_tokens = count("thoughtsTokenCount");
    }
  }
  return found;
}

std::vector<std::string> carried(const model::Response& response, const Translation& translation) {
  std::vector<std::string> found;
  for (const Block& block : response.content) {
    const bool redacted = block.kind == BlockKind::kRedactedThinking;
    if (!redacted && block.kind != BlockKind::kThinking) continue;
    const auto opened = open_signature(translation, redacted ? block.text : block.signature);
    if (opened) found.push_back(opened->signature);
  }
  return found;
}

TEST_CASE("recorded streams tell all they hold, from any split") {
  for (const auto& path : test::recordings("gemini", ".sse")) {
    INFO(path.filename().string());
    const std::string bytes = test::read_file(path);
    const ByHand by_hand = read_by_hand(bytes);
    Translation translation = translation_to("gemini-3.6-flash");
    const Decoded whole = decoded({bytes}, translation);
    INFO(whole.status.message());
    REQUIRE(whole.status.ok());
    const model::Response response = folded(whole.events);

    CHECK(texts_of(response, BlockKind::kText) == by_hand.text);
    CHECK(texts_of(response, BlockKind::kThinking) == by_hand.thoughts);
    std::vector<std::string> calls;
    for (const Block& block : response.content) {
      if (block.kind == BlockKind::kToolUse) calls.push_back(block.name);
    }
    CHECK(calls == by_hand.calls);
    CHECK(carried(response, translation) == by_hand.signatures);
    CHECK(response.stop_reason == (calls.empty() ? StopReason::kEndTurn : StopReason::kToolUse));
    const model::Tokens& tokens = response.usage.tokens;
    CHECK(tokens.prompt() == by_hand.input);
    CHECK(tokens.output == by_hand.output);
    CHECK(response.usage.reasoning == by_hand.thought_tokens);
    REQUIRE(whole.events.front().kind == Kind::kMessageStart);
    CHECK(whole.events.front().usage.input.value_or(0) > 0);
    CHECK(whole.events.front().id.starts_with("msg_"));

    const auto same = [&](const std::vector<std::string_view>& pieces) {
      Translation again = translation_to("gemini-3.6-flash");
      const Decoded split = decoded(pieces, again);
      return split.status.ok() && split.events == whole.events;
    };
    CHECK(same(test::single_bytes(bytes)));
    for (uint32_t seed = 0; seed < 40; ++seed)
      CHECK(same(test::random_pieces(bytes, seed)));
  }
}

TEST_CASE("recorded streams cut anywhere are whole or an error") {
  for (const auto& path : test::recordings("gemini", ".sse")) {
    INFO(path.filename().string());
    const std::string bytes = test::read_file(path);
    Translation whole_translation = translation_to("gemini-3.6-flash");
    const model::Response whole = folded(decoded({bytes}, whole_translation).events);
    const size_t step = bytes.size() > 4'096 ? 7 : 1;
    for (size_t cut = 0; cut < bytes.size(); cut += step) {
      Translation translation = translation_to("gemini-3.6-flash");
      const Decoded result = decoded({std::string_view(bytes).substr(0, cut)}, translation);
      const bool stopped =
          !result.events.empty() && result.events.back().kind == Kind::kMessageStop;
      CHECK(result.status.ok() == stopped);
      if (stopped && folded(result.events).content != whole.content) FAIL_CHECK("cut at " << cut);
    }
  }
}

TEST_CASE("a stream's events are in order") {
  for (const auto& path : test::recordings("gemini", ".sse")) {
    INFO(path.filename().string());
    Translation translation = translation_to("gemini-3.6-flash");
    uint32_t next = 0;
    bool open = false;
    for (const StreamEvent& event : decoded({test::read_file(path)}, translation).events) {
      if (event.kind == Kind::kBlockStart) {
        CHECK((!open && event.index == next++));
        open = true;
      } else if (event.kind == Kind::kBlockDelta) {
        CHECK((open && event.index + 1 == next));
        if (event.delta != model::DeltaKind::kInputJson) CHECK(!event.text.empty());
      } else if (event.kind == Kind::kBlockStop) {
        CHECK((open && event.index + 1 == next));
        open = false;
      }
    }
    CHECK_FALSE(open);
  }
}

}  // namespace
}  // namespace tollgate::dialects::gemini_generate
