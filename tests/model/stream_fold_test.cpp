#include "model/stream_fold.hpp"

#include <vector>

#include "base/limits.hpp"
#include "support/catch.hpp"

namespace tollgate::model {
namespace {

using Kind = StreamEventKind;

StreamEvent event(Kind kind, uint32_t index = 0) {
  StreamEvent made;
  made.kind = kind;
  made.index = index;
  return made;
}

StreamEvent block(BlockKind kind, uint32_t index = 0) {
  StreamEvent made = event(Kind::kBlockStart, index);
  made.block.kind = kind;
  return made;
}

StreamEvent delta(DeltaKind kind, std::string text, uint32_t index = 0) {
  StreamEvent made = event(Kind::kBlockDelta, index);
  made.delta = kind;
  if (kind == DeltaKind::kCitation || kind == DeltaKind::kOther) {
    made.raw = std::move(text);
  } else {
    made.text = std::move(text);
  }
  return made;
}

TEST_CASE("a stream folds into its answer") {
  StreamFold fold;
  StreamEvent start = event(Kind::kMessageStart);
  start.id = "msg_1";
  start.model = "m";
  start.usage.input = 10;
  start.usage.output = 1;
  start.rest = "\"container\":null";
  StreamEvent end = event(Kind::kMessageDelta);
  end.stop_reason = StopReason::kStopSequence;
  end.has_stop_sequence = true;
  end.stop_sequence = "END";
  end.stop_details = "{}";
  end.usage.output = 20;
  end.delta_rest = "\"container\":{\"id\":\"c\"}";
  const std::vector<StreamEvent> events = {
      start,
      event(Kind::kPing),
      block(BlockKind::kThinking),
      delta(DeltaKind::kThinking, "th"),
      delta(DeltaKind::kThinking, "ink"),
      delta(DeltaKind::kSignature, "sig"),
      event(Kind::kBlockStop),
      block(BlockKind::kText, 1),
      delta(DeltaKind::kText, "Hel", 1),
      delta(DeltaKind::kText, "lo", 1),
      delta(DeltaKind::kCitation, "{\"a\":1}", 1),
      delta(DeltaKind::kCitation, "{\"a\":2}", 1),
      event(Kind::kBlockStop, 1),
      block(BlockKind::kToolUse, 2),
      delta(DeltaKind::kInputJson, "", 2),
      delta(DeltaKind::kInputJson, "{\"x\"", 2),
      delta(DeltaKind::kInputJson, ":1}", 2),
      event(Kind::kBlockStop, 2),
      end,
      event(Kind::kMessageStop),
  };
  for (const StreamEvent& each : events) {
    CHECK_FALSE(fold.complete());
    REQUIRE(fold.add(each).ok());
  }
  REQUIRE(fold.complete());
  const Response response = fold.take();
  CHECK(response.id == "msg_1");
  CHECK(response.model == "m");
  CHECK(response.stop_reason == StopReason::kStopSequence);
  CHECK(response.stop_sequence == "END");
  CHECK(response.stop_details == "{}");
  CHECK(response.usage.tokens == Tokens{10, 0, 0, 0, 20});
  CHECK(response.rest == "\"container\":{\"id\":\"c\"}");
  REQUIRE(response.content.size() == 3);
  CHECK(response.content[0].text == "think");
  CHECK(response.content[0].signature == "sig");
  CHECK(response.content[1].text == "Hello");
  CHECK(response.content[1].citations == "[{\"a\":1},{\"a\":2}]");
  CHECK(response.content[2].input == "{\"x\":1}");
}

TEST_CASE("a tool call without arguments keeps what its start said") {
  StreamFold fold;
  StreamEvent tool = block(BlockKind::kToolUse);
  tool.block.input = "{}";
  REQUIRE(fold.add(event(Kind::kMessageStart)).ok());
  REQUIRE(fold.add(tool).ok());
  REQUIRE(fold.add(delta(DeltaKind::kInputJson, "")).ok());
  REQUIRE(fold.add(event(Kind::kBlockStop)).ok());
  CHECK(fold.response().content[0].input == "{}");
}

TEST_CASE("a cut tool call stays JSON") {
  StreamFold fold;
  REQUIRE(fold.add(event(Kind::kMessageStart)).ok());
  REQUIRE(fold.add(block(BlockKind::kToolUse)).ok());
  REQUIRE(fold.add(delta(DeltaKind::kInputJson, "{\"a\":\"b")).ok());
  REQUIRE(fold.add(event(Kind::kBlockStop)).ok());
  CHECK(fold.response().content[0].input == "{\"__unparsedToolInput\":\"{\\\"a\\\":\\\"b\"}");
}

TEST_CASE("unknown deltas bring members of their block") {
  StreamFold fold;
  StreamEvent compaction = block(BlockKind::kOther);
  compaction.block.type = "compaction";
  compaction.block.rest = "\"content\":null,\"kept\":1";
  REQUIRE(fold.add(event(Kind::kMessageStart)).ok());
  REQUIRE(fold.add(compaction).ok());
  REQUIRE(
      fold.add(delta(DeltaKind::kOther, "{\"type\":\"compaction_delta\",\"content\":\"s\"}")).ok());
  CHECK(fold.response().content[0].rest == "\"kept\":1,\"content\":\"s\"");
}

TEST_CASE("an unknown delta puts no second text beside a known block's") {
  StreamFold fold;
  REQUIRE(fold.add(event(Kind::kMessageStart)).ok());
  REQUIRE(fold.add(block(BlockKind::kText)).ok());
  REQUIRE(fold.add(delta(DeltaKind::kOther, "{\"type\":\"x\",\"text\":\"s\"}")).ok());
  CHECK(fold.response().content[0].rest.empty());
}

TEST_CASE("events out of turn") {
  const std::vector<std::vector<StreamEvent>> wrong = {
      {block(BlockKind::kText)},
      {event(Kind::kMessageDelta)},
      {event(Kind::kMessageStop)},
      {event(Kind::kMessageStart), event(Kind::kMessageStart)},
      {event(Kind::kMessageStart), delta(DeltaKind::kText, "x")},
      {event(Kind::kMessageStart), event(Kind::kBlockStop)},
      {event(Kind::kMessageStart), block(BlockKind::kText, 1)},
      {event(Kind::kMessageStart), block(BlockKind::kText), block(BlockKind::kText, 1)},
      {event(Kind::kMessageStart), block(BlockKind::kText), delta(DeltaKind::kText, "x", 1)},
      {event(Kind::kMessageStart), block(BlockKind::kText), event(Kind::kMessageDelta)},
      {event(Kind::kMessageStart), block(BlockKind::kText), event(Kind::kMessageStop)},
  };
  for (size_t i = 0; i < wrong.size(); ++i) {
    INFO("case " << i);
    StreamFold fold;
    for (size_t j = 0; j + 1 < wrong[i].size(); ++j)
      REQUIRE(fold.add(wrong[i][j]).ok());
    CHECK(fold.add(wrong[i].back()).code() == Code::kInvalid);
  }
}

TEST_CASE("an answer is bounded") {
  StreamFold fold;
  REQUIRE(fold.add(event(Kind::kMessageStart)).ok());
  REQUIRE(fold.add(block(BlockKind::kText)).ok());
  const StreamEvent large = delta(DeltaKind::kText, std::string(1024 * 1024, 'x'));
  Status status;
  for (size_t i = 0; i <= limits::kAnswerBytesMax / (1024 * 1024) && status.ok(); ++i)
    status = fold.add(large);
  CHECK(status.code() == Code::kLimit);
  CHECK(fold.response().content[0].text.size() <= limits::kAnswerBytesMax);
}

}  // namespace
}  // namespace tollgate::model
