#pragma once

// Every name of this dialect that stands in a table, once; tables are read in both directions.

#include <cstdint>
#include <string_view>

#include "model/failure.hpp"
#include "model/stream_event.hpp"

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

}  // namespace tollgate::dialects::anthropic_messages
