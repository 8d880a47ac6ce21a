#pragma once

// Every name of this dialect that stands in a table, once.

#include <cstdint>
#include <string_view>

namespace tollgate::dialects::openai_responses {

/// What an event of the stream means to the decoder.
enum class EventName : uint8_t {
  kTextDelta,
  kArgumentsDelta,
  kSummaryDelta,
  kReasoningDelta,
  kRefusalDelta,
  kItemAdded,
  kItemDone,
  kPartAdded,
  kPartDone,
  kTextDone,
  kArgumentsDone,
  kSummaryDone,
  kReasoningDone,
  kRefusalDone,
  kAnnotation,
  kCreated,
  kInProgress,
  kCompleted,
  kIncomplete,
  kFailed,
  kError,
  kOther,
};

struct EventRow {
  EventName event;
  std::string_view wire;
};

// clang-format off
/// The frequent ones first.
inline constexpr EventRow kEvents[] = {
    {EventName::kTextDelta,      "response.output_text.delta"},
    {EventName::kArgumentsDelta, "response.function_call_arguments.delta"},
    {EventName::kSummaryDelta,   "response.reasoning_summary_text.delta"},
    {EventName::kReasoningDelta, "response.reasoning_text.delta"},
    {EventName::kRefusalDelta,   "response.refusal.delta"},
    {EventName::kItemAdded,      "response.output_item.added"},
    {EventName::kItemDone,       "response.output_item.done"},
    {EventName::kPartAdded,      "response.content_part.added"},
    {EventName::kPartDone,       "response.content_part.done"},
    {EventName::kTextDone,       "response.output_text.done"},
    {EventName::kArgumentsDone,  "response.function_call_arguments.done"},
    {EventName::kSummaryDone,    "response.reasoning_summary_text.done"},
    {EventName::kReasoningDone,  "response.reasoning_text.done"},
    {EventName::kRefusalDone,    "response.refusal.done"},
    {EventName::kAnnotation,     "response.output_text.annotation.added"},
    {EventName::kCreated,        "response.created"},
    {EventName::kInProgress,     "response.in_progress"},
    {EventName::kInProgress,     "response.queued"},
    {EventName::kCompleted,      "response.completed"},
    {EventName::kCompleted,      "response.done"},
    {EventName::kIncomplete,     "response.incomplete"},
    {EventName::kFailed,         "response.failed"},
    {EventName::kError,          "error"},
};
// clang-format on

constexpr EventName event_named(std::string_view wire) {
  for (const EventRow& row : kEvents) {
    if (row.wire == wire) return row.event;
  }
  return EventName::kOther;
}

/// The name of the first row.
constexpr std::string_view wire_name(EventName event) {
  for (const EventRow& row : kEvents) {
    if (row.event == event) return row.wire;
  }
  return {};
}

enum class ItemKind : uint8_t { kMessage, kReasoning, kCall, kSearch, kOther };

struct ItemRow {
  ItemKind kind;
  std::string_view wire;
};

inline constexpr ItemRow kItems[] = {
    {ItemKind::kMessage, "message"},
    {ItemKind::kReasoning, "reasoning"},
    {ItemKind::kCall, "function_call"},
    {ItemKind::kSearch, "web_search_call"},
};

constexpr ItemKind item_kind(std::string_view wire) {
  for (const ItemRow& row : kItems) {
    if (row.wire == wire) return row.kind;
  }
  return ItemKind::kOther;
}

}  // namespace tollgate::dialects::openai_responses
