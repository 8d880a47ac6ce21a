#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/content.hpp"
#include "model/usage.hpp"

namespace tollgate::model {

enum class StopReason : uint8_t {
  kUnset,
  kEndTurn,
  kMaxTokens,
  kStopSequence,
  kToolUse,
  kPauseTurn,
  kCompaction,
  kRefusal,
  kContextWindow,
  kOther,  ///< Kept by name in stop_reason_name.
};

/// A whole answer.
struct Response {
  std::string id;
  std::string model;
  std::vector<Block> content;
  StopReason stop_reason = StopReason::kUnset;
  std::string stop_reason_name;  ///< kOther.
  std::string stop_sequence;
  bool has_stop_sequence = false;
  std::string stop_details;  ///< Raw JSON, empty when absent.
  Usage usage;
  std::string usage_rest;  ///< Unknown members of usage, raw, without braces.
  std::string rest;        ///< Unknown members, raw, without braces.

  friend bool operator==(const Response&, const Response&) = default;
};

}  // namespace tollgate::model
