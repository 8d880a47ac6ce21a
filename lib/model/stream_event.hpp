#pragma once

#include <cstdint>
#include <string>

#include "model/content.hpp"
#include "model/failure.hpp"
#include "model/response.hpp"
#include "model/usage.hpp"

namespace tollgate::model {

enum class StreamEventKind : uint8_t {
  kMessageStart,
  kBlockStart,
  kBlockDelta,
  kBlockStop,
  kMessageDelta,
  kMessageStop,
  kPing,
  kError,
  kOther,  ///< An event we have not heard of: name in `text`, raw JSON in `raw`.
};

enum class DeltaKind : uint8_t {
  kText,
  kThinking,
  kSignature,
  kInputJson,
  kCitation,  ///< Raw JSON in StreamEvent::raw.
  kOther,     ///< Raw JSON of the whole delta in StreamEvent::raw.
};

/// One step of an answer that streams. In every stream: one start; blocks one after the other, each
/// with start, deltas, stop and the next index; at least one message delta; one stop.
struct StreamEvent {
  StreamEventKind kind = StreamEventKind::kPing;
  uint32_t index = 0;  ///< Block events.
  std::string id;      ///< kMessageStart.
  std::string model;   ///< kMessageStart.
  Block block;         ///< kBlockStart.
  DeltaKind delta = DeltaKind::kText;
  std::string text;                             ///< Delta's text; kOther: the event's name.
  std::string raw;                              ///< Raw JSON where the kinds above say so.
  StopReason stop_reason = StopReason::kUnset;  ///< kMessageDelta.
  std::string stop_reason_name;
  std::string stop_sequence;
  bool has_stop_sequence = false;
  std::string stop_details;  ///< kMessageStart, kMessageDelta: raw JSON, empty when absent.
  UsagePatch usage;          ///< kMessageStart, kMessageDelta.
  std::string usage_rest;    ///< Unknown members of usage, raw, without braces.
  std::string delta_rest;    ///< Unknown members of the delta, raw, without braces.
  Failure failure;           ///< kError.
  std::string rest;          ///< Unknown members of the message or event, raw, without braces.

  friend bool operator==(const StreamEvent&, const StreamEvent&) = default;
};

}  // namespace tollgate::model
