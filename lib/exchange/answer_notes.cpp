#include "exchange/answer_notes.hpp"

#include "exchange/road.hpp"

namespace tollgate::exchange {

void AnswerNotes::note(const model::StreamEvent& event) {
  switch (event.kind) {
    case model::StreamEventKind::kMessageStart:
      upstream_model = event.model;
      merge(usage, event.usage);
      usage_known = true;
      break;
    case model::StreamEventKind::kBlockStart:
      content_begun = true;
      block_begun = true;
      break;
    case model::StreamEventKind::kMessageDelta:
      content_begun = true;
      merge(usage, event.usage);
      stop_reason = stop_reason_name(event.stop_reason, event.stop_reason_name);
      break;
    case model::StreamEventKind::kMessageStop:
      content_begun = true;
      complete = true;
      break;
    case model::StreamEventKind::kError:
      failure = event.failure;
      break;
    default:
      break;
  }
}

}  // namespace tollgate::exchange
