#include <memory>
#include <string>
#include <vector>

#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/bedrock_converse/dialect.hpp"
#include "dialects/gemini_generate/dialect.hpp"
#include "dialects/sse_text.hpp"
#include "exchange/road.hpp"
#include "json/reader.hpp"
#include "providers/provider.hpp"
#include "support/catch.hpp"
#include "support/recordings.hpp"

// Every recorded stream of Google and Amazon, from its bytes to a client's of Messages.
namespace tollgate::exchange {
namespace {

using providers::Framing;

struct Recorded {
  std::string name;
  std::string bytes;
  std::string model;
  Framing framing = Framing::kSse;
  bool fails = false;  ///< It ends with an exception.
};

std::vector<Recorded> recorded_streams() {
  std::vector<Recorded> found;
  json::Document document;
  for (const char* folder : {"gemini", "bedrock"}) {
    for (const auto& path : test::recordings(folder, ".meta.json")) {
      const std::string text = test::read_file(path);
      const auto meta = document.parse(text);
      REQUIRE(meta.ok());
      if (meta.value()["streaming"].boolean() != true) continue;
      Recorded recorded;
      recorded.name = meta.value()["body_file"].string_or("");
      recorded.bytes = test::read_file(path.parent_path() / recorded.name);
      recorded.model = meta.value()["model"].string_or("");
      const bool amazon = recorded.name.ends_with(".bin");
      const bool array = recorded.name.ends_with(".json");
      recorded.framing = recorded.name.starts_with("invoke-") ? Framing::kAwsChunks
                         : amazon                             ? Framing::kAwsEvents
                         : array                              ? Framing::kJsonArray
                                                              : Framing::kSse;
      for (const json::Value feature : meta.value()["features"].elements())
        recorded.fails = recorded.fails || feature.string_or("") == "exception";
      found.push_back(std::move(recorded));
    }
  }
  return found;
}

/// What became of a stream.
struct Told {
  std::string out;
  bool complete = false;
  model::Tokens tokens;
  friend bool operator==(const Told&, const Told&) = default;
};

Told told(const Recorded& recorded, const std::vector<std::string_view>& pieces) {
  const bool google = recorded.framing == Framing::kSse || recorded.framing == Framing::kJsonArray;
  const providers::Provider& provider =
      *providers::find_provider(google ? "google-gemini" : "aws-bedrock");
  dialects::Translation translation;
  translation.requested_model = "asked-for";
  translation.target_model = recorded.model;
  translation.target = "account/model";
  translation.credential_tag = "0a1b2c3d";
  translation.thinking_wanted = true;
  translation.id_seed = 3;
  const dialects::Dialect& upstream =
      google ? dialects::gemini_generate::dialect() : dialects::bedrock_converse::dialect();
  FrameReader frames(provider, recorded.framing);
  const std::unique_ptr<StreamRoad> road =
      recorded.framing == Framing::kAwsChunks
          ? make_unwrapping_road(std::move(frames), "asked-for")
          : make_translation_road(std::move(frames), upstream,
                                  dialects::anthropic_messages::dialect(), translation);
  Told result;
  bool sound = true;
  for (const std::string_view piece : pieces) {
    sound = sound && road->feed(piece, result.out).ok() && !road->failure();
  }
  sound = sound && road->finish(result.out).ok() && !road->failure();
  // What is neither is an error to the client: the exchange says so.
  result.complete = sound && road->complete();
  result.tokens = road->usage().tokens;
  return result;
}

/// The grammar of a stream of Messages, as far as it got.
void check_order(const std::string& out, bool complete) {
  int64_t next = 0;
  bool open = false;
  bool started = false;
  bool delta = false;
  bool stopped = false;
  json::Document document;
  for (const test::SseText& event : test::sse_events(out)) {
    const auto parsed = document.parse(event.data);
    REQUIRE(parsed.ok());
    CHECK(parsed.value()["type"].string_or("") == event.name);
    CHECK_FALSE(stopped);
    const int64_t index = parsed.value()["index"].integer().value_or(-1);
    if (event.name == "message_start") {
      CHECK_FALSE(started);
      started = true;
      CHECK(parsed.value()["message"]["model"].string_or("") == "asked-for");
      CHECK(parsed.value()["message"]["usage"]["input_tokens"].integer().value_or(0) > 0);
    } else if (event.name == "content_block_start") {
      CHECK((started && !open && !delta && index == next++));
      open = true;
    } else if (event.name == "content_block_delta") {
      CHECK((open && index + 1 == next));
    } else if (event.name == "content_block_stop") {
      CHECK((open && index + 1 == next));
      open = false;
    } else if (event.name == "message_delta") {
      CHECK((!open && !delta));
      delta = true;
    } else if (event.name == "message_stop") {
      stopped = true;
    }
  }
  CHECK(stopped == complete);
  if (complete) CHECK((delta && !open));
}

TEST_CASE("every recorded stream reaches a client the same from any split") {
  for (const Recorded& recorded : recorded_streams()) {
    CAPTURE(recorded.name);
    const Told whole = told(recorded, {recorded.bytes});
    CHECK(whole.complete == !recorded.fails);
    CHECK((whole.tokens.prompt() > 0 || recorded.fails));
    check_order(whole.out, whole.complete);
    CHECK(told(recorded, test::single_bytes(recorded.bytes)) == whole);
    for (uint32_t seed = 0; seed < 8; ++seed)
      CHECK(told(recorded, test::random_pieces(recorded.bytes, seed)) == whole);
  }
}

TEST_CASE("every recorded stream cut anywhere is whole or broken, never silently short") {
  for (const Recorded& recorded : recorded_streams()) {
    CAPTURE(recorded.name);
    const Told whole = told(recorded, {recorded.bytes});
    const size_t step = recorded.bytes.size() > 5'000 ? 13 : 1;
    size_t wrong = 0;
    for (size_t size = 0; size < recorded.bytes.size(); size += step) {
      const Told cut = told(recorded, {std::string_view(recorded.bytes).substr(0, size)});
      const bool ended = cut.out.find("event: message_stop") != std::string::npos;
      // An end may be told before the last numbers come; all of the content is there then.
      const size_t content = whole.out.find("event: message_delta");
      const bool all = cut.out.substr(0, content) == whole.out.substr(0, content);
      if (ended != cut.complete || (ended && !all)) ++wrong;
    }
    CHECK(wrong == 0);
  }
}

}  // namespace
}  // namespace tollgate::exchange
