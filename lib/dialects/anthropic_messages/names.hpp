#pragma once

// Every name of this dialect that stands in a table, once; tables are read in both directions.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "model/content.hpp"
#include "model/failure.hpp"
#include "model/request.hpp"
#include "model/response.hpp"
#include "model/stream_event.hpp"
#include "model/tool.hpp"

namespace tollgate::dialects::anthropic_messages {

struct ErrorName {
  model::FailureKind kind;
  std::string_view wire;
  uint32_t status;
};

// clang-format off
inline constexpr ErrorName kErrors[] = {
    {model::FailureKind::kInvalidRequest, "invalid_request_error", 400},
    {model::FailureKind::kAuthentication, "authentication_error",  401},
    {model::FailureKind::kBilling,        "billing_error",         402},
    {model::FailureKind::kPermission,     "permission_error",      403},
    {model::FailureKind::kNotFound,       "not_found_error",       404},
    {model::FailureKind::kConflict,       "conflict_error",        409},
    {model::FailureKind::kTooLarge,       "request_too_large",     413},
    {model::FailureKind::kRateLimit,      "rate_limit_error",      429},
    {model::FailureKind::kApi,            "api_error",             500},
    {model::FailureKind::kTimeout,        "timeout_error",         504},
    {model::FailureKind::kOverloaded,     "overloaded_error",      529},
};
// clang-format on

constexpr const ErrorName* find_error_by_type(std::string_view type) {
  for (const ErrorName& row : kErrors) {
    if (row.wire == type) return &row;
  }
  return nullptr;
}

/// The kind an HTTP status speaks of where no type says better.
constexpr model::FailureKind kind_of_status(uint32_t status) {
  for (const ErrorName& row : kErrors) {
    if (row.status == status) return row.kind;
  }
  if (status == 408) return model::FailureKind::kTimeout;
  if (status >= 400 && status < 500) return model::FailureKind::kInvalidRequest;
  return model::FailureKind::kApi;
}

struct EventName {
  model::StreamEventKind kind;
  std::string_view wire;
};

// The most frequent first.
// clang-format off
inline constexpr EventName kEvents[] = {
    {model::StreamEventKind::kBlockDelta,   "content_block_delta"},
    {model::StreamEventKind::kBlockStart,   "content_block_start"},
    {model::StreamEventKind::kBlockStop,    "content_block_stop"},
    {model::StreamEventKind::kPing,         "ping"},
    {model::StreamEventKind::kMessageStart, "message_start"},
    {model::StreamEventKind::kMessageDelta, "message_delta"},
    {model::StreamEventKind::kMessageStop,  "message_stop"},
    {model::StreamEventKind::kError,        "error"},
};
// clang-format on

constexpr model::StreamEventKind event_kind(std::string_view name) {
  for (const EventName& row : kEvents) {
    if (row.wire == name) return row.kind;
  }
  return model::StreamEventKind::kOther;
}

/// A table of enumerators and their names on the wire, read in both directions.
template <typename Enum>
struct NameOf {
  Enum value;
  std::string_view wire;
};

template <typename Enum, size_t kSize>
constexpr std::string_view wire_name(const NameOf<Enum> (&table)[kSize], Enum value) {
  for (const NameOf<Enum>& row : table) {
    if (row.value == value) return row.wire;
  }
  return {};
}

template <typename Enum, size_t kSize>
constexpr Enum value_of(const NameOf<Enum> (&table)[kSize], std::string_view wire, Enum other) {
  for (const NameOf<Enum>& row : table) {
    if (row.wire == wire) return row.value;
  }
  return other;
}

// clang-format off
/// Kinds with one name. Server tools and their results carry their own in Block::type.
inline constexpr NameOf<model::BlockKind> kBlocks[] = {
    {model::BlockKind::kText,             "text"},
    {model::BlockKind::kImage,            "image"},
    {model::BlockKind::kDocument,         "document"},
    {model::BlockKind::kSearchResult,     "search_result"},
    {model::BlockKind::kThinking,         "thinking"},
    {model::BlockKind::kRedactedThinking, "redacted_thinking"},
    {model::BlockKind::kToolUse,          "tool_use"},
    {model::BlockKind::kToolResult,       "tool_result"},
    {model::BlockKind::kToolReference,    "tool_reference"},
    {model::BlockKind::kServerToolUse,    "server_tool_use"},
    {model::BlockKind::kServerToolUse,    "mcp_tool_use"},
};

inline constexpr NameOf<model::SourceKind> kSources[] = {
    {model::SourceKind::kBase64,  "base64"},
    {model::SourceKind::kUrl,     "url"},
    {model::SourceKind::kFile,    "file"},
    {model::SourceKind::kText,    "text"},
    {model::SourceKind::kContent, "content"},
};

/// The member of a source that holds its data; kContent has blocks instead.
inline constexpr NameOf<model::SourceKind> kSourceData[] = {
    {model::SourceKind::kBase64,  "data"},
    {model::SourceKind::kUrl,     "url"},
    {model::SourceKind::kFile,    "file_id"},
    {model::SourceKind::kText,    "data"},
};

inline constexpr NameOf<model::Role> kRoles[] = {
    {model::Role::kUser,      "user"},
    {model::Role::kAssistant, "assistant"},
    {model::Role::kSystem,    "system"},
};

inline constexpr NameOf<model::ThinkingKind> kThinkings[] = {
    {model::ThinkingKind::kAdaptive,     "adaptive"},
    {model::ThinkingKind::kEnabled,      "enabled"},
    {model::ThinkingKind::kBetweenTools, "between_tools"},
    {model::ThinkingKind::kDisabled,     "disabled"},
};

inline constexpr NameOf<model::ToolChoiceKind> kToolChoices[] = {
    {model::ToolChoiceKind::kAuto, "auto"},
    {model::ToolChoiceKind::kAny,  "any"},
    {model::ToolChoiceKind::kTool, "tool"},
    {model::ToolChoiceKind::kNone, "none"},
};

inline constexpr NameOf<model::StopReason> kStopReasons[] = {
    {model::StopReason::kEndTurn,       "end_turn"},
    {model::StopReason::kMaxTokens,     "max_tokens"},
    {model::StopReason::kStopSequence,  "stop_sequence"},
    {model::StopReason::kToolUse,       "tool_use"},
    {model::StopReason::kPauseTurn,     "pause_turn"},
    {model::StopReason::kCompaction,    "compaction"},
    {model::StopReason::kRefusal,       "refusal"},
    {model::StopReason::kContextWindow, "model_context_window_exceeded"},
};
// clang-format on

/// The members of a message that encode_response() writes itself. One that stands where it does not
/// belong, or has another type, is not carried along: it would stand there twice.
inline constexpr std::string_view kMessageMembers[] = {
    "id",          "type",          "role",         "model", "content",
    "stop_reason", "stop_sequence", "stop_details", "usage",
};

constexpr bool is_message_member(std::string_view key) {
  return std::ranges::find(kMessageMembers, key) != std::ranges::end(kMessageMembers);
}

struct DeltaName {
  model::DeltaKind kind;
  std::string_view type;
  std::string_view member;
};

// clang-format off
inline constexpr DeltaName kDeltas[] = {
    {model::DeltaKind::kText,      "text_delta",       "text"},
    {model::DeltaKind::kInputJson, "input_json_delta", "partial_json"},
    {model::DeltaKind::kThinking,  "thinking_delta",   "thinking"},
    {model::DeltaKind::kSignature, "signature_delta",  "signature"},
    {model::DeltaKind::kCitation,  "citations_delta",  "citation"},
};
// clang-format on

/// nullptr for kOther.
constexpr const DeltaName* find_delta(model::DeltaKind kind) {
  for (const DeltaName& row : kDeltas) {
    if (row.kind == kind) return &row;
  }
  return nullptr;
}

}  // namespace tollgate::dialects::anthropic_messages
