#include <algorithm>
#include <map>
#include <string>

#include "base/rng.hpp"
#include "dialects/bedrock_converse/converse_support.hpp"
#include "support/recordings.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

using model::StreamEventKind;

struct Recorded {
  std::string name;
  std::string stream;
  std::string model;
  bool fails = false;  ///< It ends with an exception.
};

std::vector<Recorded> recorded_streams() {
  std::vector<Recorded> found;
  json::Document document;
  for (const auto& path : test::recordings("bedrock", ".eventstream.bin")) {
    Recorded recorded;
    recorded.name = path.filename().string();
    if (recorded.name.rfind("converse-", 0) != 0) continue;
    recorded.stream = test::read_file(path);
    const std::string meta =
        path.string().substr(0, path.string().size() - std::string(".eventstream.bin").size());
    const std::string facts = test::read_file(meta + ".meta.json");
    const auto parsed = document.parse(facts);
    REQUIRE(parsed.ok());
    recorded.model = parsed.value()["model"].string_or("");
    for (const json::Value feature : parsed.value()["features"].elements())
      recorded.fails = recorded.fails || feature.string_or("") == "exception";
    found.push_back(std::move(recorded));
  }
  return found;
}

Translation wanting(const Recorded& recorded) {
  Translation translation =
      translation_to(recorded.model == "claude" ? kClaude : std::string_view(recorded.model));
  translation.thinking_wanted = true;
  return translation;
}

/// The same read off the wire by hand: all texts, all reasoning, all arguments of client tools.
struct ByHand {
  std::string texts;
  std::string reasoning;
  std::string inputs;
  int64_t input_tokens = -1;
  int64_t output_tokens = -1;
};

ByHand by_hand(const std::string& stream) {
  ByHand all;
  json::Document document;
  std::map<int64_t, bool> server;
  wire::AwsEventDecoder frames;
  REQUIRE(frames
              .feed(stream,
                    [&](const wire::AwsEvent& event) {
                      const auto parsed = document.parse(event.payload);
                      REQUIRE(parsed.ok());
                      const json::Value data = parsed.value();
                      const int64_t index = data["contentBlockIndex"].integer().value_or(-1);
                      if (data["start"].exists()) {
                        server[index] =
                            data["start"]["toolUse"]["type"].string_or("") == "server_tool_use";
                      }
                      const json::Value delta = data["delta"];
                      all.texts += delta["text"].string_or("");
                      all.reasoning += delta["reasoningContent"]["text"].string_or("");
                      if (!server[index]) all.inputs += delta["toolUse"]["input"].string_or("");
                      if (data["usage"].exists()) {
                        all.input_tokens = data["usage"]["inputTokens"].integer().value_or(-1);
                        all.output_tokens = data["usage"]["outputTokens"].integer().value_or(-1);
                      }
                    })
              .ok());
  return all;
}

TEST_CASE("recorded streams say what stands in them") {
  for (const Recorded& recorded : recorded_streams()) {
    INFO(recorded.name);
    Translation translation = wanting(recorded);
    const Decoded decoded = decode_stream(recorded.stream, translation);
    REQUIRE(decoded.code == Code::kOk);
    if (recorded.fails) {
      CHECK(decoded.events.back().kind == StreamEventKind::kError);
      continue;
    }
    const model::Response response = folded(decoded.events);
    const ByHand hand = by_hand(recorded.stream);
    ByHand mine;
    for (const model::Block& block : response.content) {
      if (block.kind == model::BlockKind::kText) mine.texts += block.text;
      if (block.kind == model::BlockKind::kThinking) {
        mine.reasoning += block.text;
        CHECK_FALSE(block.signature.empty());
      }
      if (block.kind == model::BlockKind::kToolUse) mine.inputs += block.input;
      if (block.kind == model::BlockKind::kText) CHECK_FALSE(block.text.empty());
    }
    CHECK(mine.texts == hand.texts);
    CHECK(mine.reasoning == hand.reasoning);
    CHECK(mine.inputs == hand.inputs);
    CHECK(response.usage.tokens.input == hand.input_tokens);
    CHECK(response.usage.tokens.output == hand.output_tokens);
    const bool calls = !mine.inputs.empty();
    CHECK((response.stop_reason == model::StopReason::kToolUse) == calls);
  }
}

TEST_CASE("recorded streams decode the same at any split") {
  Rng rng(3);
  for (const Recorded& recorded : recorded_streams()) {
    INFO(recorded.name);
    Translation whole_translation = wanting(recorded);
    const Decoded whole = decode_stream(recorded.stream, whole_translation);
    Translation byte_translation = wanting(recorded);
    CHECK(decode_stream(recorded.stream, byte_translation, [](size_t) { return 1; }) == whole);
    for (const uint64_t largest : {5U, 60U, 700U}) {
      Translation translation = wanting(recorded);
      CHECK(decode_stream(recorded.stream, translation, [&](size_t left) {
              return std::min<size_t>(left, 1 + rng.below(largest));
            }) == whole);
    }
  }
}

TEST_CASE("a recorded stream cut anywhere is complete or an error") {
  for (const Recorded& recorded : recorded_streams()) {
    INFO(recorded.name);
    size_t silent = 0;
    size_t complete = 0;
    for (size_t size = 0; size < recorded.stream.size(); ++size) {
      Translation translation = wanting(recorded);
      const Decoded cut =
          decode_stream(std::string_view(recorded.stream).substr(0, size), translation);
      const bool ended =
          !cut.events.empty() && cut.events.back().kind == StreamEventKind::kMessageStop;
      if (ended) ++complete;
      if (ended != (cut.code == Code::kOk)) ++silent;
    }
    CHECK(silent == 0);
    // Only the numbers behind messageStop may be missing.
    CHECK(complete < 400);
  }
}

}  // namespace
}  // namespace tollgate::dialects::bedrock_converse
