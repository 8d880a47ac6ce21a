#include "exchange/answer_notes.hpp"

#include "support/catch.hpp"

using namespace tollgate;
using model::StreamEvent;
using model::StreamEventKind;

TEST_CASE("an answer's events leave their notes") {
  exchange::AnswerNotes notes;
  StreamEvent event;
  notes.note(event);  // A ping says nothing.
  CHECK_FALSE(notes.content_begun);
  event.kind = StreamEventKind::kMessageStart;
  event.model = "m";
  event.usage.input = 7;
  notes.note(event);
  CHECK(notes.usage_known);
  CHECK_FALSE(notes.content_begun);
  event = StreamEvent();
  event.kind = StreamEventKind::kBlockStart;
  notes.note(event);
  CHECK(notes.content_begun);
  event = StreamEvent();
  event.kind = StreamEventKind::kMessageDelta;
  event.stop_reason = model::StopReason::kEndTurn;
  event.usage.output = 3;
  notes.note(event);
  event = StreamEvent();
  event.kind = StreamEventKind::kMessageStop;
  notes.note(event);
  CHECK(notes.complete);
  CHECK_FALSE(notes.empty());
  CHECK(notes.usage.tokens.input == 7);
  CHECK(notes.usage.tokens.output == 3);
  CHECK(notes.stop_reason == "end_turn");
  CHECK(notes.upstream_model == "m");
  CHECK_FALSE(notes.failure);
}

TEST_CASE("an error event is kept") {
  exchange::AnswerNotes notes;
  StreamEvent event;
  event.kind = StreamEventKind::kError;
  event.failure.message = "busy";
  notes.note(event);
  REQUIRE(notes.failure);
  CHECK(notes.failure->message == "busy");
  CHECK_FALSE(notes.complete);
}

TEST_CASE("an answer that ended well without a block is empty") {
  struct Row {
    model::StopReason reason;
    bool block;
    bool stop;
    bool empty;
  };
  const Row rows[] = {
      {model::StopReason::kEndTurn, false, true, true},
      {model::StopReason::kEndTurn, false, false, false},
      {model::StopReason::kEndTurn, true, true, false},
      {model::StopReason::kMaxTokens, false, true, false},
      {model::StopReason::kRefusal, false, true, false},
  };
  for (const Row& row : rows) {
    exchange::AnswerNotes notes;
    StreamEvent event;
    if (row.block) {
      event.kind = StreamEventKind::kBlockStart;
      notes.note(event);
    }
    event = StreamEvent();
    event.kind = StreamEventKind::kMessageDelta;
    event.stop_reason = row.reason;
    notes.note(event);
    event.kind = StreamEventKind::kMessageStop;
    if (row.stop) notes.note(event);
    CHECK(notes.empty() == row.empty);
  }
}
